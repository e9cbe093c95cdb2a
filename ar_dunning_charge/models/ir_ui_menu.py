from odoo import api, models


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    @api.model
    def _dunning_first_records(self):
        return super()._dunning_first_records() | {
            "ar_dunning_charge.ar_dunning_charge_menu": ("ar.dunning.charge", []),
            "ar_dunning_charge.ar_dunning_rate_menu": ("ar.dunning.rate", []),
            "ar_dunning_charge.ar_dunning_rate_value_menu": ("ar.dunning.rate.value", []),
        }
