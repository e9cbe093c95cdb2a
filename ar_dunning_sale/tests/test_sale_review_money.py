from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from odoo.addons.account_payment.tests.common import AccountPaymentCommon
from odoo.addons.ar_dunning_sale.models.verdict import CreditRefusedError

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


@tagged("post_install", "-at_install")
class TestTransfers(SaleDunningCommon):
    """One transfer covers one thing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule(0.5)

    def bank_line(self, amount, label, partner=None):
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": self.today,
                "payment_ref": label,
                "amount": amount,
                "partner_id": partner.id if partner else False,
            }
        )

    def awaited(self, amount, memo):
        """A payment that somebody has entered, and that waits for its line on the bank statement."""
        method = self.company_data["default_journal_bank"].inbound_payment_method_line_ids[:1]
        method.payment_account_id = self.inbound_payment_method_line.payment_account_id
        payment = self.transfer(amount, memo)
        self.assertFalse(payment.is_matched)
        return payment

    def test_a_payment_and_its_bank_line_are_the_same_money(self):
        order = self.quotation(2000.0)
        self.awaited(500.0, order.name)
        self.bank_line(500.0, f"DEPOSIT {order.name}")
        self.assertEqual(order.ar_dunning_received, 500.0)
        self.bank_line(500.0, f"SECOND {order.name}")
        order.invalidate_recordset()
        self.assertEqual(order.ar_dunning_received, 1000.0, "that one has no payment")

    def test_money_in_one_currency_that_debts_in_another_eat(self):
        currency = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        order = self.quotation()
        self.transfer(600.0)
        self.assertEqual(order.ar_dunning_received, 600.0)
        self.invoice(1000.0, self.today, currency=currency)  # 500 in company currency
        order.invalidate_recordset()
        self.assertEqual(order.ar_dunning_received, 100.0)

    def test_no_rate_is_refused_like_a_hold(self):
        """Online, an ordinary error would lose the signature, or have the payment processed for ever."""
        currency = self.env["res.currency"].create({"name": "XTS", "symbol": "X", "rounding": 0.01})
        pricelist = self.env["product.pricelist"].create({"name": "XTS", "currency_id": currency.id})
        order = self.quotation(pricelist_id=pricelist.id, require_payment=False)
        with self.assertRaisesRegex(CreditRefusedError, "no exchange rate between XTS"):
            order.action_confirm()
        order._validate_order()
        self.assertEqual((order.state, order.ar_dunning_parked), ("draft", True))
        self.assertIn("no exchange rate between XTS", order.activity_ids.note)


class OnlineCommon(SaleDunningCommon, AccountPaymentCommon):
    """A provider that refunds and captures in parts, and transactions of orders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()

        def features(providers):
            providers.update(
                {
                    "support_refund": "partial",
                    "support_manual_capture": "partial",
                    "support_tokenization": False,
                    "support_express_checkout": False,
                }
            )

        cls.classPatch(type(cls.provider), "_compute_feature_support_fields", features)
        cls.provider.journal_id = cls.company_data["default_journal_bank"]

    def paid_online(self, orders, amount, state="done", **values):
        tx = self._create_transaction(
            "direct",
            state=state,
            amount=amount,
            currency_id=orders.currency_id.id,
            partner_id=orders.partner_id.id,
            sale_order_ids=[Command.set(orders.ids)],
            reference=f"tx {orders[0].name} {amount} {len(orders.transaction_ids)}",
            **values,
        )
        tx._post_process()
        self.env.invalidate_all()
        return tx

    def child(self, tx, amount, state, is_refund=False):
        child = tx._create_child_transaction(amount, is_refund=is_refund)
        child.state = state
        child._update_source_transaction_state()
        child._post_process()
        self.env.invalidate_all()
        return child


@tagged("post_install", "-at_install")
class TestOnline(OnlineCommon):
    """Online payments: what came, what went back, and for which order."""

    def test_refunded(self):
        self.rule(0.5)
        order = self.quotation()
        tx = self.paid_online(order, 400.0)
        self.assertEqual(order.ar_dunning_received, 400.0)
        self.child(tx, 150.0, "done", is_refund=True)
        self.assertEqual((order.ar_dunning_received, order._get_prepayment_required_amount()), (250.0, 250.0))
        self.child(tx, 250.0, "done", is_refund=True)
        self.assertEqual((order.ar_dunning_received, order._get_prepayment_required_amount()), (0.0, 500.0))

    def test_partly_captured(self):
        self.rule(0.5)
        self.overdue(1.0)
        order = self.quotation()
        tx = self.paid_online(order, 500.0, "authorized")
        self.assertEqual(order.ar_dunning_received, 500.0)
        self.child(tx, 100.0, "done")
        self.child(tx, 400.0, "cancel")
        self.assertEqual((tx.state, order.ar_dunning_received), ("done", 100.0))

    def test_what_has_been_paid_is_not_asked_again(self):
        self.rule(0.3)
        self.overdue(500.0)
        order = self.quotation()
        self.paid_online(order, 300.0)
        self.assertTrue(order.ar_dunning_parked)
        order.order_line.price_unit = 2000.0
        self.assertEqual(order._get_prepayment_required_amount(), 300.0)
        self.paid_online(order, 300.0)
        self.assertFalse(order._has_to_be_paid())

    def test_another_currency(self):
        self.rule(0.5)
        currency = self.setup_other_currency("JPY", rates=[("2016-01-01", 100.0)], rounding=1.0)
        yen = self.env["product.pricelist"].create({"name": "JPY", "currency_id": currency.id})
        order = self.quotation(1000.0, pricelist_id=yen.id)
        self.paid_online(order, 400.0)
        order.pricelist_id = self.env["product.pricelist"].create(
            {"name": "Own", "currency_id": self.company.currency_id.id}
        )
        self.assertEqual(order.currency_id, self.company.currency_id)
        order.invalidate_recordset()
        self.assertEqual(order.ar_dunning_received, 0.0)

    def test_one_transaction_of_two_orders(self):
        self.rule(0.5)
        orders = self.quotation(1000.0) | self.quotation(3000.0)
        self.paid_online(orders, 2000.0)
        self.assertEqual(orders.mapped("ar_dunning_received"), [500.0, 1500.0])

    def test_money_of_an_order_pays_no_overdue_invoice(self):
        debt = self.overdue(500.0)
        order = self.quotation(require_payment=True, prepayment_percent=0.5)
        self.paid_online(order, 500.0)
        with self.assertRaisesRegex(CreditRefusedError, "500.00 overdue"):
            order.action_confirm()
        self.pay(debt, 500.0, self.today)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_matched_with_something_else(self):
        self.rule(0.5)
        debt = self.overdue(400.0)
        order = self.quotation()
        tx = self.paid_online(order, 500.0)
        lines = (debt | tx.payment_id.move_id).line_ids
        lines.filtered(lambda line: line.account_type == "asset_receivable").reconcile()
        self.env.invalidate_all()
        self.assertEqual(order.ar_dunning_received, 100.0)

    def test_matched_with_its_own_down_payment(self):
        self.rule(0.5)
        self.overdue(1.0)
        order = self.quotation()
        tx = self.paid_online(order, 500.0)
        wizard = self.env["sale.advance.payment.inv"].create(
            {"sale_order_ids": order.ids, "advance_payment_method": "fixed", "fixed_amount": 500.0}
        )
        invoice = wizard._create_invoices(order)
        invoice.action_post()
        self.assertEqual((invoice.amount_residual, tx.payment_id.is_reconciled), (0.0, True), "core matches the two")
        self.env.invalidate_all()
        self.assertEqual(order.ar_dunning_received, 500.0)

    def test_money_of_a_cancelled_order_is_the_customers_again(self):
        self.rule(0.5)
        first = self.quotation()
        self.paid_online(first, 400.0)
        second = self.quotation()
        self.assertEqual(second.ar_dunning_received, 0.0)
        first._action_cancel()
        second.invalidate_recordset()
        self.assertEqual(second.ar_dunning_received, 400.0)


@tagged("post_install", "-at_install")
class TestPortalAmounts(SaleDunningCommon, AccountPaymentCommon, HttpCase):
    """The page asks what is left."""

    def page(self, order, **parameters):
        query = "".join(f"&{name}={value}" for name, value in parameters.items())
        text = self.url_open(order.get_portal_url(query_string=query)).text
        return " ".join(
            text.replace("\xa0", " ").replace('<span class="oe_currency_value">', "").replace("</span>", "").split()
        )

    def test_paid_in_advance_only_and_partly_transferred(self):
        self.rule(1.0)
        order = self.quotation(state="sent", require_signature=False)
        self.transfer(200.0, order.name)
        page = self.page(order)
        self.assertIn('data-amount="800.0"', page)
        self.assertNotIn('data-amount="1000.0"', page)
        received = page.split("o_ar_dunning_came")[1].split("</div>")[0]
        self.assertIn("Received by bank transfer:", received)
        self.assertIn("200.00", received)

    def test_what_is_free_stands_beside_the_button(self):
        order = self.quotation(state="sent", ar_dunning_trial="trial", ar_dunning_trial_end="2027-03-31")
        order.order_line.ar_dunning_trial = True
        notice = self.page(order).split("o_ar_dunning_free")[1].split("</div>")[0]
        self.assertIn("Free of charge until and including 03/31/2027: Goods.", notice)

    def test_full_amount_is_what_is_left(self):
        self.rule(0.5)
        order = self.quotation(state="sent", require_signature=False)
        self.transfer(200.0, order.name)
        self.assertIn('data-amount="300.0"', self.page(order))
        page = self.page(order, amount_selection="full_amount")
        self.assertIn('data-amount="800.0"', page)
        button = page.split("o_sale_portal_amount_total_button")[1].split("</button>")[0]
        self.assertIn("800.00", button)

    def test_without_deposits_nothing_changes(self):
        order = self.quotation(state="sent", require_signature=False, require_payment=True, prepayment_percent=0.5)
        self.assertIn('data-amount="500.0"', self.page(order))
        self.assertIn('data-amount="1000.0"', self.page(order, amount_selection="full_amount"))
        self.assertNotIn("o_ar_dunning_came", self.page(order))
        order.prepayment_percent = 1.0
        self.assertIn('data-amount="1000.0"', self.page(order))
