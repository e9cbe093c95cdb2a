from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ar_dunning_trial_days = fields.Integer(related="company_id.ar_dunning_trial_days", readonly=False)
