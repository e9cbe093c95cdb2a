from functools import partial

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import format_amount

from .ar_dunning_agenda import still_planned
from .sql import DUE, OPEN_LINE, overdue

# What one unit of overdue money counts by its age: old debts are chased first.
WEIGHTS = SQL("f.late_30 + 2 * f.late_60 + 3 * f.late_90 + 4 * f.late_more")

# What one refresh works out, and writes where it differs.
FIGURES = (
    *("late_0", "late_30", "late_60", "late_90", "late_more", "late_total", "late_foreign"),
    *("late_since", "next_level_id", "next_on", "worth"),
)


class ArDunningCustomer(models.Model):
    """The worklist: stored figures to sort, group and plot by.

    The figures are those of `figures_on`: the night, each sending and *Refresh* bring them up to date in one statement
    for all customers of a company, and write those whose figures differ. *Open* and *Overdue* on the form are read live.
    """

    _inherit = "ar.dunning.customer"

    overdue_amount = fields.Monetary("Overdue", compute="_compute_amounts")
    open_amount = fields.Monetary("Open", compute="_compute_amounts")
    oldest_due_date = fields.Date(compute="_compute_amounts")
    late_0 = fields.Monetary("Not Due", readonly=True)
    late_30 = fields.Monetary("1-30 Days", readonly=True)
    late_60 = fields.Monetary("31-60 Days", readonly=True)
    late_90 = fields.Monetary("61-90 Days", readonly=True)
    late_more = fields.Monetary("Over 90 Days", readonly=True)
    late_total = fields.Monetary(
        "Total Overdue",
        readonly=True,
        help="Overdue in company currency as of the day and hour under 'Figures of'; unmatched payments not deducted.",
    )
    late_foreign = fields.Json(readonly=True)
    foreign_text = fields.Char(
        "Of It in Foreign Currency",
        compute="_compute_foreign_text",
        help="The overdue amounts of invoices in other currencies, as the customer owes them.",
    )
    late_since = fields.Date("Oldest Due", readonly=True, help="Due date of the oldest open item.")
    next_level_id = fields.Many2one("ar.dunning.level", string="Next", readonly=True, ondelete="set null")
    next_on = fields.Date("On", readonly=True, help="The next step cannot come before this day.")
    worth = fields.Float(
        "Worth Chasing",
        digits=(16, 0),
        readonly=True,
        aggregator=None,
        help="The overdue amount, weighted by age: up to 30 days late it counts once, up to 60 days twice, up to 90 "
        "days three times, above that four times. Nothing while the customer is paused or never dunned.",
    )
    figures_kept = fields.Datetime(readonly=True)
    figures_on = fields.Datetime("Figures of", compute="_compute_figures_on", compute_sudo=True)
    is_big = fields.Boolean("Big One", compute="_compute_is_big", search="_search_is_big")
    overdue_reason_id = fields.Many2one(
        "ar.dunning.reason",
        string="Reason Overdue",
        domain="[('kind', '=', 'overdue')]",
        tracking=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Why this customer is late, as far as we know.",
    )
    last_call = fields.Date(readonly=True)
    call_outcome_id = fields.Many2one("ar.dunning.reason", string="Outcome", readonly=True, ondelete="restrict")
    phone = fields.Char(compute="_compute_address", help="Of who is written to, else of the next in line.")
    email = fields.Char(compute="_compute_address", help="Of who is written to, else of the next in line.")
    draft_count = fields.Integer("Notices to Send", compute="_compute_waiting")
    failed_count = fields.Integer("Failed Notices", compute="_compute_waiting")
    invoice_count = fields.Integer("Open Invoices", compute="_compute_invoice_count")

    _worth_index = models.Index("(company_id, worth DESC)")

    def _compute_amounts(self):
        """Open and overdue balance in company currency, from the journal items; refunds and payments not deducted."""
        for company, customers in self.grouped("company_id").items():
            rows = customers._read_amounts(company._dunning_today()) if customers.ids else {}
            for customer in customers:
                row = rows.get(customer.id, {})
                customer.open_amount = row.get("open") or 0.0
                customer.overdue_amount = row.get("overdue") or 0.0
                customer.oldest_due_date = row.get("oldest")

    def _read_amounts(self, today):
        """`{customer id: row}` with what is open, what is overdue on the day `today`, and the oldest due date."""
        self.env.flush_all()
        query = SQL(
            """
            SELECT i.customer_id,
                   sum(l.amount_residual) AS open,
                   sum(l.amount_residual) FILTER (WHERE %(overdue)s) AS overdue,
                   min(%(due)s) AS oldest
              FROM ar_dunning_item i
              JOIN account_move_line l ON l.id = i.move_line_id
             WHERE i.customer_id = ANY(%(ids)s) AND %(open)s
             GROUP BY i.customer_id
            """,
            overdue=overdue(today),
            due=DUE,
            open=OPEN_LINE,
            ids=self.ids,
        )
        return {row["customer_id"]: row for row in self.env.execute_query_dict(query)}

    @api.depends("late_foreign")
    @api.depends_context("lang")
    def _compute_foreign_text(self):
        for customer in self:
            amounts = customer.late_foreign or {}
            currencies = self.env["res.currency"].browse(sorted(map(int, amounts)))
            customer.foreign_text = ", ".join(
                format_amount(self.env, amounts[str(currency.id)], currency) for currency in currencies
            )

    @api.depends("late_total")
    def _compute_is_big(self):
        big = set(self._big_ids())
        for customer in self:
            customer.is_big = customer.id in big

    def _search_is_big(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("id", "in" if True in value else "not in", self._big_ids())]

    @api.model
    def _big_ids(self):
        """The customers of the user's companies who together owe four fifths of what is overdue, the largest first."""
        self.flush_model(["late_total"])
        self.env.cr.execute(
            SQL(
                """
                SELECT id FROM (
                    SELECT id, late_total,
                           sum(late_total) OVER (PARTITION BY company_id ORDER BY late_total DESC, id) - late_total AS above,
                           sum(late_total) OVER (PARTITION BY company_id) AS total
                      FROM ar_dunning_customer WHERE late_total > 0 AND company_id = ANY(%s)) ranked
                 WHERE above < 0.8 * total
                """,
                self.env.companies.ids,
            )
        )
        return [row[0] for row in self.env.cr.fetchall()]

    @api.depends("contact_id", "partner_id", "arrangement_ids.addressee_id", "arrangement_ids.state")
    def _compute_address(self):
        """Of who is written to about what is overdue: the whole list in a constant number of statements."""
        self.check_access("read")
        for company, customers in self.grouped("company_id").items():
            today = company._dunning_today()
            addresses = self.env["ar.dunning.address"]._of_customers(customers._origin, today)
            for customer in customers:
                address = addresses.get(customer._origin.id)
                customer.phone = address and address.phone
                customer.email = address and address.email

    def _compute_waiting(self):
        counts = {
            (customer, state): count
            for customer, state, count in self.env["ar.dunning.notice"]._read_group(
                [("customer_id", "in", self.ids), ("state", "in", ("draft", "failed"))],
                ["customer_id", "state"],
                ["__count"],
            )
        }
        for customer in self:
            customer.draft_count = counts.get((customer, "draft"), 0)
            customer.failed_count = counts.get((customer, "failed"), 0)

    def _compute_invoice_count(self):
        counts = dict(
            self.env["ar.dunning.item"]._read_group(
                [("customer_id", "in", self.ids), ("is_open", "=", True)], ["customer_id"], ["move_id:count_distinct"]
            )
        )
        for customer in self:
            customer.invoice_count = counts.get(customer, 0)

    # === Figures === #

    @api.depends("figures_kept", "company_id.ar_dunning_figures_at")
    def _compute_figures_on(self):
        for customer in self:
            customer.figures_on = customer._as_of("figures_kept", "ar_dunning_figures_at")

    @api.model
    def action_worklist(self):
        """Open the worklist, right before any set-up and between the nights: what is new in the ledger is read now."""
        self.browse().check_access("read")
        self.sudo()._catch_up(self.env.companies)
        return self.env["ir.actions.act_window"]._for_xml_id("ar_dunning.ar_dunning_customer_action")

    @api.model
    def _catch_up(self, companies):
        """Make items of receivables that have none, and take the figures of their customers."""
        self.env["ar.dunning.item"]._sync(companies)
        self.search([("company_id", "in", companies.ids), ("figures_kept", "=", False)])._refresh_figures()

    def action_refresh(self):
        """Read the figures of the whole worklist anew: one statement for each company."""
        self.browse().check_access("read")
        self.env["ar.dunning.customer"].sudo()._refresh_figures(self.env.companies)
        self.env.companies._dunning_refreshed("ar_dunning_figures_at", fields.Datetime.now())
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _refresh_figures(self, companies=None):
        """Take the figures of the worklist from the ledger of now.

        :param companies: all customers of these companies; without it, the customers of `self`
        """
        self.env.flush_all()
        if companies is None:
            for company, customers in self.grouped("company_id").items():
                self._refresh_figures_of(company, SQL("c.id = ANY(%s)", customers.ids))
        else:
            for company in companies:
                self._refresh_figures_of(company, SQL("c.company_id = %s", company.id))
        self.invalidate_model([*FIGURES, "figures_kept", "figures_on"])

    @api.model
    def _refresh_figures_of(self, company, scope):
        """One statement: buckets by days late, foreign amounts, next step and worth, of the customers in `scope`."""
        self.env.cr.execute(
            SQL(
                """
                WITH open AS (
                    SELECT c.id AS customer_id, %(on)s - %(due)s AS late, %(due)s AS due_date, l.amount_residual AS amount,
                           l.amount_residual_currency AS foreign_amount, v.days, i.next_date,
                           CASE WHEN %(planned)s THEN i.next_level_id END AS next_level_id,
                           CASE WHEN l.currency_id <> %(currency)s THEN l.currency_id END AS foreign_id
                      FROM ar_dunning_customer c
                      JOIN ar_dunning_item i ON i.customer_id = c.id
                      JOIN account_move_line l ON l.id = i.move_line_id
                      LEFT JOIN ar_dunning_level v ON v.id = i.next_level_id
                     WHERE %(scope)s AND %(open)s
                ), found AS (
                    SELECT customer_id, min(due_date) AS since,
                           COALESCE(sum(amount) FILTER (WHERE late <= 0), 0) AS late_0,
                           COALESCE(sum(amount) FILTER (WHERE late BETWEEN 1 AND 30), 0) AS late_30,
                           COALESCE(sum(amount) FILTER (WHERE late BETWEEN 31 AND 60), 0) AS late_60,
                           COALESCE(sum(amount) FILTER (WHERE late BETWEEN 61 AND 90), 0) AS late_90,
                           COALESCE(sum(amount) FILTER (WHERE late > 90), 0) AS late_more,
                           (array_agg(next_level_id ORDER BY next_date, days DESC)
                               FILTER (WHERE next_level_id IS NOT NULL AND next_date IS NOT NULL))[1] AS next_level_id,
                           min(next_date) FILTER (WHERE next_level_id IS NOT NULL) AS next_on
                      FROM open GROUP BY customer_id
                ), abroad AS (
                    SELECT customer_id, jsonb_object_agg(foreign_id, amount) AS amounts
                      FROM (SELECT customer_id, foreign_id, sum(foreign_amount) AS amount
                              FROM open WHERE foreign_id IS NOT NULL AND late > 0
                             GROUP BY customer_id, foreign_id) sums
                     GROUP BY customer_id
                )
                UPDATE ar_dunning_customer t SET (%(names)s, figures_kept) = (%(values)s, %(now)s)
                  FROM (SELECT c.id, COALESCE(f.late_0, 0) AS late_0, COALESCE(f.late_30, 0) AS late_30,
                               COALESCE(f.late_60, 0) AS late_60, COALESCE(f.late_90, 0) AS late_90,
                               COALESCE(f.late_more, 0) AS late_more,
                               COALESCE(f.late_30 + f.late_60 + f.late_90 + f.late_more, 0) AS late_total,
                               a.amounts AS late_foreign, f.since AS late_since, f.next_level_id, f.next_on,
                               CASE WHEN c.never OR EXISTS (
                                         SELECT FROM ar_dunning_arrangement p
                                          WHERE p.customer_id = c.id AND p.move_id IS NULL AND p.state = 'active'
                                            AND p.freeze_before IS NULL
                                            AND p.date_start <= %(on)s AND (p.date_end IS NULL OR p.date_end >= %(on)s))
                                    THEN 0 ELSE COALESCE(%(worth)s, 0) END AS worth
                          FROM ar_dunning_customer c
                          LEFT JOIN found f ON f.customer_id = c.id
                          LEFT JOIN abroad a ON a.customer_id = c.id
                         WHERE %(scope)s) v
                 WHERE t.id = v.id AND (t.figures_kept IS NULL OR (%(kept)s) IS DISTINCT FROM (%(values)s))
                """,
                on=company._dunning_today(),
                now=fields.Datetime.now(),
                currency=company.currency_id.id,
                scope=scope,
                names=SQL(", ").join(map(SQL.identifier, FIGURES)),
                kept=SQL(", ").join(SQL.identifier("t", name) for name in FIGURES),
                values=SQL(", ").join(SQL.identifier("v", name) for name in FIGURES),
                worth=WEIGHTS,
                planned=still_planned("i"),
                open=OPEN_LINE,
                due=DUE,
            )
        )

    @api.model
    def _close_night(self, company):
        """What the night does once its notices are prepared, in the present transaction."""
        for step in self._closing_steps(company):
            step()

    @api.model
    def _closing_steps(self, company):
        """What the night does for customers once its notices are prepared: steps without arguments, in this order, of
        which each may be committed by itself. What a step reads is read when its turn comes."""
        yield partial(self._close_worklist, company)

    @api.model
    def _close_worklist(self, company):
        """Who has paid has no level any more: nothing writes to his record when he pays."""
        self.sudo().search([("company_id", "=", company.id), ("level_id", "!=", False)])._refresh_level()
        self._refresh_figures(company)
        company._dunning_refreshed("ar_dunning_figures_at", fields.Datetime.now())

    # === From a row === #
