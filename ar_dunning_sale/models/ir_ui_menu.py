from odoo import api, models


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    @api.model
    def _dunning_first_records(self):
        return super()._dunning_first_records() | {
            "ar_dunning_sale.ar_dunning_deposit_menu": ("ar.dunning.deposit", []),
            "ar_dunning_sale.ar_dunning_release_menu": ("ar.dunning.release", []),
            "ar_dunning_sale.ar_dunning_trial_menu": ("ar.dunning.trial", []),
            "ar_dunning_sale.ar_dunning_trial_sale_menu": ("ar.dunning.trial", []),
            "ar_dunning_sale.ar_dunning_terms_menu": ("ar.dunning.terms", []),
        }
