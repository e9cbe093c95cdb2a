from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DeliveryCommon


@tagged("post_install", "-at_install")
class TestRelease(DeliveryCommon):
    """Asked for on the delivery, answered with a written reason, valid for what was asked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.picking = cls.delivery()
        cls.order = cls.picking.sale_id

    def test_from_request_to_delivery(self):
        self.assertEqual((self.picking.ar_dunning_stopped, self.picking.ar_dunning_requested), (True, False))
        self.picking.action_dunning_request()
        self.assertEqual((self.order.ar_dunning_release, self.picking.ar_dunning_requested), ("requested", True))
        self.assertIn("The credit controller has been asked.", self.picking.ar_dunning_banner)
        self.assertNotIn("Request approval", self.picking.ar_dunning_banner)
        activity = self.order.activity_ids.filtered(lambda found: found.user_id == self.controller)
        self.assertIn("Pia Packer asks to deliver and invoice", activity.note)
        self.refused(self.picking.button_validate, "The credit controller has been asked.")
        wizard = (
            self.env["ar.dunning.release.wizard"]
            .with_user(self.controller)
            .with_context(**self.order.with_user(self.controller).action_approve()["context"])
            .create({"note": "Known for years"})
        )
        wizard.action_decide()
        self.picking.invalidate_recordset()
        self.assertFalse(self.picking.ar_dunning_stopped or self.picking.ar_dunning_banner)
        self.picking.button_validate()
        self.assertEqual(
            (self.picking.state, self.order.ar_dunning_release_id.decided_by_id), ("done", self.controller)
        )

    def test_from_the_delivery(self):
        both = self.make_user("both", "Bo Both", "stock.group_stock_user,ar_dunning_credit.group_credit_override")
        action = self.picking.with_user(both).action_dunning_approve()
        self.assertEqual(action["context"], {"default_order_ids": self.order.ids, "default_decision": "approved"})
        self.refused(self.picking.with_user(both).button_validate, "You may approve it with a written reason")
        self.approve(self.order, user=both)
        self.picking.with_user(both).button_validate()
        self.assertEqual(self.picking.state, "done")

    def test_the_warehouse_does_not_decide(self):
        for call in (
            lambda: self.approve(self.order, user=self.packer),
            lambda: self.env["ar.dunning.release.wizard"].with_user(self.packer).create({"decision": "approved"}),
            lambda: self.order.with_user(self.packer).write({"ar_dunning_release": "approved"}),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_declined(self):
        self.picking.action_dunning_request()
        self.approve(self.order, "declined")
        self.picking.invalidate_recordset()
        self.assertEqual((self.picking.ar_dunning_stopped, self.picking.ar_dunning_requested), (True, False))
        self.refused(self.picking.button_validate)

    def test_valid_up_to_its_amount(self):
        self.approve(self.order)
        self.order.order_line.product_uom_qty = 2
        self.assertEqual(self.order.order_line.move_ids.product_uom_qty, 2.0)
        self.order.order_line.price_unit = 1000.0
        self.refused(self.picking.button_validate)
        self.approve(self.order)
        self.picking.button_validate()
        self.assertEqual(self.order.order_line.qty_delivered, 2.0)

    def test_approved_before_confirmation(self):
        order = self.quotation()
        self.approve(order)
        order.action_confirm()
        self.delivery(order).button_validate()
        self.assertEqual(order.order_line.qty_delivered, 1.0)

    def test_nothing_to_ask(self):
        self.transfer(500.0, self.order.name)
        self.picking.action_dunning_request()
        self.assertFalse(self.order.ar_dunning_release)
        with self.assertRaisesRegex(UserError, "nothing of it is stopped"):
            self.approve(self.order)
