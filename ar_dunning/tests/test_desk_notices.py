import base64
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import html2plaintext

from ..tools.pdf import page_count
from .common import UNKNOWN
from .desk_common import FIRST, DeskCommon
from .pdf_common import texts_of


@tagged("post_install", "-at_install")
class TestAtTheDesk(DeskCommon):
    """What a person does with one notice: test it, keep it in review, bring it another way."""

    def test_a_test_mail_goes_to_me_and_leaves_no_trace(self):
        self.invoice()
        notice = self.night(FIRST).notice_ids
        before = self.env["mail.mail"].sudo().search([])
        told = notice.with_user(self.clerk).action_test()
        mail = self.env["mail.mail"].sudo().search([]) - before
        self.assertEqual(mail.subject, f"[Test] {notice.subject}")
        self.assertIn("clerk@example.com", mail.email_to)
        self.assertFalse(mail.recipient_ids)
        self.assertEqual(mail.body_html, self.env["ar.dunning.print"]._mail_content(notice)["body"])
        self.assertIn("1,000.00", mail.body_html)
        self.assertEqual((mail.model, mail.res_id, mail.state), (False, 0, "outgoing"))
        self.assertIn("clerk@example.com", told["params"]["message"])
        self.assertEqual((notice.state, notice.is_edited, notice.approved_by_id.id), ("draft", False, False))
        self.assertFalse(notice.sudo().delivery_ids)
        self.assertFalse(notice.message_ids.filtered(lambda message: "Test" in (message.subject or "")))
        self.clerk.email = False
        with self.assertRaisesRegex(UserError, "no e-mail address"):
            notice.with_user(self.clerk).action_test()

    def test_always_review_takes_back_what_nobody_approved(self):
        self.policy.mode = "automatic"
        self.invoice()
        self.invoice(partner=self.customer("Other"))
        notices = self.night(FIRST).notice_ids
        self.assertEqual(notices.mapped("state"), ["queued", "queued"])
        mine = notices.filtered(lambda notice: notice.commercial_partner_id == self.partner_a)
        mine.with_user(self.clerk).action_always_review()
        self.assertEqual((mine.state, mine.send_after, mine.always_review), ("draft", False, True))
        self.assertEqual((notices - mine).state, "queued")
        mine.with_user(self.clerk).action_no_review()
        self.assertFalse(mine.customer_id.always_review)

    def test_preview_of_mail_and_letter_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["ir.module.module"].search([("name", "=", "ar_dunning")])._update_translations(["de_DE"])
        self.partner_a.lang = "de_DE"
        self.levels[0].channel_letter = True
        self.invoice()
        notice = self.night(FIRST).notice_ids
        self.assertEqual(notice.lang, "de_DE")
        self.assertIn("Offene Posten", html2plaintext(notice.mail_preview))
        letter = notice.letter_preview
        self.assertIn('lang="de_DE"', letter.replace('lang="de-DE"', 'lang="de_DE"'))
        self.assertIn("Storgata 1", letter)
        self.assertIn("1.000,00", letter)
        self.levels[0].channel_letter = False
        notice.invalidate_recordset()
        self.assertFalse(notice.letter_preview)

    def test_a_bounced_mail_goes_by_letter_or_to_the_corrected_address(self):
        invoice = self.invoice()
        notice = self.day(FIRST)
        first = notice.sudo().delivery_ids
        first._come_back(UNKNOWN)
        self.assertEqual((notice.state, notice.other_channel), ("queued", "email"), "the letter waits by itself")
        self.partner_a.email = "ann@example.com"
        notice.with_user(self.clerk).action_send_email_instead()
        letter, mail = notice.sudo().delivery_ids.filtered(lambda d: d != first).sorted("channel", reverse=True)
        self.assertEqual((letter.channel, letter.state), ("letter", "cancelled"))
        self.assertEqual((mail.channel, mail.state, mail.address), ("email", "queued", "ann@example.com"))
        self.assertNotEqual(mail.message_id, first.message_id)
        self.assertEqual(mail.mail_id.subject, notice.subject)
        self.assertIn("ann@example.com", mail.mail_id.email_to)
        self.assertEqual(self.item(invoice).rank, 0)
        mail._update_state(("queued",), "sent", done_on=fields.Datetime.to_datetime("2026-03-09 09:00:00"))
        notice._settle()
        self.assertEqual((notice.state, self.item(invoice).rank, notice.other_channel), ("sent", 1, False))

    def test_a_failed_mail_goes_by_letter_once_there_is_an_address(self):
        self.partner_a.write({"street": False, "city": False})
        invoice = self.invoice()
        notice = self.day(FIRST)
        notice.sudo().delivery_ids._come_back(UNKNOWN)
        self.assertEqual((notice.state, notice.other_channel), ("failed", "letter"))
        with self.assertRaisesRegex(UserError, "no postal address"):
            notice.action_send_letter_instead()
        with self.assertRaisesRegex(UserError, "cannot be brought this way"):
            notice.action_send_email_instead()
        self.partner_a.write({"street": "Ny gate 2", "city": "Oslo"})
        notice.with_user(self.clerk).action_send_letter_instead()
        letter = notice.sudo().delivery_ids.filtered(lambda delivery: delivery.channel == "letter")
        self.assertEqual((letter.state, notice.state, self.item(invoice).rank), ("queued", "queued", 0))
        with self.assertRaisesRegex(UserError, "cannot be brought this way"):
            notice.action_send_letter_instead()
        self.assertEqual(len(notice.sudo().delivery_ids), 2)

    def stuck(self, state, failure):
        """A notice of the first night whose mail was refused, or of which nobody knows."""
        self.partner_a.write({"street": False, "city": False})
        self.invoice()
        notice = self.day(FIRST)
        delivery = notice.sudo().delivery_ids
        delivery._put({"state": state, "failure": failure})
        notice._settle()
        self.assertEqual((notice.state, notice.error), ("failed", failure))
        return notice.with_user(self.clerk), delivery

    def test_a_refused_mail_is_sent_again_from_the_notice(self):
        notice, delivery = self.stuck("failed", "552 mailbox full")
        self.assertEqual((notice.can_resend, notice.is_unconfirmed), (True, False))
        with self.assertRaisesRegex(UserError, "Only unconfirmed"):
            notice.action_was_sent()
        message_id = delivery.message_id
        notice.action_send_again()
        self.assertEqual((delivery.state, delivery.mail_id.state, notice.state), ("queued", "outgoing", "queued"))
        self.assertEqual(notice.sudo().delivery_ids.message_id, message_id, "the same message, no second one")
        self.assertFalse(notice.can_resend)
        with self.assertRaisesRegex(UserError, "Only e-mails that failed"):
            notice.action_send_again()

    def test_an_unconfirmed_mail_was_sent_after_all(self):
        notice, delivery = self.stuck("unconfirmed", "nobody knows")
        self.assertEqual((notice.can_resend, notice.is_unconfirmed), (True, True))
        notice.action_was_sent()
        self.assertEqual((delivery.state, notice.state, notice.can_resend), ("sent", "sent", False))

    def test_what_was_paid_meanwhile_is_not_sent_again(self):
        notice, delivery = self.stuck("failed", "552 mailbox full")
        self.pay(notice.line_ids.move_id, 1000, FIRST)
        with self.assertRaisesRegex(UserError, "no longer holds, cancel it instead:\n.* is paid"):
            notice.action_send_again()
        self.assertEqual(delivery.state, "failed")

    def test_what_was_paid_meanwhile_is_not_brought_another_way(self):
        self.partner_a.write({"street": False, "city": False})
        invoice = self.invoice()
        notice = self.day(FIRST)
        notice.sudo().delivery_ids._come_back(UNKNOWN)
        self.partner_a.write({"street": "Ny gate 2", "city": "Oslo"})
        self.pay(invoice, 1000, FIRST)
        with self.assertRaisesRegex(UserError, "no longer holds, cancel it instead:\n.* is paid"):
            notice.action_send_letter_instead()


@tagged("post_install", "-at_install")
class TestLetters(DeskCommon):
    """Print for the post, mark as posted."""

    def setUp(self):
        super().setUp()
        self.env = self.env(context=dict(self.env.context, force_report_rendering=True))
        self.levels[0].write({"channel_email": False, "channel_letter": True})
        norway, sweden = self.env.ref("base.no"), self.env.ref("base.se")
        for name, country, code, street in (
            ("Zeta", norway, "0155", "Storgata 9"),
            ("Svea", sweden, "0100", "Kungsgatan 1"),
            ("Alfa", norway, "9008", "Havna 1"),
            ("Beta", norway, "0155", "Storgata 1"),
        ):
            partner = self.customer(name, country_id=country.id, zip=code, city="By", street=street)
            self.invoice(partner=partner)
        self.notices = self.day(FIRST)
        self.letters = self.notices.delivery_ids

    def printed(self, letters):
        with freeze_time("2026-03-08 10:00:00"):
            action = letters.with_user(self.clerk).action_print_for_post()
        wizard_id = int(action["url"].split("/")[4])
        raw = self.env["ar.dunning.post.wizard"].browse(wizard_id).with_context(bin_size=False).letters_file
        return texts_of(base64.b64decode(raw))

    def wizard(self, letters, **values):
        values = {"delivery_ids": [(6, 0, letters.ids)], "posted_on": FIRST + timedelta(days=2), **values}
        return self.env["ar.dunning.post.wizard"].with_user(self.clerk).create(values)

    def test_one_file_in_address_order_of_the_frozen_letters(self):
        self.assertEqual(self.letters.mapped("state"), ["queued"] * 4)
        pages = self.printed(self.letters)
        firsts = [page for page in pages if "Dear" in page]
        for page, name in zip(firsts, ("Beta", "Zeta", "Alfa", "Svea"), strict=True):
            self.assertIn(f"Dear {name}", page)
        frozen = sum(page_count(notice.letter_id.raw) for notice in self.notices.sudo())
        self.assertEqual(len(pages), frozen)
        order = self.letters.sorted("print_number")
        self.assertEqual(order.partner_id.mapped("name"), ["Beta", "Zeta", "Alfa", "Svea"])
        self.assertEqual(order.mapped("print_number"), [1, 2, 3, 4])
        self.assertEqual(str(order[0].printed_on), "2026-03-08 10:00:00")
        self.assertEqual(self.letters.mapped("state"), ["queued"] * 4, "printing is not posting")
        self.assertEqual(len(self.printed(self.letters.browse())), frozen, "none chosen: all that wait")

    def test_numbers_in_the_order_of_the_pile(self):
        self.printed(self.letters)
        self.letters.filtered(lambda d: d.partner_id.name == "Beta").partner_id.sudo().zip = "9999"
        wizard = self.wizard(self.letters, tracking_numbers=" RR1\nRR2\n\nRR3 \nRR4\n")
        self.assertEqual(wizard.letter_count, 4)
        self.assertTrue(wizard.pile_text.startswith("1. "))
        wizard.action_post()
        posted = {d.partner_id.name: (d.state, d.tracking_number, str(d.posted_on)) for d in self.letters}
        day = str(FIRST + timedelta(days=2))
        self.assertEqual(
            posted,
            {
                "Beta": ("posted", "RR1", day),
                "Zeta": ("posted", "RR2", day),
                "Alfa": ("posted", "RR3", day),
                "Svea": ("posted", "RR4", day),
            },
        )
        self.assertEqual(set(self.notices.mapped("state")), {"sent"})

    def test_pairs_of_reference_and_number(self):
        one, two, three, four = (delivery.notice_id.name for delivery in self.letters)
        self.wizard(
            self.letters, tracking_numbers=f"{four};RR4\n{two.lower()} ; RR2\n{one}\tRR1\n{three};"
        ).action_post()
        self.assertEqual(self.letters.mapped("tracking_number"), ["RR1", "RR2", False, "RR4"])
        self.assertEqual(set(self.letters.mapped("state")), {"posted"})

    def test_errors_say_what_is_wrong_and_post_nothing(self):
        one, two, three, four = (delivery.notice_id.name for delivery in self.letters)
        for numbers, message in (
            ("RR1\nRR2\nRR3", "3 tracking numbers for 4 letters"),
            ("RR1\nRR2\nRR3\nRR4\nRR5", "5 tracking numbers for 4 letters"),
            ("RR1\nRR2\nRR2\nRR4", "More than once in the list: RR2"),
            (f"{one};A\n{two};B\n{three};C\nNONE/1;D", "Not among these letters: NONE/1"),
            (f"{one};A\n{one};B\n{three};C\n{four};D", f"More than once in the list: {one}"),
            (f"{one};A\n{two};B\n{three};C", f"No line for {four}"),
            (f"{one};A\nB\nC\nD", "“B” has no reference"),
        ):
            wizard = self.wizard(self.letters, tracking_numbers=numbers)
            with self.subTest(numbers), self.assertRaisesRegex(UserError, message):
                wizard.action_post()
            self.assertEqual(wizard.tracking_numbers, numbers, "what was typed is still there")
            self.assertEqual(self.letters.mapped("state"), ["queued"] * 4)
        self.wizard(self.letters[0], tracking_number="RR9").action_post()
        with self.assertRaisesRegex(UserError, "RR9 belongs to .* already"):
            self.wizard(self.letters[1:], tracking_numbers="RR9\nRR10\nRR11").action_post()
        with self.assertRaisesRegex(UserError, "in the future"):
            self.wizard(self.letters[1:], posted_on="2999-01-01").action_post()

    def test_only_waiting_letters(self):
        self.wizard(self.letters).action_post()
        with self.assertRaisesRegex(UserError, "No letter waits"):
            self.letters.with_user(self.clerk).action_print_for_post()
        with self.assertRaisesRegex(UserError, "No printed letter waits"):
            self.letters.browse().with_user(self.clerk).action_mark_posted()
