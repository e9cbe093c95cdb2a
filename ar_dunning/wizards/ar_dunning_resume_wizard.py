from odoo import fields, models
from odoo.exceptions import AccessError, UserError


class ArDunningResumeWizard(models.TransientModel):
    """End pauses before their time; a manager's decision, with a written reason."""

    _name = "ar.dunning.resume.wizard"
    _inherit = "ar.dunning.guarded"
    _description = "Resume Dunning"

    arrangement_ids = fields.Many2many("ar.dunning.arrangement", string="Pauses", required=True)
    reason = fields.Char(required=True)

    def action_resume(self):
        """End the pauses; what was missed meanwhile is not replayed."""
        self.ensure_one()
        if not self.env.user.has_group("ar_dunning.group_dunning_manager"):
            raise AccessError(self.env._("Only a dunning manager can end a pause before its time."))
        if not self.reason.strip():
            raise UserError(self.env._("Write down why dunning is resumed."))
        self.arrangement_ids.check_access("write")
        self.arrangement_ids._end(self.reason)
        return {"type": "ir.actions.act_window_close"}
