from odoo import models
from odoo.exceptions import AccessError


class ArDunningRun(models.Model):
    """Undo of a whole run."""

    _inherit = "ar.dunning.run"

    def action_undo(self):
        """Show what undoing this run means, and ask for the reason."""
        self.ensure_one()
        self._check_may_undo()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Undo the run"),
            "res_model": "ar.dunning.undo.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_run_id": self.id},
        }

    def _check_may_undo(self):
        if not self.env.user.has_group("ar_dunning.group_dunning_manager"):
            raise AccessError(self.env._("Only a dunning manager can undo a run."))

    def _undo_parts(self):
        """The runs' notices that still stand, by what became of them: `{part: notices}`.

        `draft` and `queued`: nothing has left; `letters`: letters wait for the post; `failed`: nothing arrived;
        `delivered`: something has reached a customer, or may have.
        """
        notices = self.env["ar.dunning.notice"].search([("run_id", "in", self.ids), ("state", "!=", "cancelled")])
        parts = {name: notices.browse() for name in ("draft", "queued", "letters", "failed", "delivered")}
        for notice in notices:
            parts[notice._undo_part()] |= notice
        return parts
