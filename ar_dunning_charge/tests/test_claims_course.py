from datetime import date

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .claims_common import FIRST, SECOND, THIRD, ClaimsCommon


@tagged("post_install", "-at_install")
class TestClaimsCourse(ClaimsCommon):
    """From notice to notice: no day twice, payments from their own day, drafts with the figures of the day they leave."""

    def test_no_day_twice(self):
        """The third notice goes on where the second ended; together they are 25 days: 7.0342."""
        invoice = self.invoice(partner=self.debtor("DE"), currency=self.euro)
        second = self.until_second(invoice)
        self.send(second, SECOND)
        self.assertEqual(set(second.charge_ids.mapped("state")), {"announced"})
        third = self.night(THIRD).notice_ids
        self.assertEqual(self.charges(third), {"interest": 2.81})  # 7.0342 rounded, less 4.22
        self.assertEqual(third.charge_ids.date_from, date(2026, 3, 18))
        self.assertEqual(third.earlier_charge_ids, second.charge_ids)

    def test_partial_payment_counts_from_its_own_day(self):
        """1000 until 10 March (8 days), then 600 (7 days): 10.27 % x 12200 / 36500 = 3.4327."""
        invoice = self.invoice(partner=self.debtor("DE"), currency=self.euro)
        self.day(FIRST)
        self.pay(invoice, 400.0, date(2026, 3, 10))
        notice = self.night(SECOND).notice_ids
        interest = notice.charge_ids.filtered(lambda charge: charge.kind == "interest")
        self.assertEqual(interest.amount, 3.43)
        self.assertEqual([(piece.days, piece.principal) for piece in interest.slice_ids], [(8, 1000.0), (7, 600.0)])

    def test_unmatched_payment_reduces_the_principal_from_its_day(self):
        customer = self.debtor("DE")
        self.invoice(partner=customer, currency=self.euro)
        self.day(FIRST)
        self.unmatched_payment(400.0, date(2026, 3, 10), customer, self.euro)
        notice = self.night(SECOND).notice_ids
        self.assertEqual(self.charges(notice)["interest"], 3.43)

    def test_payment_booked_back_is_corrected_in_sight(self):
        """400 paid on 10 March but entered after the second notice: 7 days x 400 too much were claimed."""
        invoice = self.invoice(partner=self.debtor("DE"), currency=self.euro)
        self.send(self.until_second(invoice), SECOND)
        self.pay(invoice, 400.0, date(2026, 3, 10))
        interest = self.night(THIRD).notice_ids.charge_ids
        correction = interest.slice_ids.filtered("is_correction")
        self.assertEqual((correction.date_from, correction.date_to), (date(2026, 3, 11), SECOND))
        self.assertEqual((correction.principal, correction.days), (-400.0, 7))
        # In all: 8 days x 1000 + 17 days x 600 = 18200 x 10.27 % / 365 = 5.1209; 4.22 were claimed.
        self.assertEqual(interest.amount, 0.9)

    def test_undone_reconciliation_is_claimed_again(self):
        invoice = self.invoice(partner=self.debtor("DE"), currency=self.euro)
        self.day(FIRST)
        self.pay(invoice, 400.0, date(2026, 3, 10))
        second = self.night(SECOND).notice_ids
        self.send(second, SECOND)
        self.assertEqual(second.charge_ids.filtered(lambda charge: charge.kind == "interest").amount, 3.43)
        payment = invoice.line_ids.matched_credit_ids.credit_move_id.move_id
        invoice.line_ids.remove_move_reconcile()
        payment.button_draft()
        payment.button_cancel()
        interest = self.night(THIRD).notice_ids.charge_ids
        self.assertEqual(interest.amount, 3.6)  # 7.0342 in all, less 3.43

    def test_rebuilt_draft_has_its_charges_once(self):
        """An untouched draft follows the ledger: one day more of interest, still one compensation."""
        notice = self.until_second(self.invoice(partner=self.debtor("DE"), currency=self.euro))
        self.night(date(2026, 3, 18))
        self.assertEqual(self.charges(notice), {"interest": 4.5, "compensation": 40.0})  # 16 days: 4.5019
        self.assertEqual(len(notice.charge_ids), 2)

    def test_figures_of_the_day_of_sending(self):
        """Prepared on the 17th, sent on the 19th: 17 days of interest, 4.7833."""
        notice = self.until_second(self.invoice(partner=self.debtor("DE"), currency=self.euro))
        self.send(notice, date(2026, 3, 19))
        self.assertEqual(self.charges(notice), {"interest": 4.78, "compensation": 40.0})
        self.assertEqual(set(notice.charge_ids.mapped("state")), {"announced"})

    def test_dropped_item_takes_its_charges_along(self):
        customer = self.debtor("DE")
        kept = self.invoice(partner=customer, currency=self.euro)
        dropped = self.invoice(500.0, partner=customer, currency=self.euro)
        self.day(FIRST)
        notice = self.night(SECOND).notice_ids
        self.assertEqual(len(notice.charge_ids), 4)
        line = notice.line_ids.filtered(lambda line: line.move_id == dropped)
        notice.write({"line_ids": [(2, line.id)]})
        self.assertEqual(notice.charge_ids.move_id, kept)

    def test_what_settles_the_invoice(self):
        """Principal, the 44.22 announced on the 17th, and interest since: three days until the 20th are 0.84."""
        invoice = self.invoice(partner=self.debtor("DE"), currency=self.euro)
        self.send(self.until_second(invoice), SECOND)
        found = self.env["ar.dunning.payoff"]._of(invoice, date(2026, 3, 20))
        # 18 days in all: 5.0647, less 4.22.
        self.assertEqual(
            {name: round(amount, 2) for name, amount in found.items()},
            {"principal": 1000.0, "announced": 44.22, "interest": 0.84, "total": 1045.06},
        )
        with freeze_time("2026-03-20 10:00:00"):
            self.assertIn("1,045.06", invoice.ar_dunning_payoff_html)
        self.pay(invoice, 1000.0, date(2026, 3, 20))
        self.assertEqual(self.env["ar.dunning.payoff"]._of(invoice, date(2026, 3, 21)), {})

    def test_last_days_after_payment(self):
        """Claimed until the 17th, paid on the 22nd: five days more, 20 in all: 5.6274, less 4.22. Once."""
        rule = self.env["ar.dunning.interest.rule"].create(
            {
                "name": "Terms",
                "interest_source": "fixed",
                "fixed_rate": 10.27,
                "after_payment": True,
            }
        )
        self.policy.write({"interest_rule_id": rule.id, "charge_mode": "on_payment"})
        invoice = self.invoice(partner=self.debtor("DE"), currency=self.euro)
        self.send(self.until_second(invoice), SECOND)
        self.pay(invoice, 1000.0, date(2026, 3, 22))
        late = self.env["ar.dunning.late.interest"].sudo()
        more = late._claim(self.company, date(2026, 3, 25))
        self.assertEqual((more.amount, more.state), (1.41, "announced"))
        self.assertEqual((more.date_from, more.date_to), (date(2026, 3, 18), date(2026, 3, 22)))
        self.assertFalse(late._claim(self.company, date(2026, 3, 26)))

    def test_nights_do_not_go_through_what_was_settled_long_ago(self):
        rule = self.env["ar.dunning.interest.rule"].create(
            {"name": "Terms", "interest_source": "fixed", "fixed_rate": 10.27, "after_payment": True}
        )
        self.policy.write({"interest_rule_id": rule.id, "charge_mode": "on_payment"})
        invoice = self.invoice(partner=self.debtor("DE"), currency=self.euro)
        self.send(self.until_second(invoice), SECOND)
        self.pay(invoice, 1000.0, date(2026, 3, 22))
        late, on = self.env["ar.dunning.late.interest"].sudo(), date(2026, 3, 25)
        matched = invoice.line_ids.matched_credit_ids
        for entered, count in (("2020-01-01", 0), (fields.Datetime.to_string(fields.Datetime.now()), 1)):
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE account_partial_reconcile SET create_date = %s WHERE id = ANY(%s)", [entered, matched.ids]
            )
            self.env.invalidate_all()
            self.assertEqual(len(late._claim(self.company, on)), count)
