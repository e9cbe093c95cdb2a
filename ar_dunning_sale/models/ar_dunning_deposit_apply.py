from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ArDunningDeposit(models.Model):
    """A security deposit pays invoices."""

    _inherit = "ar.dunning.deposit"

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
