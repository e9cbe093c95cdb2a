from odoo import models


class AccountMoveLine(models.Model):
    """Says that its customer's stored credit status is to follow."""

    _inherit = "account.move.line"

    def write(self, vals):
        result = super().write(vals)
        if {"date_maturity", "no_followup"} & vals.keys():
            self.env["ar.dunning.credit.queue"]._moved_by(self.filtered(lambda line: line.parent_state == "posted"))
        return result
