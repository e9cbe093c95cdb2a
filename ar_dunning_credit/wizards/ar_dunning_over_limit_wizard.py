from odoo import api, fields, models
from odoo.exceptions import UserError


class ArDunningOverLimitWizard(models.TransientModel):
    """Post invoices that exceed a credit limit; a decision of *Credit override*, with a written reason."""

    _name = "ar.dunning.over.limit.wizard"
    _inherit = "ar.dunning.guarded"
    _description = "Post over the Limit"

    move_ids = fields.Many2many(
        "account.move", string="Invoices", required=True, default=lambda self: self._default_moves()
    )
    reason = fields.Char(required=True)

    @api.model
    def _default_moves(self):
        context = self.env.context
        return context.get("active_model") == "account.move" and context.get("active_ids")

    def action_confirm(self):
        """Post; whoever may not is told so by the posting itself."""
        self.ensure_one()
        if not self.reason.strip():
            raise UserError(self.env._("Write down why these invoices go over the limit."))
        drafts = self.move_ids.filtered(lambda move: move.state == "draft")
        if not drafts:
            raise UserError(self.env._("These invoices are posted already."))
        drafts.with_context(ar_dunning_over_limit_reason=self.reason).action_post()
        return {"type": "ir.actions.act_window_close"}
