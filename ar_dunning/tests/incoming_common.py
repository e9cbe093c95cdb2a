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
    def bank_line(cls, amount, label, day, partner=None, **values):
        return cls.env["account.bank.statement.line"].create(
            {
                "journal_id": cls.company_data["default_journal_bank"].id,
                "date": day,
                "payment_ref": label,
                "amount": amount,
                "partner_id": partner.id if partner else False,
                **values,
            }
        )

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
