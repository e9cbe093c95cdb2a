from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import DUE
from .worklist_common import FIRST, WorklistCommon, morning


@tagged("post_install", "-at_install")
class TestRemindAhead(WorklistCommon):
    """The next notice ahead of its time, and never against what really stands in the way."""

    def remind(self, customers, day, user=None):
        with morning(day):
            action = customers.with_user(user or self.user).action_remind_now()
        notice = self.env["ar.dunning.notice"].browse(action.get("res_id"))
        self.env.flush_all()
        return notice

    def test_a_forced_notice_is_read_sent_and_counts(self):
        invoice = self.invoice(1000)
        customer = self.customer(invoice)
        self.day(FIRST)
        self.policy.level_ids.filtered(lambda level: level.days == 15).days = 20
        soon = FIRST + timedelta(days=12)
        self.assertEqual(self.blockers(invoice, soon), {"not_due_yet"})
        notice = self.remind(customer, soon)
        self.assertEqual((notice.state, notice.is_forced, notice.level_id.name), ("draft", True, "Second reminder"))
        self.assertEqual((notice.amount_total, notice.date), (1000.0, soon))
        self.assertEqual(self.remind(customer, soon), notice, "asking again opens the same draft")
        self.send(notice.with_user(self.user), soon)
        self.assertEqual((notice.state, notice.sent_on), ("sent", soon))
        item = self.item(invoice)
        self.assertEqual((item.level_id.name, item.reminder_count), ("Second reminder", 2))
        self.assertEqual(customer.next_level_id.name, "Third reminder")

    def test_the_night_keeps_it_up_to_date(self):
        invoice = self.invoice(1000)
        customer = self.customer(invoice)
        notice = self.remind(customer, DUE + timedelta(days=1))
        later = self.invoice(50, due=DUE + timedelta(days=1))
        self.pay(invoice, 300, DUE)
        self.night(DUE + timedelta(days=2))
        self.assertEqual((notice.state, notice.is_forced, notice.amount_total), ("draft", True, 700.0))
        demanded = notice.line_ids.filtered("is_demanded")
        self.assertEqual(demanded.move_id, invoice, "what is only due soon is not drawn in")
        self.assertIn(later, notice.line_ids.move_id)
        self.pay(invoice, 700, DUE)
        self.night(DUE + timedelta(days=3))
        self.assertEqual((notice.state, notice.cancel_reason), ("cancelled", f"{invoice.name} is paid."))

    def test_refused_while_something_other_than_time_stands_in_the_way(self):
        invoice = self.invoice(1000)
        customer = self.customer(invoice)
        self.day(FIRST)
        soon = FIRST + timedelta(days=2)
        pause = self.env["ar.dunning.arrangement"].create(
            {"customer_id": customer.id, "date_start": DUE, "date_end": "2026-12-31", "reason": "Dispute"}
        )
        with self.assertRaisesRegex(UserError, "partner_a: Dunning is paused. Free from 01/01/2027."):
            self.remind(customer, soon)
        pause._end("It is over")
        customer.never = True
        with self.assertRaisesRegex(UserError, "Never dun"):
            self.remind(customer, soon)
        customer.never = False
        invoice.ar_dunning_excluded = True
        with self.assertRaisesRegex(UserError, "excluded from follow-up"):
            self.remind(customer, soon)
        invoice.ar_dunning_excluded = False
        self.unmatched_payment(1000, soon)
        with self.assertRaisesRegex(UserError, "Money that covers it"):
            self.remind(customer, soon)
        self.pay(invoice, 1000, soon)
        with self.assertRaisesRegex(UserError, "Nothing is overdue"):
            self.remind(customer, soon)
        self.assertEqual(self.env["ar.dunning.notice"].search_count([("customer_id", "=", customer.id)]), 1)

    def test_what_is_not_overdue_is_never_reminded(self):
        customer = self.customer(self.invoice(1000))
        with self.assertRaisesRegex(UserError, "Nothing is overdue"):
            self.remind(customer, DUE - timedelta(days=10))
        notice = self.remind(customer, DUE)
        self.assertEqual((notice.level_id.name, notice.kind), ("Due today", "note"), "what the night would send")

    def test_a_pause_after_approval_stops_a_forced_notice(self):
        customer = self.customer(self.invoice(1000))
        notice = self.remind(customer, DUE + timedelta(days=1))
        self.assertEqual(notice.level_id.name, "First reminder")
        with morning(DUE + timedelta(days=1)):
            notice.action_send()
            self.env["ar.dunning.arrangement"].create(
                {"customer_id": customer.id, "date_start": DUE, "date_end": "2026-12-31", "reason": "Dispute"}
            )
            self.env["ar.dunning.dispatch"].sudo()._send_ready(notice.ids, DUE + timedelta(days=1))
        self.assertNotIn(notice.state, ("queued", "sent"))
        self.assertFalse(notice.sudo().delivery_ids)

    def test_a_notice_that_nobody_forced_still_waits(self):
        invoice = self.invoice(1000)
        customer = self.customer(invoice)
        notice = self.remind(customer, DUE + timedelta(days=2))
        notice._put({"is_forced": False})
        with morning(DUE + timedelta(days=2)):
            notice._approve()
            self.env["ar.dunning.dispatch"].sudo()._send_ready(notice.ids, DUE + timedelta(days=2))
        self.assertEqual(notice.state, "cancelled")

    def test_the_formal_gate_needs_a_manager(self):
        invoice = self.invoice(1000)
        customer = self.customer(invoice)
        for offset in (5, 15, 25):
            self.day(DUE + timedelta(days=offset))
        day = DUE + timedelta(days=36)
        self.policy.reminders_before_formal = 4
        self.assertEqual(self.blockers(invoice, day), {"formal_gate", "not_due_yet"})
        with self.assertRaisesRegex(UserError, "A formal notice needs more reminders"):
            self.remind(customer, day)
        wizard = {"item_ids": [(6, 0, self.item(invoice).ids)], "reason": "Told us he will not pay"}
        with self.assertRaises(AccessError):
            self.env["ar.dunning.gate.wizard"].with_user(self.user).create(wizard).action_override()
        self.env["ar.dunning.gate.wizard"].with_user(self.manager).create(wizard).action_override()
        self.assertEqual(self.remind(customer, day).level_id.name, "Formal notice")

    def test_in_automatic_mode_it_still_waits_for_a_reader(self):
        self.policy.mode = "automatic"
        notice = self.remind(self.customer(self.invoice(1000)), DUE + timedelta(days=1))
        self.assertEqual((notice.state, notice.send_after), ("draft", False))

    def test_many_at_once(self):
        other = self.env["res.partner"].create({"name": "Other", "email": "o@example.com", "is_company": True})
        first = self.customer(self.invoice(1000))
        second = self.customer(self.invoice(400, partner=other))
        paused = self.customer(self.invoice(50, partner=self.partner_b))
        paused.never = True
        with morning(DUE + timedelta(days=1)):
            dialog = (first | second | paused).with_user(self.user).action_remind_now()
            wizard = self.env[dialog["res_model"]].with_user(self.user).browse(dialog["res_id"])
            self.assertIn("Never dun", wizard.plan_html)
            action = wizard.action_prepare()
        self.assertIn("partner_b", action["params"]["message"])
        shown = self.env["ar.dunning.notice"].search(action["params"]["next"]["domain"])
        self.assertEqual(shown.customer_id, first | second)
        self.assertEqual(sorted(shown.mapped("amount_total")), [400.0, 1000.0])

    def test_rights(self):
        customer = self.customer(self.invoice(1000))
        clerk = new_test_user(self.env, "clerk", "account.group_account_invoice")
        for action in ("action_remind_now", "action_log_call", "action_refresh", "action_open_notice"):
            with self.assertRaises(AccessError, msg=action), morning(FIRST):
                getattr(customer.with_user(clerk), action)()
                customer.with_user(clerk).read(["late_total"])
