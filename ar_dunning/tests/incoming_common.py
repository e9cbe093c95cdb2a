import random
from datetime import timedelta
from decimal import Decimal

from odoo import Command

from .common import DUE, DunningCommon


class IncomingCommon(DunningCommon):
    """Ways in which money comes in, and what dunning makes of it."""

    @classmethod
    def receive(cls, amount, day=DUE, memo=False, partner=None, currency=None, paid_back=False):
        """A posted payment that nobody has matched; `paid_back`: to the customer."""
        payment = cls.env["account.payment"].create(
            {
                "payment_type": "outbound" if paid_back else "inbound",
                "partner_type": "customer",
                "partner_id": (partner or cls.partner_a).id,
                "amount": amount,
                "date": day,
                "memo": memo,
                "currency_id": (currency or cls.company.currency_id).id,
                "journal_id": cls.company_data["default_journal_bank"].id,
            }
        )
        payment.action_post()
        return payment

    @classmethod
    def credit_note(cls, amount, day=DUE, post=True, **values):
        note = cls.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": cls.partner_a.id,
                "invoice_date": day,
                "invoice_line_ids": [Command.create({"name": "x", "price_unit": amount, "tax_ids": []})],
                **values,
            }
        )
        if post:
            note.action_post()
        return note

    @classmethod
    def entry(cls, amount, day, partner=None, maturity=False):
        """A posted entry on the receivable account: a debt, or below zero a credit; not excluded from follow-up."""
        receivable = cls.company_data["default_account_receivable"]
        other = cls.company_data["default_account_revenue"]
        partner = partner or cls.partner_a

        def line(account, balance, **more):
            return Command.create(
                {"account_id": account.id, "debit": max(balance, 0), "credit": max(-balance, 0), **more}
            )

        move = cls.env["account.move"].create(
            {
                "move_type": "entry",
                "date": day,
                "journal_id": cls.company_data["default_journal_misc"].id,
                "line_ids": [
                    line(receivable, amount, partner_id=partner.id, date_maturity=maturity),
                    line(other, -amount),
                ],
            }
        )
        move.action_post()
        move.line_ids.filtered(lambda item: item.account_id == receivable).no_followup = False
        return move

    def facts(self, invoice, day):
        """The decision's view of the invoice's only item."""
        item = self.item(invoice)
        decision = self.env["ar.dunning.ledger"].sudo()._decide(item.customer_id, day)[item.customer_id.id]
        return next(fact for fact in decision.items if fact.id == item.id)

    def covered(self, invoice, day):
        """What money on its way takes off the invoice."""
        return self.facts(invoice, day).credit

    def demanded(self, invoice, day):
        """What the notice of `day` asks for it; 0 where its step does not go."""
        fact = self.facts(invoice, day)
        return fact.open - fact.held if fact.step.due else Decimal(0)

    def pause(self, invoice):
        self.env["ar.dunning.arrangement"].create(
            {
                "customer_id": self.item(invoice).customer_id.id,
                "move_id": invoice.id,
                "date_start": DUE,
                "date_end": DUE + timedelta(days=60),
                "reason": "Complaint",
            }
        )

    def made_up_ledger(self, seed):
        """A made-up ledger of one customer, his contact and his payer: the partner and his four invoices."""
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

    def dunned(self, invoices, day):
        """What dunning finds open of these invoices of one customer, by invoice id."""
        items = self.item(invoices[0]).union(*(self.item(move) for move in invoices))
        self.env.flush_all()
        decision = self.env["ar.dunning.ledger"].sudo()._decide(items.customer_id, day)[items.customer_id.id]
        return {fact.move_id: fact.open for fact in decision.items}
