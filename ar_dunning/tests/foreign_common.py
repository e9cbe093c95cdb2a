from datetime import datetime, time, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from ..tools.authority import as_system
from .common import DUE

SECRET = "Zyxw Hemmelig"
# What every company shares; colleagues of every company see each other in Odoo.
SHARED = {"res.country", "res.currency", "res.lang", "res.users"}


class ForeignIdsWalk:
    """Ids of another company, handed to any dialog of `addon` over the wire, bring nothing of that company back."""

    addon = None  # whose dialogs, and whose fields, the walk tells them
    least = 1  # so many fields at least

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company(name=f"{SECRET} AS")["company"]
        cls.env.user.company_ids |= cls.other
        theirs = cls.env["res.partner"].create(
            {
                "name": f"{SECRET} debtor",
                "phone": "+47 555 77 777",
                "company_id": cls.other.id,
                "email": "z@zyxw.example",
            }
        )
        cls.theirs = theirs
        cls.env["ar.dunning.policy"].search([("company_id", "=", cls.other.id)]).unlink()
        policy = cls.make_policy(cls.other)
        cls.other.ar_dunning_policy_id = policy
        invoice = cls.invoice(77777.77, partner=theirs, company=cls.other)
        cls.env["ar.dunning.item"].sudo()._sync(cls.other)
        with as_system():
            cls.samples = cls._samples(theirs, invoice, policy)
        cls.accountant = new_test_user(
            cls.env,
            "own_accountant",
            "ar_dunning.group_dunning_manager,account.group_account_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.dialogs = sorted(
            name
            for name, model in cls.env.registry.items()
            if model._transient
            and model._original_module.startswith("ar_dunning")
            and any(cls.addon in field._modules for field in model._fields.values())
        )

    @classmethod
    def _samples(cls, partner, invoice, policy):
        """One record of the other company for each model that a dialog may point at."""
        env, other = cls.env, cls.other
        customer = env["ar.dunning.customer"].search([("partner_id", "=", partner.id), ("company_id", "=", other.id)])
        item = env["ar.dunning.item"].search([("move_id", "=", invoice.id)])
        with_company = env["ar.dunning.run"].sudo()
        with freeze_time(datetime.combine(DUE + timedelta(days=5), time(2))):
            run = with_company._make({"date": DUE + timedelta(days=5), "state": "running", "company_id": other.id})
            run._prepare(run._due_customers())
        notice = env["ar.dunning.notice"].search([("company_id", "=", other.id)], limit=1)
        arrangement = env["ar.dunning.arrangement"].create(
            {"customer_id": customer.id, "date_start": DUE, "date_end": DUE + timedelta(days=900), "reason": SECRET}
        )
        env.flush_all()
        agenda = env["ar.dunning.agenda"].search([("company_id", "=", other.id)], limit=1)
        records = [
            partner, invoice, policy, customer, item, run, notice, arrangement, agenda, other,
            policy.level_ids[2], invoice.line_ids[:1], invoice.journal_id,
            env["account.account"].with_company(other).search([("company_ids", "in", other.ids)], limit=1),
            env["ar.dunning.delivery"].sudo()._make({"notice_id": notice.id, "channel": "letter"}),
            env["ar.dunning.reason"].create({"name": SECRET, "kind": "pause", "company_id": other.id}),
        ]  # fmt: skip
        samples = {record._name: record for record in records}
        return samples

    def _pointing(self, name):
        """`{field: ids of the other company}` of what a dialog points at, and can be told."""
        found = {}
        for field in self.env[name]._fields.values():
            if field.type not in ("many2one", "many2many") or field.comodel_name in SHARED:
                continue
            if self.addon not in field._modules:
                continue
            if self.env[field.comodel_name]._transient or field.name in ("create_uid", "write_uid"):
                continue
            self.assertIn(field.comodel_name, self.samples, f"{name}.{field.name}: give a sample of the other company")
            found[field.name] = self.samples[field.comodel_name]
        return found

    def _spec(self, name):
        return {field: {} for field in self.env[name]._fields}

    def _assert_silent(self, answer, told):
        text = repr(answer)
        for secret in (SECRET, "77777", "77,777", "555 77", "zyxw"):
            self.assertNotIn(secret, text, told)

    def _refused(self, told, call):
        """The call is refused in a sentence; whatever it returns otherwise is a failure."""
        try:
            with self.env.cr.savepoint():
                answer = call()
        except (AccessError, UserError) as refusal:
            self._assert_silent(str(refusal), told)
            return
        finally:
            self.env.invalidate_all()
        self.fail(f"{told}: {answer!r:.400}")

    def test_samples_are_of_another_company(self):
        """The accountant cannot read any of them, so that the walk below proves something."""
        for name, record in self.samples.items():
            with self.assertRaises(AccessError, msg=name):
                record.with_user(self.accountant).check_access("read")

    def _value(self, name, field, record):
        return record.id if self.env[name]._fields[field].type == "many2one" else [Command.set(record.ids)]

    def _ways(self, name, field, record):
        """Each way in which a dialog can be told an id: what it is called, and the call."""
        spec, value = self._spec(name), self._value(name, field, record)
        Model = self.env[name].with_user(self.accountant).with_company(self.company)
        default = Model.with_context(**{f"default_{field}": value})
        return {
            "created": lambda: Model.create({field: value}).read(),
            "onchange": lambda: Model.onchange({field: value}, [field], spec),
            "first onchange": lambda: Model.onchange({field: value}, [], spec),
            "linked": lambda: Model.onchange(
                {field: [Command.link(record.id)] if isinstance(value, list) else value}, [field], spec
            ),
            "default": lambda: default.onchange({}, [], spec),
            "default_get": lambda: default.default_get(list(spec)),
            "default created": lambda: default.create({}).read(),
            "written": lambda: Model.browse().write({field: value}),
        }

    def test_no_dialog_takes_an_id_of_another_company(self):
        """Every field of every dialog, told on creation, by onchange, as a default, by writing."""
        self.assertTrue(self.dialogs)
        walked = 0
        for name in self.dialogs:
            for field, record in self._pointing(name).items():
                walked += 1
                for way, call in self._ways(name, field, record).items():
                    with self.subTest(f"{name}.{field} {way}"):
                        self._refused(f"{name}.{field} {way}", call)
        self.assertGreaterEqual(walked, self.least)

    def test_no_dialog_takes_the_active_records_of_another_company(self):
        """Dialogs opened on records of another company: nothing of theirs is shown."""
        for name in self.dialogs:
            for record in self.samples.values():
                context = {"active_model": record._name, "active_id": record.id, "active_ids": record.ids}
                Model = self.env[name].with_user(self.accountant).with_company(self.company).with_context(**context)
                with self.subTest(f"{name} on {record._name}"):
                    try:
                        with self.env.cr.savepoint():
                            answer = Model.onchange({}, [], self._spec(name))
                    except (AccessError, UserError) as refusal:
                        answer = str(refusal)
                    self._assert_silent(answer, f"{name} on {record._name}")

    def test_records_of_ours_show_nothing_either(self):
        """The forms of our own records, told an id of another company before they are saved."""
        for name in sorted(self.env.registry):
            Model = self.env[name].with_user(self.accountant).with_company(self.company)
            if (
                Model._original_module != self.addon
                or Model._transient
                or Model._abstract
                or not Model.has_access("create")
            ):
                continue
            for field in Model._fields.values():
                record = self.samples.get(field.comodel_name)
                if field.type != "many2one" or not record:
                    continue
                told = f"{name}.{field.name}"
                with self.subTest(told):
                    try:
                        with self.env.cr.savepoint():
                            answer = Model.onchange({field.name: record.id}, [], self._spec(name))
                    except (AccessError, UserError) as refusal:
                        answer = str(refusal)
                    self._assert_silent(answer, told)

    def test_one_s_own_ids_are_taken(self):
        """The same dialogs take the ids of one's own company."""
        customer = self.item(self.invoice()).customer_id
        wizard = self.env["ar.dunning.call.wizard"].with_user(self.accountant)
        answer = wizard.with_context(default_customer_id=customer.id).onchange(
            {}, [], {"overdue_amount": {}, "customer_id": {}}
        )
        self.assertEqual(answer["value"]["customer_id"], customer.id)
