from odoo import api, models


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    @api.model
    def _dunning_first_records(self):
        return super()._dunning_first_records() | {
            "ar_dunning_credit.ar_dunning_credit_customer_menu": ("ar.dunning.customer", []),
            "ar_dunning_credit.ar_dunning_behaviour_menu": ("ar.dunning.customer", [("grade", "!=", False)]),
            "ar_dunning_credit.ar_dunning_score_rule_menu": ("ar.dunning.customer", [("grade", "!=", False)]),
            "ar_dunning_credit.ar_dunning_solvency_check_menu": ("ar.dunning.solvency.check", []),
        }
