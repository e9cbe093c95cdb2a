import hashlib

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SaleDunningCommon


@tagged("post_install", "-at_install")
class TestTerms(SaleDunningCommon):
    """Which terms, when, by whom: kept on the customer, unchangeable."""

    def accepted(self, partner=None):
        return self.dunning_customer(partner or self.partner_a).terms_ids

    @freeze_time("2026-03-05 09:30:00")
    def test_signature(self):
        order = self.quotation(note="<p>We deliver ex works. Version 3.</p>", state="sent")
        order.write({"signature": b"R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "signed_by": "Anna Berg",
                     "signed_on": "2026-03-05 09:30:00"})  # fmt: skip
        terms = self.accepted()
        self.assertEqual((terms.way, terms.accepted_by, terms.order_name), ("signed", "Anna Berg", order.name))
        self.assertEqual(str(terms.accepted_on), "2026-03-05 09:30:00")
        text = terms.attachment_id.raw
        self.assertIn(b"We deliver ex works. Version 3.", text)
        self.assertEqual(terms.fingerprint, hashlib.sha256(text).hexdigest())
        order.action_confirm()
        self.assertEqual(self.accepted(), terms, "once")

    def test_confirmation_by_us(self):
        order = self.quotation(note="<p>Ex works</p>")
        order.with_user(self.seller).action_confirm()
        terms = self.accepted()
        self.assertEqual((terms.way, terms.accepted_by), ("confirmed", "Sara Seller"))

    def test_page_of_the_company_is_kept_as_text(self):
        self.env["ir.config_parameter"].set_param("account.use_invoice_terms", True)
        self.company.write({"terms_type": "html", "invoice_terms_html": "<h1>Terms of 2026</h1>"})
        order = self.quotation()
        self.assertIn("/terms", order.note)
        order.action_confirm()
        self.assertIn(b"Terms of 2026", self.accepted().attachment_id.raw)
        self.company.invoice_terms_html = "<h1>Terms of 2027</h1>"
        self.assertIn(b"Terms of 2026", self.accepted().attachment_id.raw)

    def test_no_terms_no_record(self):
        self.quotation(note="<p><br></p>").action_confirm()
        self.assertFalse(self.accepted())

    def test_contacts_accept_for_their_company(self):
        contact = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.partner_a.id})
        self.quotation(partner=contact, note="<p>Ex works</p>").action_confirm()
        self.assertEqual(len(self.accepted()), 1)

    def test_evidence_stays(self):
        self.quotation(note="<p>Ex works</p>").action_confirm()
        terms = self.accepted()
        for change in (lambda: terms.write({"accepted_by": "x"}), terms.unlink, terms.sudo().unlink):
            with self.assertRaises(UserError):
                change()
        with self.assertRaises(UserError):
            terms.sudo().write({"fingerprint": "x"})

    def test_merged_customers(self):
        self.quotation(partner=self.partner_b, note="<p>Ex works</p>").action_confirm()
        terms = self.accepted(self.partner_b)
        self.partner_b._merge_dunning_records(self.partner_a)
        self.assertEqual(self.accepted(), terms)
