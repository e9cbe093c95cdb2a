from odoo import fields, models


class ArDunningAssignWizard(models.TransientModel):
    """Give customers to a colleague."""

    _name = "ar.dunning.assign.wizard"
    _description = "Assign Customers"

    customer_ids = fields.Many2many("ar.dunning.customer", string="Customers", required=True)
    responsible_id = fields.Many2one(
        "res.users",
        required=True,
        default=lambda self: self.env.user,
        domain=lambda self: [("all_group_ids", "in", self.env.ref("ar_dunning.group_dunning_user").ids)],
        help="Looks after these customers from now on: gets their calls, and signs their notices.",
    )

    def action_assign(self):
        """Make the colleague responsible."""
        self.ensure_one()
        self.customer_ids.responsible_id = self.responsible_id
        return {"type": "ir.actions.act_window_close"}
