from odoo import models
from odoo.exceptions import UserError


class SaleAdvancePaymentInv(models.TransientModel):
    _inherit = "sale.advance.payment.inv"

    def _create_invoices(self, sale_orders):
        """No down payment on what is free of charge."""
        if self.advance_payment_method != "delivered":
            for order in sale_orders:
                lines = order.order_line.filtered(lambda line: not line.display_type and not line.is_downpayment)
                if lines and all(line._dunning_is_free() for line in lines):
                    raise UserError(
                        self.env._("%s is free of charge: decide first whether to charge its lines.", order.name)
                    )
        return super()._create_invoices(sale_orders)
