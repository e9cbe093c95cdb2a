from odoo import api, models
from odoo.exceptions import AccessError

from ..tools.authority import as_system, is_system


class ArDunningProtected(models.AbstractModel):
    """What the system writes, no person can write: not by form, call over the wire, import, wizard or server action.

    A model that inherits this says in `_person_writes` which fields are a person's own, record by record, so that it may depend
    on the state; everything else is written by our own code through `_put`, `_make` and `_discard`.
    """

    _name = "ar.dunning.protected"
    _description = "Written by the System"

    def _person_writes(self):
        """Names of the stored fields of this one record (an empty one: a record to come) that a person may write.

        :return: a set of names; None: all of them
        """
        return None

    # === The system's own way === #

    def _put(self, vals):
        """Write as the system."""
        with as_system():
            return self.write(vals)

    @api.model
    def _make(self, vals_list):
        """Create as the system."""
        with as_system():
            return self.create(vals_list)

    def _discard(self):
        """Delete as the system."""
        with as_system():
            return self.unlink()

    # === Everybody else's === #

    @api.model_create_multi
    def create(self, vals_list):
        if not is_system():
            for vals in vals_list:
                self.browse()._check_person(vals)
        return super().create(vals_list)

    def write(self, vals):
        if not is_system():
            for record in self:
                record._check_person(vals)
        return super().write(vals)

    def _check_person(self, vals):
        allowed = self._person_writes()
        if allowed is None:
            return
        refused = [name for name in vals if name not in allowed and self._is_the_systems(name)]
        if refused:
            labels = ", ".join(sorted(self._fields[name]._description_string(self.env) for name in refused))
            raise AccessError(
                self.env._("%(model)s: only the system writes %(fields)s.", model=self._description, fields=labels)
            )

    @api.model
    def _is_the_systems(self, name):
        """Whether a field is kept here and is none of the chatter's and the activities'."""
        field = self._fields.get(name)
        return bool(field and field.store and not name.startswith(("message_", "activity_", "rating_", "website_")))
