from datetime import timedelta
from decimal import Decimal

from odoo.tests import tagged

from .deposit_common import DepositCommon


@tagged("post_install", "-at_install")
class TestDepositDunning(DepositCommon):
    """A security deposit that is held is nobody's credit: it pays no debt, makes no room and tells nothing of paying."""

    def setUp(self):
        super().setUp()
        self.customer = self.dunning_customer(self.partner_a)
        self.mine = self.deposit().with_user(self.controller)

    def facts(self):
        return self.customer._credit_facts(self.today)[self.customer.id]

    def on_its_way(self):
        """What the credit status takes off the debts."""
        return sum((debt.covered for debt in self.facts().debts), Decimal(0))

    def covered(self, invoice):
        """What `ar.dunning.incoming` counts towards an invoice."""
        item = self.item(invoice)
        decisions = self.env["ar.dunning.ledger"].sudo()._decide(item.customer_id, self.today)
        return {fact.id: fact.credit for fact in decisions[self.customer.id].items}.get(item.id, Decimal(0))

    def test_neither_exposure_nor_overdue(self):
        invoice = self.overdue(1000.0)
        facts = self.facts()
        self.assertEqual((facts.exposure.receivables, self.on_its_way()), (Decimal(1000), Decimal(0)))
        payment = self.transfer(400.0)
        facts = self.facts()
        self.assertEqual((facts.exposure.receivables, self.on_its_way()), (Decimal(600), Decimal(400)))
        self.assertEqual(self.covered(invoice), Decimal(400))
        self.receive(self.mine, payment)
        facts = self.facts()
        self.assertEqual((facts.exposure.receivables, self.on_its_way()), (Decimal(1000), Decimal(0)))
        self.assertEqual([debt.amount for debt in facts.debts], [Decimal(1000)])
        self.assertEqual(self.covered(invoice), Decimal(0))

    def test_given_back_pays_nothing_on_the_way(self):
        """At no moment of the return is there a credit: before, after, or reset in between."""
        invoice = self.overdue(1000.0)
        self.receive(self.mine)
        payment = self.give_back(self.mine)
        self.assertEqual((self.on_its_way(), self.covered(invoice)), (Decimal(0), Decimal(0)))
        payment.action_draft()
        self.assertEqual((self.on_its_way(), self.covered(invoice)), (Decimal(0), Decimal(0)))
        self.assertEqual(self.facts().exposure.receivables, Decimal(1000))

    def test_applied_pays_once(self):
        invoice = self.overdue(1000.0)
        self.receive(self.mine)
        self.apply(self.mine, {invoice: 400.0})
        facts = self.facts()
        self.assertEqual((facts.exposure.receivables, self.on_its_way()), (Decimal(600), Decimal(0)))
        self.assertEqual((self.covered(invoice), self.item(invoice).move_line_id.amount_residual), (Decimal(0), 600.0))

    def test_it_is_no_advance(self):
        """Before it is booked a transfer is spare money of the order; then never again, not even on its way out."""
        self.rule(0.3)
        order = self.quotation()

        def received():
            order.invalidate_recordset()
            return order.ar_dunning_received

        payment = self.transfer(500.0)
        self.assertEqual(received(), 500.0)
        self.receive(self.mine, payment)
        self.assertEqual(received(), 100.0)
        self.give_back(self.mine, 150.0)
        self.assertEqual(received(), 100.0)
        self.give_back(self.mine)
        self.assertEqual(received(), 100.0)

    def test_named_money_becomes_a_deposit(self):
        """A transfer that names the order is its advance until the accountant says that it is the security deposit."""
        self.rule(0.3)
        order = self.quotation()
        self.mine.order_id = order
        self.transfer(400.0, f"Deposit {order.name}")
        self.assertEqual(order.ar_dunning_received, 400.0)
        self.wizard(self.mine, "receipt").action_receive()
        order.invalidate_recordset()
        self.assertEqual(order.ar_dunning_received, 0.0)

    def test_held_before_there_were_entries(self):
        """Without an entry, its payment is kept away from orders as before."""
        self.rule(0.3)
        order = self.quotation()
        self.env["ar.dunning.deposit"].sudo()._make(
            {
                "name": "Old", "customer_id": self.customer.id, "company_id": self.company.id, "amount": 400.0,
                "currency_id": self.company.currency_id.id, "return_date": self.today, "state": "paid",
                "payment_id": self.transfer(400.0).id,
            }
        )  # fmt: skip
        self.assertEqual(order.ar_dunning_received, 0.0)

    def behaviour(self):
        return self.env["ar.dunning.behaviour"]._read(self.company, self.today).get(self.customer.id)

    def test_transfer_is_no_payment_of_invoices(self):
        """Receipt, return and reversal leave the history as it was; so does the sync of items."""
        paid = self.overdue(700.0, 40)
        self.pay(paid, 700.0, self.today - timedelta(days=30))
        self.overdue(300.0, 25)
        before = self.behaviour()
        self.assertEqual((before.invoices, before.overdue, sorted(before.paid_days)), (2, Decimal(300), [10]))
        receipt = self.receive(self.mine)
        self.assertEqual(self.behaviour(), before)
        self.undo(receipt)
        self.assertEqual(self.behaviour(), before)
        self.receive(self.mine, self.payments_of(receipt))
        self.give_back(self.mine)
        self.assertEqual(self.behaviour(), before)
        self.env["ar.dunning.item"].sudo()._sync(self.company)
        items = self.env["ar.dunning.item"].sudo().search([("customer_id", "=", self.customer.id)])
        self.assertFalse(items.move_id.filtered("ar_dunning_deposit_id"))
        self.assertEqual(self.behaviour(), before)

    def payments_of(self, receipt):
        return self.env["account.payment"].search(
            [("amount", "=", receipt.amount_total), ("partner_id", "=", self.partner_a.id)]
        )

    def test_applied_settles_on_its_day(self):
        """An invoice that the deposit paid 25 days late was paid 25 days late: nothing is glossed over."""
        invoice = self.overdue(300.0, 25)
        self.receive(self.mine)
        self.apply(self.mine, {invoice: 300.0})
        facts = self.behaviour()
        self.assertEqual((facts.invoices, facts.overdue, list(facts.paid_days)), (1, Decimal(0), [25]))
        self.assertEqual(facts.punctual, 0)

    def test_applied_before_it_was_due_says_nothing(self):
        """Nobody paid that invoice: it makes no good payer."""
        invoice = self.invoice(300.0, self.today + timedelta(days=20))
        self.receive(self.mine)
        self.apply(self.mine, {invoice: 300.0})
        facts = self.behaviour()
        self.assertFalse(facts and facts.invoices)

    def test_money_we_send_does_not_come_back_from_the_customer(self):
        """A refund that our bank refused is no returned payment of the customer."""
        refund = self.env["account.payment"].create(
            {
                "payment_type": "outbound", "partner_type": "customer", "partner_id": self.partner_a.id,
                "amount": 5.0, "date": self.today, "journal_id": self.company_data["default_journal_bank"].id,
            }
        )  # fmt: skip
        refund.action_post()
        refund.action_reject()
        receipt = self.transfer(6.0)
        facts = self.behaviour()
        self.assertFalse(facts and facts.returned)
        receipt.action_reject()
        self.assertEqual(self.behaviour().returned, 1)

    def test_core_offers_it_to_no_invoice(self):
        """Odoo's own list of credits on an invoice does not show it either."""
        self.receive(self.mine)
        invoice = self.invoice(1000.0, self.today)
        self.assertFalse(invoice.invoice_has_outstanding)
        self.assertEqual(self.partner_a.with_company(self.company).credit, 1000.0)
