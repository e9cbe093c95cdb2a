from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_amount


class ArDunningChargeWizard(models.TransientModel):
    """Waive, reinstate or reverse charges, each with a reason."""

    _name = "ar.dunning.charge.wizard"
    _inherit = "ar.dunning.guarded"
    _description = "Decide on Charges"

    decision = fields.Selection(
        [("waive", "Waive"), ("reinstate", "Reinstate"), ("reverse", "Reverse")], required=True, default="waive"
    )
    charge_ids = fields.Many2many("ar.dunning.charge", string="Charges", required=True)
    reason = fields.Char(required=True)
    total = fields.Char(compute="_compute_total", string="Together")
    booked_count = fields.Integer(compute="_compute_total", string="In the Books")
    paid_count = fields.Integer(compute="_compute_total", string="Paid")

    @api.depends("charge_ids")
    def _compute_total(self):
        for wizard in self:
            sums = {
                currency: sum(group.mapped("amount"))
                for currency, group in wizard.charge_ids.grouped("currency_id").items()
            }
            wizard.total = ", ".join(format_amount(self.env, amount, currency) for currency, amount in sums.items())
            wizard.booked_count = len(wizard.charge_ids.filtered(lambda charge: charge.stage == "booked"))
            wizard.paid_count = len(wizard.charge_ids.filtered(lambda charge: charge.state == "paid"))

    def action_apply(self):
        """Do what was decided; reversing by hand is for managers, because it knows no limit."""
        self.ensure_one()
        charges = self.charge_ids
        if self.decision == "waive":
            charges._waive(self.reason)
        elif self.decision == "reinstate":
            charges._reinstate(self.reason)
        else:
            if not self.env.user.has_group("ar_dunning.group_dunning_manager"):
                raise AccessError(self.env._("Only a dunning manager reverses charges. You may waive them."))
            charges._reverse(self.reason)
        return {"type": "ir.actions.act_window_close"}
