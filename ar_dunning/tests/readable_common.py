from odoo import Command
from odoo.tests import new_test_user


class ReadableWalk:
    """What `addon` adds to companies, customers, invoices, orders and users is read by those whom it concerns, and by nobody else.

    Whatever is in neither list only the groups of dunning, and administrators where it is a setting, may read.
    """

    addon = None  # whose fields the walk looks at
    colleagues_read = {}  # what colleagues may read: `{model: fields}`
    customers_read = {}  # what the customer himself may read of his own documents, in the portal: what is printed or said to him anyway

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
                if self.addon in field._modules and not field.inherited:
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
        self.assertTrue(found)
        for name, names in found.items():
            public = self.customers_read.get(name, set())
            for user in self.outsiders:
                self.assertLessEqual(self._readable(user, names), public, f"{name} as {user.login}")
            for user in self.colleagues:
                self.assertLessEqual(
                    self._readable(user, names),
                    public | self.colleagues_read.get(name, set()),
                    f"{name} as {user.login}",
                )
