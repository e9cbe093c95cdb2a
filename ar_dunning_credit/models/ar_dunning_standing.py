import json
from functools import partial

from odoo import api, fields, models
from odoo.tools import SQL, split_every

from odoo.addons.ar_dunning.models.ar_dunning_incoming_read import DRAFT_DAYS, PENDING_TRANSACTION_DAYS
from odoo.addons.ar_dunning.models.facts.incoming_facts import reference_words
from odoo.addons.ar_dunning.models.sql import DUE, fingerprint

from ..core.credit_kept import as_json
from .ar_dunning_solvency_check import NOTICE_DAYS
from .facts.standing_sources import LEDGER, LINKED, MEANT, MONEY, OWN, PEOPLE, TEXTS

BATCH = 2000
CHANGED = """
   AND (c.credit_kept IS NULL
        OR (c.credit_status, c.credit_reasons, c.credit_used, c.credit_available)
           IS DISTINCT FROM (v.status, v.reasons::jsonb, v.used, v.available::numeric)
        OR %(marked)s AND c.credit_mark IS DISTINCT FROM v.mark)
"""


class ArDunningStanding(models.AbstractModel):
    """Credit standing as the night keeps it: whose status is worked out anew, and limits and holds that end.

    Worked out anew is that of whom a fingerprint of all that it rests on has changed. A fingerprint is a sum over rows, of
    their versions and of where their dates stand to the day. What is of the whole company (settings, levels, rules of its
    own) is kept there as text; where that has changed, everybody is looked at.
    """

    _name = "ar.dunning.standing"
    _description = "Credit Standing of Customers"

    @api.model
    def _close_limits(self, company, on):
        """What begins, ends or is to be told on the day `on`."""
        self.env["ar.dunning.solvency.check"]._freeze_new(company)
        self.env["ar.dunning.solvency.check"]._schedule_reviews(company, on)
        self._end_holds(company, on)
        self._warn_ending_limits(company, on)

    @api.model
    def _end_holds(self, company, on):
        """Take away holds whose last day has passed, and say so in the customer's history."""
        over = self.env["ar.dunning.customer"].sudo().with_context(active_test=False)
        over = over.search([("company_id", "=", company.id), ("manual_hold", "!=", False), ("hold_until", "<", on)])
        for customer in over:
            customer._apart(lambda c=customer: c._lift_hold(self.env._("its last day has passed")))
        return over

    @api.model
    def _warn_ending_limits(self, company, on):
        """A week before a temporary limit or a cover ends, the responsible gets a to-do, once for each last day."""
        soon = fields.Date.add(on, days=NOTICE_DAYS)
        records = self.env["ar.dunning.customer"].sudo().with_context(active_test=False)
        for ends, warned in (("temporary_limit_until", "temporary_warned_on"), ("insured_until", "insured_warned_on")):
            domain = [("company_id", "=", company.id), (ends, ">=", on), (ends, "<=", soon)]
            if ends == "insured_until":
                domain.append(("insured_amount", ">", 0))
            for customer in records.search(domain).filtered(lambda c, e=ends, w=warned: c[w] != c[e]):
                if customer._apart(lambda c=customer, e=ends: self._warn_ending_limit(c, e)):
                    customer._put({warned: customer[ends]})

    @api.model
    def _warn_ending_limit(self, customer, ends):
        user = customer._who_is_asked()
        customer = customer.with_context(lang=user.lang)
        texts = {
            "temporary_limit_until": customer.env._("The temporary credit limit ends"),
            "insured_until": customer.env._("The insurance or guarantee ends"),
        }
        customer.activity_schedule(
            "mail.mail_activity_data_todo", date_deadline=customer[ends], user_id=user.id, summary=texts[ends]
        )

    @api.model
    def _refresh_everybody(self, company, on):
        """Store the status of every customer of `company` as of the day `on`, in the present transaction."""
        for step in self._steps(company, on, everybody=True):
            step()

    @api.model
    def _steps(self, company, on, everybody=False):
        """The same in steps, each a batch of customers: of those of whom something has changed.

        :param everybody: also of whom nothing has
        """
        rules = self._salt(company)
        everybody = everybody or company.sudo().ar_dunning_credit_rules != rules
        marks = self._marks(company, on, everybody)
        Customer = self.env["ar.dunning.customer"].sudo()
        for batch in split_every(BATCH, sorted(marks)):
            yield partial(self._keep_apart, Customer.browse(batch), on, {key: marks[key] for key in batch})
        yield partial(company._dunning_refreshed, "ar_dunning_credit_on", on, ar_dunning_credit_rules=rules)

    @api.model
    def _keep_apart(self, customers, on, marks):
        """Keep the status of those of whom it differs; where that fails for one, the others have theirs."""
        if not customers._apart(lambda: self._keep(customers, on, marks)):
            if len(customers) == 1:
                customers._put({"credit_kept": False})  # what is kept is of before
            for customer in customers if len(customers) > 1 else ():
                self._keep_apart(customer, on, marks)
        self.env.invalidate_all()

    @api.model
    def _refresh_changed(self, customers):
        """Store the status of these customers as of today where it differs; in batches."""
        for company, group in customers.grouped("company_id").items():
            for batch in split_every(BATCH, group.ids):
                self._keep(customers.browse(batch), company._dunning_today(), only_changed=True)

    @api.model
    def _keep(self, customers, on, marks=None, only_changed=False):
        """Write the status as of `on`, in one statement. The rows of a batch share a company.

        :param marks: by customer id, what they rest on from now on; with it, or `only_changed`, only customers are
            written of whom something differs
        """
        states = customers._credit_state(on)
        marked = {"marked": "FALSE" if marks is None else "TRUE"}
        rows = [
            (
                customer.id,
                on,
                state.status.value,
                json.dumps([as_json(reason) for reason in state.reasons]),
                state.used,
                state.available,
                (marks or {}).get(customer.id),
            )
            for customer in customers
            for state in [states[customer.id]]
        ]
        if rows:
            self.env.cr.execute_values(
                """
                UPDATE ar_dunning_customer c
                   SET credit_status = v.status, credit_reasons = v.reasons::jsonb, credit_used = v.used,
                       credit_available = v.available::numeric, credit_kept = v.day::date,
                       credit_mark = CASE WHEN %(marked)s THEN v.mark ELSE c.credit_mark END,
                       credit_since = CASE WHEN c.credit_status IS DISTINCT FROM v.status
                                           THEN v.day::date ELSE c.credit_since END
                  FROM (VALUES %s) AS v (id, day, status, reasons, used, available, mark)
                 WHERE c.id = v.id
                """.replace("%(marked)s", marked["marked"])
                + ("" if marks is None and not only_changed else CHANGED % marked),
                rows,
            )
        customers.invalidate_recordset(
            ["credit_status", "credit_reasons", "credit_used", "credit_available", "credit_kept", "credit_since"]
        )

    # === Fingerprints === #

    @api.model
    def _salt(self, company):
        """What holds for all customers of this company, as text."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT sum(%s) FROM ar_dunning_level v" % "hashtextextended(ROW(v.id, v.xmin, v.ctid)::text, 0)"
        )
        (levels,) = self.env.cr.fetchone()
        self.env.cr.execute(
            "SELECT sum(hashtextextended(ROW(r.id, r.xmin, r.ctid)::text, 0)) FROM ar_dunning_credit_rule r"
        )
        (rules,) = self.env.cr.fetchone()
        counts = company.sudo().root_id.ar_dunning_count_drafts
        return f"{company._dunning_credit_switches()} {counts} {levels} {rules}"

    @api.model
    def _marks(self, company, on, everybody=False):
        """`{customer id: fingerprint}` of those whose status must be worked out on the day `on`."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT c.id, found.mark
                  FROM ar_dunning_customer c
                  LEFT JOIN (SELECT partner_id, sum(mark)::text AS mark FROM (%(sources)s) s GROUP BY partner_id) found
                    ON found.partner_id = c.partner_id
                 WHERE c.company_id = %(company)s
                   AND (%(everybody)s OR c.credit_kept IS NULL OR c.credit_mark IS DISTINCT FROM found.mark)
                """,
                sources=SQL(" UNION ALL ").join(self.env["ar.dunning.customer"]._credit_sources(company, on)),
                company=company.id,
                everybody=everybody,
            )
        )
        return dict(rows)

    @api.model
    def _sources(self, company, on):
        """Selects of partner and fingerprint: what a status rests on of what this addon knows."""
        day, tree, own = SQL("%s::date", on), company._dunning_tree().ids, company.currency_id.id
        late = company.sudo().root_id.ar_dunning_overdue_days
        abroad = SQL("CASE WHEN x.currency_id <> %s THEN %s END", own, day)
        until = SQL("x.date_start <= %(on)s, x.date_end >= %(on)s", on=day)
        ends = SQL("c.temporary_limit_until >= %(on)s, c.insured_until >= %(on)s, c.hold_until >= %(on)s", on=day)
        of_line = fingerprint(
            "'l', l.id, l.xmin, l.ctid, m.xmin, m.ctid, i.level_id",
            SQL(
                "CASE WHEN %(due)s < %(on)s THEN GREATEST(%(on)s - %(due)s - %(late)s, 0) END",
                due=DUE,
                on=day,
                late=late,
            ),
            SQL("CASE WHEN l.currency_id <> %s AND l.amount_residual_currency < 0 THEN %s END", own, day),
        )
        pending = SQL("x.state = 'pending' AND x.last_state_change >= %s - %s", day, PENDING_TRANSACTION_DAYS)
        drafted = SQL("COALESCE(m.invoice_date, m.date) >= %s - %s", day, DRAFT_DAYS)
        return [
            SQL(LEDGER, of_line=of_line, tree=tree),
            SQL(
                MONEY,
                tree=tree,
                of_payment=fingerprint("'p', x.id, x.xmin, x.ctid", abroad),
                of_bank=fingerprint("'b', x.id, x.xmin, x.ctid", abroad),
                of_transaction=fingerprint("'t', x.id, x.xmin, x.ctid", pending, abroad),
                of_draft=fingerprint("'m', m.id, m.xmin, m.ctid", drafted),
            ),
            SQL(
                PEOPLE,
                tree=tree,
                of_partner=fingerprint("'p', p.id, p.xmin, p.ctid"),
                of_customer=fingerprint(OWN, ends),
                of_check=fingerprint("'s', x.id, x.xmin, x.ctid", SQL("x.valid_until >= %s", day)),
                of_arrangement=fingerprint("'a', x.id, x.xmin, x.ctid", until),
                of_day=fingerprint("'d'", day),
            ),
            *self._named_sources(company, on),
            *self.env["ar.dunning.credit.rule"]._sources(company),
        ]

    @api.model
    def _named_sources(self, company, on):
        """Money that nobody has matched belongs to whom it names, whoever sent it: each day is news for both of them."""
        tree = company._dunning_tree().ids
        rows = self.env.execute_query(SQL(TEXTS, tree=tree))
        words = [(word, mark, sender) for label, mark, sender in rows for word in reference_words(label) if word]
        found = [SQL(LINKED, tree=tree, on=on)]
        if words:
            names, marks, senders = map(list, zip(*words, strict=True))
            named = SQL(" UNION ALL ").join(self.env["ar.dunning.customer"]._names(tree))
            found.append(SQL(MEANT, on=on, named=named, names=names, marks=marks, senders=senders))
        return found
