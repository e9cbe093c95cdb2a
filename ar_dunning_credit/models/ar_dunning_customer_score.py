import json

from odoo import api, fields, models
from odoo.tools import SQL, format_amount

from ..core import forecast
from ..core.score import Grade, score
from .ar_dunning_item_expected import NEWS
from .facts.behaviour_facts import BehaviourFacts, as_json, from_json

GRADES = [("a", "A"), ("b", "B"), ("c", "C"), ("d", "D"), ("e", "E"), ("new", "New")]
MINUS = "\N{MINUS SIGN}"
# What one refresh writes, with the types of the columns.
COLUMNS = {
    "score": "int4",
    "grade": "varchar",
    "late_ahead": "float8",
    "history_count": "int4",
    "days_late_mean": "float8",
    "days_late_weighted": "float8",
    "days_late_recent": "float8",
    "days_late_trend": "float8",
    "days_late_worst": "int4",
    "on_time_share": "float8",
    "broken_promises": "int4",
    "returned_payments": "int4",
    "score_overdue": "numeric",
    "overdue_days": "int4",
    "customer_months": "int4",
    "score_facts": "jsonb",
}
# What says when a customer must be judged again; see `ar_dunning_customer_score_night`.
TYPES = COLUMNS | {"score_mark": "varchar", "score_next_on": "date"}


class ArDunningCustomer(models.Model):
    """How the customer pays: figures, score and grade as of `score_on`, stored to be searched, grouped and plotted.

    The night refreshes who may have changed, a button one customer. Reading is `ar.dunning.behaviour`, judging is
    `core.score`, foretelling is `core.forecast`; this model only carries between them and stores.
    """

    _inherit = "ar.dunning.customer"

    score = fields.Integer(
        readonly=True, aggregator="avg", help="From 0 to 100; the page 'Payment Behaviour' says what made it."
    )
    grade = fields.Selection(
        GRADES, readonly=True, index="btree_not_null", help="New: too little history for a judgement."
    )
    late_ahead = fields.Float(
        "Next One Late",
        readonly=True,
        aggregator="avg",
        help="How likely the next invoice is paid after its due date.",
    )
    history_count = fields.Integer(
        "Invoices in History", readonly=True, help="Of the last three years: paid ones and overdue ones."
    )
    days_late_mean = fields.Float(
        "Days Late",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="On average; what is unpaid and overdue counts with its days so far. Negative: paid early.",
    )
    days_late_weighted = fields.Float(
        "Days Late by Amount", digits=(16, 1), readonly=True, aggregator="avg", help="Each payment by its amount."
    )
    days_late_recent = fields.Float("Days Late, Last Six Months", digits=(16, 1), readonly=True, aggregator="avg")
    days_late_trend = fields.Float(
        "Trend in Days",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Days late in the last six months less the days late before. Positive: getting worse.",
    )
    days_late_worst = fields.Integer("Longest Delay", readonly=True, aggregator="max")
    on_time_share = fields.Float("Paid on Time", readonly=True, aggregator="avg")
    broken_promises = fields.Integer(readonly=True)
    returned_payments = fields.Integer(readonly=True)
    score_overdue = fields.Monetary("Overdue when Scored", readonly=True)
    overdue_days = fields.Integer(
        "Days of Oldest Overdue", readonly=True, aggregator="max", help="When the score was last refreshed."
    )
    customer_months = fields.Integer("Months as Customer", readonly=True, aggregator="avg")
    score_facts = fields.Json(readonly=True)
    score_kept = fields.Date(readonly=True)
    score_on = fields.Date(
        compute="_compute_score_on", compute_sudo=True, help="The figures are as of the end of this day."
    )
    score_html = fields.Html("What Made the Score", compute="_compute_score_html", sanitize=False)

    @api.depends("score_kept", "company_id.ar_dunning_scores_on")
    def _compute_score_on(self):
        for customer in self:
            customer.score_on = customer._as_of("score_kept", "ar_dunning_scores_on")

    @api.depends("score_facts", "grade")
    @api.depends_context("lang")
    def _compute_score_html(self):
        """What each factor cost, in sentences."""
        for company, customers in self.grouped("company_id").items():
            rules = self.env["ar.dunning.score.rule"]._rules_of(company)
            for customer in customers:
                if not customer.score_on:
                    customer.score_html = False
                    continue
                found = score(from_json(customer.score_facts), rules)
                rows = [(text, points) for text, points in map(customer._factor_text, found.factors) if text]
                customer.score_html = self.env["ir.qweb"]._render(
                    "ar_dunning_credit.score_factors",
                    {"customer": customer, "rows": rows, "is_new": found.grade == Grade.NEW, "rules": rules},
                )

    def _factor_text(self, factor):
        """The sentence of a factor, None where it has nothing to say, and its points as text."""
        points = f"{factor.points:+.1f}".replace("-", MINUS) if round(factor.points, 1) else "0"
        return getattr(self, f"_tell_{factor.factor.value}")(factor), points

    def _tell_punctuality(self, factor):
        if not self.history_count:
            return self.env._("No invoice has fallen due yet")
        return self.env._(
            "%(share)s of %(count)s invoices were paid on time; the next one is late with a probability of %(late)s",
            share=f"{self.on_time_share:.0%}",
            count=self.history_count,
            late=f"{self.late_ahead:.0%}",
        )

    def _tell_lateness(self, factor):
        if not factor.count:
            return None
        days = round(factor.value)
        if days > 0:
            return self.env._(
                "Pays %(days)s days late on average over %(count)s invoices", days=days, count=factor.count
            )
        return self.env._("Pays %(days)s days early on average over %(count)s invoices", days=-days, count=factor.count)

    def _tell_amount(self, factor):
        if not self.history_count:
            return None
        days = round(factor.value)
        if days > 0:
            return self.env._("Weighted by amount: %s days late", days)
        return self.env._("Weighted by amount: %s days early", -days)

    def _tell_trend(self, factor):
        days = round(factor.value)
        if not days:
            return None
        if days > 0:
            return self.env._("The last six months were %s days later than the time before", days)
        return self.env._("The last six months were %s days earlier than the time before", -days)

    def _tell_worst(self, factor):
        return self.env._("The longest delay was %s days", int(factor.value)) if factor.value else None

    def _tell_overdue(self, factor):
        if not factor.value:
            return self.env._("Nothing is overdue")
        amount = format_amount(self.env, self.score_overdue, self.currency_id)
        return self.env._("%(amount)s overdue, the oldest for %(days)s days", amount=amount, days=int(factor.value))

    def _tell_promises(self, factor):
        return self.env._("Promises broken in two years: %s", factor.count) if factor.count else None

    def _tell_returned(self, factor):
        return self.env._("Payments returned or refused in two years: %s", factor.count) if factor.count else None

    def _tell_loyalty(self, factor):
        return self.env._("Customer for %s months", int(factor.value)) if factor.value else None

    # === Refreshing === #

    def _merge_apart(self):
        return super()._merge_apart() | {*TYPES, "score_kept"}

    def _after_merge(self):
        for company, customers in self.grouped("company_id").items():
            customers._refresh_scores(company, company._dunning_today())
        return super()._after_merge()

    def action_refresh_score(self):
        """Judge these customers by the ledger of now."""
        self.check_access("read")
        for company, customers in self.sudo().grouped("company_id").items():
            customers._refresh_scores(company, company._dunning_today())

    def _refresh_scores(self, company, on):
        """Read, judge and store: the customers in `self`, or all of the company where `self` is empty."""
        if self:
            self._judge(company, on)
        else:
            for step in self._score_steps(company, on, everybody=True):
                step()

    def _judge(self, company, on, marks=None):
        """Judge these customers and forecast their open items, by what all have in common as the last night learned it.

        :param marks: by customer id, what their ledger is known by from now on; with it, nobody is written of whom nothing
            differs
        """
        found = self.env["ar.dunning.behaviour"]._read(company, on, self.ids)
        everyone = company._dunning_pool()
        pasts = {key: facts.past(on, everyone.week) for key, facts in found.items()}
        until = self.env["ar.dunning.item"]._store_forecasts(company, on, pasts, everyone, self.ids)
        self._store_scores(company, on, found, pasts, everyone, until, marks)

    def _store_scores(self, company, on, found, pasts, everyone, until, marks):
        """Judge each of these customers, also those without a history, and write them in one statement."""
        rules = self.env["ar.dunning.score.rule"]._rules_of(company)
        nothing, values = forecast.Past(), []
        for key in self.ids:
            facts = found.get(key) or BehaviourFacts(key)
            row = self._score_values(facts, pasts.get(key, nothing), on, everyone, rules)
            next_on = self._judged_until(facts, on, until.get(key))
            values.append(row | {"score_next_on": next_on and str(next_on), "score_mark": (marks or {}).get(key)})
        names = [*COLUMNS, "score_next_on"] + (["score_mark"] if marks is not None else [])
        self._write_scores(values, names, on, only_changed=marks is not None)

    @api.model
    def _score_values(self, facts, past, on, everyone, rules):
        history = facts.history(on, forecast.late_ahead(past, everyone))
        result = score(history, rules)
        recent, earlier = history.recent_days_late, history.earlier_days_late
        trend = None if recent is None or earlier is None else recent - earlier

        def known(figure):  # nothing, not 0, where there is no invoice: averages are of those who have some
            return None if figure is None or not history.invoices else str(figure)

        return {
            "id": facts.customer_id,
            "score": result.score,
            "grade": result.grade.value,
            "late_ahead": str(history.late_ahead),
            "history_count": history.invoices,
            "days_late_mean": known(history.days_late),
            "days_late_weighted": known(history.days_late_weighted),
            "days_late_recent": known(recent),
            "days_late_trend": known(trend),
            "days_late_worst": history.worst,
            "on_time_share": known(history.on_time),
            "broken_promises": history.broken_promises,
            "returned_payments": history.returned_payments,
            "score_overdue": str(facts.overdue),
            "overdue_days": history.overdue_days,
            "customer_months": history.months,
            "score_facts": as_json(history),
        }

    @api.model
    def _write_scores(self, values, names, on=None, only_changed=True):
        """Write what was judged, in one statement.

        :param on: the day of the judgement; without it, what was kept of the ledger stays as of its day
        :param only_changed: only customers of whom something differs
        """
        if not values:
            return
        changed = [self._has_changed(name) for name in names] + [SQL("t.score_kept IS NULL")]
        self.env.cr.execute(
            SQL(
                """
                UPDATE ar_dunning_customer t SET %(sets)s, score_kept = COALESCE(%(on)s::date, t.score_kept)
                  FROM jsonb_to_recordset(%(values)s::jsonb) AS v(id int, %(types)s)
                 WHERE t.id = v.id AND %(changed)s
                """,
                sets=SQL(", ").join(SQL("%s = v.%s", SQL.identifier(name), SQL.identifier(name)) for name in names),
                types=SQL(", ").join(SQL("%s %s", SQL.identifier(name), SQL(TYPES[name])) for name in names),
                values=json.dumps(values),
                on=on,
                changed=SQL("(%s)", SQL(" OR ").join(changed)) if only_changed else SQL("TRUE"),
            )
        )
        self.invalidate_model([*names, "score_kept"])

    @api.model
    def _has_changed(self, name):
        """Whether a column of `t` is to be written."""
        kept, new = SQL.identifier("t", name), SQL.identifier("v", name)
        if name == "late_ahead":
            return SQL("COALESCE(abs(%s - %s) >= %s, TRUE)", kept, new, NEWS)
        if name == "score_facts":
            return SQL("%s - 'late_ahead' IS DISTINCT FROM %s - 'late_ahead'", kept, new)
        return SQL("%s IS DISTINCT FROM %s", kept, new)

    @api.model
    def _graded(self, companies):
        """Pairs of grade and `History` of the scored customers of these companies."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "SELECT grade, score_facts FROM ar_dunning_customer WHERE grade IS NOT NULL AND company_id = ANY(%s)",
                companies.ids,
            )
        )
        return [(grade, from_json(facts)) for grade, facts in self.env.cr.fetchall()]

    @api.model
    def _regrade(self, company):
        """Judge the stored facts anew: the rules have changed, the ledger has not."""
        rules = self.env["ar.dunning.score.rule"]._rules_of(company)
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "SELECT id, score_facts FROM ar_dunning_customer WHERE company_id = %s AND grade IS NOT NULL",
                company.id,
            )
        )
        values = []
        for key, facts in self.env.cr.fetchall():
            result = score(from_json(facts), rules)
            values.append({"id": key, "score": result.score, "grade": result.grade.value})
        self._write_scores(values, ["score", "grade"])
