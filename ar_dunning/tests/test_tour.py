from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestTour(DunningCommon, HttpCase):
    """In a real browser, as an accountant without more rights than needed."""

    def draft(self, today):
        """A notice to send, and the accountant who logs in."""
        customer = self.env["res.partner"].create(
            {"name": "Tour Customer", "is_company": True, "email": "tour@example.com", "lang": "en_US"}
        )
        self.invoice(1234.5, today - timedelta(days=6), partner=customer, invoice_date=today - timedelta(days=30))
        notice = self.night(today).notice_ids
        self.assertEqual(notice.state, "draft")
        self.accountant_who_logs_in()
        return notice

    def test_an_empty_board_says_so(self):
        """A board grouped by level was blank once nothing was left in it."""
        self.draft(fields.Date.today())
        self.start_tour(
            "/odoo/action-ar_dunning.ar_dunning_notice_to_send_action",
            "ar_dunning_empty_board_tour",
            login="accountant",
        )

    def test_review_a_draft_and_send_it(self):
        today = fields.Date.today()
        notice = self.draft(today)
        self.start_tour(
            "/odoo/action-ar_dunning.ar_dunning_notice_to_send_action", "ar_dunning_send_tour", login="accountant"
        )
        self.assertEqual(notice.subject, "Please have a look at our invoice")
        self.assertEqual((notice.state, notice.approved_by_id.login), ("queued", "accountant"))
        self.env["ar.dunning.dispatch"].sudo()._send_ready(notice.ids, today)
        mail = notice.sudo().delivery_ids.mail_id
        self.assertEqual(mail.subject, "Please have a look at our invoice")
        self.assertEqual(mail.email_to, '"Tour Customer" <tour@example.com>')
        self.assertIn("1,234.50", mail.body_html)
