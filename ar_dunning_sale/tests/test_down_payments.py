from datetime import date, timedelta

from odoo import Command
from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DUE, DunningCommon


@tagged("post_install", "-at_install")
class TestDownPayments(DunningCommon):
    """A down payment is asked for like any invoice, up to the formal notice."""

    def test_down_payment_invoices_get_reminders_only(self):
        self.env.user.group_ids |= self.env.ref("sales_team.group_sale_manager")
        product = self.env["product.product"].create({"name": "Boat", "list_price": 5000.0, "taxes_id": False})
        order = self.env["sale.order"].create(
            {"partner_id": self.partner_a.id, "order_line": [Command.create({"product_id": product.id})]}
        )
        order.action_confirm()
        wizard = self.env["sale.advance.payment.inv"].create(
            {"sale_order_ids": [Command.set(order.ids)], "advance_payment_method": "percentage", "amount": 20}
        )
        wizard.create_invoices()
        invoice = order.invoice_ids
        invoice.write({"invoice_date": date(2026, 2, 1), "invoice_payment_term_id": False, "invoice_date_due": DUE})
        invoice.action_post()
        invoice.is_move_sent = True
        for offset in (5, 15, 25):
            self.assertEqual(len(self.day(DUE + timedelta(days=offset))), 1)
        self.assertEqual(self.blockers(invoice, DUE + timedelta(days=40)), {"down_payment"})
