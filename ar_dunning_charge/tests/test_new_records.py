from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DUE, DunningCommon
from odoo.addons.ar_dunning.tests.screens import unreadable


@tagged("post_install", "-at_install")
class TestNewRecordsOfCharge(DunningCommon):
    """What the web client asks of a record that is not saved yet."""

    def test_computed_fields_bear_new_and_many_records(self):
        self.invoice()
        self.night(DUE.replace(day=9))
        self.assertEqual(unreadable(self.env, "ar_dunning_charge"), [])

    def test_a_new_invoice_owes_nothing_yet(self):
        """A new invoice could not be opened: a field of ours asked for the saved record that there was not."""
        self.assertFalse(self.env["account.move"].new({"move_type": "out_invoice"}).ar_dunning_payoff_html)
