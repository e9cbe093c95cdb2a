from odoo import SUPERUSER_ID, fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    ar_dunning_waive_limit = fields.Float(
        "May Waive Charges up to",
        digits=(16, 2),
        help="In company currency, for one customer within 30 days. 0: none. Dunning managers have no limit.",
        groups="ar_dunning.group_dunning_user,base.group_erp_manager",
    )

    def _is_dunning_person(self):
        """Whether this user can be asked to do something; nobody, an archived, a portal or Odoo's own user cannot."""
        user = self.sudo()
        return bool(user) and user.active and not user.share and user.id != SUPERUSER_ID
