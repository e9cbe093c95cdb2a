from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import DUE, UNKNOWN, DunningCommon


@tagged("post_install", "-at_install")
class TestDiary(DunningCommon):
    """The life of invoices under dunning, told day by day."""

    def test_one_invoice_from_note_to_formal_notice(self):
        invoice = self.invoice(1000.0, DUE)
        told = []
        for offset in range(-5, 80):
            on = DUE + timedelta(days=offset)
            for notice in self.day(on):
                told.append((offset, notice.level_id.name, notice.deadline and (notice.deadline - DUE).days))
        # Reminder 1 on day 5 (deadline 12), 2 on day 15, 3 on day 25, each free again 3 days after the deadline.
        # Third reminder: deadline 32, free on 35, so the formal notice goes on its own day 40.
        self.assertEqual(
            told,
            [
                (-3, "Soon due", False),
                (0, "Due today", False),
                (5, "First reminder", 12),
                (15, "Second reminder", 22),
                (25, "Third reminder", 32),
                (40, "Formal notice", 50),
            ],
        )
        self.assertEqual(invoice.ar_dunning_level_id.name, "Formal notice")
        item = self.item(invoice)
        self.assertEqual((item.rank, item.reminder_count), (4, 3))
        self.assertTrue(item.customer_id.credit_hold)

    def test_loaded_long_overdue_starts_at_the_first_reminder(self):
        self.invoice(1000.0, DUE)
        notice = self.day(DUE + timedelta(days=200))
        self.assertEqual(notice.level_id.name, "First reminder")
        self.assertEqual(notice.line_ids.days_late, 200)
        # The next step waits for the deadline (day 207) and two transit days.
        for offset in range(201, 210):
            self.assertFalse(self.day(DUE + timedelta(days=offset)), f"day {offset}")
        self.assertEqual(self.day(DUE + timedelta(days=210)).level_id.name, "Second reminder")

    def test_instalments_are_dunned_one_by_one(self):
        invoice = self.invoice(1000.0, DUE, invoice_payment_term_id=self.pay_terms_b.id, invoice_date=date(2026, 2, 1))
        items = self.item(invoice).sorted("ordinal")
        self.assertEqual(items.mapped("ordinal"), [1, 2])
        self.assertEqual([item.amount_residual_currency for item in items], [300.0, 700.0])
        first_due, second_due = items.mapped("due_date")
        self.assertLess(first_due, second_due)
        notice = self.day(first_due + timedelta(days=5))
        self.assertEqual(notice.line_ids.item_id, items[0])
        self.assertEqual(notice.amount_total, 300.0)

    def test_reset_edit_and_post_again_keeps_the_level(self):
        invoice = self.invoice(1000.0, DUE)
        self.day(DUE + timedelta(days=5))
        item = self.item(invoice)
        invoice.button_draft()
        self.assertFalse(self.night(DUE + timedelta(days=15)).notice_ids, "not posted: suspended")
        invoice.invoice_line_ids.price_unit = 1200.0
        invoice.action_post()
        self.assertEqual(self.item(invoice), item)
        notice = self.day(DUE + timedelta(days=15))
        self.assertEqual((notice.level_id.name, notice.amount_total), ("Second reminder", 1200.0))

    def test_reset_to_instalments_matches_by_due_date(self):
        invoice = self.invoice(1000.0, DUE)
        self.day(DUE + timedelta(days=5))
        former = self.item(invoice)
        invoice.button_draft()
        invoice.invoice_payment_term_id = self.pay_terms_b
        invoice.action_post()
        items = self.item(invoice).sorted("due_date")
        self.assertEqual(len(items), 2)
        self.assertIn(former, items)
        self.assertEqual(former.rank, 1)
        self.assertEqual(sorted(items.mapped("rank")), [0, 1])

    def test_returned_payment_reopens_at_its_level(self):
        invoice = self.invoice(1000.0, DUE)
        self.day(DUE + timedelta(days=5))
        payment = self.pay(invoice, 1000.0, DUE + timedelta(days=8))
        self.assertFalse(self.night(DUE + timedelta(days=15)).notice_ids)
        payment.move_id.line_ids.remove_move_reconcile()
        payment.action_cancel()
        notice = self.day(DUE + timedelta(days=16))
        self.assertEqual((notice.level_id.name, notice.amount_total), ("Second reminder", 1000.0))

    def test_partial_payment_between_prepare_and_send(self):
        invoice = self.invoice(1000.0, DUE)
        on = DUE + timedelta(days=5)
        notice = self.night(on).notice_ids
        self.assertEqual(notice.amount_total, 1000.0)
        self.pay(invoice, 400.0, on)
        self.send(notice, on)
        self.assertEqual(notice.state, "sent")
        self.assertEqual(notice.amount_total, 600.0)
        self.assertEqual(notice.line_ids.amount_residual, 600.0)
        self.assertIn("600.00", notice.delivery_ids.mail_id.body_html)
        self.assertNotIn("1,000.00 until", notice.delivery_ids.mail_id.body_html)

    def test_paid_between_prepare_and_send(self):
        invoice = self.invoice(1000.0, DUE)
        on = DUE + timedelta(days=5)
        notice = self.night(on).notice_ids
        self.pay(invoice, 1000.0, on)
        self.send(notice, on)
        self.assertEqual((notice.state, notice.cancel_reason), ("cancelled", f"{invoice.name} is paid."))
        self.assertFalse(notice.delivery_ids)
        self.assertEqual(self.item(invoice).rank, 0)

    def test_approved_days_later_shows_the_days_figures(self):
        self.invoice(1000.0, DUE)
        notice = self.night(DUE + timedelta(days=5)).notice_ids
        self.send(notice, DUE + timedelta(days=9))
        self.assertEqual(notice.line_ids.days_late, 9)
        self.assertEqual(notice.deadline, DUE + timedelta(days=16))
        self.assertIn("03/18/2026", notice.text)
        self.assertEqual(notice.sent_on, DUE + timedelta(days=9))

    def test_untouched_draft_follows_the_ledger(self):
        invoice = self.invoice(1000.0, DUE)
        notice = self.night(DUE + timedelta(days=5)).notice_ids
        self.pay(invoice, 250.0, DUE + timedelta(days=6))
        again = self.night(DUE + timedelta(days=7))
        self.assertFalse(again.notice_ids - notice, "rebuilt in place")
        self.assertEqual((notice.state, notice.amount_total, notice.line_ids.days_late), ("draft", 750.0, 7))
        self.pay(invoice, 750.0, DUE + timedelta(days=8))
        self.night(DUE + timedelta(days=9))
        self.assertEqual(notice.state, "cancelled")

    def test_edited_draft_is_flagged_not_rebuilt(self):
        invoice = self.invoice(1000.0, DUE)
        notice = self.night(DUE + timedelta(days=5)).notice_ids
        notice.text = "<p>My own words.</p>"
        self.assertTrue(notice.is_edited)
        self.pay(invoice, 250.0, DUE + timedelta(days=6))
        self.night(DUE + timedelta(days=7))
        self.assertTrue(notice.is_outdated)
        self.assertEqual(notice.amount_total, 1000.0)
        self.send(notice, DUE + timedelta(days=7))
        self.assertEqual(notice.state, "draft", "figures moved: a person must look again")

    def test_same_day_rerun_changes_nothing(self):
        self.invoice(1000.0, DUE)
        on = DUE + timedelta(days=5)
        self.assertEqual(len(self.day(on)), 1)
        self.assertFalse(self.day(on))
        self.assertFalse(self.night(on).notice_ids)

    def test_pause_then_no_replay(self):
        invoice = self.invoice(1000.0, DUE)
        self.day(DUE + timedelta(days=5))
        customer = self.item(invoice).customer_id
        self.env["ar.dunning.arrangement"].create(
            {
                "customer_id": customer.id,
                "date_start": DUE + timedelta(days=6),
                "date_end": DUE + timedelta(days=60),
                "reason": "Holiday",
            }
        )
        told = [
            (offset, notice.level_id.name)
            for offset in range(6, 90)
            for notice in self.day(DUE + timedelta(days=offset))
        ]
        # Free on day 61; then each step waits for the deadline (7 days) and three days after it.
        self.assertEqual(told, [(61, "Second reminder"), (71, "Third reminder"), (81, "Formal notice")])

    def test_one_mail_for_three_levels_and_two_currencies(self):
        foreign = self.setup_other_currency("EUR")
        old = self.invoice(100.0, DUE - timedelta(days=20))
        self.day(DUE - timedelta(days=15))
        middle = self.invoice(200.0, DUE - timedelta(days=9))
        notice = self.day(DUE - timedelta(days=4))
        self.assertEqual(
            {line.move_id: line.level_id.name for line in notice.line_ids},
            {old: "Second reminder", middle: "First reminder"},
        )
        new = self.invoice(300.0, DUE, currency=foreign)
        notice = self.day(DUE + timedelta(days=6))
        self.assertEqual(len(notice), 1)
        self.assertEqual(notice.level_id.name, "Third reminder")
        self.assertEqual(
            {line.move_id: (line.level_id.name, line.is_demanded) for line in notice.line_ids},
            {old: ("Third reminder", True), middle: ("Second reminder", True), new: ("First reminder", True)},
        )
        totals = {}
        for line in notice.line_ids:
            totals[line.currency_id.name] = totals.get(line.currency_id.name, 0) + line.amount_due
        self.assertEqual(totals, {self.company.currency_id.name: 300.0, "EUR": 300.0})
        self.assertEqual(len(notice.delivery_ids), 1)

    def test_formal_notice_lists_the_others_without_advancing_them(self):
        old = self.invoice(1000.0, DUE)
        for offset in (5, 15, 25):
            self.day(DUE + timedelta(days=offset))
        young = self.invoice(200.0, DUE + timedelta(days=30))
        notice = self.day(DUE + timedelta(days=40))
        self.assertEqual(notice.kind, "formal")
        lines = {line.move_id: line for line in notice.line_ids}
        self.assertTrue(lines[old].is_demanded)
        self.assertFalse(lines[young].is_demanded)
        self.assertEqual(notice.amount_total, 1000.0)
        self.assertEqual(self.item(young).rank, 0)
        self.assertEqual({d.channel for d in notice.delivery_ids}, {"email", "letter"})
        self.assertEqual(len(notice.letter_sha256), 64)

    def test_failed_mail_does_not_advance(self):
        invoice = self.invoice(1000.0, DUE)
        self.partner_a.street = False
        on = DUE + timedelta(days=5)
        notice = self.night(on).notice_ids
        notice._approve()
        self.env["ar.dunning.dispatch"].sudo()._send_ready(notice.ids, on)
        notice.sudo().delivery_ids._update_state(("queued",), "failed", failure="550 no such user")
        notice._settle()
        self.assertEqual((notice.state, notice.error), ("failed", "550 no such user"))
        self.assertEqual(self.item(invoice).rank, 0)
        self.assertFalse(self.night(DUE + timedelta(days=30)).notice_ids)
        self.assertIn("notice_pending", self.blockers(invoice, DUE + timedelta(days=30)))

    def test_bounced_mail_goes_by_letter_and_counts_when_posted(self):
        invoice = self.invoice(1000.0, DUE)
        on = DUE + timedelta(days=5)
        notice = self.day(on)
        self.assertEqual(self.item(invoice).rank, 1)
        notice.sudo().delivery_ids._come_back(UNKNOWN)
        self.assertEqual(self.item(invoice).rank, 0, "the step does not count")
        self.assertEqual(notice.state, "queued")
        letter = notice.sudo().delivery_ids.filtered(lambda d: d.channel == "letter")
        self.assertEqual(letter.state, "queued")
        dispatch = self.env["ar.dunning.dispatch"].sudo()
        self.assertEqual(dispatch._letters_to_make(), notice)
        with self.allow_pdf_render():
            dispatch._render(notice.sudo())
        self.assertTrue(notice.letter_id, "the letter is made from the frozen figures")
        letter._mark_posted(on + timedelta(days=4), "RR123")
        self.assertEqual((notice.state, letter.state, letter.tracking_number), ("sent", "posted", "RR123"))
        item = self.item(invoice)
        self.assertEqual(item.rank, 1)
        self.assertEqual(item.deadline, on + timedelta(days=11), "runs from the day of posting")

    def test_cancel_newest_first(self):
        invoice = self.invoice(1000.0, DUE)
        first = self.day(DUE + timedelta(days=5))
        second = self.day(DUE + timedelta(days=15))
        with self.assertRaisesRegex(UserError, "Cancel newest first"):
            first._cancel("Wrong address")
        with freeze_time(DUE + timedelta(days=15)):
            second._cancel("Wrong address")
        self.assertEqual(self.item(invoice).level_id.name, "First reminder")
        self.assertEqual(second.state, "cancelled")
        notice = self.day(DUE + timedelta(days=16))
        self.assertEqual(notice.level_id.name, "Second reminder", "the level is free again")

    def test_lower_level_and_drop_an_invoice(self):
        keep = self.invoice(1000.0, DUE)
        for offset in (5, 15):
            self.day(DUE + timedelta(days=offset))
        drop = self.invoice(200.0, DUE + timedelta(days=15))
        notice = self.night(DUE + timedelta(days=25)).notice_ids
        self.assertEqual(notice.level_id.name, "Third reminder")
        notice.write({"level_id": self.policy.level_ids.filtered(lambda v: v.days == 15).id})
        self.assertIn(drop.name, notice.subject)
        dropped = notice.line_ids.filtered(lambda line: line.move_id == drop)
        notice.write({"line_ids": [Command.delete(dropped.id)]})
        self.assertEqual(notice.subject, f"Second reminder: {keep.name}")
        self.assertIn("1,000.00 until", notice.text)
        notice.write({"text": "<p>My words</p>", "deadline": DUE + timedelta(days=50)})
        self.assertEqual(notice.text, "<p>My words</p>")
        self.assertFalse(self.night(DUE + timedelta(days=25)).notice_ids, "no second draft beside an edited one")
        self.send(notice, DUE + timedelta(days=25))
        self.assertEqual(notice.state, "sent")
        self.assertEqual(self.item(keep).rank, 2, "a level taken before is not taken again")
        self.assertEqual(self.item(drop).rank, 0)

    def test_sent_is_frozen(self):
        self.invoice(1000.0, DUE)
        notice = self.day(DUE + timedelta(days=5))
        for values in ({"text": "x"}, {"deadline": DUE}, {"subject": "x"}):
            with self.assertRaises(UserError, msg=str(values)):
                notice.write(values)
        with self.assertRaises(UserError):
            notice.line_ids.unlink()
        with self.assertRaises(UserError):
            notice.unlink()
        with self.assertRaises(UserError):
            notice.delivery_ids.unlink()
