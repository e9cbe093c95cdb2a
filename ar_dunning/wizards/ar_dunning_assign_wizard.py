from odoo import fields, models
from odoo.exceptions import UserError


class ArDunningAssignWizard(models.TransientModel):
    """Give customers to a colleague."""

    _name = "ar.dunning.assign.wizard"
    _inherit = "ar.dunning.guarded"
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
        foreign = self.customer_ids.company_id - self.responsible_id.sudo().company_ids
        if foreign:
            raise UserError(
                self.env._(
                    "%(user)s does not work in %(companies)s. Choose somebody who does.",
                    user=self.responsible_id.name,
                    companies=", ".join(foreign.mapped("name")),
                )
            )
        self.customer_ids.responsible_id = self.responsible_id
        return {"type": "ir.actions.act_window_close"}
