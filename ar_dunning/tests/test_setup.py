from datetime import date, datetime, time, timedelta
from unittest import skipUnless
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged
from odoo.tools import config

from ..models import res_company
from .common import DUE
from .setup_common import FIRST, SetupCommon


@tagged("post_install", "-at_install")
class TestSetup(SetupCommon):
    """Three questions, and what the ledger is missing."""

    def test_the_answers_start_as_things_are(self):
        wizard = self.setup_wizard()
        self.assertEqual((wizard.for_business, wizard.for_consumer, wizard.for_public), (True, True, False))
        self.assertEqual((wizard.mode, wizard.not_before, wizard.state), ("review", False, "questions"))
        (self.policy | self.consumer_policy).mode = "automatic"
        self.assertEqual(self.setup_wizard().mode, "automatic")

    def test_policies_that_differ_stay_so_unless_asked(self):
        self.consumer_policy.mode = "automatic"
        for user in (self.user, self.manager):
            wizard = self.setup_wizard(user)
            self.assertFalse(wizard.mode)
            wizard.action_findings()
            self.assertEqual((self.policy.mode, self.consumer_policy.mode), ("review", "automatic"))
        self.setup_wizard(mode="review").action_findings()
        self.assertEqual((self.policy.mode, self.consumer_policy.mode), ("review", "review"))

    def test_a_policy_that_comes_back_takes_the_mode(self):
        self.consumer_policy.write({"active": False, "mode": "automatic"})
        self.setup_wizard(for_consumer=True, mode="review").action_findings()
        self.assertEqual((self.consumer_policy.active, self.consumer_policy.mode), (True, "review"))

    def test_it_is_offered_where_a_screen_is_empty(self):
        for name in ("ar_dunning_notice_to_send_action", "ar_dunning_customer_action"):
            self.assertIn("ar_dunning.ar_dunning_setup_action", self.env.ref(f"ar_dunning.{name}").help)
        menu = self.env.ref("ar_dunning.ar_dunning_setup_menu")
        self.assertEqual(menu.action, self.env.ref("ar_dunning.ar_dunning_setup_action"))
        self.assertIn(menu.id, self.env["ir.ui.menu"].load_menus(False), "for a manager, under Configuration")

    def test_a_manager_answers(self):
        self.company.ar_dunning_policy_id = self.consumer_policy
        wizard = self.setup_wizard(for_consumer=False, mode="automatic", not_before=DUE)
        wizard.action_findings()
        self.assertEqual((self.policy.active, self.policy.mode), (True, "automatic"))
        self.assertEqual((self.consumer_policy.active, self.consumer_policy.mode), (False, "review"))
        self.assertEqual(self.company.ar_dunning_not_before, DUE)
        self.assertFalse(self.company.ar_dunning_policy_id, "an archived policy is nobody's default")
        self.assertEqual(wizard.state, "findings")
        wizard = self.setup_wizard(for_consumer=True, mode="review", not_before=False)
        wizard.action_findings()
        self.assertEqual((self.consumer_policy.active, self.policy.mode), (True, "review"))
        self.assertFalse(self.company.ar_dunning_not_before)

    def test_policies_of_others_may_be_kept(self):
        self.setup_wizard(for_consumer=False, others="keep").action_findings()
        self.assertTrue(self.consumer_policy.active)
        with self.assertRaisesRegex(UserError, "at least one kind"):
            self.setup_wizard(for_consumer=False, for_business=False).action_findings()

    def test_a_policy_put_away_on_purpose_stays_away(self):
        second = self.make_policy(self.company, name="Old", audience="business", active=False)
        self.setup_wizard().action_findings()
        self.assertEqual((second.active, self.policy.active), (False, True))

    def test_a_user_looks_and_changes_nothing(self):
        wizard = self.setup_wizard(self.user)
        wizard.action_findings()
        self.assertEqual((wizard.state, wizard.is_manager), ("findings", False))
        for answer in ({"mode": "automatic"}, {"for_consumer": False}, {"not_before": DUE}):
            with self.subTest(answer=answer), self.assertRaisesRegex(AccessError, "Only a dunning manager"):
                self.setup_wizard(self.user, **answer).action_findings()
        self.assertEqual((self.policy.mode, self.consumer_policy.active), ("review", True))
        self.assertFalse(self.company.ar_dunning_not_before)
        with self.assertRaisesRegex(AccessError, "working schedule"):
            wizard.action_add_holidays()

    def test_a_salesperson_has_no_access(self):
        sales = new_test_user(self.env, "setup_sales", "base.group_user")
        for model in ("ar.dunning.setup", "ar.dunning.run.wizard", "ar.dunning.run.wizard.line"):
            for right in ("read", "create"):
                self.assertFalse(self.env[model].with_user(sales).has_access(right), model)
        self.assertNotIn(
            self.env.ref("ar_dunning.ar_dunning_setup_menu").id,
            self.env["ir.ui.menu"].with_user(sales).load_menus(False),
        )

    def test_items_left_alone_by_the_start(self):
        self.invoice(due=DUE)
        self.invoice(due=DUE + timedelta(days=1))
        self.invoice(due=DUE + timedelta(days=2))
        wizard = self.setup_wizard(not_before=DUE + timedelta(days=2))
        self.assertEqual((wizard.oldest_due, wizard.older_count), (DUE, 2))

    # === Findings === #

    def test_opening_entries_count_once_asked(self):
        first = self.opening_entry(700.0, DUE, self.partner_a)
        second = self.opening_entry(300.0, DUE, self.partner_b)
        ancient = self.opening_entry(50.0, DUE - timedelta(days=40), self.partner_a)
        self.untouched(first | second)
        wizard = self.setup_wizard(self.manager, not_before=DUE - timedelta(days=30))
        wizard.action_findings()
        self.assertEqual(self.findings(wizard)["opening_count"], 2)
        self.assertEqual(wizard.action_open_opening()["domain"], [("id", "in", (first | second).ids)])
        self.assertFalse(self.env["ar.dunning.item"].search([("move_id", "in", (first | second).ids)]))
        wizard.action_count_openings()
        self.assertNotIn("opening_count", self.findings(wizard))
        lines = (first | second).line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        self.assertEqual(lines.mapped("no_followup"), [False, False])
        self.assertTrue(ancient.line_ids.filtered("debit").no_followup, "left alone by the start anyway")
        items = self.env["ar.dunning.item"].sudo().search([("move_id", "in", (first | second).ids)])
        self.assertEqual(sorted(items.mapped("amount_residual")), [300.0, 700.0])
        self.assertEqual((first | second).mapped("is_manually_modified"), [False, False], "not recalculated")
        self.assertIn("Followed up from now on", first.message_ids[0].body)

    def test_invoices_never_sent(self):
        unsent = self.invoice(sent=False) | self.invoice(sent=False, partner=self.partner_b)
        loaded = self.invoice(sent=False)
        self.item(loaded).sudo()._put({"is_loaded": True})
        self.invoice()
        wizard = self.setup_wizard(self.user)
        wizard.action_findings()
        self.assertEqual(self.findings(wizard)["unsent_count"], 2)
        self.assertEqual(wizard.action_open_unsent()["domain"], [("id", "in", unsent.ids)])
        self.assertIn("not_sent", self.blockers(unsent[0], FIRST))
        self.untouched(unsent)
        wizard.action_count_as_sent()
        self.assertNotIn("unsent_count", self.findings(wizard))
        self.assertEqual(unsent.mapped("is_move_sent"), [True, True])
        self.assertEqual(unsent.mapped("is_manually_modified"), [False, False], "the invoices were not recalculated")
        self.assertFalse(loaded.is_move_sent)
        self.assertNotIn("not_sent", self.blockers(unsent[0], FIRST))
        message = unsent[0].message_ids[0]
        self.assertIn("Counted as sent", message.body)
        self.assertEqual(message.author_id, self.user.partner_id)

    def test_customers_nothing_reaches(self):
        lost = self.env["res.partner"].create({"name": "Lost", "is_company": True})
        posted = self.env["res.partner"].create({"name": "Post", "is_company": True, "street": "A 1", "city": "Oslo"})
        later = self.env["res.partner"].create({"name": "Later", "is_company": True})
        with freeze_time(datetime.combine(FIRST, time(9))):
            for partner in (lost, posted, self.partner_a):
                self.invoice(partner=partner)
            self.invoice(partner=later, due=FIRST)
            wizard = self.setup_wizard()
            wizard.action_findings()
            self.assertEqual(self.findings(wizard)["unreachable_count"], 1)
            self.assertEqual(wizard.action_open_unreachable()["domain"], [("id", "in", lost.ids)])
            lost.email = "lost@example.com"
            self.assertNotIn("unreachable_count", self.findings(wizard))

    def test_business_or_consumer(self):
        trader = self.env["res.partner"].create({"name": "Trader", "email": "t@example.com", "vat": "NO123"})
        buyer = self.env["res.partner"].create({"name": "Buyer", "email": "b@example.com"})
        for partner in (trader, buyer, self.partner_a):
            self.invoice(partner=partner)
        wizard = self.setup_wizard(self.user)
        wizard.action_findings()
        self.assertEqual(self.findings(wizard)["unclear_count"], 1)
        record = self.env["ar.dunning.customer"].search([("partner_id", "=", trader.id)])
        self.assertEqual(wizard.action_open_unclear()["domain"], [("id", "in", record.ids)])
        wizard.action_unclear_business()
        self.assertNotIn("unclear_count", self.findings(wizard))
        self.assertEqual((record.audience, record.effective_policy_id), ("business", self.policy))

    def test_customers_without_policy(self):
        buyer = self.env["res.partner"].create({"name": "Buyer", "email": "b@example.com"})
        self.company.ar_dunning_policy_id = False
        self.invoice(partner=buyer)
        self.invoice()
        wizard = self.setup_wizard(for_consumer=False)
        wizard.action_findings()
        self.assertEqual(self.findings(wizard)["no_policy_count"], 1)
        record = self.env["ar.dunning.customer"].search([("partner_id", "=", buyer.id)])
        self.assertEqual(wizard.action_open_no_policy()["domain"], [("id", "in", record.ids)])
        wizard.action_questions()
        wizard.for_consumer = True
        wizard.action_findings()
        self.assertNotIn("no_policy_count", self.findings(wizard))

    def test_what_the_company_lacks(self):
        self.env["ir.mail_server"].search([]).active = False
        self.company.partner_id.bank_ids.unlink()
        self.company.write({"email": False, "resource_calendar_id": False})
        wizard = self.setup_wizard()
        wizard.action_findings()
        with patch.dict(config.options, {"smtp_server": "localhost"}):
            lacking = {"mail_server_missing", "email_missing", "bank_missing", "hours_missing"}
            self.assertEqual(set(self.findings(wizard)), lacking)
            self.assertEqual(wizard.finding_count, 4)
        with patch.dict(config.options, {"smtp_server": "mail.example.com"}):
            self.assertNotIn("mail_server_missing", self.findings(wizard))
        self.env["res.partner.bank"].create({"acc_number": "NO9386011117947", "partner_id": self.company.partner_id.id})
        self.assertEqual(wizard.action_open_banks()["domain"], [("partner_id", "=", self.company.partner_id.id)])
        self.assertNotIn("bank_missing", self.findings(wizard))

    @skipUnless(res_company.holidays, "the library of public holidays is not installed")
    def test_holidays_are_added_with_one_click(self):
        schedule = self.env["resource.calendar"].create({"name": "Office", "tz": "Europe/Oslo"})
        self.company.write({"country_id": self.env.ref("base.no").id, "resource_calendar_id": schedule.id})
        with freeze_time(datetime.combine(FIRST, time(9))):
            wizard = self.setup_wizard()
            wizard.action_findings()
            self.assertIn("holidays_missing", self.findings(wizard))
            done = wizard.action_add_holidays()
            self.assertNotIn("holidays_missing", self.findings(wizard))
        days = self.env["resource.calendar.leaves"].search([("calendar_id", "=", schedule.id)])
        self.assertEqual(done["params"]["message"], f"{len(days)} public holidays were added to the working schedule.")
        self.assertEqual(len([day for day in days if day.date_to.strftime("%m-%d") == "05-17"]), 2)

    @skipUnless(res_company.holidays, "the library of public holidays is not installed")
    def test_holidays_of_the_state_are_added_with_those_of_the_country(self):
        """Corpus Christi is a public holiday in Bavaria (2026-06-04), not in Berlin; Women's Day only in Berlin."""
        schedule = self.env["resource.calendar"].create({"name": "Office", "tz": "Europe/Berlin"})
        self.company.write({"country_id": self.env.ref("base.de").id, "resource_calendar_id": schedule.id})
        corpus_christi, womens_day, unity = date(2026, 6, 4), date(2026, 3, 8), date(2026, 10, 3)
        for state, expected in (("state_de_by", {corpus_christi, unity}), ("state_de_be", {womens_day, unity})):
            found = self.company._public_holidays(self.company.country_id, self.env.ref(f"base.{state}"), [2026])
            self.assertEqual({corpus_christi, womens_day, unity} & set(found), expected)

    def test_without_the_library_of_holidays_the_button_says_so(self):
        self.company.country_id = self.env.ref("base.no")
        self.company.resource_calendar_id = self.env["resource.calendar"].create(
            {"name": "Office", "tz": "Europe/Oslo"}
        )
        missing = patch.object(res_company, "holidays", None)
        with missing, self.assertRaisesRegex(UserError, "library 'holidays', which is not installed"):
            self.setup_wizard().action_add_holidays()


@tagged("post_install", "-at_install")
class TestSetupTour(SetupCommon, HttpCase):
    """Set-up and rehearsal in a real browser, as manager and as accountant."""

    def setUp(self):
        super().setUp()
        today = self.company._dunning_today()
        customer = self.env["res.partner"].create(
            {"name": "Tour Customer", "is_company": True, "email": "tour@example.com", "lang": "en_US"}
        )
        self.invoice(
            1234.5, today - timedelta(days=6), partner=customer, invoice_date=today - timedelta(days=30), sent=False
        )

    def test_manager(self):
        self.start_tour(
            "/odoo/action-ar_dunning.ar_dunning_setup_action", "ar_dunning_setup_tour", login="setup_manager"
        )
        self.assertEqual((self.policy.mode, self.consumer_policy.active), ("review", False))
        moves = self.env["account.move"].search([("partner_id.name", "=", "Tour Customer")])
        self.assertTrue(moves.is_move_sent)
        self.assertFalse(self.env["ar.dunning.notice"].search([("company_id", "=", self.company.id)]))

    def test_accountant(self):
        self.start_tour(
            "/odoo/action-ar_dunning.ar_dunning_setup_action", "ar_dunning_setup_refused_tour", login="setup_user"
        )
        self.assertEqual((self.policy.mode, self.consumer_policy.active), ("review", True))
