from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        """What was matched may have been all that a mail demands which is about to leave."""
        partials = super().create(vals_list)
        partners = partials.debit_move_id.sudo().partner_id.commercial_partner_id
        self.env["ar.dunning.delivery"]._look_again(partners.ids)
        return partials
