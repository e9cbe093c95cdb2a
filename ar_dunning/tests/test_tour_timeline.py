from datetime import timedelta

from odoo.tests import HttpCase, tagged

from .common import DEADLINE, REMINDED
from .timeline_common import TimelineCommon


@tagged("post_install", "-at_install")
class TestTourTimeline(TimelineCommon, HttpCase):
    """In a real browser: the timeline of a customer shows, filters and leads on; an invoice says what became of its notices."""

    def setUp(self):
        super().setUp()
        self.bill = self.invoice()
        self.customer = self.item(self.bill).customer_id
        notice = self.night(REMINDED).notice_ids
        self.send(notice, REMINDED)
        self.said(notice, REMINDED + timedelta(days=2), "<p>On Friday</p>")
        payment = self.pay(self.bill, 400, DEADLINE)
        partials = payment.move_id.line_ids.matched_debit_ids | payment.move_id.line_ids.matched_credit_ids
        self.dated(partials, DEADLINE - timedelta(days=1))  # a test's records all come today
        self.accountant_who_logs_in()

    def test_timeline_of_a_customer(self):
        url = f"/odoo/action-ar_dunning.ar_dunning_customer_action/{self.customer.id}"
        self.start_tour(url, "ar_dunning_timeline_tour", login="accountant")

    def test_timeline_on_a_telephone(self):
        self.browser_size = "390x844"
        self.touch_enabled = True
        url = f"/odoo/action-ar_dunning.ar_dunning_customer_action/{self.customer.id}"
        self.start_tour(url, "ar_dunning_timeline_tour", login="accountant")

    def test_notices_of_an_invoice(self):
        url = f"/odoo/customer-invoices/{self.bill.id}"
        self.start_tour(url, "ar_dunning_timeline_invoice_tour", login="accountant")
