import random
from datetime import timedelta

from odoo.tests import tagged

from ..models.figures import as_decimal
from .common import DUE
from .incoming_common import IncomingCommon

DAY = DUE + timedelta(days=40)


@tagged("post_install", "-at_install")
class TestIncomingEqual(IncomingCommon):
    """Dunning, interest, credit status and orders read the same money on its way, whatever the ledger."""

    def ledger(self, seed):
        """A made-up ledger of one customer, his contact and his payer."""
        dice = random.Random(seed)
        partner = self.env["res.partner"].create(
            {"name": f"Customer {seed}", "is_company": True, "email": "c@example.com"}
        )
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": partner.id})
        holding = self.env["res.partner"].create({"name": f"Holding {seed}", "is_company": True})
        invoices = self.env["account.move"]
        for _number in range(4):
            invoices |= self.invoice(dice.randint(100, 900), DUE + timedelta(days=dice.randint(-20, 5)), partner)
        self.item(invoices[0]).customer_id.payer_id = holding
        dice.choice(invoices).ar_dunning_excluded = dice.random() < 0.5
        self.pay(invoices[1], 50.0, DUE)
        for _number in range(3):
            memo = dice.choice([False, invoices[2].name, dice.choice(invoices).name])
            who = dice.choice([partner, partner, contact, holding])
            self.receive(dice.randint(50, 600), DUE + timedelta(days=dice.randint(-10, 9)), memo, who)
        if dice.random() < 0.7:
            self.receive(dice.randint(20, 300), DUE + timedelta(days=9), partner=partner, paid_back=True)
        if dice.random() < 0.7:
            self.bank_line(dice.randint(50, 400), dice.choice(["x", invoices[3].name]), DUE, partner)
        if dice.random() < 0.5:
            self.credit_note(dice.randint(10, 200), DUE, partner_id=partner.id)
        if dice.random() < 0.5:
            self.entry(-dice.randint(10, 200), DUE, partner)
        return partner, invoices

    def test_all_say_the_same(self):
        for seed in range(8):
            with self.subTest(seed=seed):
                partner, invoices = self.ledger(seed)
                items = self.item(invoices[0]).union(*(self.item(move) for move in invoices))
                customer = items.customer_id
                self.env.flush_all()
                decision = self.env["ar.dunning.ledger"].sudo()._decide(customer, DAY)[customer.id]
                dunning = {fact.move_id: fact.open for fact in decision.items}
                self.assertEqual(set(dunning), set(invoices.ids))
                debts = self.env["ar.dunning.claims"].sudo()._read_debts(items.ids, self.company, DAY)
                interest = {debt.move_id: debt.open for debt in debts.values()}
                self.assertEqual(interest, dunning)
                facts = customer.sudo()._credit_facts(DAY)[customer.id]
                credit = {debt.name: debt.amount - debt.covered for debt in facts.debts}
                self.assertEqual(credit, {move.name: dunning[move.id] for move in invoices})
                incoming = self.env["ar.dunning.incoming"].sudo()._read(partner.ids, self.company, DAY, sure=True)
                came = sum(row.amount for row in incoming.rows if row.owner == partner.id)
                owed = sum(as_decimal(move.amount_residual) for move in invoices)
                self.assertEqual(facts.exposure.receivables, owed - came)
                self.orders(partner, incoming)

    def orders(self, partner, incoming):
        """Money without a name that a new order may count on is what dunning has no use for."""
        if "sale.order" not in self.env or "ar_dunning_received" not in self.env["sale.order"]._fields:
            return
        order = self.env["sale.order"].sudo().create({"partner_id": partner.id, "company_id": self.company.id})
        left = incoming.found.cash.get((partner.id, self.company.currency_id.id), 0)
        self.assertEqual(order._dunning_money()[order.id].spare, float(left))
