from odoo import api, models
from odoo.tools import SQL

from .sql import DUE, OPEN_LINE


class ArDunningItem(models.Model):
    """Items follow their journal items: to the line that took the place of theirs, and to whoever owes it now."""

    _inherit = "ar.dunning.item"

    @api.model
    def _reattach(self, companies):
        """After an invoice was reset to draft, edited and posted again: match its items to its lines one to
        one, by due date, then by ordinal. Items that find no line stay behind, suspended, with their history."""
        self._reattach_where(SQL("i.company_id = ANY(%s)", companies.ids))

    def _follow_lines(self):
        """`_reattach` for these items only: a last look does not wait for the night."""
        if self.ids:
            self.env.flush_all()
            self._reattach_where(SQL("i.id = ANY(%s)", self.ids))

    @api.model
    def _reattach_where(self, scope):
        self.env.cr.execute(
            SQL(
                """
                SELECT DISTINCT i.move_id
                  FROM ar_dunning_item i
                  JOIN account_move m ON m.id = i.move_id AND m.state = 'posted'
                  LEFT JOIN account_move_line l ON l.id = i.move_line_id
                 WHERE %(scope)s
                   AND ((l.id IS NULL AND EXISTS (
                            SELECT FROM account_move_line f
                              JOIN account_account a ON a.id = f.account_id AND a.account_type = 'asset_receivable'
                             WHERE f.move_id = m.id
                               AND NOT EXISTS (SELECT FROM ar_dunning_item x WHERE x.move_line_id = f.id)))
                        OR (l.reconciled IS NOT TRUE AND %(due)s <> i.due_date))
                """,
                scope=scope,
                due=DUE,
            )
        )
        for (move_id,) in self.env.cr.fetchall():
            self._reattach_move(self.env["account.move"].browse(move_id))

    @api.model
    def _reattach_move(self, move):
        items = self.search([("move_id", "=", move.id)], order="ordinal, id")
        lines = move.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
        due = {line: line.date_maturity or line.date for line in lines}
        lines = lines.sorted(lambda line: (due[line], line.id))
        ordinal = {line: position for position, line in enumerate(lines, start=1)}
        pairs, free_items, free_lines = [], list(items), list(lines)
        for same in (
            lambda item, line: item.due_date == due[line],
            lambda item, line: item.ordinal == ordinal[line],
            lambda item, line: True,
        ):
            for item in list(free_items):
                line = next((line for line in free_lines if same(item, line)), None)
                if line:
                    pairs.append((item, line))
                    free_items.remove(item)
                    free_lines.remove(line)
        items._put({"move_line_id": False})
        items.flush_recordset()
        for item, line in pairs:
            item._put(
                {
                    "move_line_id": line.id,
                    "due_date": due[line],
                    "ordinal": ordinal[line],
                    "next_date": False,
                }
            )
        items.flush_recordset()

    @api.model
    def _follow_partner(self, companies):
        """Move open items to the customer record of the partner that owes them now (re-parenting)."""
        self.env.cr.execute(
            SQL(
                """
                SELECT i.id, p.commercial_partner_id, i.company_id
                  FROM ar_dunning_item i
                  JOIN ar_dunning_customer c ON c.id = i.customer_id
                  JOIN account_move_line l ON l.id = i.move_line_id
                  JOIN res_partner p ON p.id = l.partner_id
                 WHERE i.company_id = ANY(%(companies)s) AND %(open)s
                   AND l.partner_id <> c.partner_id AND p.commercial_partner_id <> c.partner_id
                """,
                companies=companies.ids,
                open=OPEN_LINE,
            )
        )
        Customer = self.env["ar.dunning.customer"]
        for item_id, partner_id, company_id in self.env.cr.fetchall():
            key = [("partner_id", "=", partner_id), ("company_id", "=", company_id)]
            customer = Customer.search(key) or Customer._make({"partner_id": partner_id, "company_id": company_id})
            item = self.browse(item_id)
            former = item.customer_id
            item._put({"customer_id": customer.id, "next_date": False})
            (former | customer)._refresh_level()
