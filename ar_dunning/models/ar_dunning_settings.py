from odoo import models


class ArDunningSettings(models.AbstractModel):
    """Configuration: who has the right to it writes all of it, except what is declared readonly."""

    _name = "ar.dunning.settings"
    _inherit = ["ar.dunning.protected"]
    _description = "Configuration"
    _person_creates = True

    def _person_writes(self):
        return frozenset(name for name in self._guarded_names() if not self._fields[name].readonly)

    def _person_deletes(self):
        return self
