from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ar_dunning_policy_id = fields.Many2one(related="company_id.ar_dunning_policy_id", readonly=False)
    ar_dunning_not_before = fields.Date(related="company_id.ar_dunning_not_before", readonly=False)
    ar_dunning_bank_until = fields.Date(related="company_id.ar_dunning_bank_until", readonly=False)
    ar_dunning_max_notices = fields.Integer(related="company_id.ar_dunning_max_notices", readonly=False)
    ar_dunning_night_hour = fields.Float(related="company_id.ar_dunning_night_hour", readonly=False)
