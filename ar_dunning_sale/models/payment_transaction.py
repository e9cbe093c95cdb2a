from odoo import models

from odoo.addons.ar_dunning.tools.attempt import attempt

from .facts.gate import CreditRefusedError


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _check_amount_and_confirm_order(self):
        """A paid order that may not be confirmed stays a quotation with its payment, and somebody is told.

        Core would raise here, and the payment's post-processing would be rolled back and tried again for ever.
        """
        confirmed = []
        for tx in self:
            confirm = super(PaymentTransaction, tx)._check_amount_and_confirm_order
            refused = attempt(self.env, lambda do=confirm: confirmed.append(do()), only=CreditRefusedError)
            if refused is not None:
                for order in tx.sale_order_ids.filtered(lambda o: o.state in ("draft", "sent")):
                    order._dunning_park(
                        self.env._(
                            "%(order)s has been paid online (%(reference)s) and waits for review.",
                            order=order.name,
                            reference=tx.reference,
                        )
                    )
        return self.env["sale.order"].union(*confirmed)
