from odoo import api, models
from odoo.exceptions import AccessError

from ..tools.authority import as_system, is_system


class ArDunningProtected(models.AbstractModel):
    """A model of ours: what the system writes, creates and keeps, no person can write, create or delete."""

    _name = "ar.dunning.protected"
    _inherit = ["ar.dunning.written", "ar.dunning.level.groups"]
    _description = "Written by the System"
    # Whether a person creates records; what of it he may write is said by `_person_writes` of an empty record.
    _person_creates = False

    def _person_deletes(self):
        """Those of these records that a person may delete."""
        return self.browse()

    def _discard(self):
        """Delete as the system."""
        with as_system():
            return self.unlink()

    @api.model_create_multi
    def create(self, vals_list):
        if not is_system() and not self._person_creates:
            raise AccessError(self.env._("%s: such records are only made by the system.", self._description))
        return super().create(vals_list)

    def unlink(self):
        """Not by `ondelete`: uninstalling is exempt from that, and a key of the context says so."""
        kept = self.browse() if is_system() else self - self._person_deletes()
        if kept:
            kept._refuse_deletion()
        return super().unlink()

    def _refuse_deletion(self):
        raise AccessError(self.env._("%s is evidence and cannot be deleted.", self[0].display_name))
