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

    def test_what_people_approved_stays(self):
        """An open request and what was declined do not: nobody relies on them."""
        self.company.ar_dunning_overdue_effect = "hold"
        self.overdue(500.0)
        order = self.quotation()
        order.with_user(self.seller).action_request_approval()
        self.assertEqual(self.env["ir.module.module"].new({"name": "ar_dunning_sale"})._dunning_evidence_kept(), [])
        order.with_user(self.controller)._dunning_decide("approved", "Pays on Friday")
        self.assertEqual(self.sentences("ar_dunning_sale"), ["Approvals of orders that stand: 1. They stay on record."])

    def test_free_periods_that_run_stay(self):
        order = self.quotation(ar_dunning_trial="trial", ar_dunning_trial_end=self.today)
        order.order_line.ar_dunning_trial = True
        self.assertEqual(self.env["ir.module.module"].new({"name": "ar_dunning_sale"})._dunning_evidence_kept(), [])
        order.action_confirm()
        told = ["Free periods that run: 1. Charge or end them first."]
        self.assertEqual(self.sentences("ar_dunning_sale"), told)
        order.action_trial_end()
        self.uninstall("ar_dunning_sale")

    def test_accepted_terms_stay(self):
        self.quotation(note="<p>Ex works</p>").action_confirm()
        self.assertEqual(self.sentences("ar_dunning_sale"), ["Accepted terms: 1. They stay on record."])
