import re
from datetime import date, timedelta

import lxml.html

from odoo.tests import tagged
from odoo.tools import html2plaintext

from .common import DUE, DunningCommon

DAY = DUE + timedelta(days=8)


@tagged("post_install", "-at_install")
class TestMailBody(DunningCommon):
    """The mail as it leaves, parsed: amounts, links, languages, escaping, and what it costs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.write({"name": "Kari Lund", "email": "kari@nordlys.example", "phone": "+47 73 00 00 11"})
        cls.env["res.partner.bank"].create(
            {"acc_number": "NO93 8601 1117 947", "partner_id": cls.company.partner_id.id}
        )
        cls.provider = cls.env["payment.provider"].create(
            {"name": "Card", "company_id": cls.company.id, "state": "disabled", "code": "none"}
        )

    def notice(self, day=DAY):
        [notice] = self.night(day).notice_ids
        notice._put({"responsible_id": self.env.user.id})
        return notice

    def body(self, notice):
        return str(self.env["ar.dunning.print"]._mail_contents(notice)[notice.id]["body"])

    def text(self, body):
        """The visible text, blanks folded."""
        return " ".join(lxml.html.fromstring(body).text_content().replace("\xa0", " ").replace("\ufeff", "").split())

    def links(self, body):
        return [link.get("href") for link in lxml.html.fromstring(body).iter("a")]

    def take_payments_online(self):
        self.env["ir.config_parameter"].sudo().set_param("account_payment.enable_portal_payment", "True")
        self.env.cr.execute(
            "UPDATE payment_provider SET state = 'enabled', is_published = true WHERE id = %s", [self.provider.id]
        )
        self.provider.invalidate_recordset()

    def test_the_mail_says_everything(self):
        invoice = self.invoice(1234.5)
        self.pay(invoice, 234.5, DUE)
        self.unmatched_payment(50, DUE + timedelta(days=2))
        notice = self.notice()
        notice._put({"recorded_until": date(2026, 3, 9)})
        text = self.text(self.body(notice))
        for part in (
            "Dear partner_a",
            "Open items in USD",
            f"{invoice.name} Due on 03/02/2026, 8 days late",
            "950.00 of 1,234.50 Open 1,000.00 Received 50.00",
            "Total USD $ 950.00",
            "Please pay by March 17, 2026.",
            "NO93 8601 1117 947",
            f"Reference {invoice.name}",
            "Payments recorded until March 9, 2026 are taken into account.",
            "Kari Lund",
            "Phone +47 73 00 00 11",
            "E-mail kari@nordlys.example",
            notice.name,
        ):
            self.assertIn(part, text)
        for junk in ("Unfollow", "View Invoice", "Powered by"):
            self.assertNotIn(junk, text)

    def test_also_open_comes_after_the_demand(self):
        first = self.invoice(1000)
        later = self.invoice(77, due=DAY - timedelta(days=2))
        text = self.text(self.body(self.notice()))
        demanded, listed = text.split("Also open in USD")
        self.assertIn(first.name, demanded)
        self.assertNotIn(later.name, demanded)
        self.assertIn("Total USD $ 1,000.00", demanded)
        self.assertIn(f"{later.name} Due on 03/08/2026, 2 days late 77.00 Total USD $ 77.00", listed)

    def test_each_currency_has_its_total(self):
        self.invoice(1000)
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.invoice(200, currency=euro)
        text = self.text(self.body(self.notice()))
        self.assertIn("Total USD $ 1,000.00", text)
        self.assertIn("Total EUR 200.00 €", text)

    def test_numbers_link_to_the_portal_with_a_token(self):
        invoice = self.invoice(1000)
        written = invoice.write_date
        self.assertFalse(invoice.access_token)
        links = self.links(self.body(self.notice()))
        self.assertRegex(invoice.access_token, r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        self.assertIn(f"{invoice.get_base_url()}/my/invoices/{invoice.id}?access_token={invoice.access_token}", links)
        self.assertEqual(invoice.write_date, written, "invoices are not written to")

    def test_a_token_that_exists_stays(self):
        invoice = self.invoice(1000)
        token = invoice._portal_ensure_token()
        self.assertTrue(any(token in link for link in self.links(self.body(self.notice()))))
        self.assertEqual(invoice.access_token, token)

    def test_a_preview_makes_no_tokens(self):
        invoice = self.invoice(1000)
        notice = self.notice()
        self.assertIn(invoice.name, self.text(str(notice.mail_preview)))
        invoice.invalidate_recordset(["access_token"])
        self.assertFalse(invoice.access_token)

    def test_opening_entries_have_no_page(self):
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2026-02-01",
                "line_ids": [
                    (
                        0,
                        0,
                        {
                            "account_id": self.company_data["default_account_receivable"].id,
                            "debit": 500,
                            "partner_id": self.partner_a.id,
                            "date_maturity": DUE,
                        },
                    ),
                    (0, 0, {"account_id": self.company_data["default_account_revenue"].id, "credit": 500}),
                ],
            }
        )
        entry.action_post()
        entry.line_ids.no_followup = False
        body = self.body(self.notice())
        self.assertIn(entry.name, self.text(body))
        self.assertFalse([link for link in self.links(body) if "/my/invoices" in link])

    def test_pay_online_only_where_it_works(self):
        invoice = self.invoice(1000)
        notice = self.notice()
        self.assertNotIn("Pay online", self.text(self.body(notice)))
        self.take_payments_online()
        body = self.body(notice)
        self.assertIn("Pay online", self.text(body))
        self.assertIn(
            f"{invoice.get_base_url()}/my/invoices/{invoice.id}?access_token={invoice.access_token}#portal_pay",
            self.links(body),
        )
        self.env["ir.config_parameter"].sudo().set_param("account_payment.enable_portal_payment", "False")
        self.assertNotIn("Pay online", self.text(self.body(notice)))

    def test_several_invoices_are_paid_online_by_their_numbers(self):
        self.invoice(1000)
        self.invoice(500)
        self.take_payments_online()
        text = self.text(self.body(self.notice()))
        self.assertIn("You can pay online: click the number of an invoice above.", text)
        self.assertNotIn("Pay online", text)

    def test_markup_is_escaped(self):
        self.partner_a.name = 'Smith & <b>Sons</b> <script>alert("x")</script>'
        self.invoice(1000, payment_reference='<img src="x" onerror="y">')
        body = self.body(self.notice())
        root = lxml.html.fromstring(body)
        self.assertEqual(list(root.iter("script", "b")), [])
        self.assertEqual([image for image in root.iter("img") if image.get("onerror")], [])
        text = self.text(body)
        self.assertIn('Smith & <b>Sons</b> <script>alert("x")</script>', text)
        self.assertIn('<img src="x" onerror="y">', text)

    def test_dates_and_amounts_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.partner_a.lang = "de_DE"
        self.invoice(1234.5)
        notice = self.notice()
        text = self.text(self.body(notice))
        for part in ("1.234,50", "02.03.2026", "17. März 2026"):
            self.assertIn(part, text)
        self.assertNotIn("03/02/2026", text)

    def test_a_template_of_ones_own_frames_the_body(self):
        template = self.env.ref("ar_dunning.mail_template_notice").copy(
            {
                "subject": "{{ object.name }}: {{ object.subject }}",
                "body_html": '<p>Greetings from <t t-out="object.company_id.name"/></p>'
                '<t t-out="object._render_mail_body()"/>',
            }
        )
        self.policy.level_ids.mail_template_id = template
        invoice = self.invoice(1000)
        notice = self.notice()
        content = self.env["ar.dunning.print"]._mail_contents(notice)[notice.id]
        self.assertEqual(content["subject"], f"{notice.name}: {notice.subject}")
        self.assertIn(f"Greetings from {self.company.name}", content["body"])
        self.assertIn(invoice.name, content["body"])

    def test_plain_text_is_readable(self):
        invoice = self.invoice(1000)
        lines = [line.strip() for line in html2plaintext(self.body(self.notice())).splitlines()]
        self.assertTrue(any(line.startswith(invoice.name) for line in lines))
        self.assertIn("Please pay by March 17, 2026.", lines)
        self.assertFalse([line for line in lines if re.search(r"[<>{}]|&\w+;", line)])

    def test_a_batch_costs_no_statement_per_mail(self):
        partners = self.partner_a
        for number in range(8):
            partners |= self.partner_a.copy({"name": f"Customer {number}", "email": f"c{number}@example.com"})
        for partner in partners:
            self.invoice(1000, partner=partner)
            self.invoice(50, partner=partner)
        notices = self.night(DAY).notice_ids
        self.assertEqual(len(notices), 9)
        self.env["ar.dunning.print"]._mail_contents(notices)

        self.assertLessEqual(self.mail_statements(notices), self.mail_statements(notices[:1]))
