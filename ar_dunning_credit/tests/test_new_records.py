from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DUE, DunningCommon
from odoo.addons.ar_dunning.tests.screens import unreadable


@tagged("post_install", "-at_install")
class TestNewRecordsOfCredit(DunningCommon):
    """What the web client asks of a record that is not saved yet."""

    def test_computed_fields_bear_new_and_many_records(self):
        self.invoice()
        self.night(DUE.replace(day=9))
        self.assertEqual(unreadable(self.env, "ar_dunning_credit"), [])
