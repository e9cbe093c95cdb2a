from odoo import api, fields, models
from odoo.tools import format_amount

from ..core.score import Grade, score
from .facts.behaviour_facts import from_json

GRADES = [("a", "A"), ("b", "B"), ("c", "C"), ("d", "D"), ("e", "E"), ("new", "New")]
MINUS = "\N{MINUS SIGN}"


class ArDunningCustomer(models.Model):
    """How the customer pays: figures, score and grade as of `score_on`, stored to be searched, grouped and plotted.

    The night refreshes who may have changed, a button one customer: both by `ar.dunning.scoring`.
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
    promise_count = fields.Integer(
        "Promises", compute="_compute_promise_rate", help="Of two years, as far as they are decided."
    )
    promise_rate = fields.Float(
        "Promises Kept", compute="_compute_promise_rate", help="Share of the promises that were kept in full."
    )
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
    score_mark = fields.Char(readonly=True, copy=False)
    score_next_on = fields.Date(readonly=True, copy=False)
    score_html = fields.Html("What Made the Score", compute="_compute_score_html", sanitize=False)

    @api.depends("score_kept", "company_id.ar_dunning_scores_on")
    def _compute_score_on(self):
        for customer in self:
            customer.score_on = customer._as_of("score_kept", "ar_dunning_scores_on")

    def _compute_promise_rate(self):
        """Unlike the score, as of now; broken in part is not kept."""
        for company, customers in self.grouped("company_id").items():
            counts = self.env["ar.dunning.behaviour"]._read_promises(company, customers.ids)
            for customer in customers:
                kept, decided = counts.get(customer.id, (0, 0))
                customer.promise_count = decided
                customer.promise_rate = kept / decided if decided else 0.0

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

    def action_refresh_score(self):
        """Judge these customers by the ledger of now."""
        self.check_access("read")
        for company, customers in self.sudo().grouped("company_id").items():
            customers._refresh_scores(company, company._dunning_today())

    def _refresh_scores(self, company, on):
        """Read, judge and store: the customers in `self`, or all of the company where `self` is empty."""
        scoring = self.env["ar.dunning.scoring"]
        if self:
            scoring._judge(self, company, on)
        else:
            for step in scoring._steps(company, on, everybody=True):
                step()
