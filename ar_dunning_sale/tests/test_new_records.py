from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DunningCommon
from odoo.addons.ar_dunning.tests.screens import unreadable


@tagged("post_install", "-at_install")
class TestNewRecordsOfSale(DunningCommon):
    """What the web client asks of a record that is not saved yet."""

    def test_computed_fields_bear_new_and_many_records(self):
        self.invoice()
        self.assertEqual(unreadable(self.env, "ar_dunning_sale"), [])

    def test_decision_without_an_order_says_so(self):
        wizard = self.env["ar.dunning.release.wizard"].new({"decision": "approved"})
        self.assertEqual(wizard.amount, 0)
        with self.assertRaisesRegex(UserError, "none to decide about"):
            wizard.action_decide()
