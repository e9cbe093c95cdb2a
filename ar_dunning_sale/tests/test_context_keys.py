from odoo.exceptions import UserError
from odoo.tests import tagged

from .deposit_common import DepositCommon


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
