from odoo import api, models

from odoo.addons.ar_dunning.tools.figures import as_decimal

from ..core import fees, tariff
from ..core.default import Ground, Rule


class ArDunningRegime(models.Model):
    """A statutory rule as the calculation of claims reads it: grounds of default, compensation, limits of fees."""

    _inherit = "ar.dunning.regime"

    def _default_rule(self):
        """How default begins (`core.default.Rule`)."""
        self.ensure_one()
        grounds = [
            ground
            for ground, open_ in (
                (Ground.AGREED, self.ground_agreed),
                (Ground.NOTICE, self.ground_notice),
                (Ground.INVOICE, self.ground_invoice_days),
            )
            if open_
        ]
        return Rule(
            tuple(grounds),
            invoice_days=self.ground_invoice_days or 30,
            needs_mention=self.invoice_needs_mention,
            notice_days=self.interest_start_days,
            shift=self.shift_non_banking,
        )

    def _compensation_rule(self, series):
        """The lump-sum compensation (`core.fees.Rule`), once per invoice; None where the law grants none, or no figure
        is known."""
        self.ensure_one()
        if self.compensation_kind == "none" or self._hint("compensation"):
            return None
        currency = self.compensation_currency_id.id
        if self.compensation_kind == "fixed":
            tariffs = (tariff.fixed(currency, as_decimal(self.compensation_amount)),)
        elif self.compensation_kind == "tiers":
            bounds = self.bound_currency_id.id or None
            tariffs = (tariff.bands(currency, self._as_tiers("compensation"), bounds_currency=bounds),)
        else:
            rate = self.compensation_rate_id
            tariffs = (tariff.share(rate.currency_id.id, rate._known_series(series)),)
        offsets = frozenset({fees.Kind.FEE}) if self.offsets_reminder_fees else frozenset()
        limits = fees.Limits(needs_default=True, share=self._share())
        return fees.Rule(
            f"regime,{self.id}",
            tariffs,
            fees.Kind.COMPENSATION,
            fees.Scope.INVOICE,
            limits=limits,
            offsets=offsets,
            counter="compensation",
        )

    def _fee_limits(self, series):
        """What the law allows of a reminder fee (`core.fees.Limits`)."""
        self.ensure_one()
        penalty = self._as_tiers("penalty")
        return fees.Limits(
            needs_agreement=self.fee_allowed == "agreed",
            needs_default=self.fee_allowed == "cost",
            days_after_due=self.fee_min_days or None,
            # Where the first reminder is free, its statutory time to pay must have passed before anything costs.
            days_after_reminder=self.notice_deadline_days
            if self.free_reminders and self.notice_deadline_days
            else None,
            free_reminders=self.free_reminders,
            missed_deadline_days=self.fee_missed_deadline_days or None,
            max_count=self.fee_max_count or None,
            spacing_days=self.fee_spacing_days or None,
            ceiling=self._fee_tariffs(series),
            total=(tariff.bands(self.charge_currency_id.id, penalty),) if penalty else (),
            share=self._share(),
        )

    def _fee_tariffs(self, series):
        """The highest fee of a reminder as the law puts it; empty where it names no figure."""
        self.ensure_one()
        if self.fee_rate_id and self.fee_factor:
            step = as_decimal(self.fee_step) or None
            parts = as_decimal(self.fee_factor).as_integer_ratio()
            return (
                tariff.share(self.fee_rate_id.currency_id.id, self.fee_rate_id._known_series(series), *parts, step),
            )
        if self.fee_amount:
            return (tariff.fixed(self.fee_currency_id.id, as_decimal(self.fee_amount)),)
        return ()

    def _collection_tariffs(self):
        """The scale of collection costs that the law names (NL: Besluit incassokosten art. 2); empty without one."""
        self.ensure_one()
        tiers = self._as_tiers("collection")
        return (tariff.bands(self.collection_currency_id.id, tiers),) if tiers else ()

    def _collection_limits(self):
        """What must have happened before collection costs are owed (`core.fees.Limits`)."""
        self.ensure_one()
        days = self.notice_deadline_days if self.collection_after_notice else None
        return fees.Limits(needs_default=True, days_after_reminder=days, share=self._share())

    @api.model
    def _all_for(self, country, audience):
        """The statutory rules for debtors of this country and audience, of whatever day."""
        if not country or not audience:
            return self.browse()
        return self.search([("country_id", "=", country.id), ("audience", "=", audience)])

    def _holds_for(self, due):
        """Whether the rule is in force for a debt that fell due on `due`."""
        self.ensure_one()
        return (not self.date_from or self.date_from <= due) and (not self.date_to or self.date_to >= due)

    def _as_text(self, group="interest"):
        """What a claim by this law follows from, as printed beside it."""
        self.ensure_one()
        law = self[f"{group}_law"] or self.name
        return f"{law}: {self._terms_text()}" if group == "interest" else law

    def _share(self):
        return as_decimal(self.charge_cap_percent) if self.charge_cap_percent else None
