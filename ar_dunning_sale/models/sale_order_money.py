from collections import defaultdict
from dataclasses import dataclass

from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.ar_dunning.core.allocation import ZERO
from odoo.addons.ar_dunning.tools.figures import as_decimal


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
        self.env.flush_all()
        incoming = self.env["ar.dunning.incoming"]._read(partners.ids, company, company._dunning_today(), sure=True)
        relied = self._dunning_relied(partners, company._dunning_tree()) if incoming.rows else {}
        named = defaultdict(list)
        for row, amount in incoming.kept():
            named[row.order_id].append((row, amount))
        found = {}
        for order in self:
            currency, key = order.currency_id, (order._dunning_debtors().id, order.currency_id.id)
            meant = [(row, amount) for row, amount in named[order.id] if row.currency_id == currency.id]
            others = sum(amount for order_id, amount in relied.get(key, ()) if order_id != order.id)
            spare = float(order._dunning_spare(incoming, key, company)) - others
            found[order.id] = Money(
                online=order._dunning_online(),
                invoices=order._dunning_paid_invoices(),
                named=currency.round(float(sum(amount for _row, amount in meant))),
                booked=currency.round(float(sum(amount for row, amount in meant if row.in_ledger))),
                spare=currency.round(max(spare, 0.0)),
            )
        return found

    def _dunning_spare(self, incoming, key, company):
        """Money without a name after everything its owner owes, in other currencies too; a Decimal.

        What pays the order's own open invoices is the order's.

        :param key: (owner id, currency id)
        """
        owner, currency_id = key
        rest = incoming.found.cash.get(key, ZERO)
        if rest:
            needed = sum(
                (
                    incoming.in_company(line.id, incoming.open(line))
                    for line in incoming.lines.values()
                    if line.owner == owner
                    and line.currency_id != currency_id
                    and line.id not in incoming.found.discount
                ),
                ZERO,
            )
            if needed:
                own = company.currency_id
                rest -= as_decimal(own._convert(float(needed), self.currency_id, company, company._dunning_today()))
        invoices = set(self.invoice_ids.ids)
        mine = [
            line for line in incoming.lines.values() if line.move_id in invoices and line.currency_id == currency_id
        ]
        return max(rest, ZERO) + sum((incoming.found.free.get(line.id, ZERO) for line in mine), ZERO)

    def _dunning_debtors(self):
        """Who will owe for these orders: the commercial entities of their invoice addresses."""
        return (self.partner_invoice_id or self.partner_id).commercial_partner_id

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
