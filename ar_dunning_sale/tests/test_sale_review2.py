from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .deposit_common import DepositCommon
from .test_sale_review_money import OnlineCommon


@tagged("post_install", "-at_install")
class TestContextKeys(DepositCommon):
    """What a remote caller writes into the context opens nothing."""

    def test_undo_of_a_deposit(self):
        mine = self.deposit().with_user(self.controller)
        receipt = self.receive(mine)
        for forged in (True, 1, "yes", receipt.ids):
            with self.subTest(forged):
                entry = receipt.with_user(self.controller).with_context(ar_dunning_deposit_undo=forged)
                with self.assertRaisesRegex(UserError, "undo it there"), self.cr.savepoint():
                    entry._reverse_moves(cancel=True)
                with self.assertRaisesRegex(UserError, "undo it there"), self.cr.savepoint():
                    entry.line_ids.remove_move_reconcile()
        self.assert_books(400.0)

    def test_growth_of_a_confirmed_order(self):
        self.limit(1500.0)
        order = self.quotation(1000.0)
        order.action_confirm()
        mine = order.with_user(self.seller).with_context(ar_dunning_deposit_later=True)
        with self.assertRaisesRegex(UserError, "cannot be changed"), self.cr.savepoint():
            mine.order_line.write({"price_unit": 2000.0})
        with self.assertRaisesRegex(UserError, "cannot be changed"), self.cr.savepoint():
            mine.env["sale.order.line"].create(
                {"order_id": order.id, "product_id": self.goods.id, "product_uom_qty": 1, "price_unit": 1000.0}
            )

    def test_new_deposit_with_defaults(self):
        Deposit = self.env["ar.dunning.deposit"].with_user(self.seller)
        order = self.quotation()
        values = {"name": "Key", "order_id": order.id, "amount": 10.0, "return_date": self.today}
        for forged in ({"default_state": "paid"}, {"default_paid_on": self.today}):
            deposit = Deposit.with_context(**forged).create(values)
            self.assertEqual((deposit.state, deposit.paid_on), ("requested", False), "a default writes no status")
        self.assertEqual(Deposit.with_context(default_state="requested").create(values).state, "requested")


@tagged("post_install", "-at_install")
class TestDepositReview2(DepositCommon):
    def test_a_copy_of_a_return_gives_nothing_back(self):
        mine = self.deposit().with_user(self.controller)
        self.receive(mine)
        payment = self.give_back(mine, 100.0)
        copy = payment.copy()
        self.assertEqual((copy.destination_account_id, copy.ar_dunning_deposit_id.id), (self.receivable, False))
        copy.action_post()
        self.assert_books(300.0)

    def test_a_down_payment_that_the_deposit_pays(self):
        """The deposit was real money: an invoice of the order that it pays is paid."""
        self.rule(0.3, stage="invoice")
        order = self.quotation(1000.0)
        order.action_confirm()
        wizard = self.env["sale.advance.payment.inv"].create(
            {"sale_order_ids": order.ids, "advance_payment_method": "fixed", "fixed_amount": 300.0}
        )
        invoice = wizard._create_invoices(order)
        invoice.action_post()
        mine = self.deposit(order_id=order.id).with_user(self.controller)
        self.receive(mine)
        order.invalidate_recordset()
        self.assertTrue(order.ar_dunning_waits)
        applied = self.apply(mine, {invoice: 300.0})
        order.invalidate_recordset()
        self.assertEqual((invoice.amount_residual, order.ar_dunning_waits), (0.0, False))
        self.undo(applied)
        order.invalidate_recordset()
        self.assertTrue(order.ar_dunning_waits)

    def test_others_read_orders(self):
        """Remote programs read all fields of an order, as users who have no part in security deposits."""
        order = self.quotation()
        self.deposit(order_id=order.id)
        biller = self.make_user("biller2", "Bill Biller", "account.group_account_invoice")
        (row,) = order.with_user(biller).read()
        self.assertEqual(row["name"], order.name)
        (row,) = order.with_user(self.seller).read()
        self.assertEqual(len(row["ar_dunning_deposit_ids"]), 1)

    def test_people_of_a_branch(self):
        """They take back their own payment of an invoice of the root, which they may not enter."""
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.env.user.company_ids |= branch
        self.env.cr.precommit.run()
        biller = self.make_user("biller3", "Bill Branch", "account.group_account_invoice")
        biller.write({"company_ids": [Command.set(branch.ids)], "company_id": branch.id})
        for act in ("payment", "entry"):
            with self.subTest(act):
                invoice = self.invoice(100.0, self.today)
                payment = self.env["account.payment"].create(
                    {
                        "payment_type": "inbound",
                        "partner_type": "customer",
                        "partner_id": self.partner_a.id,
                        "amount": 100.0,
                        "company_id": branch.id,
                        "journal_id": self.company_data["default_journal_bank"].id,
                    }
                )
                payment.action_post()
                self.assertEqual(payment.move_id.company_id, branch)
                lines = (invoice | payment.move_id).line_ids.with_context(
                    allowed_company_ids=(self.company | branch).ids
                )
                lines.filtered(lambda line: line.account_id == self.receivable).reconcile()
                self.assertEqual(invoice.amount_residual, 0.0)
                self.env.flush_all()
                self.env.invalidate_all()
                mine = payment.with_user(biller).with_company(branch).with_context(allowed_company_ids=branch.ids)
                if act == "payment":
                    mine.action_draft()
                else:
                    mine.move_id.button_draft()
                self.assertEqual(payment.move_id.state, "draft")
                self.env.invalidate_all()

    def test_the_books_of_others_ask_no_deposits(self):
        """Invoices and payments that have to do with no deposit cost no search for one."""
        with patch.object(
            self.registry["ar.dunning.deposit"], "_search", autospec=True, side_effect=AssertionError("searched")
        ):
            invoice = self.invoice(100.0, self.today)
            payment = self.pay(invoice, 100.0, self.today)
            self.env.flush_all()
            self.assertEqual(invoice.amount_residual, 0.0)
            payment.action_draft()
            invoice.line_ids.remove_move_reconcile()
            invoice.button_draft()
            self.env.flush_all()

    def test_a_transfer_that_names_the_deposit_is_nothing_else(self):
        """The request asks to name it; so before anybody has booked it, it covers no order and no overdue invoice."""
        self.rule(0.3)
        order = self.quotation()
        mine = self.deposit(order_id=order.id)
        self.transfer(400.0, f"Deposit {mine.reference}")
        self.transfer(50.0)
        self.assertEqual(order.ar_dunning_received, 50.0)
        customer = mine.customer_id
        self.overdue(300.0)
        self.env.flush_all()
        (debt,) = customer._credit_facts(self.today)[customer.id].debts
        self.assertEqual((debt.amount, debt.covered), (300, 50))
        mine.action_cancel()
        order.invalidate_recordset()
        (debt,) = customer._credit_facts(self.today)[customer.id].debts
        self.assertEqual((order.ar_dunning_received, debt.covered), (150.0, 300))

    def test_a_receipt_that_was_undone_stays_in_the_books(self):
        """So the request that it belongs to stays, too: it is cancelled, not deleted."""
        mine = self.deposit().with_user(self.controller)
        self.undo(self.receive(mine))
        with self.assertRaisesRegex(UserError, "that was paid cannot be deleted"), self.cr.savepoint():
            mine.unlink()
        mine.action_cancel()
        self.deposit().with_user(self.controller).unlink()

    def test_values_that_follow_the_books(self):
        """Nobody writes how much is held."""
        mine = self.deposit().with_user(self.seller)
        for values in ({"amount_left": 5.0}, {"amount_left_company": 5.0}, {"unbooked": True}):
            with self.subTest(values), self.assertRaises(UserError), self.cr.savepoint():
                mine.write(values)


@tagged("post_install", "-at_install")
class TestOnlineReview2(OnlineCommon):
    def test_partly_captured_and_invoiced(self):
        """A part that was captured pays the order's own invoice: it is the same money."""
        self.overdue(1.0)
        order = self.quotation()
        tx = self.paid_online(order, 500.0, "authorized")
        part = self.child(tx, 400.0, "done")
        self.child(tx, 100.0, "cancel")
        self.assertEqual(order.ar_dunning_received, 400.0)
        wizard = self.env["sale.advance.payment.inv"].create(
            {"sale_order_ids": order.ids, "advance_payment_method": "fixed", "fixed_amount": 400.0}
        )
        invoice = wizard._create_invoices(order)
        invoice.action_post()
        lines = (invoice | part.payment_id.move_id).line_ids
        lines.filtered(lambda line: line.account_type == "asset_receivable" and not line.reconciled).reconcile()
        self.assertEqual(invoice.amount_residual, 0.0)
        self.env.invalidate_all()
        self.assertEqual(order.ar_dunning_received, 400.0)


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
