from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, split_every

from odoo.addons.ar_dunning.models.sql import fingerprint
from odoo.addons.ar_dunning.tools.figures import as_decimal

from .ar_dunning_trial import PAID

BATCH = 500
# Per commercial partner, in company currency. `counts`: the condition of a line that is charged.
UNINVOICED = """
    SELECT partner_id, sum(greatest(amount - deposits, 0)) FROM (
        SELECT p.commercial_partner_id AS partner_id,
               sum(CASE WHEN l.is_downpayment OR NOT %(counts)s THEN 0
                        WHEN COALESCE(l.product_uom_qty, 0) = 0 THEN 0
                        ELSE l.price_total / l.product_uom_qty
                             * greatest(greatest(l.product_uom_qty, l.qty_delivered)
                                        - COALESCE(i.quantity, 0), 0)
                   END) / COALESCE(NULLIF(o.currency_rate, 0), 1) AS amount,
               COALESCE(sum(CASE WHEN l.is_downpayment THEN i.total END), 0)
                   / COALESCE(NULLIF(o.currency_rate, 0), 1) AS deposits
          FROM sale_order o
          JOIN res_partner p ON p.id = o.partner_invoice_id
          JOIN sale_order_line l ON l.order_id = o.id AND l.display_type IS NULL
          LEFT JOIN LATERAL (
                SELECT sum(CASE WHEN m.move_type = 'out_refund' THEN -1 ELSE 1 END * a.quantity) AS quantity,
                       sum(CASE WHEN m.move_type = 'out_refund' THEN -1 ELSE 1 END * a.price_total) AS total
                  FROM sale_order_line_invoice_rel r
                  JOIN account_move_line a ON a.id = r.invoice_line_id
                  JOIN account_move m ON m.id = a.move_id AND m.state = ANY(%(states)s)
                       AND m.move_type IN ('out_invoice', 'out_refund')
                 WHERE r.order_line_id = l.id) i ON TRUE
         WHERE o.state = 'sale'
           AND (o.invoice_status <> 'invoiced' OR o.id IN (
                SELECT dl.order_id FROM account_move d
                  JOIN account_move_line da ON da.move_id = d.id
                  JOIN sale_order_line_invoice_rel dr ON dr.invoice_line_id = da.id
                  JOIN sale_order_line dl ON dl.id = dr.order_line_id
                 WHERE d.state = 'draft' AND d.commercial_partner_id = ANY(%(partners)s)))
           AND p.commercial_partner_id = ANY(%(partners)s) AND o.company_id = ANY(%(tree)s)
         GROUP BY o.id, p.commercial_partner_id) orders
     GROUP BY partner_id
"""
# Orders whose amounts or names count, by what tells whether they have changed.
ORDERS = """
    SELECT p.commercial_partner_id, %(of_order)s
      FROM sale_order o JOIN res_partner p ON p.id = o.partner_invoice_id
     WHERE o.company_id = ANY(%(tree)s) AND o.state <> 'cancel'
       AND (o.state <> 'sale' OR o.invoice_status <> 'invoiced')
     UNION ALL
    SELECT p.commercial_partner_id, %(of_order_line)s
      FROM sale_order o
      JOIN res_partner p ON p.id = o.partner_invoice_id
      JOIN sale_order_line l ON l.order_id = o.id
     WHERE o.company_id = ANY(%(tree)s) AND o.state = 'sale' AND o.invoice_status <> 'invoiced'
     UNION ALL
    SELECT p.commercial_partner_id, %(of_trial)s
      FROM ar_dunning_trial t
      JOIN sale_order o ON o.id = t.order_id AND o.company_id = ANY(%(tree)s) AND o.state = 'sale'
      JOIN res_partner p ON p.id = o.partner_invoice_id
     WHERE o.invoice_status <> 'invoiced'
     UNION ALL
    SELECT c.partner_id, %(of_deposit)s
      FROM ar_dunning_deposit d JOIN ar_dunning_customer c ON c.id = d.customer_id
     WHERE c.company_id = ANY(%(tree)s)
"""
ORDER_NAMES = """
    SELECT p.commercial_partner_id AS partner_id, n.name
      FROM sale_order o
      JOIN res_partner p ON p.id = o.partner_invoice_id
     CROSS JOIN LATERAL (VALUES (o.name), (o.reference)) AS n (name)
     WHERE o.company_id = ANY(%(tree)s)
       AND (o.state IN ('draft', 'sent') OR o.state = 'sale' AND o.invoice_status <> 'invoiced')
"""


class ArDunningCustomer(models.Model):
    """What sales adds to a customer record: orders not invoiced yet, accepted terms, security deposits."""

    _inherit = "ar.dunning.customer"

    terms_ids = fields.One2many("ar.dunning.terms", "customer_id", string="Accepted Terms")
    deposit_ids = fields.One2many("ar.dunning.deposit", "customer_id", string="Security Deposits")
    release_ids = fields.One2many("ar.dunning.release", "customer_id", string="Releases")

    def _uninvoiced_orders(self):
        """Confirmed orders less what is invoiced of them, taxes included, in company currency at the order's rate.

        Ordered or delivered, whichever is more, less posted invoices (and drafts, where the company counts those by
        themselves); down payments that are invoiced are receivables already. Free lines that nobody has decided to
        charge count nothing. Orders of the whole company tree, whose ledger is shared.
        """
        found = super()._uninvoiced_orders()
        if not self:
            return found
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                UNINVOICED,
                counts=SQL(
                    "(l.ar_dunning_trial IS NOT TRUE OR NOT EXISTS (SELECT FROM ar_dunning_trial t "
                    "WHERE t.order_id = o.id AND t.state <> ALL(%s)))",
                    list(PAID),
                ),
                states=["posted", "draft"]
                if self.company_id.sudo().root_id.filtered("ar_dunning_count_drafts")
                else ["posted"],
                partners=self.partner_id.ids,
                tree=self.company_id._dunning_tree().ids,
            )
        )
        amounts = {partner: as_decimal(amount) for partner, amount in self.env.cr.fetchall()}
        for customer in self:
            found[customer.id] += amounts.get(customer.partner_id.id, 0)
        return found

    @api.model
    def _credit_sources(self, company, on):
        """Orders that are not invoiced, with their lines and free periods, and security deposits that we have asked for."""
        tree = company._dunning_tree().ids
        orders = SQL(
            ORDERS,
            tree=tree,
            of_order=fingerprint("'o', o.id, o.xmin, o.ctid"),
            of_order_line=fingerprint("'ol', l.id, l.xmin, l.ctid"),
            of_trial=fingerprint("'ot', t.id, t.xmin, t.ctid"),
            of_deposit=fingerprint("'od', d.id, d.xmin, d.ctid"),
        )
        return [*super()._credit_sources(company, on), orders]

    @api.model
    def _names(self, tree_ids):
        """What a transfer may name to mean a live order."""
        return [*super()._names(tree_ids), SQL(ORDER_NAMES, tree=tree_ids)]

    @api.model
    def _closing_steps(self, company):
        """Deposits of open quotations that are still valid follow the customer's new status."""
        yield from super()._closing_steps(company)
        Order, today = self.env["sale.order"].sudo(), company._dunning_today()
        valid = Domain("validity_date", "=", False) | Domain("validity_date", ">=", today)
        ids = Order.search(Domain("company_id", "=", company.id) & Domain("state", "in", ("draft", "sent")) & valid).ids
        for batch in split_every(BATCH, ids):
            yield partial(Order.browse(batch)._dunning_refresh_deposits)

    def _merge_apart(self):
        return super()._merge_apart() | {"deposit_ids", "terms_ids", "release_ids"}

    def _take_over(self, others):
        """Terms, security deposits and releases of merged customers move to the one that stays."""
        others.sudo().deposit_ids._put({"customer_id": self.id})
        others.sudo().terms_ids._put({"customer_id": self.id})
        others.sudo().release_ids._put({"customer_id": self.id})
        return super()._take_over(others)
