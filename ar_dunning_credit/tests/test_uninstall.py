from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DUE
from odoo.addons.ar_dunning.tests.uninstall_common import UninstallCase

from .credit_common import ON, CreditCommon


@tagged("post_install", "-at_install")
class TestUninstall(UninstallCase, CreditCommon):
    """Checks that count and holds by hand keep the addon."""

    def check(self, result, day=DUE, **values):
        return self.env["ar.dunning.solvency.check"].create(
            {"customer_id": self.customer().id, "date": day, "result": result, **values}
        )

    def test_without_checks_and_holds_it_goes(self):
        self.customer()
        self.uninstall("ar_dunning_credit")

    @freeze_time(ON)
    def test_a_check_keeps_it_while_it_counts(self):
        check = self.check("good", valid_until=ON)
        told = ["Solvency checks that count: 1. Archive them first."]
        self.assertEqual(self.sentences("ar_dunning_credit"), told)
        with freeze_time(ON + timedelta(days=1)):
            self.env.invalidate_all()
            self.uninstall("ar_dunning_credit")
            self.env["ir.module.module"].search([("state", "=", "to remove")]).state = "installed"
        self.env.invalidate_all()
        check.active = False
        self.uninstall("ar_dunning_credit")

    @freeze_time(ON)
    def test_of_several_checks_one_counts_and_an_insolvency_does(self):
        self.check("bad")
        self.check("insolvent", DUE + timedelta(days=1), opening_date=DUE)
        self.assertEqual(self.sentences("ar_dunning_credit"), ["Solvency checks that count: 1. Archive them first."])

    def test_a_hold_keeps_it_until_it_is_lifted(self):
        customer = self.customer()
        customer._hold("hold", "Moved away")
        told = ["Customers held by hand: 1. Lift their holds first."]
        self.assertEqual(self.sentences("ar_dunning_credit"), told)
        self.assertIn(told[0], self.sentences("ar_dunning"))
        customer._lift_hold("Found again")
        self.uninstall("ar_dunning_credit")
