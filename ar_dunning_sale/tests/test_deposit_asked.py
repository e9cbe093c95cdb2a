from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SaleDunningCommon


@tagged("post_install", "-at_install")
class TestAsked(SaleDunningCommon):
    """The amount that the customer is asked is the amount that unlocks."""

    def in_currency(self, name, rate, rounding, amount, **values):
        currency = self.setup_other_currency(name, rates=[("2016-01-01", rate)], rounding=rounding)
        pricelist = self.env["product.pricelist"].create({"name": name, "currency_id": currency.id})
        return self.quotation(amount, pricelist_id=pricelist.id, **values)

    def paid_by_transfer(self, order, amount):
        self.transfer(amount, order.name, currency=order.currency_id)
        order.invalidate_recordset()

    def test_no_cents_are_missing_for_ever(self):
        self.rule(1 / 3)
        for order, asked in (
            (self.quotation(1000.0), 333.33),
            (self.quotation(100000.0), 33333.33),
            (self.in_currency("KWD", 0.3, 0.001, 1000.0), 333.333),
            (self.in_currency("JPY", 100.0, 1.0, 100000.0), 33333.0),
        ):
            with self.subTest(order.currency_id.name, amount=asked):
                self.assertEqual((order.ar_dunning_deposit, order._get_prepayment_required_amount()), (asked, asked))
                self.assertTrue(order._has_to_be_paid())
                self.paid_by_transfer(order, asked)
                self.assertFalse(order._has_to_be_paid())
                order.action_confirm()

    def test_a_fixed_amount_is_asked_exactly(self):
        self.rule(0.0, amount=350.0)
        order = self.quotation(100000.0)
        self.assertEqual(order._get_prepayment_required_amount(), 350.0)
        order.order_line.price_unit = 100200.0
        self.assertEqual((order.ar_dunning_deposit, order._get_prepayment_required_amount()), (350.0, 350.0))

    def test_a_copy_asks_what_its_own_customer_pays(self):
        self.rule(1.0, first_order=True)
        order = self.quotation(partner=self.partner_b)
        self.transfer(1000.0, order.name, self.partner_b)
        order.action_confirm()
        copy = order.copy()
        self.assertEqual((copy.require_payment, copy.ar_dunning_deposit_share), (False, 0.0))
        by_hand = self.quotation(partner=self.partner_b, require_payment=True, prepayment_percent=0.4)
        self.assertEqual((by_hand.copy().require_payment, by_hand.copy().prepayment_percent), (True, 0.4))

    def test_nothing_is_asked_for_free_lines(self):
        self.company.write({"portal_confirmation_pay": True, "prepayment_percent": 1.0})
        order = self.quotation(600.0, ar_dunning_trial="trial", ar_dunning_trial_end=self.today)
        order.order_line.ar_dunning_trial = True
        self.assertEqual((order._get_prepayment_required_amount(), order._has_to_be_paid()), (0.0, False))
        line = {"product_id": self.goods.id, "price_unit": 50.0, "tax_ids": []}
        order.write({"order_line": [Command.create(line)]})
        self.assertEqual((order._get_prepayment_required_amount(), order._has_to_be_paid()), (50.0, True))

    def test_payment_link_is_for_what_is_left(self):
        self.rule(0.5)
        order = self.quotation()
        self.paid_by_transfer(order, 200.0)
        values = order._get_default_payment_link_values()
        self.assertEqual((values["amount"], values["amount_max"], values["prepayment_amount"]), (300.0, 800.0, 300.0))

    def test_down_payment_of_the_charged_lines_only(self):
        order = self.quotation(600.0, ar_dunning_trial="trial", ar_dunning_trial_end=self.today)
        order.order_line.ar_dunning_trial = True
        line = {"product_id": self.goods.id, "price_unit": 50.0, "tax_ids": []}
        order.write({"order_line": [Command.create(line)]})
        order.action_confirm()

        def invoice(method, **values):
            wizard = self.env["sale.advance.payment.inv"].create(
                {"sale_order_ids": order.ids, "advance_payment_method": method, **values}
            )
            return wizard._create_invoices(order)

        with self.assertRaisesRegex(UserError, "50.00"):
            invoice("percentage", amount=50)
        with self.assertRaisesRegex(UserError, "50.00"):
            invoice("fixed", fixed_amount=51.0)
        self.assertEqual(invoice("fixed", fixed_amount=25.0).amount_total, 25.0)

    def test_first_order_although_its_own_deposit_is_invoiced(self):
        self.rule(1.0, first_order=True)
        self.invoice(10.0, self.today, partner=self.partner_b)
        order = self.quotation(partner=self.partner_b)
        self.assertEqual(order.ar_dunning_deposit, 0.0, "known before")
        wizard = self.env["sale.advance.payment.inv"].create(
            {"sale_order_ids": order.ids, "advance_payment_method": "fixed", "fixed_amount": 300.0}
        )
        wizard._create_invoices(order).action_post()
        order.invalidate_recordset()
        self.assertEqual(order.ar_dunning_deposit, 0.0)

    def test_rules_of_every_company_above(self):
        middle = self.env["res.company"].create({"name": "Middle", "parent_id": self.company.id})
        leaf = self.env["res.company"].create({"name": "Leaf", "parent_id": middle.id})
        rule = self.rule(0.3, company_id=middle.id)
        Rule = self.env["ar.dunning.deposit.rule"]
        self.assertEqual(Rule._of_company(leaf), rule)
        self.assertFalse(Rule._of_company(self.company))
