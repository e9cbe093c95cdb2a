from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.screen import form_of

WINDOWS = (7, 14, 30)


class ArDunningReport(models.Model):
    """What each notice brought: demanded, and paid within so many days after it was sent.

    One row per notice. Paid is what was matched with its demanded items and dated after the day it was sent,
    credit notes aside. A payment counts for every notice it followed within the days: shares answer "how much
    of what level 2 asks for comes within a week", they do not say which of two notices moved the customer.

    A notice counts for a number of days only once so many have passed since it was sent: before that, what it
    brought is not known, and it counts neither as demanded nor as paid.
    """

    _name = "ar.dunning.report"
    _inherit = ["ar.dunning.protected"]
    _description = "Notices Analysis"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "notice_id"

    notice_id = fields.Many2one("ar.dunning.notice", readonly=True)
    date = fields.Date(readonly=True, help="The day it was sent; else the day of its figures.")
    company_id = fields.Many2one("res.company", readonly=True)
    company_currency_id = fields.Many2one("res.currency", string="Currency", readonly=True)
    customer_id = fields.Many2one("ar.dunning.customer", readonly=True)
    responsible_id = fields.Many2one("res.users", readonly=True)
    policy_id = fields.Many2one("ar.dunning.policy", readonly=True)
    level_id = fields.Many2one("ar.dunning.level", readonly=True)
    kind = fields.Selection(
        [("note", "Courtesy note"), ("reminder", "Reminder"), ("formal", "Formal notice")], readonly=True
    )
    outcome = fields.Selection(
        [
            ("waiting", "Not sent yet"),
            ("sent", "Sent"),
            ("bounced", "Bounced"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        readonly=True,
    )
    old_7 = fields.Integer("Sent 7 Days Ago", readonly=True, help="Notices that count for what is paid within 7 days.")
    old_14 = fields.Integer(
        "Sent 14 Days Ago", readonly=True, help="Notices that count for what is paid within 14 days."
    )
    old_30 = fields.Integer(
        "Sent 30 Days Ago", readonly=True, help="Notices that count for what is paid within 30 days."
    )
    amount_demanded = fields.Monetary("Demanded", currency_field="company_currency_id", readonly=True)
    paid_7 = fields.Monetary("Paid within 7 Days", currency_field="company_currency_id", readonly=True)
    paid_14 = fields.Monetary("Paid within 14 Days", currency_field="company_currency_id", readonly=True)
    paid_30 = fields.Monetary("Paid within 30 Days", currency_field="company_currency_id", readonly=True)
    share_7 = fields.Float("Share Paid within 7 Days", readonly=True, aggregator="avg")
    share_14 = fields.Float("Share Paid within 14 Days", readonly=True, aggregator="avg")
    share_30 = fields.Float("Share Paid within 30 Days", readonly=True, aggregator="avg")

    # What the query reads: written to the database before it is asked.
    _depends = {
        "account.partial.reconcile": ["amount", "credit_move_id", "debit_move_id", "max_date"],
        "ar.dunning.delivery": ["is_copy", "notice_id", "state"],
        "ar.dunning.item": ["move_line_id"],
        "ar.dunning.notice": [
            "amount_total",
            "company_id",
            "customer_id",
            "date",
            "kind",
            "level_id",
            "policy_id",
            "responsible_id",
            "sent_on",
            "state",
        ],
        "ar.dunning.notice.line": ["is_demanded", "item_id", "notice_id"],
    }

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT n.id, n.id AS notice_id, COALESCE(n.sent_on, n.date) AS date, n.company_id, n.customer_id,
                   o.currency_id AS company_currency_id, COALESCE(n.responsible_id, c.responsible_id) AS responsible_id,
                   n.policy_id, n.level_id, n.kind,
                   CASE WHEN n.state = 'cancelled' THEN 'cancelled'
                        WHEN n.state = 'sent' THEN 'sent'
                        WHEN came_back.yes THEN 'bounced'
                        WHEN n.state = 'failed' THEN 'failed'
                        ELSE 'waiting' END AS outcome,
                   n.amount_total AS amount_demanded,
                   old.a AS old_7, old.b AS old_14, old.c AS old_30,
                   old.a * COALESCE(p.paid_7, 0) AS paid_7,
                   old.b * COALESCE(p.paid_14, 0) AS paid_14,
                   old.c * COALESCE(p.paid_30, 0) AS paid_30,
                   COALESCE(p.paid_7, 0) / NULLIF(old.a * n.amount_total, 0) AS share_7,
                   COALESCE(p.paid_14, 0) / NULLIF(old.b * n.amount_total, 0) AS share_14,
                   COALESCE(p.paid_30, 0) / NULLIF(old.c * n.amount_total, 0) AS share_30
              FROM ar_dunning_notice n
              JOIN ar_dunning_customer c ON c.id = n.customer_id
              JOIN res_company o ON o.id = n.company_id
              JOIN (VALUES %s) AS today (company_id, day) ON today.company_id = n.company_id
             CROSS JOIN LATERAL (
                   SELECT (n.state = 'sent' AND n.sent_on + 7 <= today.day)::int AS a,
                          (n.state = 'sent' AND n.sent_on + 14 <= today.day)::int AS b,
                          (n.state = 'sent' AND n.sent_on + 30 <= today.day)::int AS c) old
             CROSS JOIN LATERAL (
                   SELECT EXISTS (SELECT FROM ar_dunning_delivery d
                                   WHERE d.notice_id = n.id AND d.state = 'bounced' AND d.is_copy IS NOT TRUE) AS yes
                   ) came_back
              LEFT JOIN LATERAL (
                   SELECT sum(r.amount) FILTER (WHERE r.max_date <= n.sent_on + 7) AS paid_7,
                          sum(r.amount) FILTER (WHERE r.max_date <= n.sent_on + 14) AS paid_14,
                          sum(r.amount) AS paid_30
                     FROM ar_dunning_notice_line d
                     JOIN ar_dunning_item i ON i.id = d.item_id
                     JOIN account_partial_reconcile r ON r.debit_move_id = i.move_line_id
                     JOIN account_move_line l ON l.id = r.credit_move_id
                     JOIN account_move m ON m.id = l.move_id
                    WHERE d.notice_id = n.id AND d.is_demanded AND m.move_type <> 'out_refund'
                      AND r.max_date > n.sent_on AND r.max_date <= n.sent_on + 30) p ON n.state = 'sent'
            """,
            SQL(", ").join(
                SQL("(%s, %s::date)", company.id, day)
                for day, companies in self.env["res.company"]._dunning_days().items()
                for company in companies
            ),
        )

    def _read_group_select(self, aggregate_spec, query):
        """A share of a group is paid over demanded of all its notices that are old enough, not the mean of their shares."""
        name, _colon, _function = aggregate_spec.partition(":")
        if name not in {f"share_{days}" for days in WINDOWS}:
            return super()._read_group_select(aggregate_spec, query)
        paid = self._field_to_sql(self._table, name.replace("share", "paid"), query)
        demanded = self._field_to_sql(self._table, "amount_demanded", query)
        old = self._field_to_sql(self._table, name.replace("share", "old"), query)
        return SQL("sum(%s) / NULLIF(sum(%s * %s), 0.0)", paid, demanded, old)

    @api.depends("notice_id")
    def _compute_display_name(self):
        for row in self:
            row.display_name = row.notice_id.display_name

    def action_open(self):
        """Open the notice."""
        self.ensure_one()
        return form_of(self.notice_id)
