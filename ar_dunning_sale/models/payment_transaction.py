from odoo import models

from .verdict import CreditRefusedError


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _check_amount_and_confirm_order(self):
        """A paid order that may not be confirmed stays a quotation with its payment, and somebody is told.

        Core would raise here, and the payment's post-processing would be rolled back and tried again for ever.
        """
        confirmed = self.env["sale.order"]
        for tx in self:
            try:
                with self.env.cr.savepoint():
                    confirmed |= super(PaymentTransaction, tx)._check_amount_and_confirm_order()
            except CreditRefusedError:
                for order in tx.sale_order_ids.filtered(lambda o: o.state in ("draft", "sent")):
                    order._dunning_park(
                        self.env._(
                            "%(order)s has been paid online (%(reference)s) and waits for review.",
                            order=order.name,
                            reference=tx.reference,
                        )
                    )
        return confirmed
