from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.menu_common import MenuCommon

from .deposit_common import DepositCommon


@tagged("post_install", "-at_install")
class TestMenu(MenuCommon, DepositCommon):
    def test_the_first_security_deposit(self):
        user = self.worker("anna", "user")
        self.assertNotIn("Security Deposits", self.lines(user))
        self.deposit()
        self.assertIn("Security Deposits", dict(self.menu(user))["More"])

    def test_the_first_terms_accepted(self):
        user = self.worker("anna", "user")
        self.assertNotIn("Accepted Terms", self.lines(user))
        self.quotation(note="<p>Ex works</p>").with_user(self.seller).action_confirm()
        self.assertIn("Accepted Terms", dict(self.menu(user))["More"])

    def test_deposit_rules_are_configured_before_there_is_one(self):
        self.assertIn("Deposit Rules", self.lines(self.worker("boss", "manager")))
