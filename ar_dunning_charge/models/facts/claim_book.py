"""What a batch of claims shares: the law of each debtor, rules as the calculation reads them, currencies."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from odoo.addons.ar_dunning.tools.figures import as_decimal

from ...core import fees
from ...core.sheet import Money

# An invoice that was sent is presumed received so many days after its date.
INVOICE_TRANSIT = timedelta(days=3)


class ClaimBook:
    """Worked out once for a batch of one company on a day."""

    def __init__(self, env, company, on, debts):
        self.env, self.company, self.on, self.debts = env, company, on, debts
        self.invoice_transit = INVOICE_TRANSIT
        self.lang = env.lang  # in which the notice of the moment speaks to its customer
        self.series = {}
        self._regimes, self._compensations, self._fees, self._currencies = {}, {}, {}, {}
        oldest = min((debt.due for debt in debts.values()), default=on)
        self.calendar = company._dunning_calendar(oldest)

    def regime_of(self, debt):
        """The statutory rule for this debtor and debt; empty where country or audience are unknown, or none is set up."""
        key = (debt.country_id, debt.audience)
        if key not in self._regimes:
            country = self.env["res.country"].browse(debt.country_id)
            self._regimes[key] = self.env["ar.dunning.regime"].sudo()._all_for(country, debt.audience)
        return self._regimes[key].filtered(lambda regime: regime._holds_for(debt.due))[:1]

    def contract_of(self, debt, policy):
        """What the customer agreed to, else what the policy's customers did; empty where nothing was agreed."""
        rules = self.env["ar.dunning.interest.rule"].sudo()
        return rules.browse(debt.contract_id) if debt.contract_id else policy.sudo().interest_rule_id

    def spoken(self, record):
        """The record in the customer's language; what is withheld is told in the accountant's."""
        return record.with_context(lang=self.lang)

    def money(self, debt):
        """The currency of the debt as the calculation reads it."""
        if debt.currency_id not in self._currencies:
            digits = self.env["res.currency"].browse(debt.currency_id).decimal_places
            self._currencies[debt.currency_id] = Money(debt.currency_id, digits)
        return self._currencies[debt.currency_id]

    def compensation_of(self, regime):
        """The lump sum that the law grants (`core.fees.Rule`), or None."""
        if regime not in self._compensations:
            self._compensations[regime] = regime._compensation_rule(self.series)
        return self._compensations[regime]

    def fee_of(self, record, regime, policy):
        """A fee rule within the limits of the law and of the policy (`core.fees.Rule`). Raises ValueError, MissingRate."""
        key = (record, regime, policy)
        if key not in self._fees:
            limits, tariffs = self._law_of_fee(record, regime)
            if policy.charge_cap:
                own = as_decimal(policy.charge_cap)
                limits = replace(limits, share=own if limits.share is None else min(own, limits.share))
            collection = record.method == "collection"
            self._fees[key] = fees.Rule(
                f"{record._name},{record.id}",
                tariffs,
                fees.Kind.FEE,
                fees.Scope.INVOICE if collection else fees.Scope(record.scope),
                limits=limits,
                # Statutory collection costs contain the lump sum; elsewhere the regime says what does not add up.
                offsets=frozenset({fees.Kind.COMPENSATION})
                if collection or regime.offsets_reminder_fees
                else frozenset(),
                counter="fee",
            )
        return self._fees[key]

    def _law_of_fee(self, record, regime):
        """Limits and amounts of a fee rule for debtors under this regime, which may be empty."""
        if record.method == "collection":
            return regime._collection_limits(), regime._collection_tariffs()
        limits = regime._fee_limits(self.series) if regime else fees.Limits()
        own = record.method != "statute"
        return limits, record._as_tariffs(self.series) if own else regime._fee_tariffs(self.series)

    def as_fee_debt(self, one, rule, agreed):
        """An item as fees read it. A compensation goes by the size of the debt as it fell due, a fee by what is open."""
        debt = self.debts[one.item_id]
        until = debt.due if rule.kind == fees.Kind.COMPENSATION else date.max
        principal = sum((movement.amount for movement in debt.movements if movement.on <= until), Decimal(0))
        return fees.FeeItem(
            key=debt.id,
            money=self.money(debt),
            principal=principal,
            due=debt.due,
            invoice=debt.move_id,
            level=one.level.id,
            default=debt.default.on,
            agreed=agreed,
            past=debt.past,
            letters=debt.letters,
        )

    def conversion(self, rule, debt):
        """Units of the debt's currency for one unit of each currency of the rule, by the company's exchange rates.

        By the rate of the day; where a law gives its bounds in another currency than its sums (Poland), by the last
        rate of the month before the debt fell due (ustawa z 8.03.2013, art. 10(1a)).
        """
        limits = rule.limits
        tariffs = (*rule.tariffs, *limits.ceiling, *limits.total)
        by_month = any(tariff.bounds_currency not in (None, tariff.currency) for tariff in rule.tariffs)
        day = debt.due.replace(day=1) - timedelta(days=1) if by_month else self.on
        wanted = {tariff.currency for tariff in tariffs} | {tariff.bounds_currency for tariff in tariffs} - {None}
        return self.env["ar.dunning.fee.rule"]._rates_into(
            self.env["res.currency"].browse(debt.money.code), wanted, self.company, day
        )
