from odoo import api, models


class AccountPartialReconcile(models.Model):
    """Says that its customer's stored credit status is to follow."""

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        self.env["ar.dunning.credit.queue"]._moved_by(partials.debit_move_id | partials.credit_move_id)
        return partials

    def unlink(self):
        self.env["ar.dunning.credit.queue"]._moved_by(self.debit_move_id | self.credit_move_id)
        return super().unlink()
