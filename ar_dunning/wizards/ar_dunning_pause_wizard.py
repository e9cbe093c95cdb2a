from odoo import fields, models
from odoo.exceptions import UserError


class ArDunningPauseWizard(models.TransientModel):
    """Pause dunning for customers or invoices until a date, with a reason."""

    _name = "ar.dunning.pause.wizard"
    _description = "Pause Dunning"

    customer_ids = fields.Many2many("ar.dunning.customer", string="Customers")
    move_ids = fields.Many2many("account.move", string="Invoices")
    date_end = fields.Date("Until", required=True, help="The last day without dunning.")
    reason = fields.Char(required=True)
    note = fields.Text()

    def action_pause(self):
        """Make the pauses; each shows on its customer and invoice and expires by itself."""
        self.ensure_one()
        if self.date_end < fields.Date.context_today(self):
            raise UserError(self.env._("%s is in the past. Choose the last day of the pause.", self.date_end))
        common = {"date_end": self.date_end, "reason": self.reason, "note": self.note}
        pauses = [dict(common, customer_id=customer.id) for customer in self.customer_ids]
        pauses += [
            dict(common, customer_id=self._customer_of(move).id, move_id=move.id) for move in self.move_ids
        ]
        self.env["ar.dunning.arrangement"].create(pauses)
        return {"type": "ir.actions.act_window_close"}

    def _customer_of(self, move):
        Customer = self.env["ar.dunning.customer"]
        key = {"partner_id": move.commercial_partner_id.id, "company_id": move.company_id.id}
        return Customer.search([(name, "=", value) for name, value in key.items()]) or Customer.create(key)
