from odoo import fields, models


class ArDunningPauseWizard(models.TransientModel):
    _inherit = "ar.dunning.pause.wizard"

    no_charges = fields.Boolean(related="reason_id.no_charges")
