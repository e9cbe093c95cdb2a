from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.form_walk import FormWalk

from .common import DeliveryCommon


@tagged("post_install", "-at_install")
class TestFormViewsOfDeliveries(FormWalk, DeliveryCommon):
    """Nobody is stopped by an error while opening a delivery or typing in it."""

    def setUp(self):
        super().setUp()
        self.people = self.make_people(packer="stock.group_stock_user")
        picking = self.delivery(user_id=self.people["salesperson"].id)  # colleagues' orders are closed to him
        self.kept = {"stock.picking": picking.ids, "sale.order": picking.sudo().sale_id.ids}

    def test_every_form_opens_and_takes_what_is_typed(self):
        new, saved, complaints = self.walk(
            "ar_dunning_sale_stock", self.people, without=("ar_dunning", "ar_dunning_sale")
        )
        self.assertEqual(complaints, [])
        self.assertIn("stock.picking", new & saved)
        self.assert_seen("ar_dunning_sale_stock", saved)

    def test_a_dialog_without_a_record_answers_with_a_sentence(self):
        self.assertEqual(self.press("ar_dunning_sale_stock", self.people), [])
