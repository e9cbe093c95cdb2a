from datetime import date, datetime, time, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common import DUE, DunningCommon

FIRST = DUE + timedelta(days=5)


@tagged("post_install", "-at_install")
class TestPauses(DunningCommon):
    """Reasons that stop things properly: what they hold, until when, and who is written to meanwhile."""

    def setUp(self):
        super().setUp()
        self.asked = self.env.ref("ar_dunning.reason_pause_agreed")
        self.insolvency = self.env.ref("ar_dunning.reason_pause_insolvency")
        self.death = self.env.ref("ar_dunning.reason_pause_death")
        self.administrator = self.env["res.partner"].create(
            {
                "name": "Lund Administration",
                "email": "estate@example.com",
                "street": "Torget 2",
                "city": "Oslo",
                "lang": "en_US",
            }
        )

    def pause(self, customer, **values):
        return self.env["ar.dunning.arrangement"].create(
            {"customer_id": customer.id, "date_start": DUE, "reason_id": self.asked.id, **values}
        )

    def next_day(self, invoice):
        return self.item(invoice).next_date

    def test_a_pause_says_why_and_until_when(self):
        customer = self.item(self.invoice()).customer_id
        with self.assertRaisesRegex(ValidationError, "Choose a reason"):
            self.pause(customer, reason_id=False, date_end=FIRST)
        with self.assertRaisesRegex(ValidationError, "needs a last day"):
            self.pause(customer)
        with self.assertRaisesRegex(ValidationError, "freezes what arose before a day"):
            self.pause(customer, reason_id=self.insolvency.id)
        self.assertEqual(self.pause(customer, reason_id=False, reason="Old words", date_end=FIRST).reason, "Old words")

    def test_a_death_holds_everything_until_somebody_ends_it(self):
        invoice, later = self.invoice(), self.invoice(due=date(2027, 3, 2))
        customer = self.item(invoice).customer_id
        pause = self.pause(customer, reason_id=self.death.id)
        self.item(later)
        for day in (FIRST, date(2028, 1, 10)):
            self.assertEqual(self.blockers(invoice, day), {"paused"})
        self.assertEqual(self.blockers(later, date(2027, 3, 7)), {"paused"})
        with freeze_time(FIRST):
            self.assertEqual((customer.is_paused, customer.paused_until), (True, False))
            self.assertEqual((invoice.ar_dunning_is_paused, invoice.ar_dunning_paused_until), (True, False))
            self.assertTrue(pause.is_running)
            self.assertIn(pause, self.env["ar.dunning.arrangement"].search([("is_running", "=", True)]))
            self.assertNotIn(pause, self.env["ar.dunning.arrangement"].search([("is_running", "=", False)]))
            pause._end("It is over")
            self.env.invalidate_all()
            self.assertEqual((customer.is_paused, pause.is_running), (False, False))
            self.assertEqual(self.next_day(invoice), FIRST)
        self.assertEqual(self.blockers(invoice, FIRST), set())

    def test_insolvency_freezes_what_arose_before_and_the_rest_goes_to_the_administrator(self):
        opened = date(2026, 4, 1)
        before = self.invoice(1000, invoice_date=date(2026, 3, 1), due=date(2026, 4, 10))
        after = self.invoice(70, due=date(2026, 4, 20))
        after.button_draft()
        after.write({"invoice_date": date(2026, 4, 2), "invoice_date_due": date(2026, 4, 20)})
        after.action_post()
        self.assertEqual(after.invoice_date, date(2026, 4, 2))
        customer = self.item(before).customer_id
        self.item(after)
        pause = self.pause(
            customer,
            date_start=opened,
            reason_id=self.insolvency.id,
            freeze_before=opened,
            addressee_id=self.administrator.id,
        )
        self.assertEqual(self.blockers(before, date(2026, 4, 15)), {"paused"})
        self.assertEqual(self.blockers(before, date(2026, 7, 1)), {"paused"})
        self.assertEqual(self.blockers(after, date(2026, 4, 25)), set())
        with freeze_time(opened):
            self.assertTrue(before.ar_dunning_is_paused)
            self.assertFalse(after.ar_dunning_is_paused)
            self.assertEqual(customer.email, "estate@example.com", "the worklist shows whom to write to")
        # Something frozen is overdue, which would keep courtesy notes back; the later invoice gets its note all the same.
        note = self.day(date(2026, 4, 17))
        self.assertEqual((note.level_id.name, note.partner_id), ("Soon due", self.administrator))
        notice = self.day(date(2026, 4, 25))
        self.assertEqual((notice.level_id.name, notice.amount_total), ("First reminder", 70.0))
        self.assertEqual(notice.line_ids.move_id, after)
        self.assertEqual(notice.partner_id, self.administrator)
        self.assertEqual(notice.sudo().delivery_ids.mapped("address"), ["estate@example.com"])
        self.assertIn("Dear Lund Administration, $&nbsp;70.00", notice.text)
        # The pause is over: both items go on, to the customer.
        with freeze_time(date(2026, 5, 2)):
            pause._end("It is over")
        decision = self.env["ar.dunning.ledger"].sudo()._decide(customer, date(2026, 5, 7))[customer.id]
        self.assertEqual(decision.address(()).recipient_id, self.partner_a.id)
        self.assertEqual(self.blockers(before, date(2026, 5, 7)), set())

    def test_approved_notices_are_called_back_for_the_new_addressee(self):
        invoice = self.invoice()
        customer = self.item(invoice).customer_id
        notice = self.night(FIRST).notice_ids
        notice._approve()
        self.assertEqual((notice.state, notice.partner_id), ("queued", self.partner_a))
        with freeze_time(FIRST):
            self.pause(
                customer,
                date_start=FIRST,
                reason_id=self.insolvency.id,
                freeze_before=date(2026, 1, 1),
                addressee_id=self.administrator.id,
            )
        self.assertEqual((notice.state, notice.partner_id), ("draft", self.administrator))
        self.assertFalse(notice.approved_by_id)
        self.assertFalse(notice.is_edited)
        self.assertIn("Dear Lund Administration, $&nbsp;1,000.00", notice.text)
        self.send(notice, FIRST)
        self.assertEqual(notice.sudo().delivery_ids.mapped("address"), ["estate@example.com"])

    def test_two_pauses_the_open_one_counts(self):
        invoice = self.invoice()
        customer = self.item(invoice).customer_id
        self.pause(customer, move_id=invoice.id, date_end=FIRST)
        self.assertEqual(self.blockers(invoice, FIRST + timedelta(days=1)), set())
        self.pause(customer, move_id=invoice.id, reason_id=self.death.id)
        self.assertEqual(self.blockers(invoice, FIRST + timedelta(days=1)), {"paused"})
        with freeze_time(FIRST):
            self.assertFalse(invoice.ar_dunning_paused_until)

    def test_pauses_cost_the_same_for_one_and_for_many(self):
        customers = self.env["ar.dunning.customer"]
        for number in range(6):
            partner = self.env["res.partner"].create({"name": f"C{number}", "email": f"c{number}@example.com"})
            customers |= self.item(self.invoice(partner=partner)).customer_id
        Ledger = self.env["ar.dunning.ledger"].sudo()
        counts = []
        for some in (customers[:1], customers):
            for customer in some:
                self.pause(
                    customer,
                    reason_id=self.insolvency.id,
                    freeze_before=date(2026, 4, 1),
                    addressee_id=self.administrator.id,
                )
            Ledger._decide(some, FIRST)
            before = self.cr.sql_log_count
            decisions = Ledger._decide(some, FIRST)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertEqual({d.address(()).recipient_id for d in decisions.values()}, {self.administrator.id})

    def test_the_wizard_for_many(self):
        first, second = self.invoice(), self.invoice(partner=self.partner_b)
        customers = self.item(first).customer_id | self.item(second).customer_id
        with freeze_time(datetime.combine(FIRST, time(9))):
            with Form(
                self.env["ar.dunning.pause.wizard"].with_context(default_customer_ids=[Command.set(customers.ids)])
            ) as form:
                form.reason_id = self.insolvency
                form.freeze_before = date(2026, 3, 1)
                form.addressee_id = self.administrator
                form.review_date = date(2026, 9, 1)
            form.save().action_pause()
            pauses = customers.arrangement_ids
            self.assertEqual(len(pauses), 2)
            self.assertEqual(set(pauses.mapped("freeze_before")), {date(2026, 3, 1)})
            self.assertEqual(pauses.addressee_id, self.administrator)
            self.assertEqual(pauses.mapped("date_end"), [False, False])
            wizard = self.env["ar.dunning.pause.wizard"].create(
                {
                    "move_ids": [Command.set(first.ids)],
                    "reason_id": self.asked.id,
                    "date_end": FIRST - timedelta(days=1),
                }
            )
            with self.assertRaisesRegex(UserError, "is in the past"):
                wizard.action_pause()
            pauses._end("It is over")
            wizard.date_end = FIRST + timedelta(days=10)
            wizard.action_pause()
        pause = first.ar_dunning_item_ids.customer_id.arrangement_ids.filtered("move_id")
        self.assertEqual(
            (pause.move_id, pause.reason_id, pause.date_end), (first, self.asked, FIRST + timedelta(days=10))
        )
        # The plan follows at once, not only after the next night.
        self.assertEqual(self.next_day(first), FIRST + timedelta(days=11))

    def test_the_next_step_on_invoices(self):
        first, second, paid = self.invoice(), self.invoice(due=DUE + timedelta(days=90)), self.invoice(10)
        self.pay(paid, 10, DUE)
        items = self.item(first) | self.item(second)
        with freeze_time(DUE + timedelta(days=1)):
            self.env["ar.dunning.ledger"]._plan_again(items.customer_id)
            levels = self.policy.level_ids.sorted("days")
            self.assertEqual((first.ar_dunning_next_level_id, first.ar_dunning_next_date), (levels[2], FIRST))
            self.assertEqual(second.ar_dunning_next_level_id, levels[0])
            self.assertFalse(paid.ar_dunning_next_date)
            Move = self.env["account.move"]
            ours = [("id", "in", (first | second | paid).ids)]
            self.assertEqual(Move.search([*ours, ("ar_dunning_next_date", "<=", FIRST)]), first)
            self.assertEqual(Move.search([*ours, ("ar_dunning_next_level_id", "=", levels[0].id)]), second)
            self.assertEqual(Move.search([*ours, ("ar_dunning_next_date", "=", False)]), paid)
            self.assertEqual(Move.search([*ours, ("ar_dunning_next_date", "!=", False)]), first | second)
            groups = dict(Move._read_group(ours, ["ar_dunning_next_level_id"], ["__count"]))
            self.assertEqual(groups, {levels[2]: 1, levels[0]: 1, levels.browse(): 1})
            by_day = Move.search(ours, order="ar_dunning_next_date")
            self.assertEqual(by_day, first + second + paid)

    def test_what_comes_is_what_the_nights_do(self):
        invoice = self.invoice()
        item = self.item(invoice)
        self.day(FIRST)
        with freeze_time(FIRST + timedelta(days=1)):
            foreseen = self.env["ar.dunning.outlook"]._outlook(item)[item.id]
            html = invoice.ar_dunning_outlook_html
        self.assertEqual(
            [(level.name, day, deadline) for level, day, deadline in foreseen],
            [
                ("Second reminder", date(2026, 3, 17), date(2026, 3, 24)),
                ("Third reminder", date(2026, 3, 27), date(2026, 4, 3)),
                ("Formal notice", date(2026, 4, 11), date(2026, 4, 21)),
            ],
        )
        for word in ("Second reminder", "03/17/2026", "to be paid by", "04/21/2026"):
            self.assertIn(word, html)
        sent = [self.day(day) for _level, day, _deadline in foreseen]
        self.assertEqual(
            [(notice.level_id, notice.date, notice.deadline) for notice in sent],
            foreseen,
        )
        with freeze_time(date(2026, 6, 1)):
            self.env.invalidate_all()
            self.assertFalse(invoice.ar_dunning_outlook_html)

    def test_a_running_pause_is_not_ended_by_a_day_in_the_past(self):
        """Ending it is a manager's act with a reason; a last day in the past would be the same without both."""
        customer = self.item(self.invoice()).customer_id
        pause = self.pause(customer, date_start=DUE, date_end=DUE + timedelta(days=20))
        with freeze_time(DUE + timedelta(days=10)):
            with self.assertRaisesRegex(UserError, "is running. End it with Resume"):
                pause.date_end = DUE + timedelta(days=9)
            pause.date_end = DUE + timedelta(days=10)
        self.assertEqual(pause.date_end, DUE + timedelta(days=10))
