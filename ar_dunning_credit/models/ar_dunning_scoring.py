import json
from datetime import timedelta
from functools import partial

from odoo import api, models
from odoo.tools import SQL, split_every

from odoo.addons.ar_dunning.models.sql import DUE, TRADE, fingerprint

from ..core import forecast
from ..core.score import score
from .ar_dunning_behaviour import EVENT_DAYS, HISTORY_DAYS, RECENT_DAYS
from .ar_dunning_item_expected import NEWS
from .facts.behaviour_facts import BehaviourFacts, Pasts, as_json, from_json
from .facts.scoring_sources import COLUMNS, SOURCES, TYPES

BATCH = 2000
# So many new customers, of all, that what all have in common is learned before the week is over.
FRESH = 0.1


class ArDunningScoring(models.AbstractModel):
    """How customers pay, judged for many at once: reading is `ar.dunning.behaviour`, judging is `core.score`, foretelling
    is `core.forecast`; this model only carries between them and stores.

    The night judges anew whose ledger has changed, about whom the clock alone says something else, or everybody.

    *Changed* is seen by a fingerprint of the rows that a history is read from, of their versions and of where their
    dates stand to the day: whoever wrote them, by whatever way. What comes by the clock without a row of its own (one
    more month as customer, a forecast that its day has overtaken) is known when the customer is judged, and kept as a
    day. Everybody is judged once a week, when what all have in common is learned and what counts less with age has
    faded, and when the rules have changed.
    """

    _name = "ar.dunning.scoring"
    _description = "Judging How Customers Pay"

    @api.model
    def _steps(self, company, on, everybody=False):
        """The night's refresh: steps without arguments, of which each may be committed by itself.

        :param everybody: also of whom nothing has changed
        """
        yield partial(self._insert_scored, company, on)
        if everybody or self._learns_today(company, on):
            everybody = True
            yield partial(self._learn_pool, company, on)
        rules = self._salt(company)
        everybody = everybody or company.sudo().ar_dunning_score_rules != rules
        marks = self._marks(company, on, everybody)
        Customer = self.env["ar.dunning.customer"]
        for batch in split_every(BATCH, sorted(marks)):
            yield partial(self._judge_apart, Customer.browse(batch), company, on, {key: marks[key] for key in batch})
        yield partial(company._dunning_refreshed, "ar_dunning_scores_on", on, ar_dunning_score_rules=rules)

    @api.model
    def _judge_apart(self, customers, company, on, marks):
        """Judge these; where that fails for one, the others are judged, and he is looked at again by the next night."""
        if customers._apart(lambda: self._judge(customers, company, on, marks)):
            return
        if len(customers) == 1:
            customers._put({"score_kept": False})
        else:
            for customer in customers:
                self._judge_apart(customer, company, on, marks)

    @api.model
    def _judged_until(self, facts, on, forecast_until):
        """The day on which the clock alone says something else about this customer; None: the fingerprint tells."""
        days = [facts.longer_on(on), forecast_until and forecast_until + timedelta(days=1)]
        return min((day for day in days if day and day > on), default=None)

    @api.model
    def _judge(self, customers, company, on, marks=None):
        """Judge these customers and forecast their open items, by what all have in common as the last night learned it.

        :param marks: by customer id, what their ledger is known by from now on; with it, nobody is written of whom nothing
            differs
        """
        found = self.env["ar.dunning.behaviour"]._read(company, on, customers.ids)
        everyone = company._dunning_pool()
        pasts = {key: facts.past(on, everyone.week) for key, facts in found.items()}
        until = self.env["ar.dunning.item"]._store_forecasts(company, on, pasts, everyone, customers.ids)
        self._store_scores(customers, company, on, found, pasts, everyone, until, marks)

    @api.model
    def _store_scores(self, customers, company, on, found, pasts, everyone, until, marks):
        """Judge each of these customers, also those without a history, and write them in one statement."""
        rules = self.env["ar.dunning.score.rule"]._rules_of(company)
        nothing, values = forecast.Past(), []
        for key in customers.ids:
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
        self.env["ar.dunning.customer"].invalidate_model([*names, "score_kept"])

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

    # === Everybody === #

    @api.model
    def _learns_today(self, company, on):
        """Whether what all customers have in common is to be learned: once a week, and where many are new."""
        last, monday = company.sudo().ar_dunning_scores_on, on - timedelta(days=on.weekday())
        if not last or last < monday or not company.sudo().ar_dunning_pool:
            return True
        self.env.cr.execute(
            "SELECT count(*) FILTER (WHERE score_kept IS NULL) > %s * count(*) FROM ar_dunning_customer WHERE company_id = %s",
            [FRESH, company.id],
        )
        return self.env.cr.fetchone()[0]

    @api.model
    def _learn_pool(self, company, on):
        """What all customers have in common; of each only its days are kept in memory."""
        self.env.cr.execute("SELECT id FROM ar_dunning_customer WHERE company_id = %s ORDER BY id", [company.id])
        pasts = Pasts(on)
        for batch in split_every(BATCH, [row[0] for row in self.env.cr.fetchall()]):
            pasts.add(self.env["ar.dunning.behaviour"]._read_invoices(company, on, batch).values())
        company._keep_dunning_pool(forecast.pool(pasts, pasts.week))

    @api.model
    def _salt(self, company):
        """The rules by which everybody is judged, as text: where it is another than that of the last night, all change."""
        return f"{self.env['ar.dunning.score.rule']._rules_of(company)} {company.sudo().ar_dunning_pool}"

    # === Fingerprints === #

    @api.model
    def _marks(self, company, on, everybody=False):
        """`{customer id: fingerprint}` of those who must be judged on the day `on`."""
        self.env.flush_all()
        day = SQL("%s::date", on)
        late = SQL("CASE WHEN line.reconciled IS NOT TRUE AND line.due < %(on)s THEN %(on)s - line.due END", on=day)
        when = SQL("GREATEST(r.max_date - %(on)s, 0), r.max_date > %(on)s - %(recent)s", on=day, recent=RECENT_DAYS)
        sources = SQL(
            SOURCES,
            company=company.id,
            on=day,
            since=SQL("%s - %s", day, HISTORY_DAYS),
            events=EVENT_DAYS,
            due=DUE,
            trade=TRADE,
            of_line=fingerprint("'l', line.id, line.version, i.id", late),
            of_payment=fingerprint("'r', r.id, r.xmin, r.ctid", when),
            of_item=fingerprint("'i', i.id"),
            of_refused=fingerprint("'t', x.id, x.xmin, x.ctid"),
            of_rejected=fingerprint("'p', x.id, x.xmin, x.ctid"),
            of_promise=fingerprint("'a', p.id, p.xmin, p.ctid, p.kind"),
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT c.id, found.mark
                  FROM ar_dunning_customer c
                  LEFT JOIN (SELECT customer_id, sum(mark)::text AS mark FROM (%(sources)s) s GROUP BY customer_id) found
                    ON found.customer_id = c.id
                 WHERE c.company_id = %(company)s
                   AND (%(everybody)s OR c.score_kept IS NULL OR c.score_next_on <= %(on)s
                        OR c.score_mark IS DISTINCT FROM found.mark)
                """,
                sources=sources,
                company=company.id,
                everybody=everybody,
                on=day,
            )
        )
        return dict(rows)

    @api.model
    def _insert_scored(self, company, on):
        """A record for each customer with an invoice in the last year, so that good payers have a grade too."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO ar_dunning_customer (partner_id, company_id, create_uid, write_uid, create_date, write_date)
                SELECT DISTINCT m.commercial_partner_id, m.company_id, %(uid)s::int, %(uid)s::int,
                       now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                  FROM account_move m
                 WHERE m.company_id = %(company)s AND m.state = 'posted' AND m.move_type = 'out_invoice'
                   AND m.commercial_partner_id IS NOT NULL AND m.date BETWEEN %(on)s::date - 366 AND %(on)s
                    ON CONFLICT DO NOTHING
                """,
                uid=self.env.uid,
                company=company.id,
                on=on,
            )
        )
