from odoo.tests import tagged

from odoo.addons.ar_dunning_sale.models.facts.gate import CreditRefusedError

from .common import SaleDunningCommon


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
