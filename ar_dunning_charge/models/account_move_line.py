from odoo import api, models


class AccountMoveLine(models.Model):
    """Lines that book charges."""

    _inherit = "account.move.line"

    @api.constrains("price_unit", "quantity", "discount", "amount_currency", "balance", "currency_id", "partner_id")
    def _check_ar_dunning_charges(self):
        """What is in the books already asks for what its charges say, whoever writes its lines."""
        self.move_id.filtered(lambda move: move.state == "posted")._check_ar_dunning_amounts()

    def _ar_dunning_asked(self):
        """What this line of a charge document asks of the customer, before taxes, in its currency."""
        self.ensure_one()
        if self.move_id.move_type == "entry":
            return -self.amount_currency
        amount = self.currency_id.round(self.price_unit * self.quantity * (1 - (self.discount or 0.0) / 100))
        return -amount if self.move_id.move_type == "out_refund" else amount
