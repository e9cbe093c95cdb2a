from odoo import api, models


class AccountBankStatementLine(models.Model):
    """Says that its customer's stored credit status is to follow."""

    _inherit = "account.bank.statement.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        self.env["ar.dunning.credit.queue"]._moved_by(lines)
        return lines
