import hashlib
import io
import re
from datetime import date, timedelta
from unittest.mock import patch

from reportlab.pdfgen.canvas import Canvas

from odoo.tests import tagged

from ..models.facts.print_sections import ANNEX_ROWS, SECTION_ROWS, Row, Section, pages_of
from .common import DUE, DunningCommon
from .pdf_common import texts_of

DAY = DUE + timedelta(days=8)


@tagged("post_install", "-at_install")
class TestLetter(DunningCommon):
    """The letter as the customer holds it in his hands: every figure is read back from the PDF's text."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "name": "Nordlys Maskin",
                "street": "Havnegata 12",
                "zip": "7010",
                "city": "Trondheim",
                "company_registry": "987654325",
                "country_id": cls.env.ref("base.no").id,
                "external_report_layout_id": cls.env.ref("web.external_layout_standard").id,
            }
        )
        cls.bank = cls.env["res.partner.bank"].create(
            {"acc_number": "NO93 8601 1117 947", "partner_id": cls.company.partner_id.id}
        )
        cls.partner_a.write({"country_id": cls.env.ref("base.no").id, "ref": "K-10042"})
        cls.env.user.write({"name": "Kari Lund", "email": "kari@nordlys.example", "phone": "+47 73 00 00 11"})
        cls.reports = cls.env["ir.actions.report"].with_context(force_report_rendering=True)

    def notice(self, day=DAY, partner=None):
        """The notice that the night of `day` prepares for the customer."""
        partner = partner or self.partner_a
        self.env["ar.dunning.item"].sudo()._sync(self.company)
        customer = self.env["ar.dunning.customer"].search([("partner_id", "=", partner.id)])
        customer.responsible_id = self.env.user
        return self.night(day).notice_ids.filtered(lambda notice: notice.commercial_partner_id == partner)

    def pages(self, notices):
        """The text of each page of the printed letters, blanks folded."""
        with self.allow_pdf_render():
            pdf, kind = self.reports._render_qweb_pdf("ar_dunning.action_report_notice", notices.ids)
        self.assertEqual(kind, "pdf")
        return texts_of(pdf)

    def assert_all_in(self, parts, text):
        for part in parts:
            self.assertIn(part, text)

    def test_reminder_says_everything(self):
        first = self.invoice(1234.5)
        second = self.invoice(100, due=DUE + timedelta(days=1))
        notice = self.notice()
        notice._put({"recorded_until": date(2026, 3, 9)})
        [text] = self.pages(notice)
        self.assert_all_in(
            [
                "Nordlys Maskin · Havnegata 12 · 7010 Trondheim",
                "partner_a Storgata 1",
                "0155 Oslo",
                "March 10, 2026",
                notice.name,
                "K-10042",
                "Kari Lund",
                "+47 73 00 00 11",
                "kari@nordlys.example",
                "Open items in USD",
                f"{first.name} 02/01/2026 03/02/2026 8 1,234.50 1,234.50",
                f"{second.name} 02/01/2026 03/03/2026 7 100.00 100.00",
                "Total USD $ 1,334.50",
                "Please pay by March 17, 2026.",
                "NO93 8601 1117 947",
                f"{first.name}, {second.name}",
                "Payments recorded until March 9, 2026 are taken into account.",
                "Reg. no. 987654325",
                "Draft · Page 1 of 1",
            ],
            text,
        )
        self.assertNotIn("Received", text)
        self.assertEqual(text.count("Norway"), 1, "a letter within the country names it in its letterhead only")

    def test_payments_and_credits_are_deducted(self):
        invoice = self.invoice(1000)
        self.pay(invoice, 300, DUE)
        self.unmatched_payment(50, DUE + timedelta(days=2))
        [text] = self.pages(self.notice())
        self.assertIn(f"{invoice.name} 02/01/2026 03/02/2026 8 1,000.00 700.00 50.00 650.00", text)
        self.assertIn("Total USD $ 700.00 $ 50.00 $ 650.00", text)
        self.assertRegex(text, r"Amount to pay \$ 650\.00")

    def test_two_currencies_have_totals_of_their_own(self):
        self.invoice(1000)
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.invoice(200, currency=euro)
        notice = self.notice()
        [text] = self.pages(notice)
        self.assert_all_in(
            ["Open items in USD", "Open items in EUR", "Total USD $ 1,000.00", "Total EUR 200.00 €"], text
        )
        self.assertEqual(self.env["ar.dunning.print"]._print_qr(notice, self.bank), "", "no QR code for two currencies")

    def test_also_open_stands_apart_without_deadline(self):
        self.invoice(1000)
        later = self.invoice(77, due=DAY - timedelta(days=2))
        [text] = self.pages(self.notice())
        demanded, listed = text.split("Also open in USD")
        self.assertNotIn(later.name, demanded)
        self.assertIn(f"{later.name} 02/01/2026 03/08/2026 2 77.00 77.00 Total USD $ 77.00", listed)
        self.assertIn("Total USD $ 1,000.00", demanded)
        self.assertNotIn("pay by", listed)

    def test_sixty_invoices_break_over_pages(self):
        invoices = self.env["account.move"]
        for number in range(60):
            invoices |= self.invoice(10 + number)
        pages = self.pages(self.notice())
        self.assertEqual(len(pages), 3)
        for number, page in enumerate(pages, start=1):
            self.assertIn(f"Page {number} of 3", page)
        self.assertIn("listed one by one in the annex", pages[0])
        for page in pages[1:]:
            self.assertIn("Invoice Date Due date Days late Original amount Open amount", page)
        text = " ".join(pages[1:])
        self.assertEqual([name for name in invoices.mapped("name") if text.count(name) != 1], [])
        self.assertEqual(text.count("Total USD"), 1)
        self.assertIn("Total USD $ 2,370.00", pages[2])
        self.assertIn("Continued on the next page", pages[1])

    def test_markup_in_names_is_text(self):
        self.partner_a.write({"name": 'Smith & <b>Sons</b> <script>alert("x")</script>', "ref": "<i>7</i>"})
        self.invoice(1000, payment_reference="<u>ref</u>")
        text = " ".join(self.pages(self.notice()))
        self.assertIn('Smith & <b>Sons</b> <script>alert("x")</script>', text)
        self.assert_all_in(["<i>7</i>", "<u>ref</u>"], text)

    def test_letter_speaks_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.partner_a.lang = "fr_FR"
        self.invoice(1234.5)
        notice = self.notice()
        [text] = self.pages(notice)
        self.assertEqual(notice.lang, "fr_FR")
        self.assert_all_in(["10 mars 2026", "17 mars 2026", "02/03/2026"], text)
        self.assertRegex(text, r"1[ \u202f]234,50 \$|\$ 1[ \u202f]234,50")

    def test_several_letters_in_one_print(self):
        self.invoice(1000)
        self.partner_b.write({"email": "b@example.com", "street": "Gate 2", "city": "Bergen", "zip": "5003"})
        self.invoice(500, partner=self.partner_b)
        notices = self.notice(partner=self.partner_a).run_id.notice_ids
        self.assertEqual(len(notices), 2)
        pages = self.pages(notices)
        self.assertEqual(len(pages), 2)
        for notice, page in zip(notices, pages, strict=True):
            self.assertIn(notice.name, page)
            self.assertIn("Page 1 of 1", page)

    def test_frozen_letter_is_printed_as_it_is_kept(self):
        self.invoice(1000)
        notice = self.notice()
        with self.allow_pdf_render():
            pdf, _kind = self.reports._render_qweb_pdf("ar_dunning.action_report_notice", notice.ids)
        notice._approve()
        notice._freeze_letter(pdf)
        self.partner_a.name = "Renamed"
        path = "odoo.addons.base.models.ir_actions_report._run_wkhtmltopdf"
        with patch(path, side_effect=AssertionError("drawn again")):
            again, _kind = self.reports._render_qweb_pdf("ar_dunning.action_report_notice", notice.ids)
        self.assertEqual(hashlib.sha256(again).hexdigest(), notice.letter_sha256)
        self.assertEqual(again, pdf)

    def test_an_edited_draft_is_drawn_anew(self):
        self.invoice(1000)
        notice = self.notice()
        notice._approve()
        notice._freeze_letter(b"%PDF-drawn before")
        notice.action_back_to_draft()
        notice.text = "<p>Written by hand.</p>"
        self.assertFalse(notice.letter_id)
        [text] = self.pages(notice)
        self.assertIn("Written by hand.", text)

    def test_nothing_is_fetched(self):
        """No address of a server, a web font or a picture is left in what wkhtmltopdf gets."""
        self.invoice(1000)
        notice = self.notice()
        seen = []
        with patch.object(
            type(self.reports),
            "_run_wkhtmltopdf",
            lambda _self, bodies, **kwargs: seen.extend(bodies) or self.one_page(),
        ):
            self.reports._render_qweb_pdf("ar_dunning.action_report_notice", notice.ids)
        [body] = seen
        self.assertNotIn("@font-face", body)
        self.assertEqual(re.findall(r"url\(\s*[\"']?(?!data:)[^)]{0,80}", body), [])
        self.assertEqual(re.findall(r"(?:src|href)=[\"'](?!data:|mailto:|tel:)[^\"']*", body), [])

    def one_page(self):
        stream = io.BytesIO()
        canvas = Canvas(stream)
        canvas.showPage()
        canvas.save()
        return stream.getvalue()


@tagged("post_install", "-at_install")
class TestPages(DunningCommon):
    """Long lists break into tables that fit."""

    def rows(self, count, number="INV/1"):
        return tuple(
            Row(number, "", "", "", 1, "1", "1", "0", "1", "", is_partly_paid=False, has_credit=False)
            for _ in range(count)
        )

    def section(self, count, demanded=True, currency="EUR", **values):
        return Section(demanded, currency, self.rows(count, **values), "1", "0", "1", has_credit=False, has_late=True)

    def shape(self, sections):
        return [[(len(part.rows), part.last) for part in page] for page in pages_of(sections)]

    def test_boundaries(self):
        full = ANNEX_ROWS - SECTION_ROWS
        for count, expected in [
            (1, [[(1, True)]]),
            (full, [[(full, True)]]),
            (full + 1, [[(full, False)], [(1, True)]]),
            (2 * full + 3, [[(full, False)], [(full, False)], [(3, True)]]),
        ]:
            with self.subTest(count=count):
                self.assertEqual(self.shape([self.section(count)]), expected)

    def test_short_sections_share_a_page(self):
        self.assertEqual(
            self.shape([self.section(6), self.section(7, currency="NOK"), self.section(2, demanded=False)]),
            [[(6, True), (7, True), (2, True)]],
        )

    def test_long_numbers_take_two_lines(self):
        full = ANNEX_ROWS - SECTION_ROWS
        [first, second] = pages_of([self.section(full // 2 * 2, number="A-NUMBER-LONGER-THAN-ITS-COLUMN")])
        self.assertEqual(len(first[0].rows), full // 2)
        self.assertEqual(len(second[0].rows), full // 2)


@tagged("post_install", "-at_install")
class TestHowToPay(DunningCommon):
    """Account, reference and QR code."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank = cls.env["res.partner.bank"].create(
            {"acc_number": "NO93 8601 1117 947", "partner_id": cls.company.partner_id.id}
        )

    def test_one_invoice_has_its_own_reference(self):
        invoice = self.invoice(1000, payment_reference="RF18539007547034")
        notice = self.night(DAY).notice_ids
        self.assertEqual(self.env["ar.dunning.print"]._print_transfer(notice).reference, "RF18539007547034")
        self.assertNotEqual(self.env["ar.dunning.print"]._print_transfer(notice).reference, invoice.name)

    def test_many_invoices_go_under_the_notice(self):
        for _ in range(8):
            self.invoice(10)
        notice = self.night(DAY).notice_ids
        self.assertEqual(self.env["ar.dunning.print"]._print_transfer(notice).reference, notice.name)

    def test_the_qr_code_asks_for_the_whole_demand(self):
        self.invoice(1000)
        self.invoice(25.5)
        notice = self.night(DAY).notice_ids
        asked = []
        with patch.object(
            type(self.bank),
            "build_qr_code_base64",
            lambda _self, *args: asked.append(args) or "data:image/png;base64,QQ==",
        ):
            transfer = self.env["ar.dunning.print"]._print_transfer(notice, with_qr=True)
        self.assertEqual(transfer.qr, "data:image/png;base64,QQ==")
        [(amount, reference, structured, currency, debtor)] = asked
        self.assertEqual((amount, structured, currency.name, debtor), (1025.5, "", "USD", self.partner_a))
        self.assertEqual(reference, ", ".join(notice.line_ids.mapped("move_name")))

    def test_account_of_the_invoice_comes_first(self):
        other = self.env["res.partner.bank"].create(
            {"acc_number": "DE89370400440532013000", "partner_id": self.company.partner_id.id}
        )
        self.invoice(1000, partner_bank_id=other.id)
        notice = self.night(DAY).notice_ids
        self.assertEqual(self.env["ar.dunning.print"]._print_transfer(notice).account, "DE89370400440532013000")

    def test_address_of_a_contact_names_the_company_first(self):
        contact = self.env["res.partner"].create(
            {
                "name": "Ola Nordmann",
                "parent_id": self.partner_a.id,
                "type": "invoice",
                "email": "ola@example.com",
                "street": "Postboks 9",
                "zip": "5003",
                "city": "Bergen",
                "country_id": self.env.ref("base.se").id,
            }
        )
        self.invoice(1000)
        notice = self.night(DAY).notice_ids
        self.assertEqual(notice.partner_id, contact)
        lines = self.env["ar.dunning.print"]._print_address(notice)
        self.assertEqual(lines[:3], [self.partner_a.name, "Ola Nordmann", "Postboks 9"])
        self.assertEqual(lines[-1], "SWEDEN")
