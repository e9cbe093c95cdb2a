from odoo import api, models
from odoo.tools import SQL

from odoo.addons.ar_dunning.core.plan import Blocker, Code


class ArDunningLedger(models.AbstractModel):
    """What orders say about invoices: a down payment is asked for, and no formal notice threatens for it."""

    _inherit = "ar.dunning.ledger"

    @api.model
    def _formal_facts_of(self, items, on):
        facts, down_payments = super()._formal_facts_of(items, on), self._down_payments(items)
        for item in items:
            if item.move_id in down_payments:
                facts.setdefault(item.id, []).append(Blocker(Code.DOWN_PAYMENT))
        return facts

    @api.model
    def _down_payments(self, items):
        """The invoices of those of these items that have been reminded of which bill nothing but down payments."""
        self.env.cr.execute(
            SQL(
                """
                SELECT l.move_id
                  FROM account_move_line l
                  JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = l.id
                  JOIN sale_order_line s ON s.id = r.order_line_id
                 WHERE l.move_id = ANY(%s)
                 GROUP BY l.move_id HAVING bool_and(s.is_downpayment)
                """,
                [item.move_id for item in items if item.rank],
            )
        )
        return {row[0] for row in self.env.cr.fetchall()}
