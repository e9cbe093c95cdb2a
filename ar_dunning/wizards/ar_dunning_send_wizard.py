from odoo import api, fields, models
from odoo.exceptions import UserError


class ArDunningSendWizard(models.TransientModel):
    """What a person must know before he sends one draft: figures that moved, words that no longer fit, a day to come."""

    _name = "ar.dunning.send.wizard"
    _inherit = "ar.dunning.guarded"
    _description = "Send a Notice"

    notice_id = fields.Many2one("ar.dunning.notice", required=True, readonly=True)
    questions = fields.Text(compute="_compute_questions")
    is_moved = fields.Boolean(compute="_compute_questions")
    is_early = fields.Boolean(compute="_compute_questions")

    @api.depends("notice_id")
    def _compute_questions(self):
        for wizard in self:
            notice = wizard.notice_id
            found = notice._questions().get(notice, []) if notice else []
            names = {question.name for question in found}
            wizard.questions = "\n".join(question.text for question in found)
            wizard.is_early = "early" in names
            wizard.is_moved = bool(names - {"early", "stale"})

    @api.model
    def _ask(self, notice):
        """The dialog for this draft."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send %s", notice.name),
            "res_model": self._name,
            "res_id": self.create({"notice_id": notice.id}).id,
            "view_mode": "form",
            "target": "new",
        }

    def action_update(self):
        """Take over the figures of today first, and read the draft again."""
        self.ensure_one()
        self.notice_id.action_update()
        return {"type": "ir.actions.act_window_close"}

    def action_send(self):
        """Send it as it reads: at once, or on its day where that is to come."""
        self.ensure_one()
        self.notice_id.check_access("write")
        if self.is_moved:
            raise UserError(self.env._("The figures have moved. Update them first."))
        self.notice_id._approve()
        return self.notice_id._tell_sent(self.notice_id, {})
