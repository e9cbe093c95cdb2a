from odoo import api, fields, models
from odoo.exceptions import UserError


class ArDunningPauseWizard(models.TransientModel):
    """Pause dunning for customers or invoices, one or many, with a reason from the list."""

    _name = "ar.dunning.pause.wizard"
    _inherit = "ar.dunning.guarded"
    _description = "Pause Dunning"

    customer_ids = fields.Many2many("ar.dunning.customer", string="Customers")
    move_ids = fields.Many2many("account.move", string="Invoices")
    reason_id = fields.Many2one(
        "ar.dunning.reason",
        domain="[('kind', '=', 'pause')]",
        help="Some reasons also forbid contact and charges, or ask for a day.",
    )
    date_end = fields.Date(
        "Until", help="The last day without dunning. May stay empty where the reason forbids contact."
    )
    review_date = fields.Date("Look at It Again on", help="Stands in the calendar.")
    freeze_before = fields.Date(
        "Only What Arose before",
        help="Only items invoiced or due before this day are held; later items are dunned as usual.",
    )
    addressee_id = fields.Many2one(
        "res.partner", string="Write to", help="Administrator or heirs: notices about later items go to them."
    )
    reason = fields.Char("Details")
    note = fields.Text()
    no_contact = fields.Boolean(related="reason_id.no_contact")

    asks_day = fields.Boolean(related="reason_id.freeze_before")
    write_to = fields.Selection(related="reason_id.write_to", string="Who Is Written to")

    @api.onchange("reason_id")
    def _onchange_reason_id(self):
        if not self.asks_day:
            self.freeze_before = False
        if self.write_to in (False, "customer"):
            self.addressee_id = False

    def action_pause(self):
        """Make the pauses; each shows on its customer and invoice and expires by itself."""
        self.ensure_one()
        companies = self.customer_ids.company_id | self.move_ids.company_id
        if self.date_end and self.date_end < max(company._dunning_today() for company in companies or self.env.company):
            raise UserError(self.env._("%s is in the past. Choose the last day of the pause.", self.date_end))
        pauses = self.env["ar.dunning.arrangement"].create(self._pauses())
        self.env["ar.dunning.ledger"]._plan_again(pauses.customer_id)
        return {"type": "ir.actions.act_window_close"}

    def _pauses(self):
        """Values of the arrangements: one per customer and one per invoice."""
        common = {
            "date_end": self.date_end,
            "review_date": self.review_date,
            "reason_id": self.reason_id.id,
            "reason": self.reason,
            "note": self.note,
        }
        whole = {"freeze_before": self.freeze_before, "addressee_id": self.addressee_id.id}
        pauses = [dict(common, **whole, customer_id=customer.id) for customer in self.customer_ids]
        pauses += [dict(common, customer_id=self._customer_of(move).id, move_id=move.id) for move in self.move_ids]
        return pauses

    def _customer_of(self, move):
        Customer = self.env["ar.dunning.customer"]
        key = {"partner_id": move.commercial_partner_id.id, "company_id": move.company_id.id}
        return Customer.search([(name, "=", value) for name, value in key.items()]) or Customer._make(key)
