from odoo import fields, models


class ArDunningLoad(models.TransientModel):
    """Load open items from a CSV file."""

    _name = "ar.dunning.load"
    _description = "Load Open Items"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
