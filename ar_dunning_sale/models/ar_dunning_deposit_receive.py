from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ArDunningDeposit(models.Model):
    """A security deposit comes in: out of the receivable, onto the account of security deposits."""

    _inherit = "ar.dunning.deposit"

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
