from odoo import models


class AccountMoveLine(models.Model):
    """What changes in the ledger while mails wait, and the index of money that nobody has matched."""

    _inherit = "account.move.line"

    _ar_dunning_money = models.Index(
        "(company_id) WHERE parent_state = 'posted' AND reconciled IS NOT TRUE AND amount_residual_currency < 0"
        " AND (payment_id IS NOT NULL OR statement_line_id IS NOT NULL)"
    )

    def write(self, vals):
        """Another due date, or no follow-up: a mail that is about to leave may demand it wrongly."""
        result = super().write(vals)
        if {"date_maturity", "no_followup"} & set(vals):
            posted = self.sudo().filtered(lambda line: line.parent_state == "posted")
            self.env["ar.dunning.delivery"]._look_again(posted.partner_id.commercial_partner_id.ids)
        return result
