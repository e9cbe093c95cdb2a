from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.menu_common import MenuCommon

from .charge_common import ChargeCommon


@tagged("post_install", "-at_install")
class TestMenu(MenuCommon, ChargeCommon):
    def test_the_first_charge(self):
        item = self.item(self.invoice())
        self.assertNotIn("Charges", self.lines(self.accountant))
        self.claim(item)
        self.assertEqual(dict(self.menu(self.accountant))["Reporting"], ["Charges"])
        self.assertNotIn("Configuration", self.lines(self.accountant))

    def test_the_first_series_of_rates(self):
        user = self.worker("boss", "manager")
        self.env["ar.dunning.rate"].with_context(active_test=False).search([]).unlink()
        self.assertLessEqual({"Statutory Rules", "Agreed Interest", "Reminder Fees"}, set(self.lines(user)))
        self.assertFalse({"Reference Rates", "Rate Values"} & set(self.lines(user)))
        rate = self.env["ar.dunning.rate"].create({"name": "Ours", "code": "OURS"})
        self.assertIn("Reference Rates", self.lines(user))
        self.assertNotIn("Rate Values", self.lines(user))
        rate.value_ids = [(0, 0, {"date_from": "2026-01-01", "value": 2.0, "source": "Ours"})]
        self.assertIn("Rate Values", self.lines(user))
