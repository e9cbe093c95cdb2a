from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.tools import SQL, split_every

from odoo.addons.ar_dunning.models.sql import DUE, TRADE, fingerprint

from ..core import forecast
from .ar_dunning_behaviour import EVENT_DAYS, HISTORY_DAYS, RECENT_DAYS
from .facts.behaviour_facts import Pasts

BATCH = 2000
# So many new customers, of all, that what all have in common is learned before the week is over.
FRESH = 0.1

# What a customer's history is read from (`ar.dunning.behaviour`), each row with its version and with where its dates
# stand to the day: what is open and late by its days, a payment by whether it is among the recent ones.
SOURCES = """
    WITH line AS (
        SELECT l.id, ROW(l.xmin, l.ctid, m.xmin, m.ctid) AS version, c.id AS customer_id, %(due)s AS due, l.reconciled
          FROM account_move_line l
          JOIN account_account a ON a.id = l.account_id
          JOIN account_move m ON m.id = l.move_id
          JOIN ar_dunning_customer c ON c.partner_id = l.partner_id AND c.company_id = l.company_id
         WHERE l.company_id = %(company)s AND l.parent_state = 'posted' AND l.balance > 0 AND l.date <= %(on)s
           AND %(due)s > %(since)s AND %(trade)s
    )
    SELECT line.customer_id, %(of_line)s AS mark
      FROM line LEFT JOIN ar_dunning_item i ON i.move_line_id = line.id
     UNION ALL
    SELECT line.customer_id, %(of_payment)s
      FROM line JOIN account_partial_reconcile r ON r.debit_move_id = line.id
     UNION ALL
    SELECT i.customer_id, %(of_item)s
      FROM ar_dunning_item i
     WHERE i.company_id = %(company)s AND i.collection_failed AND i.due_date > %(on)s - %(events)s
     UNION ALL
    SELECT c.id, %(of_refused)s
      FROM payment_transaction x
      JOIN res_partner p ON p.id = x.partner_id
      JOIN ar_dunning_customer c ON c.partner_id = p.commercial_partner_id AND c.company_id = x.company_id
     WHERE x.company_id = %(company)s AND x.state = 'error' AND x.operation = 'offline'
       AND x.create_date BETWEEN %(on)s - %(events)s AND %(on)s + 1
     UNION ALL
    SELECT c.id, %(of_rejected)s
      FROM account_payment x
      JOIN res_partner p ON p.id = x.partner_id
      JOIN ar_dunning_customer c ON c.partner_id = p.commercial_partner_id AND c.company_id = x.company_id
     WHERE x.company_id = %(company)s AND x.state = 'rejected' AND x.date BETWEEN %(on)s - %(events)s AND %(on)s
     UNION ALL
    SELECT p.customer_id, %(of_promise)s
      FROM ar_dunning_arrangement p
     WHERE p.company_id = %(company)s AND p.state = 'broken' AND p.date_start > %(on)s - %(events)s
"""


class ArDunningCustomer(models.Model):
    """Whom the night judges anew: whose ledger has changed, about whom the clock alone says something else, or everybody.

    *Changed* is seen by a fingerprint of the rows that a history is read from, of their versions and of where their
    dates stand to the day: whoever wrote them, by whatever way. What comes by the clock without a row of its own (one
    more month as customer, a forecast that its day has overtaken) is known when the customer is judged, and kept as a
    day. Everybody is judged once a week, when what all have in common is learned and what counts less with age has
    faded, and when the rules have changed.
    """

    _inherit = "ar.dunning.customer"

    score_mark = fields.Char(readonly=True, copy=False)
    score_next_on = fields.Date(readonly=True, copy=False)

    @api.model
    def _score_steps(self, company, on, everybody=False):
        """The night's refresh: steps without arguments, of which each may be committed by itself.

        :param everybody: also of whom nothing has changed
        """
        yield partial(self._insert_scored, company, on)
        if everybody or self._learns_today(company, on):
            everybody = True
            yield partial(self._learn_pool, company, on)
        rules = self._score_salt(company)
        everybody = everybody or company.sudo().ar_dunning_score_rules != rules
        marks = self._score_marks(company, on, everybody)
        for batch in split_every(BATCH, sorted(marks)):
            yield partial(self.browse(batch)._judge_apart, company, on, {key: marks[key] for key in batch})
        yield partial(company._dunning_refreshed, "ar_dunning_scores_on", on, ar_dunning_score_rules=rules)

    def _judge_apart(self, company, on, marks):
        """Judge these; where that fails for one, the others are judged, and he is looked at again by the next night."""
        if self._apart(lambda: self._judge(company, on, marks)):
            return
        if len(self) == 1:
            self._put({"score_kept": False})
        else:
            for customer in self:
                customer._judge_apart(company, on, marks)

    def _judged_until(self, facts, on, forecast_until):
        """The day on which the clock alone says something else about this customer; None: the fingerprint tells."""
        days = [facts.longer_on(on), forecast_until and forecast_until + timedelta(days=1)]
        return min((day for day in days if day and day > on), default=None)

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
    def _score_salt(self, company):
        """The rules by which everybody is judged, as text: where it is another than that of the last night, all change."""
        return f"{self.env['ar.dunning.score.rule']._rules_of(company)} {company.sudo().ar_dunning_pool}"

    # === Fingerprints === #

    @api.model
    def _score_marks(self, company, on, everybody=False):
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
