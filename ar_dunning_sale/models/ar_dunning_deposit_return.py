from odoo import models
from odoo.exceptions import UserError

from .account_move_deposit import UNDO
from .verdict import Ours


class ArDunningDeposit(models.Model):
    """A security deposit is given back: by an outgoing payment, and never by way of the receivable."""

    _inherit = "ar.dunning.deposit"

    def _give_back(self, amount, on, journal, bank=None):
        """Pay it out: an outgoing payment whose counterpart is the account of security deposits.

        :param float amount: in the deposit's currency; up to what is held
        :param date on: day of the payment
        :param journal: the bank or cash journal that pays
        :param bank: the customer's bank account; without it, the one Odoo proposes
        :return: the posted payment
        :raise UserError: not held, more than is held, a locked day
        """
        self.ensure_one()
        self._lock_for_booking()
        self._check_in_books()
        self._check_held(amount, on)
        self.company_id._check_dunning_unlocked(on, journal)
        values = {
            "company_id": self.company_id.id,
            "payment_type": "outbound",
            "partner_type": "customer",
            "partner_id": self.partner_id.id,
            "amount": amount,
            "currency_id": self.currency_id.id,
            "date": on,
            "journal_id": journal.id,
            "memo": self.with_context(lang=self.partner_id.lang)._return_memo(),
            "ar_dunning_deposit_id": self.id,
        }
        if bank:
            values["partner_bank_id"] = bank.id
        Payment = self.env["account.payment"].with_company(self.company_id)
        payment = Payment.with_context(force_payment_move=True)._make(values)  # without an entry nothing is given back
        payment.action_post()
        return payment

    def _return_memo(self):
        """What the customer reads on the bank statement."""
        return self.env._("Returned: %s", self._entry_label())

    def _take_return(self, move):
        """An outgoing payment of this deposit was posted: match it with what is held.

        :raise UserError: it gives back more than is held, or something else than this deposit
        """
        self._lock_for_booking()
        self._check_in_books()
        line = move.line_ids.filtered(lambda line: line.account_id == self.account_id)
        if len(line) != 1 or line.currency_id != self.currency_id or line.amount_currency <= 0:
            raise UserError(
                self.env._(
                    "%(payment)s does not give back the security deposit %(deposit)s: it must pay out in "
                    "%(currency)s, with %(account)s as its counterpart. Delete it, and give the deposit back anew.",
                    payment=move.origin_payment_id.display_name,
                    deposit=self.display_name,
                    currency=self.currency_id.name,
                    account=self.account_id.display_name,
                )
            )
        self._check_held(line.amount_currency, move.date)
        (self._held_lines() | line).reconcile()
        self._tell_booked(self.env._("Given back"), move)
        self._close_if_empty("released", move.date)

    def _follow_money(self, partials):
        """Somebody has matched what is held with bank lines or payments: it was given back by these."""
        for partial in partials:
            self._tell_booked(self.env._("Given back"), partial.debit_move_id.move_id, partial.credit_amount_currency)
        if self.state == "paid":
            self._close_if_empty("released", max(partials.debit_move_id.mapped("date")))

    def _loosen_money(self, moves):
        """What was matched by hand with what is held is not any more: it is held again."""
        self._reopen()
        for move in moves:
            self.message_post(body=self.env._("%s was taken back: what it gave back is held again.", move.display_name))

    def _loosen_return(self, move):
        """An outgoing payment of this deposit was taken back by hand: what it gave back is held again."""
        lines = move.line_ids.filtered(lambda line: line.account_id == self.account_id)
        lines.with_context(**{UNDO: Ours()}).remove_move_reconcile()
        self._reopen()
        self.message_post(
            body=self.env._("%s was taken back: what it gave back is held again.", move.origin_payment_id.display_name)
        )
