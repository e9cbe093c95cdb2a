from odoo import api, fields, models
from odoo.exceptions import UserError


class ArDunningUndoWizard(models.TransientModel):
    """Undo a run: first what will happen, then a reason and until when, then newest first and all or nothing."""

    _name = "ar.dunning.undo.wizard"
    _inherit = "ar.dunning.not.again"
    _description = "Undo a Run"

    run_id = fields.Many2one("ar.dunning.run", required=True, readonly=True)
    reason = fields.Char(help="Stays with each notice and in its history.")
    draft_count = fields.Integer("Drafts", compute="_compute_parts")
    queued_count = fields.Integer("Approved, not left yet", compute="_compute_parts")
    letter_count = fields.Integer("Letters not posted yet", compute="_compute_parts")
    failed_count = fields.Integer("Failed", compute="_compute_parts")
    delivered_count = fields.Integer("Delivered", compute="_compute_parts")
    delivered_ids = fields.Many2many("ar.dunning.notice", string="Delivered Notices", compute="_compute_parts")
    unreached_text = fields.Char(compute="_compute_parts")
    standing_text = fields.Char(compute="_compute_parts")
    delivered = fields.Selection(
        [
            ("keep", "Leave them as they are"),
            ("cancel", "Cancel them"),
            ("correct", "Cancel them and send a correcting mail"),
        ],
        string="What was delivered",
        default="keep",
        required=True,
        help="Cancelled notices no longer count: levels fall back. What the customer has read cannot be taken back, "
        "but a short mail in his language can say that it was a mistake.",
    )

    @api.depends("run_id", "delivered")
    def _compute_parts(self):
        correction = self.env["ar.dunning.correction"]
        for wizard in self:
            parts = wizard.run_id._undo_parts()
            wizard.draft_count = len(parts["draft"])
            wizard.queued_count = len(parts["queued"])
            wizard.letter_count = len(parts["letters"])
            wizard.failed_count = len(parts["failed"])
            wizard.delivered_count = len(parts["delivered"])
            wizard.delivered_ids = parts["delivered"]
            later = wizard._chosen()._standing_on()
            wizard.standing_text = wizard._standing_sentence(later) if later else False
            silent = parts["delivered"].filtered(lambda notice: not correction._to_correct(notice.sudo()))
            wizard.unreached_text = wizard._silent_sentence(silent) if silent else False

    def _standing_sentence(self, later):
        return self.env._(
            "Later notices stand on this run: %s. Undo or cancel those first.", ", ".join(later.mapped("name"))
        )

    def _silent_sentence(self, silent):
        return self.env._(
            "Delivered without a mail, so no correcting mail either: %s. Write to these customers yourself.",
            ", ".join(silent.mapped("name")),
        )

    @api.depends("run_id")
    def _compute_unsent_count(self):
        return super()._compute_unsent_count()

    @api.depends("run_id")
    def _compute_not_before(self):
        return super()._compute_not_before()

    def _stopped(self):
        return self._chosen()

    def _chosen(self):
        """The notices that will be cancelled."""
        self.ensure_one()
        parts = self.run_id._undo_parts()
        if self.delivered == "keep":
            parts.pop("delivered")
        return self.env["ar.dunning.notice"].union(*parts.values())

    def action_undo(self):
        """Cancel newest first; nothing is cancelled where one of the notices cannot be."""
        self.ensure_one()
        self.run_id._check_may_undo()
        if not (self.reason or "").strip():
            raise UserError(self.env._("Write down why the run is undone."))
        chosen = self._chosen()
        if not chosen:
            raise UserError(self.env._("Nothing of this run is left to undo."))
        later = chosen._standing_on()
        if later:
            raise UserError(self._standing_sentence(later))
        self._check_not_before()
        delivered = chosen.filtered(lambda notice: notice._undo_part() == "delivered")
        chosen.check_access("write")
        chosen._cancel(self.reason, self.not_before)
        if self.delivered == "correct":
            self.env["ar.dunning.correction"]._correct(delivered)
        return self.run_id.action_view_notices()
