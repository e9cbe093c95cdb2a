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


@tagged("post_install", "-at_install")
class TestTermsKept(SaleDunningCommon):
    """What was accepted stays, whatever becomes of the quotation."""

    def accepted(self):
        return self.dunning_customer(self.partner_a).terms_ids

    def test_a_signed_quotation_that_is_cancelled_and_changed(self):
        order = self.quotation(note="<p>Version 3</p>", state="sent")
        signature = b"R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
        order.write({"signature": signature, "signed_by": "Anna", "signed_on": "2026-03-05 09:30:00"})
        order._action_cancel()
        self.assertEqual(self.accepted().accepted_by, "Anna")
        order.action_draft()
        order.note = "<p>Version 4</p>"
        order.write({"signature": signature, "signed_by": "Bert", "signed_on": "2026-04-05 09:30:00"})
        rows = self.accepted().sorted("accepted_on")
        self.assertEqual(rows.mapped("accepted_by"), ["Anna", "Bert"])
        self.assertIn(b"Version 3", rows[0].attachment_id.raw)
        self.assertIn(b"Version 4", rows[1].attachment_id.raw)

    def test_terms_changed_after_the_signature_were_not_signed(self):
        order = self.quotation(note="<p>Version 3</p>", state="sent")
        signature = b"R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
        order.write({"signature": signature, "signed_by": "Anna", "signed_on": "2026-03-05 09:30:00"})
        order.note = "<p>Version 4, worse</p>"
        order.with_user(self.seller).action_confirm()
        rows = {row.attachment_id.raw: (row.way, row.accepted_by) for row in self.accepted()}
        (worse,) = [found for text, found in rows.items() if b"Version 4" in text]
        self.assertEqual(worse, ("confirmed", "Sara Seller"))

    def test_the_document_cannot_be_replaced(self):
        self.quotation(note="<p>Ex works</p>").action_confirm()
        document = self.accepted().attachment_id
        for user in (self.seller, self.controller):
            with self.subTest(user.login), self.assertRaises(UserError):
                document.with_user(user).write({"raw": b"something else"})
            with self.subTest(user.login), self.assertRaises(UserError):
                document.with_user(user).unlink()

    def test_deleting_the_quotation_leaves_the_evidence(self):
        order = self.quotation(note="<p>Ex works</p>")
        order.action_confirm()
        terms, name = self.accepted(), order.name
        order._action_cancel()
        order.unlink()
        self.assertEqual((self.accepted(), terms.order_id.id, terms.order_name), (terms, False, name))
