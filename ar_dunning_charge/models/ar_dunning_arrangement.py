from odoo import fields, models


class ArDunningArrangement(models.Model):
    _inherit = "ar.dunning.arrangement"

    no_charges = fields.Boolean(related="reason_id.no_charges")
