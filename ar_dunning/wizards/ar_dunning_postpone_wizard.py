from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class ArDunningPostponeWizard(models.TransientModel):
    """Move a planned step of the calendar to a later day: its invoices are paused until the day before."""

    _name = "ar.dunning.postpone.wizard"
    _inherit = "ar.dunning.guarded"
    _description = "Postpone a Step"

    agenda_id = fields.Many2one("ar.dunning.agenda", string="Entry", required=True, readonly=True)
    customer_id = fields.Many2one(related="agenda_id.customer_id")
    level_id = fields.Many2one(related="agenda_id.level_id", string="Step")
    company_currency_id = fields.Many2one(related="agenda_id.company_currency_id")
    amount = fields.Monetary(related="agenda_id.amount", currency_field="company_currency_id")
    planned_date = fields.Date("Planned for", related="agenda_id.date")
    date = fields.Date("Move to", required=True, help="The step may go on this day at the earliest.")
    reason_id = fields.Many2one(
        "ar.dunning.reason",
        required=True,
        domain="[('kind', '=', 'pause'), ('freeze_before', '=', False)]",
        help="Colleagues read it on the customer and on the invoices.",
    )
    reason = fields.Char("Details")

    @api.model
    def default_get(self, fields_list):
        """A step is offered for a week later, unless the calendar says for which day."""
        values = super().default_get(fields_list)
        entry = self.env["ar.dunning.agenda"].browse(values.get("agenda_id"))
        if entry and "date" in fields_list and not values.get("date"):
            values["date"] = max(entry.date, entry.company_id._dunning_today()) + timedelta(days=7)
        return values

    def action_postpone(self):
        """Pause the invoices of this step, and plan it anew."""
        self.ensure_one()
        items = self._items()
        self._check(items)
        pauses = self.env["ar.dunning.arrangement"].create(
            [
                {
                    "customer_id": self.customer_id.id,
                    "move_id": move.id,
                    "date_end": self.date - timedelta(days=1),
                    "reason_id": self.reason_id.id,
                    "reason": self.reason,
                }
                for move in items.move_id
            ]
        )
        self.env["ar.dunning.ledger"]._plan_again(pauses.customer_id)
        self.env["ar.dunning.agenda"].invalidate_model(flush=False)
        return {"type": "ir.actions.act_window_close"}

    def _check(self, items):
        if self.agenda_id.kind != "step":
            raise UserError(self.env._("Only planned steps can be moved. Open the entry to change it."))
        if self.date <= self.planned_date or self.date <= self.customer_id.company_id._dunning_today():
            raise UserError(self.env._("A step can only be moved to a later day, and not to one that has passed."))
        if not items:
            raise UserError(self.env._("This step is no longer planned for that day. Load the calendar again."))

    def _items(self):
        """The open items whose next step this entry shows."""
        return self.env["ar.dunning.item"].search(
            [
                ("customer_id", "=", self.customer_id.id),
                ("next_date", "=", self.planned_date),
                ("next_level_id", "!=", False),
                ("is_open", "=", True),
            ]
        )
