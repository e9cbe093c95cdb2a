from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class ArDunningNotAgain(models.AbstractModel):
    """A dialog that stops notices asks until when: what has not left, the next night would make again.

    For good is only a pause, or an invoice excluded from follow-up.
    """

    _name = "ar.dunning.not.again"
    _inherit = "ar.dunning.guarded"
    _description = "Stop Notices until a Day"

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

    def _stopped(self):
        """The notices that this dialog stops."""
        raise NotImplementedError

    def _compute_unsent_count(self):
        for wizard in self:
            wizard.unsent_count = len(wizard._stopped().filtered(lambda notice: notice._is_unsent()))

    def _compute_not_before(self):
        """The first working day on which each customer may be written to again; at least a day from now."""
        for wizard in self:
            waiting = wizard._stopped().filtered(lambda notice: notice._is_unsent())
            wizard.not_before = max((wizard._first_day(notice) for notice in waiting), default=False)

    def _first_day(self, notice):
        today = notice.company_id._dunning_today()
        day = today + timedelta(days=max(notice.policy_id.contact_gap, 1))
        return notice.company_id._dunning_calendar(today).next_working(day)

    def _check_not_before(self):
        """:raise UserError: something waits, and no day after today was said"""
        waiting = self._stopped().filtered(lambda notice: notice._is_unsent())
        if not waiting:
            return
        if not self.not_before:
            raise UserError(
                self.env._(
                    "Say until when: the next night would make it again. To stop for good, pause the customer or the "
                    "invoice."
                )
            )
        if self.not_before <= max(company._dunning_today() for company in waiting.company_id):
            raise UserError(
                self.env._("%s is not after today. Choose a later day.", format_date(self.env, self.not_before))
            )
