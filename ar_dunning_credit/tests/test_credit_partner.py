from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.ar_dunning.tests.common import DUE

from .credit_common import ON, CreditCommon


@tagged("post_install", "-at_install")
class TestCreditPartner(CreditCommon):
    """What everybody sees on a contact, also before the night has made a record of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fresh = cls.env["res.partner"].create({"name": "Fresh", "credit_limit": 100.0})
        cls.Customer = cls.env["ar.dunning.customer"].sudo()

    def shown(self, partner, user=None, company=None):
        """Status and reasons as the user sees them now."""
        self.env.invalidate_all()
        partner = partner.with_user(user or self.seller).with_company(company or self.company)
        values = partner.read(["ar_dunning_credit_status", "ar_dunning_credit_html"])[0]
        return values["ar_dunning_credit_status"], str(values["ar_dunning_credit_html"] or "")

    def found(self, operator, value, company=None):
        """Of partner_a, partner_b and Fresh: those that the filter finds."""
        ids = (self.partner_a | self.partner_b | self.fresh).ids
        Partner = self.env["res.partner"].with_user(self.seller).with_company(company or self.company)
        return Partner.search([("ar_dunning_credit_status", operator, value), ("id", "in", ids)])

    def test_a_customer_without_a_record_is_judged_all_the_same(self):
        invoice = self.invoice(240.0, partner=self.fresh, due=self.company._dunning_today() + timedelta(days=9))
        status, html = self.shown(self.fresh, self.controller)
        self.assertEqual(status, "hold")
        self.assertIn("240.00", html)
        self.assertIn("140.00", html)
        self.assertIn(invoice.name, self.shown(self.fresh)[1])
        self.assertFalse(self.Customer.search([("partner_id", "=", self.fresh.id)]))
        self.pay(invoice, 240.0, DUE)
        self.assertEqual(self.shown(self.fresh), ("ok", ""))

    def test_who_is_no_customer_has_no_status(self):
        self.assertEqual(self.shown(self.fresh), (False, ""))
        self.assertFalse(self.Customer.search([("partner_id", "=", self.fresh.id)]))

    def test_filters_find_customers_without_a_record(self):
        self.invoice(10.0, partner=self.partner_b, due=self.company._dunning_today())
        self.assertEqual(self.found("=", "ok"), self.partner_b)
        self.invoice(240.0, partner=self.fresh, due=self.company._dunning_today())
        self.assertEqual(self.found("=", "hold"), self.fresh)
        self.assertEqual(self.found("!=", "hold"), self.partner_a | self.partner_b)
        self.assertEqual(self.found("in", ["ok", "hold"]), self.partner_b | self.fresh)
        self.assertEqual(self.found("not in", ["ok", "hold"]), self.partner_a)
        self.assertEqual(self.found("=", False), self.partner_a)
        self.assertEqual(self.found("!=", False), self.partner_b | self.fresh)
        self.assertEqual(self.found("in", [False, "hold"]), self.partner_a | self.fresh)
        contact = self.env["res.partner"].create({"name": "Shop", "parent_id": self.fresh.id})
        domain = [("ar_dunning_on_hold", "=", True), ("id", "in", (contact | self.partner_b).ids)]
        self.assertEqual(self.env["res.partner"].with_user(self.seller).search(domain), contact)

    def test_filters_and_badge_agree_for_a_record_of_today(self):
        """Made by a decision in the morning: no night has stored a status yet."""
        self.invoice(240.0, partner=self.fresh, due=self.company._dunning_today())
        self.customer(self.fresh)
        self.assertEqual((self.shown(self.fresh)[0], self.found("=", "hold")), ("hold", self.fresh))
        self.assertFalse(self.found("=", False) & self.fresh)

    def test_the_list_shows_what_its_filter_finds(self):
        """Held since the night by a new invoice: the page says so, list and filter both still say what the night found."""
        self.fresh.customer_rank = 1
        self.env["ar.dunning.standing"]._keep(self.customer(self.fresh), self.company._dunning_today())
        self.invoice(240.0, partner=self.fresh, due=self.company._dunning_today())
        self.invoice(10.0, partner=self.partner_b, due=self.company._dunning_today())
        self.assertEqual(self.shown(self.fresh)[0], "hold")
        people = (self.partner_a | self.partner_b | self.fresh).with_user(self.seller).with_company(self.company)
        listed = {partner.id: partner.ar_dunning_credit_listed for partner in people}
        self.assertEqual(list(listed.values()), [False, "ok", "ok"])
        for status in ("ok", "watch", "hold", "blocked", False):
            domain = [("ar_dunning_credit_listed", "=", status), ("id", "in", people.ids)]
            self.assertEqual(
                set(people.search(domain).ids), {key for key, value in listed.items() if value == status}, status
            )
        for xmlid in ("res_partner_view_list", "res_partner_view_kanban", "res_partner_credit_view_search"):
            arch = self.env.ref(f"ar_dunning_credit.{xmlid}").arch
            self.assertIn("ar_dunning_credit_listed", arch)
            self.assertNotIn("ar_dunning_credit_status", arch)

    def test_a_rule_holds_for_customers_without_a_record(self):
        self.env["ar.dunning.credit.rule"].create(
            {"name": "Abroad", "domain": "[('partner_id.city', '=', 'Bergen')]", "effect": "blocked"}
        )
        self.fresh.write({"city": "Bergen", "customer_rank": 1})
        self.partner_b.customer_rank = 1
        self.assertEqual((self.shown(self.fresh)[0], self.shown(self.partner_b)[0]), ("blocked", "ok"))
        self.assertEqual((self.found("=", "blocked"), self.found("=", "ok")), (self.fresh, self.partner_b))

    def test_a_list_of_them_costs_a_constant_number_of_queries(self):
        values = [{"name": f"Customer {n}", "credit_limit": 50.0, "customer_rank": 1} for n in range(40)]
        partners = self.env["res.partner"].create(values)

        def cost(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            statuses = records.with_user(self.seller).mapped("ar_dunning_credit_status")
            self.assertEqual(set(statuses), {"ok"})
            return self.env.cr.sql_log_count - before

        cost(partners[:1])
        self.assertEqual(cost(partners), cost(partners[:2]))

    def test_a_branch_finds_whom_its_root_holds(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.seller.company_ids |= branch
        self.customer()._hold("hold", "Fraud")
        Partner = self.env["res.partner"].with_user(self.seller).with_company(branch)
        self.assertTrue(Partner.browse(self.partner_a.id).ar_dunning_on_hold)
        self.assertIn(self.partner_a, Partner.search([("ar_dunning_on_hold", "=", True)]))
        self.assertEqual(self.found("=", "hold", branch), self.partner_a)

    def test_the_banner_stays_while_somebody_types(self):
        self.customer()._hold("hold", "Fraud")
        typed = self.env["res.partner"].with_company(self.company).new({"name": "Typing"}, origin=self.partner_a)
        self.assertEqual((typed.ar_dunning_credit_status, typed.ar_dunning_on_hold), ("hold", True))
        self.assertIn("Fraud", str(typed.ar_dunning_credit_html))
        self.assertEqual(typed.ar_dunning_state, self.partner_a.ar_dunning_state)

    def test_a_portal_user_reads_nothing_about_dunning(self):
        portal = new_test_user(self.env, "portal_state", "base.group_portal")
        portal.partner_id.parent_id = self.partner_a
        self.customer()._hold("hold", "Fraud")
        for name in ("ar_dunning_state", "ar_dunning_on_hold"):
            with self.assertRaises(AccessError, msg=name):
                portal.partner_id.with_user(portal).read([name])

    def test_no_amount_of_the_record_is_reached_through_the_contact(self):
        self.customer()
        self.seller.group_ids |= self.env.ref("base.group_allow_export")
        Partner = self.env["res.partner"].with_user(self.seller)
        for domain in (
            [("ar_dunning_customer_ids.credit_used", ">", 5)],
            [("ar_dunning_customer_ids.credit_limit", ">", 5)],
            [("credit_limit", ">", 5)],
        ):
            with self.assertRaises(AccessError, msg=domain):
                Partner.search(domain)
        with self.assertRaises(AccessError):
            Partner._read_group([], ["ar_dunning_customer_ids"], ["__count"])
        with self.assertRaises(AccessError):
            self.partner_a.with_user(self.seller).export_data(["ar_dunning_customer_ids/credit_used"])

    def test_a_level_that_holds_nothing_is_not_told_as_a_hold(self):
        self.company.ar_dunning_level_effect = False
        self.customer().sudo()._put({"credit_hold": True, "never": True})
        self.assertEqual(self.partner_a.with_user(self.seller).ar_dunning_state, "never dunned")

    def test_of_merged_contacts_the_lowest_limit_stays_whoever_has_a_record(self):
        """The one that stays has no dunning record yet; its limit is the higher one."""
        self.limit(500.0, self.partner_b)
        self.customer(self.partner_b)
        self.env["base.partner.merge.automatic.wizard"].sudo()._merge(
            (self.partner_a | self.partner_b).ids, self.partner_a, extra_checks=False
        )
        self.env.invalidate_all()
        self.assertEqual(self.partner_a.with_company(self.company).credit_limit, 500.0)

    def test_an_archived_customer_is_foretold_by_its_own_past(self):
        for _count in range(14):
            invoice = self.invoice(10.0)
            self.pay(invoice, 10.0, DUE + timedelta(days=7))
        invoice = self.invoice(10.0, due=ON)
        self.item(invoice)
        self.Customer._refresh_scores(self.company, ON)
        self.partner_a.with_context(ar_dunning_archive=True).active = False
        self.env.invalidate_all()
        with freeze_time(ON):
            self.assertIn("as this customer pays", invoice.ar_dunning_expected_text)
