from datetime import date, datetime
from functools import cached_property

from odoo import Command
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.models import MAGIC_COLUMNS
from odoo.service.model import call_kw
from odoo.tests import new_test_user

from .common import DunningCommon

# What somebody might send along to look like the system.
KEYS = {
    "ar_dunning_system": True,
    "ar_dunning_pack": True,
    "ar_dunning_preview": True,
    "install_mode": True,
    "import_file": True,
    "module": "ar_dunning",
    "_force_unlink": True,
    "tracking_disable": True,
    "active_test": False,
}
GROUPS = {
    "accountant": "ar_dunning.group_dunning_user",
    "manager": "ar_dunning.group_dunning_manager,account.group_account_manager",
    "salesperson": "sales_team.group_sale_salesman",
    "invoicing": "account.group_account_invoice",
    "administrator": "base.group_system,base.group_erp_manager,ar_dunning.group_dunning_manager",
    "portal": "base.group_portal",
}
PLAIN = {"char": "forged", "text": "forged", "html": "<p>forged</p>", "json": {"forged": 1}, "reference": False}


class _AcceptedError(Exception):
    """Undoes what was accepted."""


class WalkCommon(DunningCommon):
    """Goes over every stored field that one addon defines, on whatever model, for every kind of user and every state.

    What is a person's own is written down by hand in the test; everything else must be refused.
    """

    addon = "ar_dunning"
    more_people = {}  # {login: groups} whom only the addon knows
    own = {}  # {model: {state: names}}, state "" for any, "new" for a record to come
    settings = {}  # {model: names that are the system's}: configuration, of which everything else is a person's own
    minimal = {"res.partner": {"name": "Walk"}}  # what a new record of somebody else's model must have
    deletes = {}  # {model: states in which a person may delete}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {}
        company = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]}
        for name, groups in (GROUPS | cls.more_people).items():
            if all(cls.env.ref(group, raise_if_not_found=False) for group in groups.split(",")):
                more = {} if name == "portal" else company
                cls.people[name] = new_test_user(cls.env, f"walk_{name}", groups, email=f"{name}@example.com", **more)
        cls.found = cls.records()
        cls.env.flush_all()

    @classmethod
    def records(cls):
        """`{model: {state: record}}`, a record for every model in every state."""
        return {}

    @cached_property
    def names(self):
        """`{model: names of the stored fields that the addon defines}`, whatever somebody adds later."""
        names = {}
        for model, cls in self.env.registry.items():
            if not cls._abstract and not cls._transient:
                fields = cls._fields.items()
                mine = {name for name, field in fields if field.store and field._modules[:1] == (self.addon,)}
                if mine - set(MAGIC_COLUMNS):  # Odoo itself never takes those from a person
                    names[model] = mine - set(MAGIC_COLUMNS)
        return names

    def persons(self, model, state):
        """The names that a person may write there, by the table."""
        if model in self.settings:
            return self.names[model] - self.settings[model]
        states = self.own.get(model, {})
        return states.get(state, states.get("", set()) if state != "new" else set())

    # === Attempts === #

    def is_refused(self, attempt):
        """Whether it is refused with a sentence; what is accepted is undone."""
        try:
            with self.env.cr.savepoint(flush=False):
                attempt()
                self.env.flush_all()
                raise _AcceptedError
        except (AccessError, UserError, MissingError):
            return True
        except _AcceptedError:
            self.env.invalidate_all(flush=False)
            return False

    def call(self, user, model, method, *args, context=None):
        """As the web client and every program over the wire call it."""
        return call_kw(self.env(user=user, su=False)[model], method, list(args), {"context": dict(context or {})})

    def forged(self, record, name):
        """Another value than what is there, as somebody would send it."""
        field, value = record._fields[name], record.sudo()[name]
        if field.type in ("one2many", "many2many"):
            other = value[:1] or record.env[field.comodel_name].sudo().search([], limit=1)
            return [Command.update(value[0].id, {}), Command.delete(value[0].id)] if value else [Command.link(other.id)]
        if field.type in ("many2one", "many2one_reference"):
            model = field.comodel_name if field.type == "many2one" else "res.partner"
            return self.env[model].sudo().search([("id", "!=", int(value or 0))], limit=1).id or False
        if field.type == "selection":
            return next((key for key in field.get_values(self.env) if key != value), False)
        if field.type == "boolean":
            return not value
        if field.type in ("integer", "float", "monetary"):
            return (value or 0) + 1
        return {"date": date(2031, 1, 2), "datetime": datetime(2031, 1, 2)}.get(field.type, PLAIN.get(field.type))

    def ways(self):
        """`{in words: (user, superuser mode, context)}`: every kind of user, the keys, and superuser mode."""
        found = {name: (user, False, {}) for name, user in self.people.items()}
        for name in ("accountant", "manager"):
            found[f"{name} with keys"] = (self.people[name], False, KEYS)
        root = self.env.ref("base.user_root")
        return found | {"superuser": (root, True, {}), "superuser with keys": (root, True, KEYS)}

    def write_by(self, way, record, vals):
        user, su, context = way
        if su:
            return lambda: record.with_env(self.env(user=user, su=True, context=context)).write(vals)
        return lambda: self.call(user, record._name, "write", record.ids, vals, context=context)

    # === What is tried === #

    def accepted_writes(self):
        """Everything beyond the table that somebody could write, in words."""
        accepted, ways = [], self.ways()
        for model, names in self.names.items():
            for state, record in self.found[model].items():
                for name in sorted(names - self.persons(model, state)):
                    vals = {name: self.forged(record, name)}
                    accepted += [
                        f"{model} {state} {name} by {who}"
                        for who, way in ways.items()
                        if not self.is_refused(self.write_by(way, record, vals))
                    ]
        return accepted

    def refused_own(self, user, exceptions=()):
        """What this user may write by the table and cannot, in words."""
        refused = []
        for model, names in self.names.items():
            for state, record in self.found[model].items():
                for name in sorted(names & self.persons(model, state)):
                    value = record.sudo()[name]
                    vals = {name: record._fields[name].convert_to_write(value, record)}
                    if record._fields[name].type in ("one2many", "many2many"):
                        vals = {name: []}
                    if model not in exceptions and self.is_refused(self.write_by((user, False, {}), record, vals)):
                        refused.append(f"{model} {state} {name}")
        return refused

    def accepted_by_action(self):
        """What the code of a server action could write: superuser mode, context and all."""
        code = (
            "for name, value in env.context['forged'].items():\n"
            "    for target in (record, record.sudo().with_context(ar_dunning_system=True, _force_unlink=True)):\n"
            "        try:\n"
            "            target.write({name: value})\n"
            "            env.context['accepted'].append(name)\n"
            "        except UserError:\n"
            "            pass\n"
        )
        accepted = []
        for model, names in self.names.items():
            action = self.env["ir.actions.server"].create(
                {"name": "Forge", "model_id": self.env["ir.model"]._get_id(model), "state": "code", "code": code}
            )
            for state, record in self.found[model].items():
                forged = {name: self.forged(record, name) for name in names - self.persons(model, state)}
                context = {"active_model": model, "active_id": record.id, "forged": forged, "accepted": accepted}
                with self.env.cr.savepoint(flush=False):
                    action.with_context(**context).sudo().run()
                accepted[:] = [name if " " in name else f"{model} {state} {name}" for name in accepted]
        return accepted

    def accepted_creations(self):
        """With which of the system's values somebody could make a record, in words."""
        accepted = []
        for model, names in self.names.items():
            record = next(iter(self.found[model].values()))
            for name in sorted(names - self.persons(model, "new")):
                vals = {**self.minimal.get(model, {}), name: self.forged(record, name)}
                for who, (user, su, context) in self.ways().items():
                    target = self.env(user=user, su=su, context=context)[model]
                    if not self.is_refused(lambda target=target, vals=vals: target.create([vals])):
                        accepted.append(f"{model} {name} by {who}")
        return accepted

    def accepted_deletions(self):
        """Which records somebody could delete beyond the table, in words."""
        accepted = []
        for model in self.names:
            if model in self.settings or self.env[model]._original_module != self.addon:
                continue
            for state, record in self.found[model].items():
                if state in self.deletes.get(model, ()):
                    continue
                for who, (user, su, context) in self.ways().items():
                    target = record.with_env(self.env(user=user, su=su, context=context))
                    if not self.is_refused(target.unlink):
                        accepted.append(f"{model} {state} by {who}")
        return accepted


class WalkTests:
    """Mixin: what every addon shows of its own fields; with it come the tables of `WalkCommon`."""

    of_others = set()  # models that a dunning manager may not write, whatever their fields

    def test_every_field_is_refused_or_a_persons_own(self):
        """The fields are those of the registry: what somebody adds later is walked over, too."""
        self.assertFalse(set(self.names) - set(self.found), "models without a record to try")
        self.assertEqual(self.accepted_writes(), [])

    def test_a_server_action_is_a_person(self):
        self.assertEqual(self.accepted_by_action(), [])

    def test_nothing_of_the_systems_comes_with_a_new_record(self):
        self.assertEqual(self.accepted_creations(), [])

    def test_evidence_is_not_deleted(self):
        """The key with which Odoo marks an uninstallation changes nothing."""
        self.assertEqual(self.accepted_deletions(), [])

    def test_what_is_a_persons_own_can_be_written(self):
        self.assertEqual(self.refused_own(self.people["manager"], self.of_others), [])
