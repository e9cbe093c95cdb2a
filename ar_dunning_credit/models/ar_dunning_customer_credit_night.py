import json
from functools import partial

from odoo import api, fields, models
from odoo.tools import split_every

from odoo.addons.ar_dunning.tools.attempt import attempt

from .ar_dunning_solvency_check import NOTICE_DAYS

BATCH = 2000
CHANGED = """
   AND (c.credit_kept IS NULL
        OR (c.credit_status, c.credit_reasons, c.credit_used, c.credit_available)
           IS DISTINCT FROM (v.status, v.reasons::jsonb, v.used, v.available::numeric)
        OR %(marked)s AND c.credit_mark IS DISTINCT FROM v.mark)
"""


class ArDunningCustomer(models.Model):
    """What is stored of the credit status, and what the night does about limits and holds that end."""

    _inherit = "ar.dunning.customer"

    temporary_warned_on = fields.Date(readonly=True, copy=False)
    insured_warned_on = fields.Date(readonly=True, copy=False)

    @api.model
    def _closing_steps(self, company):
        yield from super()._closing_steps(company)
        on = company._dunning_today()
        yield partial(self._close_limits, company, on)
        yield from self._credit_steps(company, on)

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
        over = self.sudo().with_context(active_test=False)
        over = over.search([("company_id", "=", company.id), ("manual_hold", "!=", False), ("hold_until", "<", on)])
        for customer in over:
            customer._apart(lambda c=customer: c._lift_hold(self.env._("its last day has passed")))
        return over

    @api.model
    def _warn_ending_limits(self, company, on):
        """A week before a temporary limit or a cover ends, the responsible gets a to-do, once for each last day."""
        soon = fields.Date.add(on, days=NOTICE_DAYS)
        records = self.sudo().with_context(active_test=False)
        for ends, warned in (("temporary_limit_until", "temporary_warned_on"), ("insured_until", "insured_warned_on")):
            domain = [("company_id", "=", company.id), (ends, ">=", on), (ends, "<=", soon)]
            if ends == "insured_until":
                domain.append(("insured_amount", ">", 0))
            for customer in records.search(domain).filtered(lambda c, e=ends, w=warned: c[w] != c[e]):
                if customer._apart(lambda c=customer, e=ends: c._warn_ending_limit(e)):
                    customer._put({warned: customer[ends]})

    def _apart(self, work):
        """Do `work` for these customers in a savepoint: where it fails, the others go on.

        A failure of one customer is written down on the run under way; one of several is for the caller to narrow down.

        :return: whether it was done
        """
        alone = len(self) == 1
        failure = attempt(self.env, work, f"Credit of customer {self.id}" if alone else None)
        if failure and alone:
            run = (
                self.env["ar.dunning.run"]
                .sudo()
                .search([("state", "=", "running"), ("company_id", "=", self.company_id.id)], limit=1)
            )
            run._put({"line_ids": [(0, 0, {"kind": "error", "customer_id": self.id, "reason": failure})]})
        return failure is None

    def _warn_ending_limit(self, ends):
        user = self._who_is_asked()
        customer = self.with_context(lang=user.lang)
        texts = {
            "temporary_limit_until": customer.env._("The temporary credit limit ends"),
            "insured_until": customer.env._("The insurance or guarantee ends"),
        }
        customer.activity_schedule(
            "mail.mail_activity_data_todo", date_deadline=self[ends], user_id=user.id, summary=texts[ends]
        )

    @api.model
    def _refresh_credit(self, company, on):
        """Store the status of every customer of `company` as of the day `on`, in the present transaction."""
        for step in self._credit_steps(company, on, everybody=True):
            step()

    @api.model
    def _credit_steps(self, company, on, everybody=False):
        """The same in steps, each a batch of customers: of those of whom something has changed.

        :param everybody: also of whom nothing has
        """
        rules = self._credit_salt(company)
        everybody = everybody or company.sudo().ar_dunning_credit_rules != rules
        marks = self._credit_marks(company, on, everybody)
        for batch in split_every(BATCH, sorted(marks)):
            yield partial(self.sudo().browse(batch)._keep_credit_apart, on, {key: marks[key] for key in batch})
        yield partial(company._dunning_refreshed, "ar_dunning_credit_on", on, ar_dunning_credit_rules=rules)

    def _keep_credit_apart(self, on, marks):
        """Keep the status of those of whom it differs; where that fails for one, the others have theirs."""
        if not self._apart(lambda: self._keep_credit(on, marks)):
            if len(self) == 1:
                self._put({"credit_kept": False})  # what is kept is of before
            for customer in self if len(self) > 1 else ():
                customer._keep_credit_apart(on, marks)
        self.env.invalidate_all()

    def _refresh_credit_of(self):
        """Store the status of these customers and their relatives as of today."""
        for company, customers in self._credit_relatives().grouped("company_id").items():
            customers._keep_credit(company._dunning_today())

    def _refresh_credit_of_changed(self):
        """The same, written only where it differs; in batches."""
        for company, customers in self.grouped("company_id").items():
            for batch in split_every(BATCH, customers.ids):
                self.browse(batch)._keep_credit(company._dunning_today(), only_changed=True)

    def _keep_credit(self, on, marks=None, only_changed=False):
        """Write the status as of `on`, in one statement. The rows of a batch share a company.

        :param marks: by customer id, what they rest on from now on; with it, or `only_changed`, only customers are
            written of whom something differs
        """
        states = self._credit_state(on)
        marked = {"marked": "FALSE" if marks is None else "TRUE"}
        rows = [
            (
                customer.id,
                on,
                state.status.value,
                json.dumps([self._as_json(reason) for reason in state.reasons]),
                state.used,
                state.available,
                (marks or {}).get(customer.id),
            )
            for customer in self
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
        self.invalidate_recordset(
            ["credit_status", "credit_reasons", "credit_used", "credit_available", "credit_kept", "credit_since"]
        )

    @api.model
    def _as_json(self, reason):
        """A reason for storage: amounts and dates as text."""

        def plain(value):
            return value if isinstance(value, int) or value is None else str(value)

        unlock = reason.unlock
        return {
            "code": reason.code,
            "effect": reason.effect.value,
            "values": {name: plain(value) for name, value in reason.values.items()},
            "unlock": {
                "way": unlock.way.value,
                "amount": plain(unlock.amount),
                "names": list(unlock.names),
                "day": plain(unlock.day),
            },
        }
