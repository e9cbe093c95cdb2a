from datetime import datetime, time, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..tools.authority import as_system
from .common import DUE, DunningCommon

SECRET = "Zyxw Hemmelig"
# What every company shares; colleagues of every company see each other in Odoo.
SHARED = {"res.country", "res.currency", "res.lang", "res.users"}


@tagged("post_install", "-at_install")
class TestForeignIds(DunningCommon):
    """Ids of another company, handed to any dialog over the wire, bring nothing of that company back."""

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
            "ar_dunning.group_dunning_manager,ar_dunning.group_credit_override,account.group_account_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.dialogs = sorted(
            name
            for name, model in cls.env.registry.items()
            if model._transient and model._original_module.startswith("ar_dunning")
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
        charge = (
            env["ar.dunning.charge"]
            .sudo()
            ._make(
                {
                    "customer_id": customer.id,
                    "item_id": item.id,
                    "notice_id": notice.id,
                    "kind": "fee",
                    "amount": 77777.77,
                    "date": DUE,
                    "currency_id": other.currency_id.id,
                    "company_id": other.id,
                }
            )
        )
        arrangement = env["ar.dunning.arrangement"].create(
            {"customer_id": customer.id, "date_start": DUE, "date_end": DUE + timedelta(days=900), "reason": SECRET}
        )
        env.flush_all()
        agenda = env["ar.dunning.agenda"].search([("company_id", "=", other.id)], limit=1)
        records = [
            partner, invoice, policy, customer, item, run, notice, charge, arrangement, agenda, other,
            policy.level_ids[2], invoice.line_ids[:1], invoice.journal_id,
            env["account.account"].with_company(other).search([("company_ids", "in", other.ids)], limit=1),
            env["ar.dunning.delivery"].sudo()._make({"notice_id": notice.id, "channel": "letter"}),
            env["ar.dunning.reason"].create({"name": SECRET, "kind": "pause", "company_id": other.id}),
        ]  # fmt: skip
        samples = {record._name: record for record in records}
        if "sale.order" in env:
            samples |= cls._sale_samples(partner, customer)
        return samples

    @classmethod
    def _sale_samples(cls, partner, customer):
        order = cls.env["sale.order"].sudo().with_company(cls.other).create(
            {"partner_id": partner.id, "company_id": cls.other.id}
        )  # fmt: skip
        deposit = cls.env["ar.dunning.deposit"].with_company(cls.other).sudo().create(
            {
                "customer_id": customer.id,
                "currency_id": cls.other.currency_id.id,
                "amount": 77777.77,
                "name": SECRET,
                "return_date": DUE,
            }
        )  # fmt: skip
        bank = cls.env["res.partner.bank"].create(
            {"acc_number": "ZYXW 77", "partner_id": partner.id, "company_id": cls.other.id}
        )
        return {record._name: record for record in (order, deposit, bank)}

    def _pointing(self, name):
        """`{field: ids of the other company}` of what a dialog points at, and can be told."""
        found = {}
        for field in self.env[name]._fields.values():
            if field.type not in ("many2one", "many2many") or field.comodel_name in SHARED:
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
        self.assertGreater(len(self.dialogs), 25)
        walked = 0
        for name in self.dialogs:
            for field, record in self._pointing(name).items():
                walked += 1
                for way, call in self._ways(name, field, record).items():
                    with self.subTest(f"{name}.{field} {way}"):
                        self._refused(f"{name}.{field} {way}", call)
        self.assertGreater(walked, 40)

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

    def test_no_line_of_a_dialog_takes_one_either(self):
        """An id of another company in a line of a dialog of one's own is refused as well."""
        wizard = self.env["ar.dunning.run.wizard"].with_user(self.accountant).create({})
        line = Command.create({"partner_id": self.theirs.id})
        self._refused("line written", lambda: wizard.write({"line_ids": [line]}))
        self._refused("line onchange", lambda: wizard.onchange({"line_ids": [line]}, ["line_ids"], {"line_ids": {}}))

    def test_nobody_looks_after_customers_of_a_company_he_does_not_work_in(self):
        """A colleague of another company can be seen, and is no choice."""
        clerk = new_test_user(
            self.env,
            "their_clerk",
            "ar_dunning.group_dunning_user",
            company_id=self.other.id,
            company_ids=[Command.set(self.other.ids)],
        )
        customer = self.item(self.invoice()).customer_id
        wizard = self.env["ar.dunning.assign.wizard"].with_user(self.accountant)
        values = {"customer_ids": [Command.set(customer.ids)], "responsible_id": clerk.id}
        with self.assertRaisesRegex(UserError, "their_clerk.* does not work in company_1_data"):
            wizard.create(values).action_assign()
        self.assertNotEqual(customer.responsible_id, clerk)

    def test_records_of_ours_show_nothing_either(self):
        """The forms of our own records, told an id of another company before they are saved."""
        for name in sorted(self.env.registry):
            Model = self.env[name].with_user(self.accountant).with_company(self.company)
            ours = Model._original_module.startswith("ar_dunning")
            if not ours or Model._transient or Model._abstract or not Model.has_access("create"):
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
