from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    ar_dunning_waive_limit = fields.Float(
        "May Waive Charges up to",
        digits=(16, 2),
        help="In company currency, for one customer within 30 days. 0: none. Dunning managers have no limit.",
        groups="ar_dunning.group_dunning_user,base.group_erp_manager",
    )
