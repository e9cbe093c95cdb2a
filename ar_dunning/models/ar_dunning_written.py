"""Who writes what: fields, records and settings of ours that only the system writes, and those that a person may."""

from odoo import api, models, tools
from odoo.exceptions import AccessError
from odoo.models import MAGIC_COLUMNS

from ..tools.authority import as_system, is_system


class ArDunningWritten(models.AbstractModel):
    """Fields of ours that only the system writes, on a model of anybody: not by form, call over the wire, import,
    default, command of a parent record, wizard or server action, whatever the user, superuser mode or context.

    `_person_writes` is the list of what a person may write; a field of ours that nobody thought of is the system's.
    Our own code writes by `_put` and `_make`. Whoever may write SQL is beyond this, as he is beyond everything.
    """

    _name = "ar.dunning.written"
    _description = "Partly Written by the System"

    def _person_writes(self):
        """Names of the stored fields of ours that a person may write on this one record, or on a new one (empty self).

        :return: a set
        """
        return frozenset()

    @api.model
    @tools.ormcache()
    def _guarded_names(self):
        """Names of the stored fields that the addons of this family define here; what others add is theirs to guard."""
        return frozenset(
            name
            for name, field in self._fields.items()
            if field.store
            and name not in MAGIC_COLUMNS
            and field._modules
            and field._modules[0].startswith("ar_dunning")
        )

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

    # === Everybody else's === #

    @api.model
    def default_get(self, fields):
        """What only the system writes has the model's own default: none from a context, none that a user has set."""
        values = super().default_get(fields)
        names = self._guarded_names() & values.keys()
        for name in names - self.browse()._person_writes() if names else ():
            field = self._fields[name]
            if field.default:
                values[name] = field.convert_to_write(field.default(self), self)
            else:
                del values[name]
        return values

    @api.model_create_multi
    def create(self, vals_list):
        if not is_system():
            for vals in vals_list:
                self.browse()._check_person(vals)
        return super().create(vals_list)

    def copy_data(self, default=None):
        """A copy begins without what only the system writes; what a person asks for in its place is checked."""
        copies = super().copy_data(default)
        if is_system():
            return copies
        left_out = self._guarded_names() - self.browse()._person_writes() - (default or {}).keys()
        return [{name: value for name, value in vals.items() if name not in left_out} for vals in copies]

    def write(self, vals):
        if not is_system():
            self._check_person(vals)
        return super().write(vals)

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        if not is_system():
            self._check_person({field_name: translations})
        return super()._update_field_translations(field_name, translations, digest, source_lang)

    def _check_person(self, vals):
        """Raise where a person writes what is the system's.

        :param vals: field names, or a dict by them
        """
        touched = {name for name in self._guarded_names().intersection(vals) if not self._is_nothing(name, vals)}
        if not touched:
            return
        for record in self or [self]:
            refused = touched - record._person_writes()
            if refused:
                record._refuse_person(refused)

    def _is_nothing(self, name, vals):
        """Whether a form sends the field along without a change: linked records without a command."""
        many = self._fields[name].type in ("one2many", "many2many")
        return many and isinstance(vals, dict) and not vals[name]

    def _refuse_person(self, names):
        labels = ", ".join(sorted(self._fields[name]._description_string(self.env) for name in names))
        raise AccessError(
            self.env._(
                "%(record)s: %(fields)s cannot be written by hand.",
                record=self.display_name if self else self._description,
                fields=labels,
            )
        )


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
