from odoo import fields, models


class ArDunningDepositUndoWizard(models.TransientModel):
    """Undo a receipt or an application that was booked wrongly: on which day, and why."""

    _name = "ar.dunning.deposit.undo.wizard"
    _inherit = "ar.dunning.guarded"
    _description = "Undo an Entry of a Security Deposit"

    deposit_id = fields.Many2one("ar.dunning.deposit", required=True, readonly=True)
    move_id = fields.Many2one("account.move", "Entry", readonly=True)
    kind = fields.Selection(related="move_id.ar_dunning_deposit_kind")
    date = fields.Date(
        "Reversed on", required=True, default=lambda self: self.env.company._dunning_today(), help="Must not be locked."
    )
    reason = fields.Char(required=True)

    def action_undo(self):
        """Reverse it."""
        self.ensure_one()
        self.deposit_id._undo(self.move_id, self.reason, self.date)
        return {"type": "ir.actions.act_window_close"}
