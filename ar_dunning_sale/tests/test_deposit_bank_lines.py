from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from .deposit_common import DepositCommon


@tagged("post_install", "-at_install")
class TestBankLines(DepositCommon):
    """Bank lines matched by hand, as a reconciliation screen does it."""

    def bank_line(self, amount, account, **values):
        """A line of the bank statement whose counterpart is on this account. Returns the counterpart."""
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": self.today,
                "payment_ref": "Bank",
                "partner_id": self.partner_a.id,
                "amount": amount,
                **values,
            }
        )
        _liquidity, suspense, _other = line._seek_for_lines()
        suspense.write({"account_id": account.id, "partner_id": self.partner_a.id})
        return suspense

    def test_given_back_by_a_bank_line(self):
        mine = self.deposit().with_user(self.controller)
        receipt = self.receive(mine)
        held = receipt.line_ids.filtered(lambda line: line.account_id == self.liability)
        part = self.bank_line(-150.0, self.liability)
        (held | part).reconcile()
        self.assertEqual(
            (mine.state, mine.amount_left, mine.amount_returned, mine.amount_applied), ("paid", 250.0, 150.0, 0.0)
        )
        self.assert_books(250.0)
        rest = self.bank_line(-250.0, self.liability)
        (held | rest).reconcile()
        self.assertEqual((mine.state, mine.amount_left, mine.closed_on), ("released", 0.0, self.today))
        self.assertEqual((mine.amount_returned, mine.amount_applied), (400.0, 0.0))
        self.assertFalse(mine.activity_ids)
        rest.remove_move_reconcile()
        self.assertEqual((mine.state, mine.amount_left, mine.closed_on), ("paid", 250.0, False))
        self.assertTrue(mine.activity_ids)
        part.remove_move_reconcile()
        self.undo(receipt)
        self.assertEqual(mine.state, "requested")

    def test_bank_line_of_the_receipt_is_not_deleted(self):
        mine = self.deposit().with_user(self.controller)
        credit = self.bank_line(400.0, self.receivable)
        mine._receive({credit: 400.0})
        with self.assertRaisesRegex(UserError, "undo it there"), self.cr.savepoint():
            credit.statement_line_id.unlink()
        self.assert_books(400.0)

    def test_applied_and_given_back(self):
        mine = self.deposit().with_user(self.controller)
        self.receive(mine)
        invoice = self.invoice(100.0, self.today)
        entry = self.apply(mine, {invoice: 100.0})
        self.give_back(mine, 50.0)
        self.assertEqual((mine.amount_left, mine.amount_applied, mine.amount_returned), (250.0, 100.0, 50.0))
        self.undo(entry)
        self.assertEqual((mine.amount_left, mine.amount_applied, mine.amount_returned), (350.0, 0.0, 50.0))

    def test_given_back_in_yen_at_another_rate(self):
        """40,000 yen came in as 400.00 and went out as 320.00; the difference is no payment of its own."""
        day = self.today - timedelta(days=10)
        yen = self.setup_other_currency("JPY", rates=[("2016-01-01", 100.0), (str(day), 125.0)], rounding=1.0)
        mine = self.deposit(amount=40000, currency_id=yen.id).with_user(self.controller)
        receipt = self.receive(mine, self.unmatched_payment(40000, self.today - timedelta(days=60), currency=yen))
        held = receipt.line_ids.filtered(lambda line: line.account_id == self.liability)
        line = self.bank_line(-320.0, self.liability, foreign_currency_id=yen.id, amount_currency=-40000)
        before = mine.message_ids
        (held | line).reconcile()
        self.assertEqual((mine.state, mine.amount_left, mine.amount_left_company), ("released", 0.0, 0.0))
        told = (mine.message_ids - before).filtered(lambda message: "Given back" in (message.body or ""))
        self.assertEqual(len(told), 1)
        self.assertIn("40,000", told.body)
        self.assert_books(0.0)
        before = mine.message_ids
        line.remove_move_reconcile()
        self.assertEqual((mine.state, mine.amount_left, mine.amount_left_company), ("paid", 40000.0, 400.0))
        told = (mine.message_ids - before).filtered(lambda message: "held again" in (message.body or ""))
        self.assertEqual(len(told), 1)

    def test_a_return_that_is_reset_is_told_once(self):
        day = self.today - timedelta(days=10)
        yen = self.setup_other_currency("JPY", rates=[("2016-01-01", 100.0), (str(day), 125.0)], rounding=1.0)
        mine = self.deposit(amount=40000, currency_id=yen.id).with_user(self.controller)
        self.receive(mine, self.unmatched_payment(40000, self.today - timedelta(days=60), currency=yen))
        payment = self.give_back(mine)
        before = mine.message_ids
        payment.action_draft()
        told = (mine.message_ids - before).filtered(lambda message: "held again" in (message.body or ""))
        self.assertEqual((len(told), mine.state, mine.amount_left), (1, "paid", 40000.0))
