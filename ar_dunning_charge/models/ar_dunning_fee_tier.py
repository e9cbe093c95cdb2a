from odoo import api, fields, models

from odoo.addons.ar_dunning.tools.figures import as_decimal

from ..core.tariff import Tier


class ArDunningFeeTier(models.Model):
    """A band of a fee rule: amounts for debts up to a size, in one currency."""

    _name = "ar.dunning.fee.tier"
    _inherit = ["ar.dunning.settings"]
    _description = "Fee Band"
    _order = "rule_id, currency_id, is_last, up_to, id"

    rule_id = fields.Many2one("ar.dunning.fee.rule", required=True, index=True, ondelete="cascade")
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id, ondelete="restrict"
    )
    up_to = fields.Monetary(
        "Debts up to", help="The band holds for debts up to this amount, included. 0: for all above the band before."
    )
    is_last = fields.Boolean(compute="_compute_is_last", store=True)
    percent = fields.Float("% of the Debt", digits=(12, 6))
    fixed = fields.Monetary("Fixed Amount")
    minimum = fields.Monetary("At Least")
    maximum = fields.Monetary("At Most", help="0: no limit.")

    _not_negative = models.Constraint(
        "CHECK(up_to >= 0 AND percent >= 0 AND fixed >= 0 AND minimum >= 0 AND maximum >= 0)",
        "The amounts and the percentage of a band cannot be negative.",
    )

    @api.depends("up_to")
    def _compute_is_last(self):
        for tier in self:
            tier.is_last = not tier.up_to

    def _as_tier(self):
        """The band as the calculation reads it (`core.tariff.Tier`)."""
        self.ensure_one()

        def amount(value):
            return as_decimal(self.currency_id.round(value))

        return Tier(
            up_to=amount(self.up_to) if self.up_to else None,
            percent=as_decimal(self.percent),
            fixed=amount(self.fixed),
            minimum=amount(self.minimum) if self.minimum else None,
            maximum=amount(self.maximum) if self.maximum else None,
        )
