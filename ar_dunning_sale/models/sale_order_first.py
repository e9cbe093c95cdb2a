from odoo import models
from odoo.tools import SQL


class SaleOrder(models.Model):
    """Which order of a customer is the first one: deposit rules may ask for more of it."""

    _inherit = "sale.order"

    def _dunning_first_orders(self, company):
        """Those of these orders whose customer has no confirmed order and no posted invoice yet.

        A confirmed order stays the first one although others were confirmed after it.
        """
        partners, tree = self._dunning_debtors(), company._dunning_tree()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT o.id
                  FROM sale_order o
                  JOIN res_partner p ON p.id = o.partner_invoice_id
                 WHERE o.id = ANY(%(orders)s) AND NOT EXISTS (
                        SELECT FROM sale_order x
                          JOIN res_partner xp ON xp.id = x.partner_invoice_id
                         WHERE xp.commercial_partner_id = p.commercial_partner_id AND x.state = 'sale'
                           AND x.company_id = ANY(%(tree)s) AND x.id <> o.id
                           AND (o.state <> 'sale' OR (x.date_order, x.id) < (o.date_order, o.id)))
                """,
                tree=tree.ids,
                orders=self.ids,
            )
        )
        alone = {order_id for (order_id,) in self.env.cr.fetchall()}
        invoiced = self.env["account.move"]._read_group(
            [
                ("commercial_partner_id", "in", partners.ids),
                ("company_id", "in", tree.ids),
                ("move_type", "=", "out_invoice"),
                ("state", "=", "posted"),
            ],
            ["commercial_partner_id"],
        )
        known = {partner for (partner,) in invoiced}
        return self.filtered(
            lambda order: (
                order.id in alone and (order._dunning_debtors() not in known or order._dunning_invoiced_only_here(tree))
            )
        )

    def _dunning_invoiced_only_here(self, tree):
        """Whether every invoice of the customer is this order's own, such as its down payment."""
        self.ensure_one()
        return bool(self.invoice_ids) and not self.env["account.move"].search_count(
            [
                ("commercial_partner_id", "=", self._dunning_debtors().id),
                ("company_id", "in", tree.ids),
                ("move_type", "=", "out_invoice"),
                ("state", "=", "posted"),
                ("id", "not in", self.invoice_ids.ids),
            ],
            limit=1,
        )
