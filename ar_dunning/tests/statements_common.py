from datetime import timedelta

from lxml import etree

from odoo import Command
from odoo.tests import freeze_time, new_test_user

from .common import DUE, DunningCommon
from .form_screen import FormScreen

REMINDED = DUE + timedelta(days=5)
ON = DUE + timedelta(days=20)
OURS = "ar_dunning"


class StatementsCommon(DunningCommon):
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
