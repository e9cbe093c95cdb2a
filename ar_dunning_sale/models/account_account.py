from odoo import models
from odoo.exceptions import UserError


class AccountAccount(models.Model):
    """An account that holds security deposits keeps its open items: they tell what is held."""

    _inherit = "account.account"

    def write(self, vals):
        if "reconcile" in vals and not vals["reconcile"]:
            held = (
                self.env["ar.dunning.deposit"]
                .sudo()
                .search([("account_id", "in", self.ids), ("state", "=", "paid")], limit=1)
            )
            if held:
                raise UserError(
                    self.env._(
                        "%(account)s holds security deposits (%(deposit)s): reconciliation stays allowed on it.",
                        account=held.account_id.display_name,
                        deposit=held.display_name,
                    )
                )
        return super().write(vals)
