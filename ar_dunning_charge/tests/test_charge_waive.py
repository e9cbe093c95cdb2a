from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .charge_common import BOOKED, LATER, ChargeCommon


@tagged("post_install", "-at_install")
class TestChargeDecisions(ChargeCommon):
    """Waive, reinstate, reverse: with reason, history and credit notes."""

    def setUp(self):
        super().setUp()
        self.bill, self.notice = self.reminded()
        self.row = self.item(self.bill)
        self.fee = self.announced(self.row, "fee", 5.0, self.notice)
        self.interest = self.announced(self.row, "interest", 1.23, self.notice)

    def history(self, charge):
        self.env.flush_all()
        self.env.cr.precommit.run()
        charge.invalidate_recordset(["message_ids"])
        values = charge.sudo().message_ids.tracking_value_ids
        return {(value.field_id.name, value.new_value_char) for value in values}

    def test_announced_is_waived_without_the_books(self):
        self.env.cr.precommit.run()  # what was made in this very transaction is not tracked
        charge = self.fee.with_context(tracking_disable=False)
        charge._waive("Goodwill", LATER)
        self.assertEqual((charge.state, charge.reason), ("waived", "Goodwill"))
        self.assertEqual((charge.waived_by_id, charge.waived_on), (self.manager, LATER))
        self.assertFalse(charge.document_id or charge.reversal_id)
        self.assertLessEqual({("state", "Waived"), ("reason", "Goodwill")}, self.history(charge))
        self.assertFalse(charge._book(LATER))

    def test_booked_is_waived_by_a_credit_note_for_exactly_it(self):
        document = (self.fee | self.interest)._book(BOOKED)
        self.fee._waive("Goodwill", LATER)
        credit = self.fee.reversal_id
        self.assertEqual(
            (credit.move_type, credit.state, credit.date, credit.reversed_entry_id),
            ("out_refund", "posted", LATER, document),
        )
        self.assertEqual(self.ledger(credit), [(self.receivable, 0.0, 5.0), (self.income, 5.0, 0.0)])
        self.assertEqual((credit.amount_residual, document.amount_residual), (0.0, 1.23))
        self.assertEqual((self.fee.state, self.interest.state), ("waived", "booked"))
        self.interest._waive("Goodwill", LATER)
        self.assertEqual((document.amount_residual, document.payment_state), (0.0, "reversed"))
        self.assertEqual(self.interest.state, "waived")

    def test_waived_at_once_gives_one_credit_note(self):
        document = (self.fee | self.interest)._book(BOOKED)
        (self.fee | self.interest)._waive("Goodwill", LATER)
        self.assertEqual(self.fee.reversal_id, self.interest.reversal_id)
        self.assertEqual((self.fee.reversal_id.amount_total, document.amount_residual), (6.23, 0.0))

    def test_the_credit_note_gives_back_the_tax(self):
        tax = self.env["account.tax"].create({"name": "25 %", "amount": 25, "type_tax_use": "sale"})
        self.env.ref("ar_dunning_charge.product_fee").taxes_id = tax
        document = (self.fee | self.interest)._book(BOOKED)
        self.assertEqual(document.amount_total, 7.48)
        self.env.ref("ar_dunning_charge.product_fee").taxes_id = False
        self.fee._waive("Goodwill", LATER)
        credit = self.fee.reversal_id
        self.assertEqual((credit.amount_untaxed, credit.amount_tax, credit.line_ids.tax_line_id), (5.0, 1.25, tax))
        self.assertEqual(document.amount_residual, 1.23)

    def test_the_reversal_of_a_credit_is_not_dunned(self):
        charge = self.announced(self.item(self.invoice(200.0)), "interest", -7.5)
        document = charge._book(BOOKED)
        self.assertEqual(document.move_type, "out_refund")
        paid_out = self.invoice(7.5)
        (document._ar_dunning_open_terms() | paid_out._ar_dunning_open_terms()).reconcile()
        charge._reverse("Mistake", LATER)
        again = charge.reversal_id
        self.assertEqual((again.move_type, again.amount_residual), ("out_invoice", 7.5))
        self.assertIn("charge", self.blockers(again, date(2026, 6, 1)))

    def test_an_entry_is_reversed_by_an_entry(self):
        self.company.ar_dunning_charge_document = "entry"
        document = (self.fee | self.interest)._book(BOOKED)
        self.fee._reverse("Wrong customer", LATER)
        opposite = self.fee.reversal_id
        self.assertEqual(self.ledger(opposite), [(self.receivable, 0.0, 5.0), (self.income, 5.0, 0.0)])
        self.assertEqual(
            (opposite.move_type, opposite.journal_id, opposite.date), ("entry", document.journal_id, LATER)
        )
        term = document.line_ids.filtered(lambda line: line.account_id == self.receivable)
        self.assertEqual((term.amount_residual, self.fee.state, self.interest.state), (1.23, "reversed", "booked"))

    def test_in_a_foreign_currency_nothing_stays_behind(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5), ("2026-03-11", 0.8)])
        other = self.invoice(300.0, currency=euro)
        for kind in ("invoice", "entry"):
            self.company.ar_dunning_charge_document = kind
            charge = self.announced(self.item(other), "interest", 4.0)
            document = charge._book(BOOKED)
            charge._reverse("Wrong rate", LATER)
            # At the rate of the document (half a euro), so that income and receivable are as before.
            lines = (document | charge.reversal_id).line_ids
            for account in (self.receivable, self.income):
                own = lines.filtered(lambda line, account=account: line.account_id == account)
                self.assertEqual(sorted(own.mapped("balance")), [-8.0, 8.0])
            self.assertFalse(lines.matched_debit_ids.exchange_move_id)
            self.assertTrue(all(lines.filtered(lambda line: line.account_id == self.receivable).mapped("reconciled")))

    def test_a_paid_charge_is_reversed_not_waived(self):
        document = (self.fee | self.interest)._book(BOOKED)
        self.pay(document, 6.23, BOOKED)
        with self.assertRaisesRegex(UserError, "is paid and cannot be waived any more. Reverse it"):
            self.fee._waive("Goodwill", LATER)
        self.fee._reverse("Wrongly claimed", LATER)
        credit = self.fee.reversal_id
        self.assertEqual((credit.amount_residual, credit.payment_state), (5.0, "not_paid"))
        self.assertEqual((self.fee.state, self.interest.state), ("reversed", "paid"))

    def test_what_is_paid_in_part_is_waived_only_as_far_as_it_is_open(self):
        document = (self.fee | self.interest)._book(BOOKED)
        self.pay(document, 2.0, BOOKED)
        with self.assertRaisesRegex(UserError, "is paid in part"):
            self.fee._waive("Goodwill", LATER)
            self.env.flush_all()

    def test_partly_paid_reversal_leaves_the_rest_as_credit(self):
        document = (self.fee | self.interest)._book(BOOKED)
        self.pay(document, 2.0, BOOKED)
        self.fee._reverse("Wrongly claimed", LATER)
        self.assertEqual((document.amount_residual, self.fee.reversal_id.amount_residual), (0.0, 0.77))

    def test_reinstated_is_announced_again_or_booked_anew(self):
        self.fee._waive("Goodwill", LATER)
        self.fee._reinstate("He did not pay after all", LATER)
        self.assertEqual((self.fee.state, self.fee.waived_on, self.fee.document_id.id), ("announced", False, False))
        former = self.fee._book(LATER)
        self.fee._waive("Goodwill", LATER)
        self.fee._reinstate("He did not pay after all", date(2026, 3, 13))
        self.assertEqual((self.fee.state, self.fee.document_id.date), ("booked", date(2026, 3, 13)))
        self.assertNotEqual(self.fee.document_id, former)
        self.assertFalse(self.fee.reversal_id)
        receivable = (former | former.reversal_move_ids | self.fee.document_id)._ar_dunning_terms()
        self.assertEqual(sum(receivable.mapped("balance")), 5.0)

    def test_a_wrong_state_is_told(self):
        self.fee._reverse("Mistake", LATER)
        for act, word in (
            (self.fee._waive, "waived"),
            (self.fee._reverse, "reversed"),
            (self.fee._reinstate, "reinstated"),
        ):
            with self.assertRaisesRegex(UserError, f"cannot be {word}: its state is 'Reversed'"):
                act("Again")

    def test_reversed_may_be_claimed_anew_but_waived_not(self):
        self.fee._reverse("Mistake", LATER)
        again = self.claim(self.row, "fee", 4.0, self.notice)
        self.assertEqual(again.stage, "draft")

    def test_a_locked_day_is_told(self):
        (self.fee | self.interest)._book(BOOKED)
        self.company.fiscalyear_lock_date = date(2026, 3, 31)
        with self.assertRaisesRegex(UserError, "locked on 03/12/2026"):
            self.fee._waive("Goodwill", LATER)
        self.assertEqual(self.fee.state, "booked")

    # === The limit of a user === #

    def test_no_limit_means_none(self):
        with self.assertRaisesRegex(AccessError, "You may waive .*0.00.* for a customer within 30 days"):
            self.fee.with_user(self.accountant)._waive("Goodwill", LATER)

    def test_the_limit_counts_thirty_days_per_customer_and_user(self):
        self.accountant.ar_dunning_waive_limit = 6.0
        fee, interest = (self.fee | self.interest).with_user(self.accountant)
        fee._waive("Goodwill", LATER)
        self.assertEqual((fee.state, fee.waived_by_id), ("waived", self.accountant))
        # 5.00 and 1.23 are above 6.00 until the first is 30 days old.
        with self.assertRaises(AccessError):
            interest._waive("Goodwill", date(2026, 4, 10))
        other = self.invoice(100.0, partner=self.partner_b)
        self.announced(self.item(other), "fee", 6.0).with_user(self.accountant)._waive("Goodwill", LATER)
        interest._waive("Goodwill", date(2026, 4, 11))
        self.assertEqual(interest.state, "waived")

    def test_nobody_raises_his_own_limit(self):
        with self.assertRaises(AccessError):
            self.accountant.with_user(self.accountant).ar_dunning_waive_limit = 1000.0

    def test_charges_of_another_company_are_out_of_reach(self):
        other = self.setup_other_company()["company"]
        self.accountant.write({"company_id": other.id, "company_ids": [(6, 0, other.ids)]})
        self.accountant.ar_dunning_waive_limit = 1000.0
        for act in (self.fee.with_user(self.accountant)._waive, self.fee.with_user(self.accountant)._reverse):
            with self.assertRaises(AccessError):
                act("Not ours", LATER)

    def test_the_limit_is_in_company_currency(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        charge = self.announced(self.item(self.invoice(300.0, currency=euro)), "fee", 4.0)
        self.accountant.ar_dunning_waive_limit = 7.99
        with self.assertRaises(AccessError):
            charge.with_user(self.accountant)._waive("Goodwill", LATER)
        self.accountant.ar_dunning_waive_limit = 8.0
        charge.with_user(self.accountant)._waive("Goodwill", LATER)
        self.assertEqual(charge.state, "waived")

    # === The notice === #

    def test_sending_announces_and_cancelling_reverses(self):
        document = self.fee._book(BOOKED)
        self.interest._waive("Goodwill", LATER)
        with freeze_time(LATER):
            self.notice._cancel("Wrong address")
        self.assertEqual(set((self.fee | self.interest).mapped("state")), {"reversed"})
        self.assertEqual(self.fee.reason, f"Notice {self.notice.name} was cancelled: Wrong address")
        self.assertEqual((document.amount_residual, self.fee.reversal_id.date), (0.0, LATER))

    def test_a_draft_notice_takes_its_charges_along(self):
        draft = self.night(date(2026, 3, 18)).notice_ids
        charge = self.claim(self.row, "interest", 2.0, draft)
        draft.with_user(self.accountant)._cancel("Not needed")
        self.assertFalse(charge.exists())
        self.assertEqual(self.fee.state, "announced")
