from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ar_dunning_delivery_hold = fields.Selection(related="company_id.root_id.ar_dunning_delivery_hold", readonly=False)
