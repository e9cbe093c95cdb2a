from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from .deposit_common import DepositCommon


@tagged("post_install", "-at_install")
class TestDepositUndo(DepositCommon):
    """State and books never part, whoever takes back what."""

    def setUp(self):
        super().setUp()
        self.mine = self.deposit().with_user(self.controller)
        self.payment = self.transfer(400.0)
        self.credit = self.payment.move_id.line_ids.filtered(lambda line: line.account_id == self.receivable)
        self.receipt = self.receive(self.mine, self.payment)

    def test_receipt_is_reversed(self):
        reversal = self.undo(self.receipt, "It paid an invoice")
        self.assertEqual(
            self.rows(reversal),
            [(self.receivable, self.partner_a, -400.0, -400.0), (self.liability, self.partner_a, 400.0, 400.0)],
        )
        self.assertEqual((reversal.state, self.receipt.state, reversal.date), ("posted", "posted", self.today))
        self.assertIn("It paid an invoice", reversal.ref)
        self.assertEqual((self.mine.state, self.mine.amount_left), ("requested", 0.0))
        self.assertFalse(
            self.mine.receipt_move_id or self.mine.paid_on or self.mine.account_id or self.mine.activity_ids
        )
        self.assertEqual(self.credit.amount_residual, -400.0)
        open_lines = (self.receipt | reversal).line_ids.filtered(lambda line: not line.reconciled)
        self.assertFalse(open_lines)
        self.assertEqual([move.ar_dunning_deposit_kind for move in (self.receipt, reversal)], ["undone", "reversal"])
        self.assert_books(0.0)
        again = self.receive(self.mine, self.payment)
        self.assertEqual((self.mine.state, self.mine.receipt_move_id, self.mine.entry_count), ("paid", again, 3))
        self.assert_books(400.0)

    def test_wrong_receipt_is_undone_and_cancelled(self):
        self.undo(self.receipt)
        self.mine.action_cancel()
        self.assertEqual(self.mine.state, "cancelled")
        self.assert_books(0.0)

    def test_receipt_stays_once_a_part_is_gone(self):
        self.give_back(self.mine, 100.0)
        with self.assertRaisesRegex(UserError, "A part of .* already"):
            self.undo(self.receipt)
        self.assert_books(300.0)

    def test_not_before_its_day(self):
        with self.assertRaisesRegex(UserError, "not undone before its own day"):
            self.undo(self.receipt, date=self.today - timedelta(days=1))

    def test_twice(self):
        self.undo(self.receipt)
        with self.assertRaisesRegex(UserError, "nothing to undo"):
            self.undo(self.receipt)

    def test_application_is_reversed(self):
        invoice = self.invoice(150.0, self.today)
        move = self.apply(self.mine, {invoice: 150.0})
        self.assertEqual(invoice.payment_state, "paid")
        self.undo(move)
        self.assertEqual(
            (invoice.amount_residual, self.mine.amount_left, self.mine.amount_applied), (150.0, 400.0, 0.0)
        )
        self.assert_books(400.0)
        whole = self.apply(self.mine, {self.invoice(400.0, self.today): 400.0})
        self.assertEqual(self.mine.state, "applied")
        self.undo(whole)
        self.assertEqual((self.mine.state, self.mine.closed_on), ("paid", False))
        self.assertTrue(self.mine.activity_ids)
        self.assert_books(400.0)

    def test_entries_are_not_reset_or_reversed_by_hand(self):
        moves = self.receipt | self.apply(self.mine, {self.invoice(100.0, self.today): 100.0})
        for move in moves.sudo():
            for call in (
                move.button_draft,
                move.button_cancel,
                lambda move=move: move._reverse_moves(cancel=True),
                lambda move=move: move.line_ids.remove_move_reconcile(),
                lambda move=move: (
                    move.line_ids[0].with_context(active_ids=move.line_ids.ids).action_unreconcile_match_entries()
                ),
            ):
                with self.assertRaisesRegex(UserError, f"{move.name} books the security deposit|books the security"):
                    call()
        self.assertEqual((self.mine.state, self.mine.amount_left), ("paid", 300.0))
        self.assert_books(300.0)

    def test_receipt_is_not_taken_back_under_the_deposit(self):
        """Neither the payment nor its matching goes away while it is held as a deposit."""
        for call in (
            self.payment.action_draft,
            self.payment.action_cancel,
            self.payment.action_reject,
            self.payment.unlink,
            self.payment.move_id.button_draft,
            self.credit.remove_move_reconcile,
        ):
            with self.assertRaisesRegex(UserError, "books the security deposit"), self.cr.savepoint():
                call()
        self.assertTrue(self.credit.reconciled)
        self.undo(self.receipt)
        self.payment.action_draft()
        self.assertEqual(self.payment.state, "draft")

    def test_bank_line_is_not_unmatched_under_the_deposit(self):
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": self.today,
                "amount": 60.0,
                "partner_id": self.partner_a.id,
                "payment_ref": "Deposit",
                "counterpart_account_id": self.receivable.id,
            }
        )
        other = self.deposit(amount=60.0).with_user(self.controller)
        self.receive(other, line)
        with self.assertRaisesRegex(UserError, "books the security deposit"), self.cr.savepoint():
            line.action_undo_reconciliation()
        self.assert_books(460.0)

    def test_invoice_keeps_what_paid_it(self):
        invoice = self.invoice(100.0, self.today)
        self.apply(self.mine, {invoice: 100.0})
        terms = invoice.line_ids.filtered(lambda line: line.account_id == self.receivable)
        with self.assertRaisesRegex(UserError, "books the security deposit"), self.cr.savepoint():
            terms.remove_move_reconcile()
        with self.assertRaisesRegex(UserError, "books the security deposit"), self.cr.savepoint():
            invoice._reverse_moves(cancel=True)
        self.assertEqual(invoice.payment_state, "paid")

    def test_return_that_the_bank_refused(self):
        """A return is reset as any payment is: the deposit is held again, and posted anew it is given back."""
        payment = self.give_back(self.mine)
        self.assertEqual(self.mine.state, "released")
        for call in (lambda: payment.move_id._reverse_moves(cancel=True), payment.action_reject):
            with self.assertRaisesRegex(UserError, "Reset its payment to draft"):
                call()
        payment.action_draft()
        self.assertEqual((self.mine.state, self.mine.amount_left, self.mine.closed_on), ("paid", 400.0, False))
        self.assertTrue(self.mine.activity_ids)
        self.assert_books(400.0)
        payment.action_post()
        self.assertEqual((self.mine.state, self.mine.amount_left), ("released", 0.0))
        self.assert_books(0.0)
        payment.action_draft()
        payment.unlink()
        self.assertEqual((self.mine.state, self.mine.amount_left), ("paid", 400.0))
        self.assert_books(400.0)

    def test_return_reset_by_who_only_has_billing(self):
        """Who may reset payments need not know of dunning: the deposit follows all the same."""
        payment = self.give_back(self.mine)
        clerk = self.make_user("clerk", "Clara Clerk", "account.group_account_invoice")
        payment.with_user(clerk).action_draft()
        self.assertEqual((self.mine.state, self.mine.amount_left), ("paid", 400.0))
        payment.with_user(clerk).action_post()
        self.assertEqual((self.mine.state, self.mine.amount_left), ("released", 0.0))
        with self.assertRaisesRegex(UserError, "books the security deposit"):
            self.receipt.with_user(clerk).button_draft()
        self.assert_books(0.0)

    def test_return_that_was_cancelled(self):
        payment = self.give_back(self.mine, 100.0)
        payment.action_cancel()
        self.assertEqual((self.mine.state, self.mine.amount_left, self.mine.amount_returned), ("paid", 400.0, 0.0))
        self.assert_books(400.0)

    def test_return_is_not_made_larger(self):
        payment = self.give_back(self.mine, 100.0)
        payment.action_draft()
        payment.amount = 400.01
        with self.assertRaisesRegex(UserError, "400.00 is held.*400.01 is not possible"), self.cr.savepoint():
            payment.action_post()
        self.assert_books(400.0)
        payment.amount = 250.0
        payment.action_post()
        self.assertEqual(self.mine.amount_left, 150.0)
        self.assert_books(150.0)

    def test_return_does_not_change_hands(self):
        payment = self.give_back(self.mine)
        payment.action_draft()
        payment.destination_account_id = self.receivable
        with self.assertRaisesRegex(UserError, "must pay out in"), self.cr.savepoint():
            payment.action_post()
        self.assertEqual(self.mine.state, "paid")

    def test_others_entries_are_free(self):
        """What has nothing to do with a deposit is reset, reversed and unmatched as ever."""
        invoice = self.invoice(100.0, self.today)
        payment = self.pay(invoice, 100.0, self.today)
        payment.move_id.line_ids.remove_move_reconcile()
        self.assertEqual(invoice.amount_residual, 100.0)
        payment.action_draft()
        invoice.button_draft()
        self.assertEqual((payment.state, invoice.state), ("draft", "draft"))

    def test_held_before_there_were_entries(self):
        """Recorded by an older version: held, not in the books, told to a person, booked or taken back by one."""
        self.dunning_customer(self.partner_a).responsible_id = self.controller
        first, second = (
            self.env["ar.dunning.deposit"].sudo()._make(
                {
                    "name": name,
                    "customer_id": self.dunning_customer(self.partner_a).id,
                    "company_id": self.company.id,
                    "currency_id": self.company.currency_id.id,
                    "amount": 80.0,
                    "return_date": self.today,
                    "state": "paid",
                    "payment_id": self.transfer(80.0).id,
                }
            )
            for name in ("Old one", "Old two")
        )  # fmt: skip
        self.assertEqual((first.unbooked, first.amount_left, first.amount_left_company), (True, 80.0, 0.0))
        self.assert_books(400.0)
        (first | second)._tell_unbooked()
        self.assertEqual(first.activity_ids.user_id, self.controller)
        self.assertEqual(first.entry_count, 0)
        mine, other = first.with_user(self.controller), second.with_user(self.controller)
        with self.assertRaisesRegex(UserError, "not in the books"):
            self.give_back(mine)
        with self.assertRaisesRegex(UserError, "not in the books"):
            self.apply(mine, {self.invoice(10.0, self.today): 10.0})
        self.receive(mine, first.payment_id)
        self.assertEqual((mine.unbooked, mine.amount_left, mine.amount_left_company), (False, 80.0, 80.0))
        self.assert_books(480.0)
        action = other.action_undo_receipt()
        other.env[action["res_model"]].with_context(**action["context"]).create(
            {"reason": "Booked by hand"}
        ).action_undo()
        self.assertEqual((other.state, other.amount_left, other.entry_count), ("requested", 0.0, 0))
        self.assert_books(480.0)
