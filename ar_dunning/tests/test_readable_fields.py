from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import DunningCommon

# What we add to models that others read, too: who may read it. Whatever is not listed, only the groups of dunning,
# and administrators where it is a setting, may read.
COLLEAGUES = {
    "account.move": {
        "ar_dunning_level_id",
        "ar_dunning_deposit_id",
        "ar_dunning_deposit_kind",
        "ar_dunning_deposit_undoable",
    },
    "account.payment": {"ar_dunning_deposit_id"},
    "account.payment.method.line": {"ar_dunning_we_collect"},
    "res.partner": {
        "ar_dunning_state",
        "ar_dunning_on_hold",
        "ar_dunning_credit_status",
        "ar_dunning_credit_html",
        "ar_dunning_credit_listed",
    },
    "sale.order": {
        "ar_dunning_relied",
        "ar_dunning_status",
        "ar_dunning_verdict",
        "ar_dunning_stopped",
        "ar_dunning_banner",
        "ar_dunning_deposit",
        "ar_dunning_received",
        "ar_dunning_deposit_ids",
        "ar_dunning_deposit_count",
        "ar_dunning_deposit_share",
        "ar_dunning_checked",
        "ar_dunning_release",
        "ar_dunning_release_amount",
        "ar_dunning_release_currency_id",
        "ar_dunning_release_partner_id",
        "ar_dunning_release_user_id",
        "ar_dunning_release_on",
        "ar_dunning_release_note",
        "ar_dunning_release_reasons",
        "ar_dunning_may_request",
        "ar_dunning_parked",
        "ar_dunning_waits",
        "ar_dunning_waits_banner",
        "ar_dunning_trial_told",
        "ar_dunning_trial_asked",
    },
}
# What the customer himself may read of his own documents, in the portal: what is printed or said to him anyway.
CUSTOMERS = {
    "account.move": {"ar_dunning_mention"},
    "sale.order": {
        "ar_dunning_trial",
        "ar_dunning_trial_end",
        "ar_dunning_trial_limit",
        "ar_dunning_trial_used",
        "ar_dunning_trial_state",
    },
    "sale.order.line": {"ar_dunning_trial"},
}


@tagged("post_install", "-at_install")
class TestReadableFields(DunningCommon):
    """What we add to companies, customers, invoices, orders and users is read by those whom it concerns, and by nobody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]}
        sales = ",sales_team.group_sale_salesman" if "sale.order" in cls.env else ""
        cls.outsiders = [
            new_test_user(cls.env, "a_customer", "base.group_portal", **company),
            new_test_user(cls.env, "a_visitor", "base.group_public", **company),
        ]
        cls.colleagues = [
            new_test_user(cls.env, "a_colleague", "base.group_user", **company),
            new_test_user(cls.env, "a_clerk", "account.group_account_invoice", **company),
            new_test_user(cls.env, "a_seller", f"base.group_user{sales}", **company),
        ]
        cls.accountant = new_test_user(cls.env, "the_accountant", "ar_dunning.group_dunning_user", **company)

    def _ours(self):
        """`(model, field)` of what we add to models that are not ours."""
        for name in sorted(self.env.registry):
            Model = self.env[name]
            if Model._transient or Model._abstract or Model._original_module.startswith("ar_dunning"):
                continue
            for field in Model._fields.values():
                if any(module.startswith("ar_dunning") for module in field._modules) and not field.inherited:
                    yield name, field.name

    def _readable(self, user, names):
        """Those of `names` that the user can read on this model at all, in a form, a search or a group."""
        Model = self.env[names[0][0]].with_user(user)
        if not Model.has_access("read"):
            return set()
        return {field for _model, field in names if Model._has_field_access(Model._fields[field], "read")}

    def test_each_field_is_read_by_those_whom_it_concerns(self):
        """Every field of ours on a model of others, for customers, visitors, colleagues, clerks and salespeople."""
        found = {}
        for name, field in self._ours():
            found.setdefault(name, []).append((name, field))
        self.assertGreater(len(found["res.company"]), 15)
        for name, names in found.items():
            public = CUSTOMERS.get(name, set())
            for user in self.outsiders:
                self.assertLessEqual(self._readable(user, names), public, f"{name} as {user.login}")
            for user in self.colleagues:
                self.assertLessEqual(
                    self._readable(user, names), public | COLLEAGUES.get(name, set()), f"{name} as {user.login}"
                )

    def test_settings_are_refused_over_the_wire(self):
        """Reading, searching and grouping by how the company duns: refused to whoever is not of dunning."""
        field = "ar_dunning_overdue_amount"
        for user in (*self.outsiders, *self.colleagues):
            company = self.company.with_user(user)
            for call in (
                lambda company=company: company.read([field]),
                lambda company=company: company.read(["ar_dunning_pool"]),
                lambda company=company: company.search([(field, ">", 0)]),
                lambda company=company: company._read_group([], [field]),
            ):
                with self.assertRaises(AccessError, msg=user.login):
                    call()
        self.assertEqual(self.company.with_user(self.accountant).read([field])[0][field], 0.0)
        self.assertEqual(
            self.accountant.with_user(self.accountant).read(["ar_dunning_waive_limit"])[0]["id"], self.accountant.id
        )
        with self.assertRaises(AccessError):
            self.accountant.with_user(self.colleagues[0]).read(["ar_dunning_waive_limit"])

    def test_what_they_do_still_works(self):
        """A clerk posts an invoice over the limit and sees the customer's state, though he reads no setting."""
        self.company.sudo().write({"ar_dunning_post_over_limit": "warn", "ar_dunning_count_drafts": True})
        self.partner_a.write({"use_partner_credit_limit": True, "credit_limit": 10.0})
        self.env.invalidate_all()
        clerk = self.colleagues[1]
        invoice = self.env["account.move"].with_user(clerk).create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner_a.id,
                "invoice_line_ids": [Command.create({"name": "Work", "price_unit": 1000.0, "tax_ids": []})],
            }
        )  # fmt: skip
        self.env.invalidate_all()
        invoice.action_post()
        self.env.invalidate_all()
        self.assertEqual(invoice.state, "posted")
        for user in self.colleagues:
            partner = self.partner_a.with_user(user)
            partner.read(["ar_dunning_state", "ar_dunning_credit_status", "ar_dunning_credit_html"])
            self.env.invalidate_all()
