from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .account_move_deposit import UNDO
from .facts.gate import Ours


class ArDunningDeposit(models.Model):
    """What is booked of a security deposit: it comes in, pays invoices, and is given back.

    It comes in out of the receivable, onto the account of security deposits; it is given back by an outgoing payment, and
    never by way of the receivable.
    """

    _inherit = "ar.dunning.deposit"

    # === It comes in === #

    def _receipts(self, limit=None, among=None):
        """Unmatched receivable credits of this customer that may be it, newest first.

        Payments, bank lines and opening balances; no credit notes, and no online payments of orders, which count as
        advances.

        :param int limit: so many at most
        :param among: only these journal items
        """
        credits = Domain(
            [
                ("amount_residual_currency", "<", 0),
                ("move_id.move_type", "=", "entry"),
                ("move_id.ar_dunning_deposit_id", "=", False),
            ]
        )
        found = self._open_lines(credits, "date desc, id desc", limit, among)
        return found.filtered(lambda line: not line.payment_id.sudo().payment_transaction_id.sale_order_ids)

    def _receive(self, takes, on=None):
        """Take this deposit out of receivable credits and book it as a liability.

        :param dict takes: amount in the deposit's currency by unmatched receivable credit; together the whole deposit
        :param date on: day of the entry; without it, the day of the latest of these credits
        :return: the posted entry
        :raise AccessError: the user has no part in accounting
        :raise UserError: received already, more or less than the deposit, another customer's or no open credit, a
            locked day, no account or journal; says what to do
        """
        self.ensure_one()
        self._lock_for_booking()
        if self.state != "requested" and not self.unbooked:
            raise UserError(self.env._("%s has come in already.", self.display_name))
        takes = {line: amount for line, amount in takes.items() if not self.currency_id.is_zero(amount)}
        self._check_takes(takes)
        account = self.company_id._dunning_deposit_account()
        day = on or max(line.date for line in takes)
        move, debits = self._post_receipt(takes, account, day)
        for line, debit in zip(takes, debits, strict=True):
            (line | debit).with_context(no_exchange_difference=True).reconcile()
        payment = self.env["account.payment"].union(*(line.payment_id for line in takes))
        self._update_state(
            ("requested", "paid"),
            "paid",
            receipt_move_id=move.id,
            account_id=account.id,
            payment_id=payment.id if len(payment) == 1 and payment.company_id == self.company_id else False,
            paid_on=max(line.date for line in takes),
        )._plan_return()
        self._tell_booked(self.env._("Received"), move)
        return move

    def _check_takes(self, takes):
        lines = self.env["account.move.line"].union(*takes)
        for line in lines - self._receipts(among=lines):
            raise UserError(
                self.env._("%s is no open receipt of this customer in the deposit's currency.", line.display_name)
            )
        for line, amount in takes.items():
            if amount < 0 or self.currency_id.compare_amounts(amount, -line.amount_residual_currency) > 0:
                raise UserError(
                    self.env._(
                        "Of %(receipt)s, %(open)s is open; %(amount)s cannot be taken from it.",
                        receipt=line.move_id.name,
                        open=self.currency_id.format(-line.amount_residual_currency),
                        amount=self.currency_id.format(amount),
                    )
                )
        total = sum(takes.values())
        if self.currency_id.compare_amounts(total, self.amount):
            raise UserError(
                self.env._(
                    "A security deposit comes in as a whole: this one is %(amount)s, and %(total)s was chosen. Choose "
                    "receipts that add up to it. If the customer paid less, change the amount of the request to "
                    "what came in, and ask for the rest as a deposit of its own.",
                    amount=self.currency_id.format(self.amount),
                    total=self.currency_id.format(total),
                )
            )

    def _post_receipt(self, takes, account, day):
        """Dr receivable, a line for each receipt at that receipt's rate / Cr security deposits.

        :return: the entry, and its receivable lines in the order of `takes`
        """
        label = self._entry_label()
        lines = [
            {
                "name": label,
                "account_id": line.account_id.id,
                "partner_id": line.partner_id.id,
                "currency_id": self.currency_id.id,
                "amount_currency": amount,
                "balance": self._share(amount, -line.amount_residual_currency, -line.amount_residual),
            }
            for line, amount in takes.items()
        ]
        liability = {
            "name": label,
            "account_id": account.id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "amount_currency": -self.amount,
            "balance": -sum(line["balance"] for line in lines),
        }
        move = self._post_entry(day, [*lines, liability], self.env._("Received: %s", label))
        return move, move.line_ids.sorted("id")[: len(takes)]

    # === It pays invoices === #

    def _debts(self, limit=None, among=None):
        """Open receivables of this customer, in the deposit's currency, that it may pay, oldest first.

        :param int limit: so many at most
        :param among: only these journal items
        """
        return self._open_lines(Domain("amount_residual_currency", ">", 0), "date_maturity, id", limit, among)

    def _open_lines(self, domain, order, limit=None, among=None):
        """The unmatched receivables and credits of this customer, in the deposit's currency, that fit `domain`."""
        self.ensure_one()
        domain &= Domain(
            [
                ("partner_id", "=", self.partner_id.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("currency_id", "=", self.currency_id.id),
                ("company_id", "in", self.company_id._dunning_tree().ids),
            ]
        )
        if among is not None:
            domain &= Domain("id", "in", among.ids)
        return self.env["account.move.line"].search(domain, order=order, limit=limit)

    def _apply(self, parts, on):
        """Pay open invoices with what is held; what is left after that stays a deposit.

        :param dict parts: amount in the deposit's currency by open receivable
        :param date on: day of the entry
        :return: the posted entry
        :raise UserError: not held, more than is held or owed, another customer's receivable, a locked day
        """
        self.ensure_one()
        self._lock_for_booking()
        self._check_in_books()
        parts = {line: amount for line, amount in parts.items() if not self.currency_id.is_zero(amount)}
        self._check_parts(parts, on)
        move, liability, credits = self._post_application(parts, on)
        (self._held_lines() | liability).with_context(no_exchange_difference=True).reconcile()
        for line, credit in zip(parts, credits, strict=True):
            (line | credit).reconcile()
        own = [line.move_id for line in parts if line.company_id == self.company_id]
        self._put({"move_id": own[0].id if own else False})
        self._tell_booked(self.env._("Applied"), move)
        self._close_if_empty("applied", on)
        return move

    def _check_parts(self, parts, on):
        lines = self.env["account.move.line"].union(*parts)
        if not lines:
            raise UserError(self.env._("Say how much of which invoice the deposit pays."))
        for line in lines - self._debts(among=lines):
            raise UserError(
                self.env._("%s is no open invoice of this customer in the deposit's currency.", line.display_name)
            )
        for line, amount in parts.items():
            if amount < 0 or self.currency_id.compare_amounts(amount, line.amount_residual_currency) > 0:
                raise UserError(
                    self.env._(
                        "Of %(invoice)s, %(open)s is open; the deposit cannot pay %(amount)s of it.",
                        invoice=line.move_id.name,
                        open=self.currency_id.format(line.amount_residual_currency),
                        amount=self.currency_id.format(amount),
                    )
                )
        self._check_held(sum(parts.values()), on)

    def _post_application(self, parts, on):
        """Dr security deposits at the rate of the receipt / Cr receivable, a line for each invoice.

        :return: the entry, its line on the account of security deposits, the others in the order of `parts`
        """
        label, total = self._entry_label(), sum(parts.values())
        balance = self._share(total, self.amount_left, self.amount_left_company)
        rest, rows = balance, []
        for number, (line, amount) in enumerate(parts.items(), 1):
            share = rest if number == len(parts) else self._share(amount, total, balance)
            rest -= share
            rows.append(
                {
                    "name": label,
                    "account_id": line.account_id.id,
                    "partner_id": line.partner_id.id,
                    "currency_id": self.currency_id.id,
                    "amount_currency": -amount,
                    "balance": -share,
                }
            )
        liability = {
            "name": label,
            "account_id": self.account_id.id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "amount_currency": total,
            "balance": balance,
        }
        names = ", ".join(dict.fromkeys(line.move_id.name for line in parts))
        ref = self.env._("Applied to %(invoices)s: %(deposit)s", invoices=names, deposit=label)
        move = self._post_entry(on, [liability, *rows], ref)
        lines = move.line_ids.sorted("id")
        return move, lines[0], lines[1:]

    # === It is given back === #

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
