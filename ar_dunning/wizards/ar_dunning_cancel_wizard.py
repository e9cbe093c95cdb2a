from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date


class ArDunningCancelWizard(models.TransientModel):
    """Cancel notices with a reason, newest first; only a manager may cancel what has been sent.

    What has not left would be made again by the next night: so the dialog asks until when it is held back. For good is
    only a pause, or an invoice excluded from follow-up.
    """

    _name = "ar.dunning.cancel.wizard"
    _inherit = "ar.dunning.guarded"
    _description = "Cancel Notices"

    notice_ids = fields.Many2many("ar.dunning.notice", string="Notices", required=True)
    reason = fields.Char(required=True)
    unsent_count = fields.Integer("Not Sent Yet", compute="_compute_unsent_count")
    not_before = fields.Date(
        "Not Again before",
        compute="_compute_not_before",
        store=True,
        readonly=False,
        precompute=True,
        help="What has not left is made again on this day at the earliest, if it is still owed then. To stop for good, "
        "pause the customer or the invoice.",
    )
    mail_count = fields.Integer("Mails That Arrived", compute="_compute_mail_count")
    send_correction = fields.Boolean(
        "Send a correcting mail",
        help="A short mail in the customer's language, to everybody who got the notice: it was sent by mistake.",
    )

    @api.depends("notice_ids")
    def _compute_mail_count(self):
        for wizard in self:
            wizard.mail_count = sum(len(notice._to_correct()) for notice in wizard.notice_ids._origin.sudo())

    @api.depends("notice_ids")
    def _compute_unsent_count(self):
        for wizard in self:
            wizard.unsent_count = len(wizard.notice_ids._origin.filtered(lambda notice: notice._is_unsent()))

    @api.depends("notice_ids")
    def _compute_not_before(self):
        """The first working day on which each customer may be written to again; at least a day from now."""
        for wizard in self:
            waiting = wizard.notice_ids._origin.filtered(lambda notice: notice._is_unsent())
            wizard.not_before = max((wizard._first_day(notice) for notice in waiting), default=False)

    def _first_day(self, notice):
        today = notice.company_id._dunning_today()
        day = today + timedelta(days=max(notice.policy_id.contact_gap, 1))
        return notice.company_id._dunning_calendar(today).next_working(day)

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
            sent._correct()
        return {"type": "ir.actions.act_window_close"}

    def _check_not_before(self):
        if not self.unsent_count:
            return
        if not self.not_before:
            raise UserError(
                self.env._(
                    "Say until when: the next night would make it again. To stop for good, pause the customer or the "
                    "invoice."
                )
            )
        today = max(company._dunning_today() for company in self.notice_ids.company_id)
        if self.not_before <= today:
            raise UserError(
                self.env._("%s is not after today. Choose a later day.", format_date(self.env, self.not_before))
            )
