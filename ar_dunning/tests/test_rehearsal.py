import re
from datetime import datetime, time, timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged
from odoo.tools import html2plaintext

from .common import DUE
from .setup_common import FIRST, SetupCommon


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
        mails = self.env["ar.dunning.print"]._mail_contents(night.with_context(ar_dunning_preview=True))
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
