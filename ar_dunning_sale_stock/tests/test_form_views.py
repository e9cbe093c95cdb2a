from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.form_walk import FormWalk

from .common import DeliveryCommon


@tagged("post_install", "-at_install")
class TestFormViewsOfDeliveries(FormWalk, DeliveryCommon):
    """Nobody is stopped by an error while opening a delivery or typing in it."""

    addon = "ar_dunning_sale_stock"
    without = ("ar_dunning", "ar_dunning_sale")
    opened_new = opened_saved = {"stock.picking"}

    def setUp(self):
        super().setUp()
        self.people = self.make_people(packer="stock.group_stock_user")
        picking = self.delivery(user_id=self.people["salesperson"].id)  # colleagues' orders are closed to him
        self.kept = {"stock.picking": picking.ids, "sale.order": picking.sudo().sale_id.ids}
