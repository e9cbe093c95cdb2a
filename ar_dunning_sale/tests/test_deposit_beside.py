from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .deposit_common import DepositCommon


@tagged("post_install", "-at_install")
class TestDepositBeside(DepositCommon):
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
