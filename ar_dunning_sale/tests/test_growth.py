from functools import partial

from odoo import Command
from odoo.tests import tagged

from odoo.addons.ar_dunning_sale.models.facts.gate import CreditRefusedError

from .common import SaleDunningCommon


@tagged("post_install", "-at_install")
class TestGrowth(SaleDunningCommon):
    """What is added to a confirmed order needs room like a new one, however small the order began."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.limit(cls, 1500.0, cls.partner_b)

    def refused(self, change, *words):
        with self.assertRaises(CreditRefusedError) as caught:
            change()
        for word in words:
            self.assertIn(word, str(caught.exception).replace("\xa0", " "))
        return str(caught.exception)

    def add(self, order, amount):
        return self.env["sale.order.line"].create(
            {"order_id": order.id, "product_id": self.goods.id, "price_unit": amount, "tax_ids": []}
        )

    def test_an_order_confirmed_empty_cannot_be_filled_past_the_gate(self):
        for amount in (0.0, 1.0):
            with self.subTest(amount):
                order = self.quotation(amount, partner=self.partner_b)
                order.action_confirm()
                with self.assertRaises(CreditRefusedError):
                    self.add(order, 5000.0)
                with self.assertRaises(CreditRefusedError):
                    order.order_line.price_unit = 5000.0
                with self.assertRaises(CreditRefusedError):
                    order.write({"order_line": [Command.update(order.order_line[0].id, {"price_unit": 5000.0})]})
                order._action_cancel()

    def test_an_order_of_before_the_gate_is_asked_about_what_is_added_only(self):
        order = self.quotation(1000.0, partner=self.partner_b)
        order.action_confirm()
        order.sudo()._put({"ar_dunning_checked": 0.0})  # confirmed before the module was there
        self.limit(100.0, self.partner_b)
        order.order_line.price_unit = 900.0
        order.write({"order_line": [Command.update(order.order_line.id, {"price_unit": 800.0})]})
        self.assertEqual(order.amount_total, 800.0)
        with self.assertRaises(CreditRefusedError):
            order.order_line.price_unit = 801.0

    def test_another_unit_is_another_amount(self):
        order = self.quotation(1000.0, partner=self.partner_b)
        order.action_confirm()
        self.goods.list_price = 1000.0
        with self.assertRaises(CreditRefusedError):
            order.order_line.product_uom_id = self.env.ref("uom.product_uom_dozen")

    def test_the_way_out_of_a_confirmed_order_exists(self):
        order = self.quotation(1000.0, partner=self.partner_b)
        order.action_confirm()
        for user in (self.seller, self.env.user):
            line = order.with_user(user).order_line
            message = self.refused(partial(setattr, line, "price_unit", 5000.0), "new quotation")
            self.assertNotIn("Request approval", message)
            self.assertNotIn("Confirm anyway", message)

    # === Free lines === #

    def pilot(self, amount=5000.0):
        order = self.quotation(
            amount, partner=self.partner_b, ar_dunning_trial="pilot", ar_dunning_trial_end=self.today
        )
        order.order_line.ar_dunning_trial = True
        order.action_confirm()
        return order

    def test_charging_a_free_period_passes_the_gate(self):
        order = self.pilot()
        self.refused(order.action_trial_charge, "5,000.00 used of", "new quotation")
        order = self.pilot(1500.0)
        order.with_user(self.seller).action_trial_charge()
        self.assertEqual(order.ar_dunning_trial_state, "charged")

    def test_charging_needs_its_deposit(self):
        self.rule(0.5)
        order = self.pilot(1000.0)
        self.refused(order.action_trial_charge, "500.00 missing")
        self.transfer(500.0, order.name, self.partner_b)
        order.action_trial_charge()
        self.assertEqual(order.ar_dunning_checked, 1000.0)

    def test_unmarking_free_lines_passes_the_gate(self):
        order = self.pilot()
        for values in (
            {"ar_dunning_trial": False, "ar_dunning_trial_end": False},
            {"order_line": [Command.update(order.order_line.id, {"ar_dunning_trial": False})]},
        ):
            with self.assertRaises(CreditRefusedError):
                order.write(values)
        with self.assertRaises(CreditRefusedError):
            order.order_line.ar_dunning_trial = False

    def test_an_approval_covers_what_was_to_be_charged(self):
        self.overdue(500.0, partner=self.partner_b)
        order = self.quotation(
            5000.0, partner=self.partner_b, ar_dunning_trial="pilot", ar_dunning_trial_end=self.today
        )
        order.order_line.ar_dunning_trial = True
        order.with_user(self.controller)._dunning_decide("approved", "a test, free of charge")
        order.order_line.ar_dunning_trial = False
        with self.assertRaises(CreditRefusedError):
            order.action_confirm()
