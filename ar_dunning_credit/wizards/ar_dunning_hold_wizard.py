from odoo import fields, models
from odoo.exceptions import UserError


class ArDunningHoldWizard(models.TransientModel):
    """Hold the credit of customers by hand, or lift such a hold; the reason stays in their history."""

    _name = "ar.dunning.hold.wizard"
    _inherit = "ar.dunning.guarded"
    _description = "Hold Credit"

    customer_ids = fields.Many2many("ar.dunning.customer", string="Customers", required=True)
    lift = fields.Boolean()
    effect = fields.Selection(
        [("hold", "On hold: orders wait, credit override may pass"), ("blocked", "Blocked: nothing new")],
        required=True,
        default="hold",
    )
    until = fields.Date(help="Its last day. Leave empty to hold until somebody lifts it.")
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Hold, or lift."""
        self.ensure_one()
        if not self.reason.strip():
            raise UserError(self.env._("Write down why: colleagues and salespeople read it."))
        self.customer_ids.check_access("write")
        if not self.lift and self.until and self.until < min(c._dunning_today() for c in self.customer_ids.company_id):
            raise UserError(self.env._("The last day of the hold has passed already. Choose a later one, or none."))
        if self.lift:
            self.customer_ids._lift_hold(self.reason)
        else:
            self.customer_ids._hold(self.effect, self.reason, self.until)
        return {"type": "ir.actions.act_window_close"}
