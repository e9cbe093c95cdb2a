from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ar_dunning_trial_days = fields.Integer(related="company_id.ar_dunning_trial_days", readonly=False)
    # A branch books as its root does.
    ar_dunning_deposit_account_id = fields.Many2one(
        related="company_id.root_id.ar_dunning_deposit_account_id", readonly=False
    )
    ar_dunning_deposit_journal_id = fields.Many2one(
        related="company_id.root_id.ar_dunning_deposit_journal_id", readonly=False
    )
