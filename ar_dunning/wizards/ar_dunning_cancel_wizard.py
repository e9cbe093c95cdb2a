from odoo import api, fields, models
from odoo.exceptions import AccessError


class ArDunningCancelWizard(models.TransientModel):
    """Cancel notices with a reason, newest first; only a manager may cancel what has been sent."""

    _name = "ar.dunning.cancel.wizard"
    _inherit = "ar.dunning.not.again"
    _description = "Cancel Notices"

    notice_ids = fields.Many2many("ar.dunning.notice", string="Notices", required=True)
    reason = fields.Char(required=True)
    mail_count = fields.Integer("Mails That Arrived", compute="_compute_mail_count")
    send_correction = fields.Boolean(
        "Send a correcting mail",
        help="A short mail in the customer's language, to everybody who got the notice: it was sent by mistake.",
    )

    @api.depends("notice_ids")
    def _compute_mail_count(self):
        correction = self.env["ar.dunning.correction"]
        for wizard in self:
            wizard.mail_count = sum(len(correction._to_correct(notice)) for notice in wizard.notice_ids._origin.sudo())

    def _stopped(self):
        return self.notice_ids._origin

    @api.depends("notice_ids")
    def _compute_unsent_count(self):
        return super()._compute_unsent_count()

    @api.depends("notice_ids")
    def _compute_not_before(self):
        return super()._compute_not_before()

    def action_cancel(self):
        """Cancel the notices; the levels of their items are derived anew from what remains."""
        self.ensure_one()
        self.notice_ids.check_access("write")
        sent = self.notice_ids.filtered("sent_on")
        if sent and not self.env.user.has_group("ar_dunning.group_dunning_manager"):
            raise AccessError(
                self.env._("%s has been sent. Only a dunning manager can cancel it.", ", ".join(sent.mapped("name")))
            )
        self._check_not_before()
        self.notice_ids._cancel(self.reason, self.unsent_count and self.not_before)
        if self.send_correction and sent:
            self.env["ar.dunning.correction"]._correct(sent)
        return {"type": "ir.actions.act_window_close"}
