from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.uninstall_common import UninstallCase

from .deposit_common import DepositCommon


@tagged("post_install", "-at_install")
class TestUninstall(UninstallCase, DepositCommon):
    """Deposits that are held and accepted terms keep the addon."""

    def test_a_deposit_keeps_it_while_it_is_held(self):
        deposit = self.deposit()
        self.uninstall("ar_dunning_sale")  # it is only asked for
        self.env["ir.module.module"].search([("state", "=", "to remove")]).state = "installed"
        self.receive(deposit)
        told = ["Security deposits that are held: 1. Give them back or apply them first."]
        self.assertEqual(self.sentences("ar_dunning_sale"), told)
        self.assertIn(told[0], self.sentences("ar_dunning_credit"))
        self.give_back(deposit)
        self.assertEqual(deposit.state, "released")
        self.uninstall("ar_dunning_sale")

    def test_accepted_terms_stay(self):
        self.quotation(note="<p>Ex works</p>").action_confirm()
        self.assertEqual(self.sentences("ar_dunning_sale"), ["Accepted terms: 1. They stay on record."])
