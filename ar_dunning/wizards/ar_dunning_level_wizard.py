from odoo import api, fields, models
from odoo.exceptions import UserError


class ArDunningLevelWizard(models.TransientModel):
    """Set the level that items have reached, up or down; a manager's decision, with a written reason."""

    _name = "ar.dunning.level.wizard"
    _inherit = "ar.dunning.guarded"
    _description = "Set Level"

    item_ids = fields.Many2many("ar.dunning.item", string="Items", required=True)
    policy_id = fields.Many2one("ar.dunning.policy", compute="_compute_policy_id")
    level_id = fields.Many2one(
        "ar.dunning.level",
        string="Level Reached",
        domain="[('policy_id', '=', policy_id), ('days', '>', 0)]",
        help="The next step is the level after it. Leave empty to begin with the first level again.",
    )
    reason = fields.Char(required=True)

    @api.depends("item_ids")
    def _compute_policy_id(self):
        for wizard in self:
            policies = wizard.item_ids.customer_id.effective_policy_id
            wizard.policy_id = policies if len(policies) == 1 else False

    def action_set(self):
        """Set the level on all items, or on none where one of them does not allow it."""
        self.ensure_one()
        if not self.policy_id:
            raise UserError(self.env._("These items follow different policies. Set their levels one policy at a time."))
        if not self.reason.strip():
            raise UserError(self.env._("Write down why the level is set by hand."))
        if self.level_id and (self.level_id.policy_id != self.policy_id or self.level_id.days <= 0):
            raise UserError(self.env._("%s is no level of the policy of these items.", self.level_id.name))
        self.item_ids._set_level(self.level_id, self.reason.strip())
        return {"type": "ir.actions.act_window_close"}
