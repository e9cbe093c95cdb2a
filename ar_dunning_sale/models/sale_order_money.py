from collections import defaultdict
from dataclasses import dataclass

from odoo import api, fields, models
from odoo.tools import SQL

# Receivable credits of payments and bank lines; payments without an entry; bank lines nobody has matched.
UNMATCHED = """
    SELECT l.partner_id, l.currency_id, -l.amount_residual_currency,
           concat_ws(' ', l.name, m.ref, p.memo, p.payment_reference, b.payment_ref), TRUE, -l.amount_residual,
           CASE WHEN p.is_matched IS FALSE THEN 'announced' END
      FROM account_move_line l
      JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
      JOIN account_move m ON m.id = l.move_id
      LEFT JOIN account_payment p ON p.id = l.payment_id
      LEFT JOIN account_bank_statement_line b ON b.id = l.statement_line_id
     WHERE l.parent_state = 'posted' AND l.reconciled IS NOT TRUE AND l.amount_residual_currency < 0
       AND (p.id IS NOT NULL OR b.id IS NOT NULL)
       AND l.partner_id = ANY(%(partners)s) AND l.company_id = ANY(%(tree)s)
       AND NOT EXISTS (SELECT FROM sale_order_transaction_rel r
                         JOIN sale_order o ON o.id = r.sale_order_id AND o.state <> 'cancel'
                         JOIN payment_transaction t ON r.transaction_id IN (t.id, t.source_transaction_id)
                        WHERE t.id = p.payment_transaction_id)
       AND NOT EXISTS (SELECT FROM ar_dunning_deposit d WHERE d.payment_id = p.id AND d.unbooked)
    UNION ALL
    SELECT c.commercial_partner_id, p.currency_id, p.amount,
           concat_ws(' ', p.memo, p.payment_reference), FALSE, 0, 'announced'
      FROM account_payment p
      JOIN res_partner c ON c.id = p.partner_id
     WHERE p.state = 'in_process' AND p.move_id IS NULL AND p.payment_type = 'inbound'
       AND p.partner_type = 'customer' AND p.payment_transaction_id IS NULL
       AND c.commercial_partner_id = ANY(%(partners)s) AND p.company_id = ANY(%(tree)s)
    UNION ALL
    SELECT c.commercial_partner_id, COALESCE(b.foreign_currency_id, b.currency_id),
           CASE WHEN b.foreign_currency_id IS NULL THEN b.amount ELSE b.amount_currency END,
           b.payment_ref, FALSE, 0, 'bank'
      FROM account_bank_statement_line b
      JOIN account_move m ON m.id = b.move_id AND m.state = 'posted'
      LEFT JOIN res_partner c ON c.id = b.partner_id
     WHERE b.is_reconciled IS NOT TRUE AND b.amount > 0 AND b.company_id = ANY(%(tree)s)
       AND (c.id IS NULL OR c.commercial_partner_id = ANY(%(partners)s))
"""


@dataclass(frozen=True, slots=True)
class Money:
    """What has come in for an order, in the order's currency, by the way it came.

    `online`: payment transactions; `invoices`: money that paid its invoices; `named`: unmatched payments and bank
    lines that name the order; `spare`: other unmatched payments of the customer, after everything he owes. `booked`
    is the part of `named` that is already a credit in the ledger.
    """

    online: float = 0.0
    invoices: float = 0.0
    named: float = 0.0
    booked: float = 0.0
    spare: float = 0.0

    @property
    def certain(self):
        """What is this order's without doubt."""
        return self.online + self.invoices + self.named

    @property
    def total(self):
        """All of it."""
        return self.certain + self.spare


class SaleOrder(models.Model):
    """Deposits received: core's `amount_paid` knows payment transactions only; transfers and invoices count too."""

    _inherit = "sale.order"

    ar_dunning_relied = fields.Monetary(
        "Relies on Unassigned Money",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The part of the deposit that was covered by payments without a name: they cover no other order.",
    )

    def _dunning_money(self):
        """`{order id: Money}`; nothing is counted for two orders at once."""
        found = {}
        for company, orders in self.sudo().grouped("company_id").items():
            found |= orders._dunning_money_in(company)
        return found

    def _dunning_money_in(self, company):
        partners = self._dunning_debtors()
        tree = company._dunning_tree()
        self.env.flush_all()
        credits = self._dunning_unmatched(partners, tree)
        named, pools = self._dunning_sort_credits(credits, partners, tree)
        debts = self._dunning_open_debts(partners, tree) if credits else {}
        relied = self._dunning_relied(partners, tree) if credits else {}
        found = {}
        for order in self:
            partner, currency = order._dunning_debtors(), order.currency_id
            meant = [row for row in named.get(order.id, ()) if row[0] == currency.id and row[1] in (partner.id, None)]
            key = partner.id, currency.id
            others = sum(amount for order_id, amount in relied.get(key, ()) if order_id != order.id)
            # what the order itself owes is paid by its own money, matched or not
            owed = max(debts[key][0] - order._dunning_open_invoices(), 0.0) if debts.get(key) else 0.0
            spare = pools[key][0] - owed - others - self._dunning_owed_elsewhere(key, pools, debts)
            found[order.id] = Money(
                online=order._dunning_online(),
                invoices=order._dunning_paid_invoices(),
                named=currency.round(sum(row[2] for row in meant)),
                booked=currency.round(sum(row[2] for row in meant if row[3])),
                spare=currency.round(max(spare, 0.0)),
            )
        return found

    def _dunning_sort_credits(self, credits, partners, tree):
        """Which of these credits name one order each, and which are the customer's own: two dicts.

        A payment that somebody has entered and its line on the bank statement, not matched yet, are the same money.

        :param credits: see `_dunning_unmatched`
        :return: `{order id: [(currency id, partner id or None, amount, in the ledger?)]}`, and
            `{(partner id, currency id): (amount, the same in company currency)}`
        """
        names = self._dunning_order_names(partners, tree) if credits else {}
        named, pools, announced = defaultdict(list), defaultdict(lambda: (0.0, 0.0)), defaultdict(int)
        for owner, currency, amount, words, in_ledger, own, kind in sorted(credits, key=lambda row: row[6] == "bank"):
            meant = {key for word in words for key in names.get(word, ())}
            if len(meant) == 1:
                (order,) = meant
                same = order, currency, amount
                announced[same] += kind == "announced"
                if kind == "bank" and announced[same]:
                    announced[same] -= 1
                    continue
                named[order].append((currency, owner, amount, in_ledger))
            elif owner and in_ledger:
                before = pools[owner, currency]
                pools[owner, currency] = before[0] + amount, before[1] + float(own)
        return named, pools

    @api.model
    def _dunning_owed_elsewhere(self, key, pools, debts):
        """What of a customer's own money in one currency debts in other currencies need, beyond money in those.

        :param key: (partner id, currency id) of the money; `pools` and `debts` by the same keys
        """
        amount, own = pools[key]
        if not own:
            return 0.0
        short = sum(
            max(debt[1] - pools.get(other, (0.0, 0.0))[1], 0.0)
            for other, debt in debts.items()
            if other[0] == key[0] and other[1] != key[1]
        )
        return short * amount / own

    def _dunning_debtors(self):
        """Who will owe for these orders: the commercial entities of their invoice addresses."""
        return (self.partner_invoice_id or self.partner_id).commercial_partner_id

    def _dunning_unmatched(self, partners, tree):
        """Unmatched incoming money, a row each: partner id or None, currency id, amount, words of its label, whether
        it is in the ledger, its amount in company currency (0 outside the ledger), and its kind: a payment 'announced'
        that has no line on the bank statement yet, a line of the 'bank' statement that nobody has matched, or None.

        Receivable credits of payments and bank lines, payments without an entry, bank lines nobody has matched.
        Left out: payments of online transactions of orders (counted as such), and security deposits.
        """
        self.env.cr.execute(
            SQL(
                UNMATCHED,
                partners=partners.ids,
                tree=tree.ids,
            )
        )
        read = self.env["ar.dunning.incoming"]._reference_words
        return [
            (partner, currency, float(amount), read(label), in_ledger, own, kind)
            for partner, currency, amount, label, in_ledger, own, kind in self.env.cr.fetchall()
        ]

    def _dunning_order_names(self, partners, tree):
        """`{word: ids of the customers' live orders that it names}`: their numbers and payment references."""
        self.env.cr.execute(
            SQL(
                """
                SELECT o.id, o.name, o.reference
                  FROM sale_order o
                  JOIN res_partner p ON p.id = o.partner_invoice_id
                 WHERE p.commercial_partner_id = ANY(%s) AND o.company_id = ANY(%s)
                   AND (o.state IN ('draft', 'sent') OR o.state = 'sale' AND o.invoice_status <> 'invoiced')
                """,
                partners.ids,
                tree.ids,
            )
        )
        read = self.env["ar.dunning.incoming"]._reference_words
        names = defaultdict(set)
        for order_id, *labels in self.env.cr.fetchall():
            for label in filter(None, labels):
                # the whole label without separators: 'S00012', and a reference with spaces in it
                names[max(read(label), key=len)].add(order_id)
        return names

    @api.model
    def _dunning_named_credits(self, partners, tree):
        """`{partner id: company currency}`: credits in the ledger that name one live order each, and so pay no debt."""
        credits = [row for row in self._dunning_unmatched(partners, tree) if row[0] and row[4]]
        names = self._dunning_order_names(partners, tree) if credits else {}
        found = defaultdict(float)
        for partner, _currency, _amount, words, _in_ledger, own, _kind in credits:
            if len({key for word in words for key in names.get(word, ())}) == 1:
                found[partner] += float(own)
        return found

    def _dunning_open_debts(self, partners, tree):
        """`{(partner id, currency id): (open receivables, the same in company currency)}`.

        The money of nobody's order pays them first.
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT l.partner_id, l.currency_id, sum(l.amount_residual_currency), sum(l.amount_residual)
                  FROM account_move_line l
                  JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
                 WHERE l.parent_state = 'posted' AND l.reconciled IS NOT TRUE AND l.amount_residual_currency > 0
                   AND l.partner_id = ANY(%s) AND l.company_id = ANY(%s)
                 GROUP BY l.partner_id, l.currency_id
                """,
                partners.ids,
                tree.ids,
            )
        )
        return {
            (partner, currency): (float(amount), float(own))
            for partner, currency, amount, own in self.env.cr.fetchall()
        }

    def _dunning_relied(self, partners, tree):
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
            found[partner, currency].append((order_id, float(amount)))
        return found
