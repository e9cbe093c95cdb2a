from datetime import datetime, time, timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..tools.timeline import source
from .common import DUE, REMINDED
from .timeline_common import TimelineCommon


@tagged("post_install", "-at_install")
class TestTimelineAccess(TimelineCommon):
    """Who reads which timeline, what it costs, and how a member adds to it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        own = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]}
        cls.user = new_test_user(cls.env, "time_user", "ar_dunning.group_dunning_user", **own)
        groups = "base.group_user"
        if "sale.order" in cls.env:
            groups += ",sales_team.group_sale_salesman"
        cls.refused = [
            new_test_user(cls.env, "time_billing", "account.group_account_invoice", **own),
            new_test_user(cls.env, "time_seller", groups, **own),
            new_test_user(cls.env, "time_portal", "base.group_portal"),
            cls.env.ref("base.public_user"),
        ]
        cls.bill = cls.invoice()
        cls.customer = cls.item(cls.bill).customer_id

    def setUp(self):
        super().setUp()
        self.notice = self.night(REMINDED).notice_ids
        self.send(self.notice, REMINDED)
        self.records = (self.customer, self.notice, self.bill)

    def test_who_reads_it(self):
        """Who reads the customer, the notice and the invoice; nobody else, and nothing of other models."""
        for record in self.records:
            self.assertTrue(self.timeline(record, user=self.user))
            for user in self.refused:
                with self.subTest(record=record, user=user.sudo().login), self.assertRaises(AccessError):
                    self.timeline(record, user=user)
        for record in (self.partner_a, self.env.company, self.env["ir.config_parameter"].search([], limit=1)):
            with self.assertRaises(AccessError):
                self.timeline(record, user=self.user)
        with self.assertRaises(AccessError):
            self.env["ar.dunning.timeline"].with_user(self.user).entries("ar.dunning.customer", 999999999)

    def test_nothing_of_another_company(self):
        """Neither by its own records nor by those of a debtor whom both companies have."""
        other = self.setup_other_company(name="Other AS")["company"]
        self.make_policy(other)
        bill = self.invoice(77777.77, company=other)
        self.env["ar.dunning.item"].sudo()._sync(other)
        theirs = self.env["ar.dunning.customer"].sudo().search([("company_id", "=", other.id)])
        self.assertEqual(theirs.partner_id, self.customer.partner_id)
        self.said(theirs, REMINDED, "<p>Hemmelig</p>", message_type="comment")
        for record in (theirs, bill):
            with self.assertRaises(AccessError):
                self.timeline(record, user=self.user)
        for record in self.records:
            told = str(self.timeline(record, user=self.user, every_step=True))
            self.assertNotIn("Hemmelig", told)
            self.assertNotIn("77,777", told)

    def test_an_entry_whose_record_its_reader_may_not_read_is_left_out(self):
        """A rule of anybody's on payments holds here, too."""
        self.pay(self.bill, 400, REMINDED)
        self.assertTrue(self.timeline(self.customer, user=self.user, kinds=["payment"]))
        self.env["ir.rule"].create(
            {
                "name": "No payments",
                "model_id": self.env["ir.model"]._get_id("account.payment"),
                "domain_force": "[(0, '=', 1)]",
                "groups": [Command.link(self.env.ref("ar_dunning.group_dunning_user").id)],
            }
        )
        self.env["ir.rule"].create(
            {
                "name": "No payments of anybody",
                "model_id": self.env["ir.model"]._get_id("account.payment"),
                "domain_force": "[(0, '=', 1)]",
            }
        )
        self.env.registry.clear_cache()
        self.assertFalse(self.timeline(self.customer, user=self.user, kinds=["payment"]))

    # === What it costs === #

    def fill(self, each):
        """As much of each kind: notes, replies, payments, notices, calls; 300 in all and more."""
        for number in range(each):
            day = DUE + timedelta(days=number)
            self.said(self.customer, day, f"<p>Note {number}</p>", message_type="comment")
            self.said(self.notice, day, f"<p>Answer {number}</p>")
            self.said(
                self.customer,
                day,
                "<p>Call: busy</p>",
                message_type="notification",
                mail_activity_type_id=self.env.ref("mail.mail_activity_data_call").id,
            )
            self.env["ar.dunning.arrangement"].create(
                {"customer_id": self.customer.id, "date_start": day, "date_end": day, "reason": f"Once {number}"}
            )._put({"state": "ended", "ended_on": day})
            self.unmatched_payment(10 + number, day)

    def test_300_entries_cost_few_statements(self):
        """At most twenty for a page with entries of every kind, however many there are; the same with 300 as with 30."""
        costs = {}
        Timeline = self.env["ar.dunning.timeline"].with_user(self.user)
        for each in (5, 45):
            self.fill(each)
            for record in self.records:
                for _warm in range(2):
                    self.env.flush_all()
                    self.env.invalidate_all()
                    before = self.env.cr.sql_log_count
                    page = Timeline.entries(record._name, record.id, every_step=True)
                costs[each, record._name] = self.env.cr.sql_log_count - before
            count = sum(kind["count"] for kind in Timeline.entries(*self.of_customer(), every_step=True)["kinds"])
        self.assertGreaterEqual(count, 300)
        self.assertEqual(len(page["entries"]), 40)
        self.assertLessEqual(max(costs.values()), 20, costs)

    def of_customer(self):
        return self.customer._name, self.customer.id

    def test_pages_follow_each_other(self):
        """All of 45 notes, each once, newest first."""
        for number in range(45):
            moment = datetime.combine(DUE, time(8)) + timedelta(minutes=number)
            self.said(self.customer, DUE, f"<p>Note {number}</p>", message_type="comment", date=moment)
        found = [entry["title"] for entry in self.timeline(self.customer, kinds=["note"])]
        self.assertEqual(found, [f"Note {number}" for number in reversed(range(45))])

    # === How a member adds to it === #

    def test_a_member_adds_a_source_and_a_kind(self):
        """By `super()`: its entry stands among the others, its chip behind them, and leads to its record."""
        Timeline = type(self.env["ar.dunning.timeline"])
        sources, kinds = Timeline._timeline_sources, Timeline._timeline_kinds
        court = source(
            "court",
            "Filed at %(name)s",
            "FROM ar_dunning_customer c JOIN res_partner p ON p.id = c.partner_id",
            id="c.id",
            parts={"name": "p.name"},
            day="DATE '2026-03-20'",
            amount="12.5",
            currency_id=str(self.company.currency_id.id),
            customer_id="c.id",
            company_id="c.company_id",
            res_model="'ar.dunning.customer'",
            res_id="c.id",
        )
        self.patch(Timeline, "_timeline_sources", lambda model: [*sources(model), court])
        self.patch(Timeline, "_timeline_kinds", lambda model: kinds(model) | {"court": ("Court", "fa-gavel")})
        page = self.env["ar.dunning.timeline"].entries(*self.of_customer())
        self.assertEqual(self.rows(self.customer)[0], ("2026-03-20", "Filed at partner_a", "$12.50"))
        self.assertEqual(page["kinds"][-1], {"code": "court", "label": "Court", "icon": "fa-gavel", "count": 1})
        with self.assertRaisesRegex(ValueError, "colour"):
            source("court", "Filed", "FROM ar_dunning_customer c", id="c.id", colour="4")
