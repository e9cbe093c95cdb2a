from odoo import models


class AccountPayment(models.Model):
    """Says that its customer's stored credit status is to follow."""

    _inherit = "account.payment"

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            self.env["ar.dunning.credit.queue"]._moved_by(self.filtered(lambda one: one.partner_type == "customer"))
        return result
