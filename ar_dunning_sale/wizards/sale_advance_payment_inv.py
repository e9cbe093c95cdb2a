from odoo import models
from odoo.exceptions import UserError


class SaleAdvancePaymentInv(models.TransientModel):
    _inherit = "sale.advance.payment.inv"

    def _create_invoices(self, sale_orders):
        """No down payment on what is free of charge."""
        if self.advance_payment_method != "delivered":
            for order in sale_orders:
                lines = order.order_line.filtered(lambda line: not line.display_type and not line.is_downpayment)
                free = lines.filtered(lambda line: line._dunning_is_free())
                if lines and lines == free:
                    raise UserError(
                        self.env._("%s is free of charge: decide first whether to charge its lines.", order.name)
                    )
                if free:
                    self._dunning_check_charged(order)
        return super()._create_invoices(sale_orders)

    def _dunning_check_charged(self, order):
        """Of an order with free lines, no more than what is charged, and no share: core takes it of the free lines, too.

        :raise UserError: it says up to which amount
        """
        invoiced = self.env["ar.dunning.advance"]._invoiced_deposits(order.sudo())
        left = order._dunning_chargeable() - float(invoiced)
        if (
            self.advance_payment_method == "percentage"
            or order.currency_id.compare_amounts(self.fixed_amount, left) > 0
        ):
            raise UserError(
                self.env._(
                    "Lines of %(order)s are free of charge: ask for a fixed amount of at most %(left)s.",
                    order=order.name,
                    left=order._dunning_money_text(left),
                )
            )
