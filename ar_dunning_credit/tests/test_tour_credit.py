from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.ar_dunning.tests.common import DunningCommon


@tagged("post_install", "-at_install")
class TestTourCredit(DunningCommon, HttpCase):
    """In a real browser: an accountant holds a customer's credit, a salesperson sees it."""

    def test_hold_and_what_sales_see(self):
        today = fields.Date.today()
        debtor = self.env["res.partner"].create(
            {"name": "Tour Debtor", "is_company": True, "email": "debtor@example.com", "lang": "en_US"}
        )
        for months in (4, 3, 2):
            due = today - timedelta(days=30 * months)
            self.pay(self.invoice(900.0, due, partner=debtor), 900.0, due + timedelta(days=30))
        self.invoice(500.0, today - timedelta(days=46), partner=debtor)
        self.env["ar.dunning.item"].sudo()._sync(self.company)
        self.env["ar.dunning.customer"].sudo()._refresh_scores(self.company, today)
        self.env["ar.dunning.standing"]._refresh_everybody(self.company, today)
        groups = {"accountant": "ar_dunning.group_dunning_user", "seller": "base.group_user,base.group_partner_manager"}
        for login, names in groups.items():
            new_test_user(
                self.env,
                login,
                names,
                password=login,
                company_id=self.company.id,
                company_ids=[(6, 0, self.company.ids)],
            )
        self.company.ar_dunning_sales_amounts = False
        self.start_tour(
            "/odoo/action-ar_dunning_credit.ar_dunning_credit_action", "ar_dunning_credit_tour", login="accountant"
        )
        customer = self.env["ar.dunning.customer"].search([("partner_id", "=", debtor.id)])
        self.assertEqual((customer.credit_status, customer.hold_reason), ("hold", "Cheque came back"))
        self.assertEqual(customer.hold_user_id.login, "accountant")
        self.start_tour("/odoo/action-base.action_partner_form", "ar_dunning_credit_sales_tour", login="seller")
