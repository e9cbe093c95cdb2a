from odoo import fields, models


class ArDunningLevel(models.Model):
    """What a level claims beside the principal."""

    _inherit = "ar.dunning.level"

    charge_interest = fields.Boolean("Claim Interest")
    charge_compensation = fields.Boolean(
        "Claim the Lump-Sum Compensation",
        help="The fixed compensation for the cost of recovery that the debtor's country grants, once per invoice.",
    )
    fee_rule_id = fields.Many2one(
        "ar.dunning.fee.rule",
        string="Reminder Fee",
        ondelete="restrict",
        help="Charged with this level, as far as the law of the debtor's country allows.",
    )
    charge_waived_if_paid = fields.Boolean(
        "Waive if Paid in Time",
        help="The notice offers to drop its charges if the principal is paid by the deadline. The offer keeps itself.",
    )

    def _claims_something(self):
        """Whether a notice of this level may carry charges."""
        self.ensure_one()
        return self.charge_interest or self.charge_compensation or bool(self.fee_rule_id)
