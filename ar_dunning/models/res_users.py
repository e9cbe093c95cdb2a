from odoo import SUPERUSER_ID, models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _is_dunning_person(self):
        """Whether this user can be asked to do something; nobody, an archived, a portal or Odoo's own user cannot."""
        user = self.sudo()
        return bool(user) and user.active and not user.share and user.id != SUPERUSER_ID
