from collections import defaultdict
from dataclasses import replace

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.ar_dunning.core.allocation import ZERO
from odoo.addons.ar_dunning.tools.figures import as_decimal


class ArDunningIncoming(models.AbstractModel):
    """Money that is meant for an order or a security deposit pays no other debt.

    What names one live order is that order's: it pays the order's own open invoices, and nothing else. So do online
    payments of an order. What names a security deposit that we have asked for pays nothing, up to its amount: the
    request asks the customer to name the deposit, so it is known before anybody has booked it.
    """

    _inherit = "ar.dunning.incoming"

    @api.model
    def _earmark(self, rows, owners, tree):
        rows = super()._earmark(rows, owners, tree)
        if not rows:
            return rows
        self._mark_deposit_payments(rows)
        rows = self._set_aside(rows, tree)
        self._mark_orders(rows, owners, tree)
        return rows

    @api.model
    def _mark_deposit_payments(self, rows):
        """Payments of security deposits that are held without an entry."""
        payments = [row.payment_id for row in rows if row.payment_id]
        deposits = self.env["ar.dunning.deposit"].sudo()
        held = deposits.search([("payment_id", "in", payments), ("unbooked", "=", True)]) if payments else deposits
        for row in rows:
            if row.payment_id in held.payment_id.ids:
                row.spread, row.moves, row.words = False, (), frozenset()

    @api.model
    def _set_aside(self, rows, tree):
        """What names requested security deposits, up to their amounts, is split off and pays nothing."""
        asked = self._asked_deposits({row.owner for row in rows if row.owner}, tree)
        found = []
        for row in rows:
            taken = ZERO
            for key in {(row.owner, row.currency_id, word) for word in row.words} & asked.keys():
                part = min(max(row.amount, ZERO) - taken, asked[key])
                asked[key] -= part
                taken += part
            if taken:
                own = row.own * taken / row.amount
                found.append(replace(row, amount=taken, own=own, spread=False, moves=(), words=frozenset()))
                row = replace(row, amount=row.amount - taken, own=row.own - own)
            if row.amount or not taken:
                found.append(row)
        return found

    @api.model
    def _asked_deposits(self, owners, tree):
        """`{(partner id, currency id, word of the transfer): amount}` of security deposits that have not come in."""
        deposits = self.env["ar.dunning.deposit"].sudo().search(
            [("state", "=", "requested"), ("partner_id", "in", list(owners)), ("company_id", "in", tree.ids)]
        )  # fmt: skip
        return {
            (deposit.partner_id.id, deposit.currency_id.id, word): as_decimal(deposit.amount)
            for deposit in deposits
            for word in self._reference_words(deposit.reference)
            if word
        }

    @api.model
    def _mark_orders(self, rows, owners, tree):
        """Let the rows of one live order pay its own invoices alone; one of unknown origin belongs to its debtor."""
        named = self._named_orders(owners, tree)
        online = self._online_orders([row.transaction_id for row in rows if row.transaction_id])
        found = []
        for row in rows:
            meant = {key for word in row.words for key in named.get(word, ())} if row.amount > ZERO else set()
            meant = {(order, debtor) for order, debtor in meant if row.owner in (debtor, None)}
            if row.transaction_id in online:
                found.append((row, online[row.transaction_id]))
            elif len(meant) == 1:
                ((row.order_id, row.owner),) = meant
                found.append((row, [row.order_id]))
        invoices = self._invoices_of({order_id for _row, order_ids in found for order_id in order_ids})
        for row, order_ids in found:
            row.spread = False
            row.moves += tuple(dict.fromkeys(move for order_id in order_ids for move in invoices.get(order_id, ())))

    @api.model
    def _invoices_of(self, order_ids):
        """`{order id: ids of its posted invoices}`, read for all of them at once."""
        return {
            order.id: tuple(order.invoice_ids.filtered(lambda move: move.state == "posted").ids)
            for order in self.env["sale.order"].sudo().browse(order_ids)
        }

    @api.model
    def _named_orders(self, owners, tree):
        """`{word: {(order id, debtor id)}}`: numbers and payment references of the live orders of these customers."""
        self.env.cr.execute(
            SQL(
                """
                SELECT o.id, p.commercial_partner_id, o.name, o.reference
                  FROM sale_order o
                  JOIN res_partner p ON p.id = o.partner_invoice_id
                 WHERE p.commercial_partner_id = ANY(%s) AND o.company_id = ANY(%s)
                   AND (o.state IN ('draft', 'sent') OR o.state = 'sale' AND o.invoice_status <> 'invoiced')
                """,
                list(owners),
                tree.ids,
            )
        )
        names = defaultdict(set)
        for order_id, debtor, *labels in self.env.cr.fetchall():
            for label in filter(None, labels):
                # the whole label without separators: 'S00012', and a reference with spaces in it
                names[max(self._reference_words(label), key=len)].add((order_id, debtor))
        return names

    @api.model
    def _online_orders(self, transaction_ids):
        """`{payment transaction id: ids of its orders}`, where something of them is still to be invoiced or posted."""
        if not transaction_ids:
            return {}
        self.env.cr.execute(
            SQL(
                """
                SELECT t.id, array_agg(DISTINCT o.id)
                  FROM payment_transaction t
                  JOIN sale_order_transaction_rel r ON r.transaction_id IN (t.id, t.source_transaction_id)
                  JOIN sale_order o ON o.id = r.sale_order_id AND o.state <> 'cancel'
                 WHERE t.id = ANY(%s)
                   AND (o.state <> 'sale' OR o.invoice_status <> 'invoiced' OR EXISTS (
                        SELECT FROM sale_order_line x
                          JOIN sale_order_line_invoice_rel y ON y.order_line_id = x.id
                          JOIN account_move_line z ON z.id = y.invoice_line_id
                         WHERE x.order_id = o.id AND z.parent_state = 'draft'))
                 GROUP BY t.id
                """,
                transaction_ids,
            )
        )
        return dict(self.env.cr.fetchall())
