from odoo.tests import tagged

from .common import DeliveryCommon


@tagged("post_install", "-at_install")
class TestHold(DeliveryCommon):
    """A hold that comes after confirmation: nothing, a word, or a stop."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.half.unlink()
        cls.picking = cls.delivery()
        cls.order = cls.picking.sale_id
        cls.overdue(500.0)

    def setUp(self):
        super().setUp()
        self.picking.invalidate_recordset()

    def test_warned_by_default(self):
        self.assertEqual(self.company.ar_dunning_delivery_hold, "warn")
        self.assertIn(f"{self.order.name}: The customer is on hold.", self.picking.ar_dunning_banner)
        self.assertFalse(self.picking.ar_dunning_stopped or self.order.ar_dunning_waits)
        self.picking.button_validate()
        self.assertEqual(self.picking.state, "done")
        self.assertFalse(self.picking.ar_dunning_banner)

    def test_nothing(self):
        self.company.ar_dunning_delivery_hold = "ignore"
        self.assertFalse(self.picking.ar_dunning_banner or self.picking.ar_dunning_stopped)
        self.picking.button_validate()
        self.assertEqual(self.picking.state, "done")

    def test_stopped(self):
        self.company.ar_dunning_delivery_hold = "stop"
        self.assertTrue(self.picking.ar_dunning_stopped)
        text = self.refused(self.picking.button_validate, "The customer is on hold.", "Use 'Request approval'")
        self.assertNotIn("overdue", text)
        text = self.refused(self.picking.with_user(self.env.user).button_validate, "500.00 overdue", "40 days late")
        self.assertIn("The customer is on hold.", self.order.ar_dunning_waits_banner)
        self.assertEqual(self.order._create_invoices().amount_total, 1000.0, "invoices are not deliveries")

    def test_stopped_until_paid(self):
        self.company.ar_dunning_delivery_hold = "stop"
        self.refused(self.picking.button_validate)
        invoice = self.env["account.move"].search(
            [("partner_id", "=", self.partner_a.id), ("amount_residual", "=", 500.0), ("move_type", "=", "out_invoice")]
        )
        self.pay(invoice, 500.0, self.today)
        self.picking.button_validate()
        self.assertEqual(self.picking.state, "done")

    def test_approved(self):
        self.company.ar_dunning_delivery_hold = "stop"
        self.approve(self.order)
        self.picking.invalidate_recordset()
        self.assertFalse(self.picking.ar_dunning_stopped or self.picking.ar_dunning_banner)
        self.picking.button_validate()
        self.assertEqual(self.picking.state, "done")

    def test_confirmed_anyway_is_an_approval(self):
        self.company.ar_dunning_delivery_hold = "stop"
        order = self.quotation()
        self.approve(order, "overridden")
        self.assertEqual(order.state, "sale")
        self.delivery(order).button_validate()
        self.assertEqual(order.order_line.qty_delivered, 1.0)

    def test_never_past_a_block(self):
        self.company.ar_dunning_delivery_hold = "stop"
        self.approve(self.order)
        self.dunning_customer(self.partner_a).legal_case = True
        self.refused(self.picking.button_validate, "The customer is blocked.", "before the block itself is lifted")
        self.company.ar_dunning_delivery_hold = "warn"
        self.picking.invalidate_recordset()
        self.assertIn("The customer is blocked.", self.picking.ar_dunning_banner)
        self.picking.button_validate()
        self.assertEqual(self.picking.state, "done")

    def test_a_branch_follows_its_root(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.env.user.company_ids |= branch
        order = self.quotation(company_id=branch.id)
        self.company.ar_dunning_delivery_hold = "stop"
        self.assertEqual((branch.ar_dunning_delivery_hold, order._dunning_delivery_hold()), ("warn", "stop"))

    def test_setting(self):
        settings = self.env["res.config.settings"].create({})
        settings.ar_dunning_delivery_hold = "stop"
        settings.execute()
        self.assertEqual(self.company.ar_dunning_delivery_hold, "stop")
