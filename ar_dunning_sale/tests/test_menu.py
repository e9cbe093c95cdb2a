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

    def test_the_first_release(self):
        user = self.worker("anna", "user")
        self.assertNotIn("Releases of Orders", self.lines(user))
        self.company.ar_dunning_overdue_effect = "hold"
        self.overdue(500.0)
        self.quotation().with_user(self.seller).action_request_approval()
        self.assertIn("Releases of Orders", dict(self.menu(user))["More"])

    def test_the_first_free_period(self):
        user = self.worker("anna", "user")
        self.assertNotIn("Free Periods", self.lines(user))
        self.quotation(ar_dunning_trial="trial", ar_dunning_trial_end=self.today)
        self.assertIn("Free Periods", dict(self.menu(user))["More"])

    def test_deposit_rules_are_configured_before_there_is_one(self):
        self.assertIn("Deposit Rules", self.lines(self.worker("boss", "manager")))
