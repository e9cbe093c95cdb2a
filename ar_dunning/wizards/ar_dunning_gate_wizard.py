from odoo import fields, models
from odoo.exceptions import AccessError, UserError


class ArDunningGateWizard(models.TransientModel):
    """Let a formal notice go without its reminders; a manager's decision, with a written reason."""

    _name = "ar.dunning.gate.wizard"
    _inherit = "ar.dunning.guarded"
    _description = "Pass the Formal Gate"

    item_ids = fields.Many2many("ar.dunning.item", string="Items", required=True)
    reason = fields.Char(required=True)

    def action_override(self):
        """Record the decision on the items, and in the chatter of their customers."""
        self.ensure_one()
        if not self.env.user.has_group("ar_dunning.group_dunning_manager"):
            raise AccessError(self.env._("Only a dunning manager can let a formal notice go without its reminders."))
        if not self.reason.strip():
            raise UserError(self.env._("Write down why the reminders are not needed."))
        self.item_ids.check_access("write")
        self.item_ids.sudo()._put(
            {"gate_override_reason": self.reason, "gate_override_user_id": self.env.uid, "next_date": False}
        )
        for customer, items in self.item_ids.grouped("customer_id").items():
            customer.message_post(
                body=self.env._(
                    "Formal notice without further reminders for %(items)s: %(reason)s",
                    items=", ".join(items.mapped("display_name")),
                    reason=self.reason,
                )
            )
        return {"type": "ir.actions.act_window_close"}
