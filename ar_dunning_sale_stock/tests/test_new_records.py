from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.screens import unreadable

from .common import DeliveryCommon


@tagged("post_install", "-at_install")
class TestNewRecordsOfDeliveries(DeliveryCommon):
    """What the web client asks of a record that is not saved yet."""

    def test_computed_fields_bear_new_and_many_records(self):
        self.delivery()
        self.assertEqual(unreadable(self.env, "ar_dunning_sale_stock"), [])
