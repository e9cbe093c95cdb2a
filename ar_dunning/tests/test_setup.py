import re
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from unittest import skipUnless
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged
from odoo.tools import config, html2plaintext

from ..models import res_company
from .common import DUE, DunningCommon

FIRST = DUE + timedelta(days=5)


class SetupCommon(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        values = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]}
        cls.manager = new_test_user(
            cls.env, "setup_manager", "ar_dunning.group_dunning_manager", password="setup_manager", **values
        )
        cls.user = new_test_user(
            cls.env, "setup_user", "ar_dunning.group_dunning_user", password="setup_user", **values
        )
        cls.consumer_policy = cls.make_policy(cls.company, name="Gentle", audience="consumer")
        cls.company.write({"email": "ar@example.com"})

    def setup_wizard(self, user=None, **values):
        return self.env["ar.dunning.setup"].with_user(user or self.manager).create(values)

    def findings(self, wizard):
        """The findings that hold, with their counts."""
        wizard.invalidate_recordset()
        return {name: wizard[name] for name in wizard._finding_fields() if wizard[name]}

    @classmethod
    def opening_entry(cls, amount, due, partner):
        receivable = cls.company_data["default_account_receivable"]
        entry = cls.env["account.move"].create(
            {
                "move_type": "entry",
                "date": DUE - timedelta(days=60),
                "journal_id": cls.company_data["default_journal_misc"].id,
                "line_ids": [
                    Command.create(
                        {"account_id": receivable.id, "partner_id": partner.id, "debit": amount, "date_maturity": due}
                    ),
                    Command.create({"account_id": cls.company_data["default_account_revenue"].id, "credit": amount}),
                ],
            }
        )
        entry.action_post()
        return entry

    def untouched(self, moves):
        """Forget that the moves were written to, so that any recalculation from now on shows."""
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_move SET is_manually_modified = FALSE WHERE id = ANY(%s)", [moves.ids])
        moves.invalidate_recordset(["is_manually_modified"])

    @contextmanager
    def rehearsing(self):
        """The rehearsal's own connection sees what the test has written."""
        with self.enter_registry_test_mode():
            yield


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
        self.assertIn(menu.id, self.env["ir.ui.menu"].with_user(self.user)._visible_menu_ids())

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
            self.env["ir.ui.menu"].with_user(sales)._visible_menu_ids(),
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
class TestRehearsal(SetupCommon):
    """The rehearsal is the night, notice by notice, and leaves nothing behind."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.euro = cls.setup_other_currency("EUR", rounding=0.01)
        cls.contact = cls.env["res.partner"].create(
            {
                "name": "Compta",
                "type": "invoice",
                "parent_id": cls.partner_b.id,
                "email": "compta@example.com",
                "lang": "fr_FR",
            }
        )
        cls.partner_b.is_company = True
        cls.postal = cls.env["res.partner"].create(
            {"name": "By Post", "is_company": True, "street": "Elm Street 2", "city": "Bergen", "zip": "5003"}
        )
        cls.punctual = cls.env["res.partner"].create({"name": "Blocked", "is_company": True, "email": "x@example.com"})
        cls.invoice(1000.0)
        cls.invoice(250.0, due=DUE - timedelta(days=8))
        cls.invoice(40.0, currency=cls.euro)
        cls.invoice(500.0, partner=cls.partner_b)
        cls.invoice(75.0, partner=cls.postal)
        cls.invoice(99.0, partner=cls.punctual, sent=False)

    def rehearse(self, day=FIRST, user=None):
        wizard = self.env["ar.dunning.run.wizard"].with_user(user or self.user)
        wizard = wizard.create({"date": day, "company_ids": [Command.set(self.company.ids)]})
        with self.rehearsing():
            action = wizard.action_preview()
        self.assertEqual((action["res_model"], action["res_id"]), (wizard._name, wizard.id))
        return wizard

    def told(self, notice, mail):
        """What a customer is told by the notice, without its number and links."""
        words = html2plaintext(re.sub(r'(href|src)="[^"]*"', "", str(mail["body"])), include_references=False)
        return mail["subject"], re.sub(r"[A-Z]+/\d{4}/\d{4,}(?=\D|$)", "", words.replace(notice.name or "", ""))

    def test_it_equals_the_night(self):
        wizard = self.rehearse()
        night = self.night(FIRST).notice_ids
        self.assertEqual(len(night), 3)
        mails = night.with_context(ar_dunning_preview=True)._mail_contents()
        lines = {line.partner_id: line for line in wizard.line_ids}
        for notice in night:
            line = lines.pop(notice.commercial_partner_id)
            demanded = notice.line_ids.filtered("is_demanded")
            self.assertEqual(line.recipient_id, notice.partner_id)
            self.assertEqual((line.level_id, line.deadline), (notice.level_id, notice.deadline))
            self.assertEqual(line.invoices, ", ".join(demanded.mapped("move_name")))
            self.assertEqual((line.totals, line.amount_total), (notice.totals, notice.amount_total))
            self.assertEqual(line.days_late, notice.days_late)
            self.assertEqual(
                self.told(notice, {"subject": line.subject, "body": line.body}), self.told(notice, mails[notice.id])
            )
            self.assertFalse(line.is_automatic)
        self.assertFalse(lines, "nothing that the night does not do")

    def test_recipients_channels_and_languages(self):
        by_partner = {line.partner_id: line for line in self.rehearse().line_ids}
        self.assertEqual(set(by_partner), {self.partner_a, self.partner_b, self.postal})
        anna, french, postal = by_partner[self.partner_a], by_partner[self.partner_b], by_partner[self.postal]
        self.assertEqual(anna.email_to, f'"{self.partner_a.name}" <anna@example.com>')
        self.assertEqual((french.recipient_id, french.email_to), (self.contact, '"Compta" <compta@example.com>'))
        self.assertIn("French", french.language)
        self.assertEqual((french.by_email, french.by_letter, french.channels), (True, False, "E-mail"))
        self.assertEqual((postal.by_email, postal.by_letter, postal.channels), (False, True, "Letter"))
        self.assertFalse(postal.email_to)
        self.assertIn("Elm Street 2", postal.address)

    def test_the_numbers(self):
        wizard = self.rehearse()
        self.assertEqual((wizard.notice_count, wizard.customer_count), (3, 3))
        self.assertEqual((wizard.mail_count, wizard.letter_count, wizard.task_count), (2, 1, 0))
        self.assertEqual(wizard.automatic_count, 0)
        self.assertIn("1,825.00", wizard.totals, "1000 + 250 + 500 + 75 in the company's currency")
        self.assertIn("40.00", wizard.totals)
        self.assertEqual(wizard.company_totals.count(" + "), 0)
        self.assertIn("never sent to the customer", wizard.skipped_html)

    def test_automatic_notices_are_told(self):
        self.policy.mode = "automatic"
        wizard = self.rehearse()
        self.assertEqual(wizard.automatic_count, 3)
        self.assertEqual(wizard.line_ids.mapped("is_automatic"), [True] * 3)

    def test_any_day_and_again(self):
        wizard = self.rehearse(DUE)
        self.assertEqual({line.level_id.name for line in wizard.line_ids}, {"Due today", "First reminder"})
        wizard.date = FIRST + timedelta(days=400)
        with self.rehearsing():
            wizard.action_preview()
        self.assertEqual({line.level_id.name for line in wizard.line_ids}, {"First reminder"})
        self.assertEqual(wizard.notice_count, 3, "the former day's lines are gone")
        self.assertEqual(wizard.action_read()["domain"], [("wizard_id", "=", wizard.id)])

    def test_drafts_of_earlier_nights_are_rehearsed_with_their_new_figures(self):
        draft = self.night(FIRST).notice_ids.filtered(lambda notice: notice.partner_id == self.partner_a)
        edited = self.env["ar.dunning.notice"].search([("partner_id", "=", self.postal.id)])
        edited.subject = "Edited"
        self.invoice(10.0)
        wizard = self.rehearse(FIRST + timedelta(days=1))
        rehearsed = wizard.line_ids.filtered(lambda line: line.partner_id == self.partner_a)
        self.assertNotIn(self.postal, wizard.line_ids.partner_id, "an edited draft is nobody's but its editor's")
        self.night(FIRST + timedelta(days=1))
        self.assertEqual((rehearsed.totals, rehearsed.subject), (draft.totals, draft.subject))

    def test_nothing_is_left_behind(self):
        self.rehearse()
        tables = (
            "ar_dunning_notice",
            "ar_dunning_notice_line",
            "ar_dunning_delivery",
            "ar_dunning_run",
            "ar_dunning_run_line",
            "ar_dunning_customer",
            "ar_dunning_item",
            "mail_mail",
            "mail_message",
            "mail_activity",
            "ir_attachment",
            "ir_cron_trigger",
        )

        def contents():
            self.env.flush_all()
            found = {}
            for table in tables:
                self.env.cr.execute(f"SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM {table} t")
                found[table] = self.env.cr.fetchone()[0]
            self.env.cr.execute(
                "SELECT md5(string_agg(concat(id, access_token, write_date, is_move_sent), '|' ORDER BY id)) FROM account_move"
            )
            return found | {"account_move": self.env.cr.fetchone()[0]}

        before = contents()
        self.assertEqual(self.rehearse().notice_count, 3)
        self.assertEqual(contents(), before)

    def test_a_mail_that_cannot_be_made_does_not_hide_the_others(self):
        broken = self.env.ref("ar_dunning.mail_template_notice").copy(
            {"body_html": '<p t-out="object.no_such_field"/>', "subject": "Broken"}
        )
        gentle = self.make_policy(self.company, name="Broken", audience="business")
        gentle.level_ids.mail_template_id = broken
        self.item(self.env["account.move"].search([("partner_id", "=", self.postal.id)])).customer_id.policy_id = gentle
        lines = {line.partner_id: line for line in self.rehearse().line_ids}
        self.assertIn("cannot be made", lines[self.postal].body)
        self.assertIn("1,000.00", lines[self.partner_a].body)

    def test_set_up_ends_in_the_coming_night(self):
        with freeze_time(datetime.combine(FIRST, time(1))):
            wizard = self.setup_wizard(self.user)
            wizard.action_findings()
            with self.rehearsing():
                action = wizard.action_rehearse()
            rehearsal = self.env["ar.dunning.run.wizard"].browse(action["res_id"])
            self.assertEqual((rehearsal.date, rehearsal.notice_count), (FIRST, 3))
            self.make_run(FIRST, "night")
            next_night = self.env["ar.dunning.run.wizard"]._next_night(self.company)
            self.assertEqual(next_night, FIRST + timedelta(days=1))

    def test_only_a_manager_runs(self):
        with self.assertRaises(AccessError):
            self.rehearse().action_run()


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
