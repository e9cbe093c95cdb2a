from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.ar_dunning.models.figures import as_decimal


class ArDunningCustomer(models.Model):
    """What sales adds to a customer record: orders not invoiced yet, accepted terms, security deposits."""

    _inherit = "ar.dunning.customer"

    terms_ids = fields.One2many("ar.dunning.terms", "customer_id", string="Accepted Terms")
    deposit_ids = fields.One2many("ar.dunning.deposit", "customer_id", string="Security Deposits")

    def _uninvoiced_orders(self):
        """Confirmed orders less what is invoiced of them, taxes included, in company currency at the order's rate.

        Ordered or delivered, whichever is more, less posted invoices; down payments that are invoiced are
        receivables already and are deducted. Free lines nobody has decided to charge count nothing, and neither do
        cancelled or fully invoiced orders. Orders of the whole company tree, whose ledger is shared.
        """
        found = super()._uninvoiced_orders()
        if not self:
            return found
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
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
                              JOIN account_move m ON m.id = a.move_id AND m.state = 'posted'
                                   AND m.move_type IN ('out_invoice', 'out_refund')
                             WHERE r.order_line_id = l.id) i ON TRUE
                     WHERE o.state = 'sale' AND o.invoice_status <> 'invoiced'
                       AND p.commercial_partner_id = ANY(%(partners)s) AND o.company_id = ANY(%(tree)s)
                     GROUP BY o.id, p.commercial_partner_id) orders
                 GROUP BY partner_id
                """,
                counts=SQL(
                    "(l.ar_dunning_trial IS NOT TRUE OR o.ar_dunning_trial IS NULL "
                    "OR COALESCE(o.ar_dunning_trial_state, 'running') = 'charged')"
                ),
                partners=self.partner_id.ids,
                tree=self.company_id._dunning_tree().ids,
            )
        )
        amounts = {partner: as_decimal(amount) for partner, amount in self.env.cr.fetchall()}
        for customer in self:
            found[customer.id] += amounts.get(customer.partner_id.id, 0)
        return found

    @api.model
    def _close_night(self, company):
        """Deposits of open quotations follow the customer's new status."""
        result = super()._close_night(company)
        orders = (
            self.env["sale.order"].sudo().search([("company_id", "=", company.id), ("state", "in", ("draft", "sent"))])
        )
        orders._dunning_refresh_deposits()
        return result

    def _absorb(self, others):
        """Terms and security deposits of merged customers move to the one that stays."""
        others.sudo().deposit_ids._dunning_move(self)
        others.sudo().terms_ids.write({"customer_id": self.id})
        return super()._absorb(others)
