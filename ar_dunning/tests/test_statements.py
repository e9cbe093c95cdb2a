from datetime import timedelta
from unittest.mock import patch

from lxml import etree

from odoo import Command
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import SQL

from .common import DUE, DunningCommon
from .form_screen import FormScreen

REMINDED = DUE + timedelta(days=5)
ON = DUE + timedelta(days=20)
OURS = "ar_dunning"


@tagged("post_install", "-at_install")
class TestStatements(DunningCommon):
    """What our fields add to the statements of Odoo's own screens: the same view is read with them and without them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "base.group_user,base.group_partner_manager,ar_dunning.group_dunning_user"
        own = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]}
        cls.user = new_test_user(cls.env, "counts", groups, **own)

    def setUp(self):
        super().setUp()
        self.overdue = self.invoice()
        self.send(self.night(REMINDED).notice_ids, REMINDED)

    def model(self, name):
        """The model as the user's browser asks it."""
        context = {"lang": "en_US", "allowed_company_ids": self.company.ids}
        return self.env(user=self.user, su=False, context=context)[name]

    def count(self, read):
        """The statements of the second of two readings: what the registry keeps is known, nothing of the records is."""
        for _time in range(2):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            with freeze_time(ON):
                read()
        return self.env.cr.sql_log_count - before

    def added(self, spec, read):
        """How many statements our fields of a specification add."""
        without = {name: value for name, value in spec.items() if not name.startswith(OURS)}
        self.assertLess(len(without), len(spec), "the view shows fields of ours")
        return self.count(lambda: read(spec)) - self.count(lambda: read(without))

    def added_to_form(self, record):
        record = self.model(record._name).browse(record.id)
        screen = FormScreen(record.browse(), self.env["ir.ui.view"])
        return self.added(screen.spec, record.web_read)

    def added_to_contacts(self, view_type, people):
        Partner = self.model("res.partner")
        spec = self.columns(Partner, view_type)
        return self.added(spec, lambda shown: Partner.web_search_read([("id", "in", people.ids)], shown, limit=80))

    def columns(self, model, view_type, view=False):
        """The specification of a list or of cards, as the client builds it."""
        arch = etree.fromstring(model.get_views([(view, view_type)])["views"][view_type]["arch"])
        names = [node.get("name") for node in arch.iter("field")]
        return {name: {"fields": {"display_name": {}}} if model._fields[name].relational else {} for name in names}

    def test_invoice_form(self):
        """An overdue invoice that has been reminded of: what its page *Dunning* tells is read when it is opened."""
        self.assertLessEqual(self.added_to_form(self.overdue), 12)
        names = ["ar_dunning_plan_html", "ar_dunning_outlook_html", "ar_dunning_payoff_html"]
        shown = FormScreen(self.model("account.move"), self.env["ir.ui.view"])
        self.assertFalse(set(names) & set(shown.spec))
        opened = [node.get("field") for node in shown.arch.iter("widget") if node.get("name") == "ar_dunning_lazy"]
        self.assertEqual(opened, names)

    def test_contact_form(self):
        """A customer who has been reminded: the ledger of now is asked once the contact is shown."""
        self.assertLessEqual(self.added_to_form(self.partner_a), 8)

    def test_contacts(self):
        """80 contacts, one with a status of the night, half of them customers whom no night has seen yet."""
        people = self.env["res.partner"].create([{"name": f"Contact {n}", "customer_rank": n % 2} for n in range(79)])
        self.env["ar.dunning.customer"]._of_partners(self.partner_a, self.company)._keep_credit(ON)
        for view_type in ("list", "kanban"):
            self.assertLessEqual(self.added_to_contacts(view_type, people | self.partner_a), 3, view_type)

    def test_credit_list(self):
        """80 customers with limits, a few of them over it: why stands in the list, read from the ledger of now."""
        partners = self.env["res.partner"].create(
            [{"name": f"Debtor {n}", "customer_rank": 1, "credit_limit": 100.0} for n in range(79)]
        )
        for partner in partners[:3]:
            self.invoice(500.0, partner=partner)
        customers = self.env["ar.dunning.customer"]._of_partners(partners | self.partner_a, self.company, create=True)
        customers._keep_credit(ON)
        Customer = self.model("ar.dunning.customer")
        spec = self.columns(Customer, "list", self.env.ref("ar_dunning.ar_dunning_customer_credit_view_list").id)
        domain = [("id", "in", customers.ids)]
        self.assertLessEqual(self.count(lambda: Customer.web_search_read(domain, spec, limit=80)), 20)

    def test_what_failed_is_found_by_an_index(self):
        """The filters of deliveries and customers: neither reads all deliveries that ever went out."""
        filters = {
            "ar.dunning.delivery": [("state", "in", ("failed", "bounced", "unconfirmed"))],
            "ar.dunning.customer": [("notice_ids.delivery_ids.state", "=", "unconfirmed")],
        }
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        for name, domain in filters.items():
            query = self.env[name].sudo()._search(domain)
            plan = self.env.execute_query(SQL("EXPLAIN %s", query.select()))
            self.assertIn("ar_dunning_delivery_trouble", "".join(line for (line,) in plan), name)

    def test_posting(self):
        """Ten invoices at once, of customers without a limit: asking for limits is all that is ours."""
        warm, asked, plain = (self.drafts(10) for _batch in range(3))
        self.posting(warm)
        asked = self.posting(asked)
        with patch.object(self.registry["account.move"], "_ar_dunning_over_limit", lambda *_args: []):
            self.assertLessEqual(asked - self.posting(plain), 3)

    def drafts(self, count):
        line = {"name": "Work", "price_unit": 100.0, "tax_ids": []}
        values = {
            "move_type": "out_invoice",
            "partner_id": self.partner_a.id,
            "invoice_date": DUE,
            "invoice_line_ids": [Command.create(line)],
        }
        return self.env["account.move"].create([values] * count)

    def posting(self, invoices):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        invoices.action_post()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before
