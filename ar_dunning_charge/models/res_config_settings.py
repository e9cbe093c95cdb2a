from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ar_dunning_mentions = fields.Boolean(related="company_id.ar_dunning_mentions", readonly=False)

    # A branch books as its root does.
    ar_dunning_charge_document = fields.Selection(
        related="company_id.root_id.ar_dunning_charge_document", readonly=False
    )
    ar_dunning_charge_journal_id = fields.Many2one(
        related="company_id.root_id.ar_dunning_charge_journal_id", readonly=False
    )
