from odoo import fields, models
from odoo.tools import SQL

from ..core.plan import Code
from .sql import OPEN_LINE

# What stops a step only for a while. Whatever else stops it, nothing is planned until somebody acts.
PASSING = [
    code.value
    for code in (Code.PAUSED, Code.HELD_BACK, Code.NOTICE_PENDING, Code.FORMAL_GATE, Code.CAP, Code.BANK_STALE)
]


def still_planned(alias):
    """SQL: whether the next step of an item, under this alias, comes by itself."""
    codes = SQL.identifier(alias, "blocker_codes")
    return SQL("(%s IS NULL OR string_to_array(%s, ',') <@ %s::text[])", codes, codes, PASSING)


class ArDunningAgenda(models.Model):
    """The follow-up calendar: planned steps, running deadlines, calls and tasks, ends of pauses, reviews.

    A view, not a table: nothing here can be written. An entry leads to its record; a planned step can be
    postponed, which makes a pause with a reason.
    """

    _name = "ar.dunning.agenda"
    _inherit = ["ar.dunning.protected", "ar.dunning.dated"]
    _description = "Follow-up Calendar"
    _auto = False
    _order = "date, id"
    _day_field = "date"

    name = fields.Char(readonly=True)
    kind = fields.Selection(
        [
            ("step", "Planned step"),
            ("deadline", "Deadline"),
            ("call", "Call"),
            ("task", "Task"),
            ("pause", "End of pause"),
            ("review", "Review"),
        ],
        readonly=True,
    )
    date = fields.Date(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    customer_id = fields.Many2one("ar.dunning.customer", readonly=True)
    partner_id = fields.Many2one("res.partner", readonly=True)
    responsible_id = fields.Many2one("res.users", readonly=True)
    level_id = fields.Many2one("ar.dunning.level", readonly=True)
    policy_id = fields.Many2one("ar.dunning.policy", readonly=True)
    amount = fields.Monetary(currency_field="company_currency_id", readonly=True)
    color = fields.Integer(readonly=True)
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(model_field="res_model", readonly=True)

    # What the query reads: written to the database before it is asked.
    _depends = {
        "account.move.line": ["parent_state", "reconciled", "amount_residual", "amount_residual_currency"],
        "ar.dunning.arrangement": ["company_id", "customer_id", "date_end", "review_date", "state"],
        "ar.dunning.customer": ["partner_id", "responsible_id", "policy_id"],
        "ar.dunning.item": [
            "blocker_codes",
            "company_id",
            "customer_id",
            "deadline",
            "move_line_id",
            "next_date",
            "next_level_id",
        ],
        "ar.dunning.level": ["policy_id"],
        "ar.dunning.notice": [
            "amount_total",
            "company_id",
            "customer_id",
            "deadline",
            "level_id",
            "policy_id",
            "state",
        ],
        "ar.dunning.notice.line": ["is_demanded", "item_id", "notice_id"],
        "mail.activity": ["active", "activity_type_id", "date_deadline", "res_id", "res_model", "user_id"],
        "res.partner": ["complete_name"],
    }

    @property
    def _table_query(self):
        """Ids are made distinct by the remainder of division by 5: one series per source."""
        return SQL(
            """
            SELECT s.id::bigint * 5 AS id, p.complete_name AS name, 'step' AS kind, s.date, s.company_id, s.customer_id,
                   c.partner_id, c.responsible_id, s.level_id, v.policy_id, s.amount, 4 AS color,
                   'ar.dunning.customer' AS res_model, s.customer_id AS res_id
              FROM (SELECT min(i.id) AS id, i.customer_id, i.company_id, i.next_date AS date,
                           max(i.next_level_id) AS level_id, sum(l.amount_residual) AS amount
                      FROM ar_dunning_item i
                      JOIN account_move_line l ON l.id = i.move_line_id
                     WHERE i.next_level_id IS NOT NULL AND i.next_date IS NOT NULL AND %(open)s AND %(planned)s
                     GROUP BY i.customer_id, i.company_id, i.next_date) s
              JOIN ar_dunning_customer c ON c.id = s.customer_id
              JOIN res_partner p ON p.id = c.partner_id
              LEFT JOIN ar_dunning_level v ON v.id = s.level_id
            UNION ALL
            SELECT n.id::bigint * 5 + 1, p.complete_name, 'deadline', n.deadline, n.company_id, n.customer_id,
                   c.partner_id, c.responsible_id, n.level_id, n.policy_id, n.amount_total, 3,
                   'ar.dunning.notice', n.id
              FROM ar_dunning_notice n
              JOIN ar_dunning_customer c ON c.id = n.customer_id
              JOIN res_partner p ON p.id = c.partner_id
             WHERE n.state = 'sent' AND n.deadline IS NOT NULL AND EXISTS (
                   SELECT FROM ar_dunning_notice_line d
                     JOIN ar_dunning_item i ON i.id = d.item_id
                     JOIN account_move_line l ON l.id = i.move_line_id
                    WHERE d.notice_id = n.id AND d.is_demanded AND i.deadline = n.deadline AND l.parent_state = 'posted'
                      AND l.reconciled IS NOT TRUE)
            UNION ALL
            SELECT a.id::bigint * 5 + 2, p.complete_name, 'pause', a.date_end, a.company_id, a.customer_id,
                   c.partner_id, c.responsible_id, NULL, c.policy_id, NULL, 8,
                   'ar.dunning.arrangement', a.id
              FROM ar_dunning_arrangement a
              JOIN ar_dunning_customer c ON c.id = a.customer_id
              JOIN res_partner p ON p.id = c.partner_id
             WHERE a.state = 'active' AND a.date_end IS NOT NULL
            UNION ALL
            SELECT a.id::bigint * 5 + 3, p.complete_name, 'review', a.review_date, a.company_id, a.customer_id,
                   c.partner_id, c.responsible_id, NULL, c.policy_id, NULL, 6,
                   'ar.dunning.arrangement', a.id
              FROM ar_dunning_arrangement a
              JOIN ar_dunning_customer c ON c.id = a.customer_id
              JOIN res_partner p ON p.id = c.partner_id
             WHERE a.state = 'active' AND a.review_date IS NOT NULL
            UNION ALL
            SELECT t.id::bigint * 5 + 4, p.complete_name, CASE k.category WHEN 'phonecall' THEN 'call' ELSE 'task' END,
                   t.date_deadline, c.company_id, c.id, c.partner_id, COALESCE(t.user_id, c.responsible_id),
                   n.level_id, COALESCE(n.policy_id, c.policy_id), n.amount_total,
                   CASE k.category WHEN 'phonecall' THEN 10 ELSE 2 END, t.res_model, t.res_id
              FROM mail_activity t
              LEFT JOIN mail_activity_type k ON k.id = t.activity_type_id
              LEFT JOIN ar_dunning_notice n ON n.id = t.res_id AND t.res_model = 'ar.dunning.notice'
              JOIN ar_dunning_customer c
                ON c.id = CASE t.res_model WHEN 'ar.dunning.customer' THEN t.res_id ELSE n.customer_id END
              JOIN res_partner p ON p.id = c.partner_id
             WHERE t.active AND t.res_model IN ('ar.dunning.customer', 'ar.dunning.notice')
            """,
            planned=still_planned("i"),
            open=OPEN_LINE,
        )

    def action_open(self):
        """Open the record behind this entry."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }

    def action_postpone(self):
        """Ask until when, and why, this planned step waits."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Postpone %s", self.name),
            "res_model": "ar.dunning.postpone.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_agenda_id": self.id},
        }
