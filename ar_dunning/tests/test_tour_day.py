from odoo.tests import HttpCase, new_test_user, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestTourDay(DunningCommon, HttpCase):
    """In a real browser, what a day begins with, as an accountant who does the dunning and looks after contacts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Partner = cls.env["res.partner"]
        cls.customer = Partner.create({"name": "Day Customer", "email": "day@example.com", "is_company": True})
        cls.supplier = Partner.create({"name": "Day Supplier", "is_company": True})
        cls.env["product.product"].create(
            {
                "name": "Day Work",
                "type": "service",
                "taxes_id": False,
                "supplier_taxes_id": False,
                "property_account_income_id": cls.company_data["default_account_revenue"].id,
                "property_account_expense_id": cls.company_data["default_account_expense"].id,
            }
        )
        cls.company.external_report_layout_id = cls.env.ref("web.external_layout_standard")
        new_test_user(
            cls.env,
            "accountant",
            "base.group_user,base.group_partner_manager,ar_dunning.group_dunning_user",
            password="accountant",
            email="accountant@example.com",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

    def test_invoice_posted_sent_and_paid_in_part(self):
        self.start_tour("/odoo/customer-invoices/new", "ar_dunning_day_invoice", login="accountant")
        invoice = self.env["account.move"].search([("partner_id", "=", self.customer.id), ("move_type", "!=", "entry")])
        self.assertEqual((invoice.move_type, invoice.state, invoice.is_move_sent), ("out_invoice", "posted", True))
        self.assertEqual((invoice.amount_total, invoice.amount_residual), (1234.5, 234.5))
        self.assertEqual(invoice.payment_state, "partial")
        payment = self.env["account.payment"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual((payment.amount, payment.payment_type), (1000.0, "inbound"))
        self.assertEqual(self.item(invoice).customer_id.partner_id, self.customer)

    def test_customer(self):
        self.start_tour("/odoo/customers/new", "ar_dunning_day_customer", login="accountant")
        partner = self.env["res.partner"].search([("name", "=", "Day Newcomer")])
        self.assertEqual((len(partner), partner.email), (1, "newcomer@example.com"))

    def test_bill(self):
        self.start_tour("/odoo/vendor-bills/new", "ar_dunning_day_bill", login="accountant")
        bill = self.env["account.move"].search([("partner_id", "=", self.supplier.id)])
        self.assertEqual((bill.move_type, bill.state, bill.amount_total), ("in_invoice", "posted", 321.0))
        self.assertEqual(str(bill.invoice_date), "2026-11-02")
