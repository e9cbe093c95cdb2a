from collections import Counter

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, Query

from ..core.plan import Code
from .sql import OPEN_LINE

# What stops a step only for a while. Whatever else stops it, nothing is planned until somebody acts.
PASSING = [Code.PAUSED, Code.PROMISED, Code.HELD_BACK, Code.NOTICE_PENDING, Code.FORMAL_GATE, Code.CAP, Code.BANK_STALE]


# A day with as many entries shows counts and sums, unless the calendar has room for fewer.
CROWDED = 15
COLUMNS = (
    *("name", "kind", "date", "company_id", "customer_id", "partner_id", "responsible_id", "level_id", "policy_id"),
    *("amount", "color", "res_model", "res_id"),
)

STEPS = """
    SELECT s.id, p.complete_name AS name, 'step' AS kind, s.date, s.company_id, s.customer_id, c.partner_id,
           c.responsible_id, s.level_id, v.policy_id, s.amount, 4 AS color,
           'ar.dunning.customer' AS res_model, s.customer_id AS res_id
      FROM (SELECT min(i.id) AS id, i.customer_id, i.company_id, i.next_date AS date,
                   max(i.next_level_id) AS level_id, sum(l.amount_residual) AS amount
              FROM ar_dunning_item i
              JOIN account_move_line l ON l.id = i.move_line_id
             WHERE i.next_level_id IS NOT NULL AND i.next_date IS NOT NULL AND %(open)s AND %(planned)s
             GROUP BY i.next_date, i.customer_id, i.company_id) s
      JOIN ar_dunning_customer c ON c.id = s.customer_id
      JOIN res_partner p ON p.id = c.partner_id
      LEFT JOIN ar_dunning_level v ON v.id = s.level_id
"""
DEADLINES = """
    SELECT n.id, p.complete_name AS name, 'deadline' AS kind, n.deadline AS date, n.company_id, n.customer_id,
           c.partner_id, c.responsible_id, n.level_id, n.policy_id, n.amount_total AS amount, 3 AS color,
           'ar.dunning.notice' AS res_model, n.id AS res_id
      FROM ar_dunning_notice n
      JOIN ar_dunning_customer c ON c.id = n.customer_id
      JOIN res_partner p ON p.id = c.partner_id
     WHERE n.state = 'sent' AND n.deadline IS NOT NULL AND EXISTS (
           SELECT FROM ar_dunning_notice_line d
             JOIN ar_dunning_item i ON i.id = d.item_id
             JOIN account_move_line l ON l.id = i.move_line_id
            WHERE d.notice_id = n.id AND d.is_demanded AND i.deadline = n.deadline AND l.parent_state = 'posted'
              AND l.reconciled IS NOT TRUE)
"""
PAUSES = """
    SELECT a.id, p.complete_name AS name, 'pause' AS kind, a.date_end AS date, a.company_id, a.customer_id, c.partner_id,
           c.responsible_id, NULL::int AS level_id, c.policy_id, NULL::numeric AS amount, 8 AS color,
           'ar.dunning.arrangement' AS res_model, a.id AS res_id
      FROM ar_dunning_arrangement a
      JOIN ar_dunning_customer c ON c.id = a.customer_id
      JOIN res_partner p ON p.id = c.partner_id
     WHERE a.state = 'active' AND a.date_end IS NOT NULL
"""
REVIEWS = """
    SELECT a.id, p.complete_name AS name, 'review' AS kind, a.review_date AS date, a.company_id, a.customer_id,
           c.partner_id, c.responsible_id, NULL::int AS level_id, c.policy_id, NULL::numeric AS amount, 6 AS color,
           'ar.dunning.arrangement' AS res_model, a.id AS res_id
      FROM ar_dunning_arrangement a
      JOIN ar_dunning_customer c ON c.id = a.customer_id
      JOIN res_partner p ON p.id = c.partner_id
     WHERE a.state = 'active' AND a.review_date IS NOT NULL
"""
# The last day of a promise while it runs, and the day on which a dispute is to be answered.
PROMISES = """
    SELECT a.id, p.complete_name AS name, 'promise' AS kind, a.date_end AS date, a.company_id, a.customer_id, c.partner_id,
           c.responsible_id, NULL::int AS level_id, c.policy_id, a.amount_company AS amount, 5 AS color,
           'ar.dunning.arrangement' AS res_model, a.id AS res_id
      FROM ar_dunning_arrangement a
      JOIN ar_dunning_customer c ON c.id = a.customer_id
      JOIN res_partner p ON p.id = c.partner_id
     WHERE a.kind = 'promise' AND a.state IN ('open', 'waiting')
"""
ANSWERS = """
    SELECT a.id, p.complete_name AS name, 'answer' AS kind, a.answer_due AS date, a.company_id, a.customer_id, c.partner_id,
           COALESCE(a.owner_id, c.responsible_id) AS responsible_id, NULL::int AS level_id, c.policy_id,
           a.amount_company AS amount, 9 AS color, 'ar.dunning.arrangement' AS res_model, a.id AS res_id
      FROM ar_dunning_arrangement a
      JOIN ar_dunning_customer c ON c.id = a.customer_id
      JOIN res_partner p ON p.id = c.partner_id
     WHERE a.kind = 'dispute' AND a.state = 'open' AND a.answer_due IS NOT NULL
"""
ACTIVITIES = """
    SELECT t.id, p.complete_name AS name, CASE k.category WHEN 'phonecall' THEN 'call' ELSE 'task' END AS kind,
           t.date_deadline AS date, c.company_id, c.id AS customer_id, c.partner_id,
           COALESCE(t.user_id, c.responsible_id) AS responsible_id, n.level_id,
           COALESCE(n.policy_id, c.policy_id) AS policy_id, n.amount_total AS amount,
           CASE k.category WHEN 'phonecall' THEN 10 ELSE 2 END AS color, t.res_model, t.res_id
      FROM mail_activity t
      LEFT JOIN mail_activity_type k ON k.id = t.activity_type_id
      LEFT JOIN ar_dunning_notice n ON n.id = t.res_id AND t.res_model = 'ar.dunning.notice'
      JOIN ar_dunning_customer c
        ON c.id = CASE t.res_model WHEN 'ar.dunning.customer' THEN t.res_id ELSE n.customer_id END
      JOIN res_partner p ON p.id = c.partner_id
     WHERE t.active AND t.res_model IN ('ar.dunning.customer', 'ar.dunning.notice')
"""


def still_planned(alias):
    """SQL: whether the next step of an item, under this alias, comes by itself."""
    codes = SQL.identifier(alias, "blocker_codes")
    return SQL("(%s IS NULL OR string_to_array(%s, ',') <@ %s::text[])", codes, codes, PASSING)


class ArDunningAgenda(models.Model):
    """The follow-up calendar: planned steps, running deadlines, calls and tasks, promised payments, disputes to answer, ends
    of pauses, reviews.

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
            ("promise", "Promised payment"),
            ("answer", "Dispute to answer"),
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
        "ar.dunning.arrangement": [
            *("company_id", "customer_id", "date_end", "review_date", "state", "kind", "amount_company"),
            *("answer_due", "owner_id"),
        ],
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

    # === Sources === #

    @property
    def _table_query(self):
        return SQL(" UNION ALL ").join(self._numbered_sources())

    @api.model
    def _numbered_sources(self):
        """The sources with ids that are distinct between them: one series each."""
        sources = self._sources()
        columns = SQL(", ").join(SQL.identifier("s", name) for name in COLUMNS)
        return [
            SQL("SELECT s.id::bigint * %s + %s AS id, %s FROM (%s) s", len(sources), place, columns, source)
            for place, source in enumerate(sources)
        ]

    @api.model
    def _sources(self):
        """Selects of entries, one for each kind of record that has days: an addon adds its own.

        :return: a list of SQL; each selects the id of its record and the `COLUMNS`
        """
        common = {"planned": still_planned("i"), "open": OPEN_LINE}
        return [SQL(source, **common) for source in (STEPS, DEADLINES, PAUSES, REVIEWS, PROMISES, ANSWERS, ACTIVITIES)]

    # === Reading little of much === #

    def _search(self, domain, offset=0, limit=None, order=None, **options):
        """Where only the first entries by date are asked for, each source gives no more than its own first."""
        query = super()._search(domain, offset, limit, order, **options)
        if not limit or not query.order or order.split(",")[0].strip().split(" ")[0] != "date":
            return query
        table, tables, first = SQL.identifier(self._table), query._tables, []
        query.limit, query.offset = limit + (offset or 0), None
        for source in self._numbered_sources():
            query._tables = {**tables, self._table: SQL("(%s)", source)}
            first.append(SQL("(%s)", query.select(SQL("%s.*", table))))
        # What the whole reads is written to the database before a part of it is asked.
        flushed = [SQL(to_flush=field) for field in tables[self._table].to_flush]
        found = Query(self.env, self._table, SQL().join([SQL("(%s)", SQL(" UNION ALL ").join(first)), *flushed]))
        found.order = self._order_to_sql(order, found)
        found.limit, found.offset = limit, offset or None
        return found

    @api.model
    def calendar_days(self, domain, names, crowded=CROWDED):
        """What the calendar shows: counts and sums by day, and the entries themselves of days that hold few.

        :param domain: with the range of days that is shown
        :param names: fields of the entries
        :param int crowded: how many entries are too many to be shown one by one
        :return: `{"groups": [...], "entries": [...]}`; a group has `count` and `amount` beside what its entries share
        """
        keys = ["date:day", "kind", "responsible_id", "policy_id", "color"]
        groups, by_day = self._read_group(domain, keys, ["__count", "amount:sum"]), Counter()
        for day, *_keys, count, _amount in groups:
            by_day[day] += count
        few = [day for day, count in by_day.items() if count < min(crowded, CROWDED)]
        entries = self.search_read(Domain(domain) & Domain("date", "in", few), names) if few else []
        return {"groups": [self._as_group(*row) for row in groups if row[0] not in few], "entries": entries}

    @api.model
    def _as_group(self, day, kind, responsible, policy, color, count, amount):
        """One group as the calendar takes it: like an entry, with a count."""

        def named(record):
            return (record.id, record.display_name) if record else False

        return {
            "date": fields.Date.to_string(day),
            "kind": kind,
            "responsible_id": named(responsible.sudo()),
            "policy_id": named(policy.sudo()),
            "color": color,
            "count": count,
            "amount": amount or 0.0,
        }

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
