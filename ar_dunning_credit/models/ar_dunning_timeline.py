from odoo import api, models
from odoo.tools import SQL

from odoo.addons.ar_dunning.tools.timeline import label, source

STATUS = {
    "id": "c.id",
    "day": "c.credit_since",
    "customer_id": "c.id",
    "company_id": "c.company_id",
    "res_model": "'ar.dunning.customer'",
    "res_id": "c.id",
}
CHECKS = """
    FROM ar_dunning_solvency_check s
    JOIN ar_dunning_customer c ON c.id = s.customer_id
    JOIN res_company o ON o.id = c.company_id
   WHERE s.active
"""
CHECK = {
    "id": "s.id",
    "day": "s.date",
    "user_id": "s.user_id",
    "detail": "concat_ws(E'\\n', NULLIF(s.rating, ''), NULLIF(s.finding, ''), NULLIF(s.note, ''))",
    "amount": "s.recommended_limit",
    "currency_id": "o.currency_id",
    "customer_id": "c.id",
    "company_id": "c.company_id",
    "res_model": "'ar.dunning.solvency.check'",
    "res_id": "s.id",
}
# What somebody decided, as the history tells it.
DECIDED = [
    *("temporary_limit", "temporary_limit_until", "insured_amount", "insured_until", "insured_by"),
    "legal_case",
]
HELD = ["manual_hold", "hold_reason"]


class ArDunningTimeline(models.AbstractModel):
    """What was found out and decided about a customer's credit."""

    _inherit = "ar.dunning.timeline"

    @api.model
    def _timeline_kinds(self):
        return super()._timeline_kinds() | {"credit": (self.env._("Credit"), "fa-credit-card")}

    @api.model
    def _timeline_sources(self):
        return [*super()._timeline_sources(), *self._credit_sources()]

    @api.model
    def _credit_sources(self):
        """The status that stands and since when, checks, and decisions: limits, holds, cover, legal cases."""
        Check = self.env["ar.dunning.solvency.check"]
        status = label(self.env["ar.dunning.customer"], "credit_status", "c.credit_status")
        found = {"source": label(Check, "source", "s.source"), "result": label(Check, "result", "s.result")}
        known = "FROM ar_dunning_customer c WHERE c.credit_since IS NOT NULL AND c.credit_status IS NOT NULL"
        decision = self.env["ir.model.data"]._xmlid_to_res_id("ar_dunning_credit.mt_decision")
        told = SQL("m.subtype_id = %s", decision)
        return [
            source("credit", self.env._("Credit status: %(status)s"), known, **STATUS, parts={"status": status}),
            source("credit", self.env._("%(source)s: %(result)s"), CHECKS, **CHECK, parts=found),
            self._tracked_source("credit", "ar.dunning.customer", DECIDED),
            # That a hold was lifted, and why, is a decision of its own below.
            self._tracked_source("credit", "ar.dunning.customer", HELD, "v.new_value_char <> ''"),
            self._message_source(
                "credit",
                None,
                "JOIN ar_dunning_customer c ON m.model = 'ar.dunning.customer' AND m.res_id = c.id",
                told,
            ),
        ]
