from odoo import fields, models

from ..tools.authority import SETTINGS_GROUPS
from ..tools.newer import NEWER


class ResCompany(models.Model):
    """When all customers of the company were last refreshed: said once here, so that who has not changed is not written."""

    _inherit = "res.company"

    ar_dunning_figures_at = fields.Datetime("Figures as of", readonly=True, prefetch=NEWER, groups=SETTINGS_GROUPS)

    def _dunning_refreshed(self, name, moment, **values):
        """All customers of these companies were refreshed as of this day or moment; what is known is not written again."""
        values = {name: moment, **values}
        for company in self.sudo():
            changed = {key: value for key, value in values.items() if company[key] != value}
            if changed:
                company._put(changed)
