from datetime import datetime, timedelta

from freezegun import freeze_time
from lxml import etree

from odoo.tests import new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .common import DUE
from .night_common import NightCommon

RELATIVE = ("today", "now", "+", "-", "=")
DATES = ("date", "deadline", "until", "on", "day")
# Whose day a to-do is due on is Odoo's own: that of the person.
ACTIVITY_DAY = "date_deadline"


@tagged("post_install", "-at_install")
class TestFiltersOfTheDay(NightCommon):
    """Filters that say *today* mean the day of the record's company, wherever the reader sits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader = new_test_user(
            cls.env,
            "reader",
            "ar_dunning.group_dunning_user,account.group_account_invoice",
            tz="Europe/Oslo",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

    def setUp(self):
        super().setUp()
        # In Oslo it is three in the morning of the 3rd, in New York nine in the evening of the 2nd.
        self.evening = freeze_time(datetime(2026, 3, 3, 2, 0))
        self.zone("America/New_York")
        self.evening.start()
        self.addCleanup(self.evening.stop)
        self.env.invalidate_all()
        self.assertEqual(self.company._dunning_today(), DUE)

    def found(self, view, name, records):
        """Which of these records a filter of a search view shows to the reader."""
        view = self.env.ref(view)
        arch = etree.fromstring(view.get_combined_arch())
        [domain] = arch.xpath(f"//filter[@name='{name}']/@domain")
        Model = self.env[view.model].with_user(self.reader).with_context(tz="Europe/Oslo")
        context = {"uid": self.reader.id}
        return Model.search([("id", "in", records.ids), *safe_eval(domain, context)]).sudo(False).with_env(self.env)

    def test_overdue_and_not_due(self):
        today, yesterday = self.invoice(due=DUE), self.invoice(due=DUE - timedelta(days=1))
        items = self.item(today) | self.item(yesterday)
        view = "ar_dunning.ar_dunning_item_view_search"
        self.assertEqual(self.found(view, "overdue", items), self.item(yesterday))
        self.assertEqual(self.found(view, "not_due", items), self.item(today))

    def test_customers_with_something_overdue_or_due(self):
        other = self.env["res.partner"].create({"name": "Due today", "email": "due@example.com"})
        late, due = self.item(self.invoice(due=DUE - timedelta(days=1))), self.item(self.invoice(partner=other))
        customers = late.customer_id | due.customer_id
        view = "ar_dunning.ar_dunning_customer_view_search"
        self.assertEqual(self.found(view, "overdue", customers), late.customer_id)
        level = self.policy.level_ids[2]
        late.sudo()._put({"next_level_id": level.id, "next_date": DUE, "blocker_codes": False})
        due.sudo()._put({"next_level_id": level.id, "next_date": DUE + timedelta(days=1), "blocker_codes": False})
        self.assertEqual(self.found(view, "due_today", customers), late.customer_id)
        invoices = (late | due).move_id
        self.assertEqual(self.found("ar_dunning.account_move_view_search", "ar_dunning_due", invoices), late.move_id)

    def test_deadlines(self):
        """A deadline that ends today has not passed."""
        self.invoice(due=DUE - timedelta(days=12))
        notice = self.day(DUE - timedelta(days=7))
        self.assertEqual(notice.deadline, DUE)
        view = "ar_dunning.ar_dunning_notice_view_search"
        self.assertFalse(self.found(view, "deadline_passed", notice))
        self.assertEqual(notice.days_ahead, 0)
        notice.sudo()._add_evidence({"deadline": DUE - timedelta(days=1)})
        notice.line_ids.item_id.sudo()._put({"deadline": DUE - timedelta(days=1)})
        self.assertEqual(self.found(view, "deadline_passed", notice), notice)
        agenda = self.env["ar.dunning.agenda"].search([("customer_id", "=", notice.customer_id.id)])
        self.assertEqual(
            self.found("ar_dunning.ar_dunning_agenda_view_search", "passed", agenda).mapped("kind"), ["deadline"]
        )

    def test_no_search_view_of_ours_asks_for_the_readers_day(self):
        """Every filter of every search view, ours or extended by us."""
        views = self.env["ir.ui.view"].search([("type", "=", "search"), ("mode", "in", ("primary", "extension"))])
        ours = views.filtered(lambda view: (view.xml_id or "").startswith("ar_dunning"))
        self.assertGreater(len(ours), 10)
        for view in ours:
            for domain in etree.fromstring(view.arch).xpath("//filter/@domain"):
                for name, value in self.compared(safe_eval(domain, {"uid": 1})):
                    relative = isinstance(value, str) and value.startswith(RELATIVE) and name.endswith(DATES)
                    self.assertFalse(relative and ACTIVITY_DAY not in name, f"{view.xml_id}: {domain}")

    def compared(self, domain):
        """`(field, value)` of each condition of a domain, those of `any` included."""
        for condition in domain:
            if len(condition) == 3 and not isinstance(condition, str):
                name, _operator, value = condition
                if isinstance(value, list) and any(isinstance(part, tuple) and len(part) == 3 for part in value):
                    yield from self.compared(value)
                else:
                    yield name, value
