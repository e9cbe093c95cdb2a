from markupsafe import Markup

from odoo import api, models
from odoo.tools import format_amount


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        """What was matched may have been all that a mail demands which is about to leave."""
        partials = super().create(vals_list)
        partners = partials.debit_move_id.sudo().partner_id.commercial_partner_id
        self.env["ar.dunning.delivery"]._look_again(partners.ids)
        return partials

    def unlink(self):
        """A match that is undone leaves nothing behind in Odoo: the invoice's history keeps what it was."""
        self._tell_undone()
        return super().unlink()

    def _tell_undone(self):
        """Write down on invoices under dunning which money is about to settle them no more, and how much."""
        known = self.env["ar.dunning.item"].sudo().search([("move_line_id", "in", self.debit_move_id.ids)]).move_line_id
        undone = self.sudo().filtered(lambda partial: partial.debit_move_id in known)
        moves = undone.debit_move_id.move_id
        if not moves:
            return
        bodies = {
            move.id: Markup("<br/>").join(partial._undone_text() for partial in partials)
            for move, partials in undone.grouped(lambda partial: partial.debit_move_id.move_id).items()
        }
        messages = moves._message_log_batch(bodies=bodies)
        messages.subtype_id = self.env.ref("ar_dunning.mt_unmatched")

    def _undone_text(self):
        return self.env._(
            "%(invoice)s no longer matched with %(name)s: %(amount)s",
            invoice=self.debit_move_id.move_name,
            name=self.credit_move_id.move_name,
            amount=format_amount(self.env, self.debit_amount_currency, self.debit_currency_id),
        )
