from collections import defaultdict
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.ar_dunning.tools.figures import as_decimal

from ..core.deposit import ZERO, Money, rounded


class ArDunningAdvance(models.AbstractModel):
    """What has come in for orders before they are invoiced and paid, in their currencies.

    Odoo's `amount_paid` adds up payment transactions, whatever their currency and whatever happened to the money
    afterwards; transfers and paid invoices count, too. Money without a name is read where everybody reads it
    (`ar.dunning.incoming`). Nothing is counted for two orders at once.
    """

    _name = "ar.dunning.advance"
    _description = "Dunning Money of Orders"

    @api.model
    def _read(self, orders):
        """`{order id: Money}`."""
        found = {}
        for company, same in orders.sudo().grouped("company_id").items():
            found |= self.sudo()._read_in(same, company)
        return found

    @api.model
    def _read_in(self, orders, company):
        partners = orders._dunning_debtors()
        self.env.flush_all()
        incoming = self.env["ar.dunning.incoming"]._read(partners.ids, company, company._dunning_today(), sure=True)
        relied = self._relied(partners, company._dunning_tree()) if incoming.rows else {}
        named = defaultdict(list)
        for row, amount in incoming.kept():
            named[row.order_id].append((row, amount))
        return {order.id: self._money(order, company, incoming, named[order.id], relied) for order in orders}

    @api.model
    def _money(self, order, company, incoming, named, relied):
        """
        :param named: rows of money that names the order, with what is left of each
        :param relied: see `_relied`
        """
        currency, key = order.currency_id, (order._dunning_debtors().id, order.currency_id.id)
        coin = as_decimal(currency.rounding)
        meant = [(row, amount) for row, amount in named if row.currency_id == currency.id]
        others = sum((amount for order_id, amount in relied.get(key, ()) if order_id != order.id), ZERO)
        spare = self._spare(order, incoming, key, company) - others
        return Money(
            online=rounded(self._online(order), coin),
            invoices=rounded(self._paid_invoices(order), coin),
            named=rounded(sum((amount for _row, amount in meant), ZERO), coin),
            booked=rounded(sum((amount for row, amount in meant if row.in_ledger), ZERO), coin),
            spare=rounded(max(spare, ZERO), coin),
        )

    # === Without a name === #

    @api.model
    def _spare(self, order, incoming, key, company):
        """Money without a name after everything its owner owes, in other currencies too.

        What pays the order's own open invoices is the order's.

        :param key: (owner id, currency id)
        """
        owner, currency_id = key
        rest = incoming.found.cash.get(key, ZERO)
        if rest:
            rest -= self._needed_elsewhere(order, incoming, owner, company)
        invoices = set(order.invoice_ids.ids)
        mine = [
            line for line in incoming.lines.values() if line.move_id in invoices and line.currency_id == currency_id
        ]
        return max(rest, ZERO) + sum((incoming.found.free.get(line.id, ZERO) for line in mine), ZERO)

    @api.model
    def _needed_elsewhere(self, order, incoming, owner, company):
        """What the owner owes in other currencies than the order's, in the order's."""
        needed = sum(
            (
                incoming.in_company(line.id, incoming.open(line))
                for line in incoming.lines.values()
                if line.owner == owner
                and line.currency_id != order.currency_id.id
                and line.id not in incoming.found.discount
            ),
            ZERO,
        )
        if not needed:
            return ZERO
        on = company._dunning_today()
        return as_decimal(company.currency_id._convert(float(needed), order.currency_id, company, on))

    @api.model
    def _relied(self, partners, tree):
        """`{(partner id, currency id): [(order id, amount)]}`: spare money that confirmed orders already rely on.

        Once all of an order is invoiced and posted, it is a debt like others.
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT p.commercial_partner_id, o.currency_id, o.id, o.ar_dunning_relied
                  FROM sale_order o
                  JOIN res_partner p ON p.id = o.partner_invoice_id
                 WHERE o.state = 'sale' AND o.ar_dunning_relied > 0
                   AND (o.invoice_status <> 'invoiced' OR EXISTS (
                        SELECT FROM sale_order_line x
                          JOIN sale_order_line_invoice_rel r ON r.order_line_id = x.id
                          JOIN account_move_line i ON i.id = r.invoice_line_id
                         WHERE x.order_id = o.id AND i.parent_state = 'draft'))
                   AND p.commercial_partner_id = ANY(%s) AND o.company_id = ANY(%s)
                """,
                partners.ids,
                tree.ids,
            )
        )
        found = defaultdict(list)
        for partner, currency, order_id, amount in self.env.cr.fetchall():
            found[partner, currency].append((order_id, as_decimal(amount)))
        return found

    # === Online === #

    @api.model
    def _online(self, order):
        """Money that came in online for this order and still is its own: neither refunded, voided nor used elsewhere."""
        return sum((self._of_transaction(order, tx) for tx in self._transactions(order)), ZERO)

    @api.model
    def _online_outside(self, order):
        """The part of it that the ledger does not know yet."""
        outside = (
            tx
            for tx in self._transactions(order)
            if not self._payments_of(tx).move_id.filtered(lambda move: move.state == "posted")
        )
        return sum((self._of_transaction(order, tx) for tx in outside), ZERO)

    @api.model
    def _transactions(self, order):
        return order.transaction_ids.filtered(
            lambda tx: tx.state in ("authorized", "done") and tx.currency_id == order.currency_id
        )

    @api.model
    def _payments_of(self, tx):
        """The payments of a transaction, which may have been captured in parts; without refunds."""
        return (tx | tx.child_transaction_ids.filtered(lambda child: child.operation != "refund")).payment_id

    @api.model
    def _of_transaction(self, order, tx):
        """What a transaction has left for this order; one of several orders pays them by their size."""
        refunds = tx.child_transaction_ids.filtered(lambda child: child.operation == "refund")
        back = -_total(refunds.filtered(lambda child: child.state == "done").mapped("amount"))
        voided = _total(child.amount for child in tx.child_transaction_ids - refunds if child.state == "cancel")
        left = max(as_decimal(tx.amount) - back - voided - self._used_elsewhere(tx, refunds), ZERO)
        sharing = tx.sale_order_ids.filtered(lambda other: other.state != "cancel" and other.amount_total > 0)
        if len(sharing) < 2 or order not in sharing:
            return left
        return left * as_decimal(order.amount_total) / _total(sharing.mapped("amount_total"))

    @api.model
    def _used_elsewhere(self, tx, refunds):
        """What of its payments has been matched with something that is none of its orders'."""
        own = tx.sale_order_ids.invoice_ids | refunds.payment_id.move_id
        credits = self._payments_of(tx).move_id.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable" and line.credit
        )
        return _total(
            partial.credit_amount_currency
            for partial in credits.matched_debit_ids
            if partial.debit_move_id.move_id not in own
        )

    # === By way of invoices === #

    @api.model
    def _paid_invoices(self, order):
        """Money that paid the invoices of this order; credited ones do not count.

        A transfer that named the order, or money without a name, is matched with its invoices sooner or later, and
        stays the order's. Payments of the order's own online transactions are left out: those count as transactions.
        """
        moves = order.order_line.invoice_lines.move_id.filtered(
            lambda move: (
                move.state == "posted" and move.move_type == "out_invoice" and move.currency_id == order.currency_id
            )
        )
        deposits = moves.filtered(lambda move: move._is_downpayment())
        paid = min(self._paid_of(order, deposits), self._invoiced_deposits(order))
        others = min(self._paid_of(order, moves - deposits), self._invoiced_otherwise(order))
        return max(paid, ZERO) + max(others, ZERO)

    @api.model
    def _paid_of(self, order, moves):
        """How much of the order's part of these invoices has been paid by money, but not by its own transactions.

        A security deposit that was applied to one is money that came in once.
        """
        own = (order.transaction_ids | order.transaction_ids.child_transaction_ids).payment_id
        total = ZERO
        for move in moves:
            lines = move.line_ids.filtered(lambda line: line.display_type == "payment_term")
            paid = _total(
                partial.debit_amount_currency
                for partial in lines.matched_credit_ids
                for credit in partial.credit_move_id
                if credit.payment_id - own or credit.statement_line_id or credit.move_id.ar_dunning_deposit_id
            )
            if paid and not move._is_downpayment():
                paid *= min(max(self._part_of(order, move) / as_decimal(move.amount_total), ZERO), Decimal(1))
            total += paid
        return total

    @api.model
    def _part_of(self, order, move):
        """What an invoice or credit note charges for this order, which it may share with others; taxes included."""
        return _total(line.price_total for line in move.invoice_line_ids if order in line.sale_line_ids.order_id)

    @api.model
    def _invoiced_otherwise(self, order):
        """Invoiced and posted less credited, apart from down payments, taxes included."""
        moves = self._posted(order, order.order_line).filtered(lambda move: not move._is_downpayment())
        return sum((-move.direction_sign * self._part_of(order, move) for move in moves), ZERO)

    @api.model
    def _invoiced_deposits(self, order):
        """Down payments invoiced and posted less credited ones, taxes included."""
        moves = self._posted(order, order.order_line.filtered("is_downpayment"))
        return _total(-move.direction_sign * move.amount_total for move in moves if move._is_downpayment())

    @api.model
    def _posted(self, order, lines):
        """The posted invoices and credit notes of these lines of the order, in its currency."""
        return lines.invoice_lines.move_id.filtered(
            lambda move: move.state == "posted" and move.currency_id == order.currency_id
        )


def _total(amounts):
    return sum(map(as_decimal, amounts), ZERO)
