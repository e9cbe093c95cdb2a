from odoo import api, models


class AccountMoveLine(models.Model):
    """Lines that book charges, and those of money that nobody has matched."""

    _inherit = "account.move.line"

    _ar_dunning_money = models.Index(
        "(company_id) WHERE parent_state = 'posted' AND reconciled IS NOT TRUE AND amount_residual_currency < 0"
        " AND (payment_id IS NOT NULL OR statement_line_id IS NOT NULL)"
    )

    @api.constrains("price_unit", "quantity", "discount", "amount_currency", "balance", "currency_id", "partner_id")
    def _check_ar_dunning_charges(self):
        """What is in the books already asks for what its charges say, whoever writes its lines."""
        self.move_id.filtered(lambda move: move.state == "posted")._check_ar_dunning_amounts()

    def write(self, vals):
        """Another due date, or no follow-up: a mail that is about to leave may demand it wrongly."""
        result = super().write(vals)
        if {"date_maturity", "no_followup"} & set(vals):
            posted = self.sudo().filtered(lambda line: line.parent_state == "posted")
            self.env["ar.dunning.delivery"]._look_again(posted.partner_id.commercial_partner_id.ids)
        return result

    def _ar_dunning_asked(self):
        """What this line of a charge document asks of the customer, before taxes, in its currency."""
        self.ensure_one()
        if self.move_id.move_type == "entry":
            return -self.amount_currency
        amount = self.currency_id.round(self.price_unit * self.quantity * (1 - (self.discount or 0.0) / 100))
        return -amount if self.move_id.move_type == "out_refund" else amount
