from odoo import fields, models


class ArDunningRegimeTier(models.Model):
    """One band of a statutory tariff by size of the debt."""

    _name = "ar.dunning.regime.tier"
    _inherit = ["ar.dunning.settings"]
    _description = "Band of a Statutory Tariff"
    _order = "regime_id, kind, sequence, id"

    regime_id = fields.Many2one("ar.dunning.regime", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [
            ("compensation", "Lump-sum compensation"),
            ("demand", "Fee of a demand for payment"),
            ("penalty", "Ceiling of an agreed penalty"),
            ("collection", "Collection costs"),
        ],
        required=True,
        index=True,
    )
    up_to = fields.Float("Debt up to", digits=(16, 2), help="Inclusive. 0: the last band, without an end.")
    is_exclusive = fields.Boolean("Bound Excluded", help="The bound itself belongs to the next band.")
    amount = fields.Float("Fixed Amount", digits=(16, 2))
    percent = fields.Float(digits=(12, 6), help="Percent of the part of the debt above the band before.")
    minimum = fields.Float("At Least", digits=(16, 2), help="0: none.")
    maximum = fields.Float("At Most", digits=(16, 2), help="0: none.")

    _not_negative = models.Constraint(
        "CHECK(up_to >= 0 AND amount >= 0 AND percent >= 0 AND minimum >= 0 AND maximum >= 0)",
        "Bounds, amounts and percentages of a band cannot be negative.",
    )
