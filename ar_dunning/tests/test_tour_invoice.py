from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestTourInvoice(DunningCommon, HttpCase):
    """In a real browser: what dunning says on an invoice comes when its page is opened, and follows a button."""

    def test_page_of_an_overdue_invoice(self):
        invoice = self.invoice(500.0, fields.Date.today() - timedelta(days=6))
        self.item(invoice)
        self.accountant_who_logs_in()
        self.start_tour(f"/odoo/customer-invoices/{invoice.id}", "ar_dunning_invoice_tour", login="accountant")
        self.assertTrue(invoice.ar_dunning_is_paused)
