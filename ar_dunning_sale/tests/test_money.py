from odoo.tests import tagged

from odoo.addons.ar_dunning_sale.models.facts.gate import CreditRefusedError

from .common import SaleDunningCommon


@tagged("post_install", "-at_install")
class TestMoney(SaleDunningCommon):
    """What counts as received, and that nothing counts twice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule(0.5)

    def received(self, order):
        order.invalidate_recordset()
        return order.ar_dunning_received

    def down_payment(self, order, amount):
        wizard = self.env["sale.advance.payment.inv"].create(
            {"sale_order_ids": order.ids, "advance_payment_method": "fixed", "fixed_amount": amount}
        )
        invoice = wizard._create_invoices(order)
        invoice.action_post()
        return invoice

    def test_transfer_that_names_the_order(self):
        order = self.quotation()
        self.transfer(200.0, f"Deposit {order.name}, thanks")
        self.assertEqual(self.received(order), 200.0)
        self.assertEqual(order._get_prepayment_required_amount(), 300.0)
        with self.assertRaisesRegex(CreditRefusedError, "200.00 received, .*300.00 missing"):
            order.action_confirm()
        self.transfer(300.0, f"Rest {order.name}")
        self.assertEqual(self.received(order), 500.0)
        self.assertFalse(order._has_to_be_paid())
        order.action_confirm()
        self.assertEqual((order.state, order.ar_dunning_relied), ("sale", 0.0))

    def test_a_number_within_a_number_is_another_order(self):
        order = self.quotation()
        self.transfer(500.0, f"{order.name}9")
        order2 = self.quotation()
        order2.name = f"{order.name}9"
        self.assertEqual((self.received(order), self.received(order2)), (0.0, 500.0))

    def test_transfer_in_another_currency_does_not_count(self):
        currency = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        order = self.quotation()
        self.transfer(500.0, order.name, currency=currency)
        self.assertEqual(self.received(order), 0.0)

    def test_money_without_a_name_pays_debts_first(self):
        order = self.quotation()
        self.transfer(700.0)
        self.assertEqual(self.received(order), 700.0)
        self.invoice(400.0, self.today)
        self.assertEqual(self.received(order), 300.0)

    def test_money_without_a_name_covers_one_order_only(self):
        first, second = self.quotation(), self.quotation()
        self.transfer(600.0)
        self.assertEqual((self.received(first), self.received(second)), (600.0, 600.0))
        first.action_confirm()
        self.assertEqual(first.ar_dunning_relied, 500.0)
        self.assertEqual(self.received(second), 100.0)
        with self.assertRaisesRegex(CreditRefusedError, "400.00 missing"):
            second.action_confirm()

    def test_down_payment_invoice_counts_once_it_is_paid(self):
        order = self.quotation()
        invoice = self.down_payment(order, 500.0)
        self.assertEqual(self.received(order), 0.0)
        self.pay(invoice, 200.0, self.today)
        self.assertEqual(self.received(order), 200.0)
        self.pay(invoice, 300.0, self.today)
        self.assertEqual(self.received(order), 500.0)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_credited_down_payment_does_not_count(self):
        order = self.quotation()
        invoice = self.down_payment(order, 500.0)
        self.pay(invoice, 500.0, self.today)
        refund = invoice._reverse_moves([{"invoice_date": self.today}])
        refund.action_post()
        self.assertEqual(self.env["ar.dunning.advance"]._invoiced_deposits(order), 0)
        self.assertEqual(self.received(order), 0.0)

    def test_down_payment_paid_by_credit_note_is_no_money(self):
        order = self.quotation()
        invoice = self.down_payment(order, 500.0)
        invoice._reverse_moves([{"invoice_date": self.today}], cancel=True)
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertEqual(self.received(order), 0.0)

    def test_bank_line_that_names_the_order(self):
        order = self.quotation()
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": self.today,
                "payment_ref": f"ORDER {order.name}",
                "amount": 500.0,
            }
        )
        self.assertEqual(self.received(order), 500.0)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_matched_transfer_is_gone(self):
        order = self.quotation()
        invoice = self.invoice(500.0, self.today)
        payment = self.transfer(500.0, order.name)
        (payment.move_id | invoice).line_ids.filtered(lambda line: line.account_type == "asset_receivable").reconcile()
        self.assertEqual(self.received(order), 0.0)

    def test_other_customers_money(self):
        order = self.quotation()
        self.transfer(500.0, partner=self.partner_b)
        self.assertEqual(self.received(order), 0.0)

    def test_exposure_of_confirmed_orders(self):
        order = self.quotation()
        invoice = self.down_payment(order, 500.0)
        self.pay(invoice, 500.0, self.today)
        order.action_confirm()
        customer = self.dunning_customer(self.partner_a)
        self.assertEqual(customer._uninvoiced_orders()[customer.id], 500)
        final = order._create_invoices(final=True)
        self.assertEqual(customer._uninvoiced_orders()[customer.id], 500, "a draft is no invoice yet")
        final.action_post()
        self.assertEqual(final.amount_total, 500.0)
        self.assertEqual(customer._uninvoiced_orders()[customer.id], 0)
        state = customer._credit_state(self.today)[customer.id]
        self.assertEqual((state.exposure.receivables, state.exposure.orders), (500, 0))

    def test_paid_deposit_makes_room_under_the_limit(self):
        self.limit(500.0)
        order = self.quotation()
        with self.assertRaises(CreditRefusedError):
            order.action_confirm()
        self.transfer(500.0, order.name)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_room_under_the_limit_is_not_made_twice(self):
        """An invoiced and paid down payment is neither in the order nor in the receivables."""
        self.limit(499.0)
        order = self.quotation()
        self.pay(self.down_payment(order, 500.0), 500.0, self.today)
        with self.assertRaisesRegex(CreditRefusedError, "500.00 used of .*499.00"):
            order.action_confirm()

    def test_exposure_by_a_second_formula(self):
        """Whatever has been invoiced, credited and paid: orders less documents, each at its own rate."""
        self.env["ar.dunning.deposit.rule"].search([]).unlink()
        rates = {"EUR": 2.0, "JPY": 100.0}
        currencies = [self.company.currency_id] + [
            self.setup_other_currency(name, rates=[("2016-01-01", rate)], rounding=1.0 if name == "JPY" else 0.01)
            for name, rate in rates.items()
        ]
        orders = self.env["sale.order"]
        for number, currency in enumerate(currencies * 3):
            pricelist = self.env["product.pricelist"].create({"name": currency.name, "currency_id": currency.id})
            order = self.quotation(1000.0 + number, pricelist_id=pricelist.id)
            order.order_line.write({"product_uom_qty": 4, "price_unit": 1000.0 + number})
            if number >= 6:
                self.down_payment(order, 700.0)
            order.action_confirm()
            orders |= order
            if number >= 3:
                invoice = order._create_invoices(final=True)
                line = invoice.invoice_line_ids.filtered(lambda found: found.product_id == self.goods)
                line.quantity = 1 + number % 3
                invoice.action_post()
            if number in (4, 7):
                invoice._reverse_moves([{"invoice_date": self.today}]).action_post()
        expected = 0.0
        for order in orders:
            documents = order.invoice_ids.filtered(lambda move: move.state == "posted")
            left = order.amount_total - sum(-move.direction_sign * move.amount_total for move in documents)
            expected += left / rates.get(order.currency_id.name, 1.0)
        customer = self.dunning_customer(self.partner_a)
        self.assertGreater(expected, 0)
        self.assertAlmostEqual(float(customer._uninvoiced_orders()[customer.id]), expected, places=2)
