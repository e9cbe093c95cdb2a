from odoo.tests import tagged

from odoo.addons.ar_dunning_sale.models.facts.gate import CreditRefusedError

from .online_common import OnlineCommon


@tagged("post_install", "-at_install")
class TestOnline(OnlineCommon):
    """Online payments: what came, what went back, and for which order."""

    def test_refunded(self):
        self.rule(0.5)
        order = self.quotation()
        tx = self.paid_online(order, 400.0)
        self.assertEqual(order.ar_dunning_received, 400.0)
        self.child(tx, 150.0, "done", is_refund=True)
        self.assertEqual((order.ar_dunning_received, order._get_prepayment_required_amount()), (250.0, 250.0))
        self.child(tx, 250.0, "done", is_refund=True)
        self.assertEqual((order.ar_dunning_received, order._get_prepayment_required_amount()), (0.0, 500.0))

    def test_partly_captured(self):
        self.rule(0.5)
        self.overdue(1.0)
        order = self.quotation()
        tx = self.paid_online(order, 500.0, "authorized")
        self.assertEqual(order.ar_dunning_received, 500.0)
        self.child(tx, 100.0, "done")
        self.child(tx, 400.0, "cancel")
        self.assertEqual((tx.state, order.ar_dunning_received), ("done", 100.0))

    def test_what_has_been_paid_is_not_asked_again(self):
        self.rule(0.3)
        self.overdue(500.0)
        order = self.quotation()
        self.paid_online(order, 300.0)
        self.assertTrue(order.ar_dunning_parked)
        order.order_line.price_unit = 2000.0
        self.assertEqual(order._get_prepayment_required_amount(), 300.0)
        self.paid_online(order, 300.0)
        self.assertFalse(order._has_to_be_paid())

    def test_another_currency(self):
        self.rule(0.5)
        currency = self.setup_other_currency("JPY", rates=[("2016-01-01", 100.0)], rounding=1.0)
        yen = self.env["product.pricelist"].create({"name": "JPY", "currency_id": currency.id})
        order = self.quotation(1000.0, pricelist_id=yen.id)
        self.paid_online(order, 400.0)
        order.pricelist_id = self.env["product.pricelist"].create(
            {"name": "Own", "currency_id": self.company.currency_id.id}
        )
        self.assertEqual(order.currency_id, self.company.currency_id)
        order.invalidate_recordset()
        self.assertEqual(order.ar_dunning_received, 0.0)

    def test_one_transaction_of_two_orders(self):
        self.rule(0.5)
        orders = self.quotation(1000.0) | self.quotation(3000.0)
        self.paid_online(orders, 2000.0)
        self.assertEqual(orders.mapped("ar_dunning_received"), [500.0, 1500.0])

    def test_money_of_an_order_pays_no_overdue_invoice(self):
        debt = self.overdue(500.0)
        order = self.quotation(require_payment=True, prepayment_percent=0.5)
        self.paid_online(order, 500.0)
        with self.assertRaisesRegex(CreditRefusedError, "500.00 overdue"):
            order.action_confirm()
        self.pay(debt, 500.0, self.today)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_matched_with_something_else(self):
        self.rule(0.5)
        debt = self.overdue(400.0)
        order = self.quotation()
        tx = self.paid_online(order, 500.0)
        lines = (debt | tx.payment_id.move_id).line_ids
        lines.filtered(lambda line: line.account_type == "asset_receivable").reconcile()
        self.env.invalidate_all()
        self.assertEqual(order.ar_dunning_received, 100.0)

    def test_matched_with_its_own_down_payment(self):
        self.rule(0.5)
        self.overdue(1.0)
        order = self.quotation()
        tx = self.paid_online(order, 500.0)
        wizard = self.env["sale.advance.payment.inv"].create(
            {"sale_order_ids": order.ids, "advance_payment_method": "fixed", "fixed_amount": 500.0}
        )
        invoice = wizard._create_invoices(order)
        invoice.action_post()
        self.assertEqual((invoice.amount_residual, tx.payment_id.is_reconciled), (0.0, True), "core matches the two")
        self.env.invalidate_all()
        self.assertEqual(order.ar_dunning_received, 500.0)

    def test_money_of_a_cancelled_order_is_the_customers_again(self):
        self.rule(0.5)
        first = self.quotation()
        self.paid_online(first, 400.0)
        second = self.quotation()
        self.assertEqual(second.ar_dunning_received, 0.0)
        first._action_cancel()
        second.invalidate_recordset()
        self.assertEqual(second.ar_dunning_received, 400.0)

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
