from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DUE
from odoo.addons.ar_dunning.tests.menu_common import MenuCommon

from .credit_common import CreditCommon


@tagged("post_install", "-at_install")
class TestMenu(MenuCommon, CreditCommon):
    def test_nothing_of_credit_before_the_first_customer(self):
        self.customer()
        self.assertFalse(
            {"Credit", "Customers", "Solvency Checks", "Payment Behaviour"} & set(self.lines(self.fresh("user")))
        )
        lines = self.lines(self.fresh("manager"))
        self.assertIn("Credit Rules", lines)
        self.assertFalse({"Advanced", "Score"} & set(lines), "there is nobody to grade")

    def test_the_first_check(self):
        user, customer = self.worker("anna", "user"), self.customer()
        self.assertEqual(dict(self.menu(user))["Credit"], ["Customers"])
        self.env["ar.dunning.solvency.check"].create({"customer_id": customer.id, "date": DUE, "result": "good"})
        self.assertEqual(dict(self.menu(user))["Credit"], ["Customers", "Solvency Checks"])

    def test_the_first_grade(self):
        user, manager, customer = self.worker("anna", "user"), self.worker("boss", "manager"), self.customer()
        self.env["ar.dunning.customer"].search([])._put({"grade": False})
        self.assertNotIn("Payment Behaviour", self.lines(user))
        customer._put({"grade": "new"})
        self.assertIn("Payment Behaviour", self.lines(user))
        self.assertEqual(self.lines(manager)[-2:], ["Advanced", "Score"])
