"""Fees and compensation: what may be claimed on a day, and every reason why it is less or nothing.

A rule says how much (its tariffs, see `tariff`), for what (each notice, each invoice, each item and
level) and within which limits. The basis is the overdue principal; charges claimed before are never
part of it unless the rule says so. First come the reasons that forbid the fee altogether, all of them;
then, in this order, what cuts it: the ceiling for one fee, charges that it does not stack with, the
ceiling for all fees, and the ceiling for all charges as a share of the principal.

>>> from odoo.addons.ar_dunning_charge.core.tariff import fixed
>>> limits = Limits(days_after_due=14, max_count=2)
>>> rule = Rule("reminder", (fixed("NOK", Decimal(35)),), limits=limits)
>>> debt = FeeItem("INV/1", Money("NOK"), Decimal(900), due=date(2026, 3, 2))
>>> [fee] = claim(rule, [debt], date(2026, 3, 9))
>>> str(fee.amount), str(fee.withheld), fee.findings[0].reason.value, fee.findings[0].until
('0', '35.00', 'too_early', datetime.date(2026, 3, 16))
>>> [fee] = claim(rule, [debt], date(2026, 3, 16))
>>> str(fee.amount), fee.findings
('35.00', ())
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_DOWN, Decimal

from .fee_limits import Finding, Reason, charged, forbidding
from .fee_rules import Basis, FeeItem, Kind, Limits, Past, Rule, Scope
from .sheet import HUNDRED, ZERO, Money, Part, Row
from .tariff import NO_RATES, Conversion, NoConversionError, Result, Tariff, evaluate

__all__ = [
    "Basis",
    "Fee",
    "FeeItem",
    "Finding",
    "Kind",
    "Limits",
    "Past",
    "Reason",
    "Rule",
    "Scope",
    "claim",
    "claim_all",
]


@dataclass(frozen=True, slots=True)
class Fee:
    """`amount` may be claimed on the debts `keys`; it is the sum of the steps in `money`.

    `full`: what the tariff gives; `gross`: what is left of it before charges that do not stack with it are set off.
    `converted`: the rate used where the tariff has no amount in the debt's currency.
    """

    rule: Hashable
    kind: Kind
    keys: tuple[Hashable, ...]
    money: Money
    basis: Decimal
    amount: Decimal
    full: Decimal
    gross: Decimal
    steps: tuple[Row, ...] = ()
    findings: tuple[Finding, ...] = ()
    converted: Conversion | None = None

    @property
    def withheld(self) -> Decimal:
        return self.full - self.amount


def claim(
    rule: Rule,
    debts: Sequence[FeeItem],
    on: date,
    rates: Mapping[Hashable, Decimal] = NO_RATES,
    uplift: Decimal = ZERO,
) -> tuple[Fee, ...]:
    """The fees of `rule` in a notice sent on `on` for `debts`, which are all in one currency.

    A fee for the notice as a whole is asked for once, with the debts of one of its currencies.

    `rates`: units of the debts' currency for one unit of another. `uplift`: percentage on top of fee and ceilings
    (VAT that the creditor cannot deduct). Raises ValueError for debts in several currencies, and the error of the
    series where a published amount is missing on that day.
    """
    if len({debt.money for debt in debts}) > 1:
        raise ValueError("The debts of one claim must be in one currency.")
    fees: list[Fee] = []
    for group in _groups(rule, debts):
        sums = _Sums(rule, on, rates, uplift)
        found = [(debt, tuple(forbidding(rule, debt, group, on))) for debt in group]
        free = [debt for debt, findings in found if not findings]
        if free:
            fees.append(sums.fee(free))
            fees.extend(sums.none(debt, findings) for debt, findings in found if findings)
        else:
            fees.append(sums.fee(group, tuple(dict.fromkeys(one for _debt, findings in found for one in findings))))
    return tuple(fees)


def claim_all(
    rules: Sequence[Rule],
    debts: Sequence[FeeItem],
    on: date,
    rates: Mapping[Hashable, Decimal] = NO_RATES,
    uplift: Decimal = ZERO,
) -> tuple[Fee, ...]:
    """The fees of several rules in one notice: each knows those before it, so that offsets and ceilings hold for all.

    Parameters and errors are those of `claim`.
    """
    fees: list[Fee] = []
    for rule in rules:
        found = claim(rule, debts, on, rates, uplift)
        debts = [_with_fees(debt, rule, found, on) for debt in debts]
        fees.extend(found)
    return tuple(fees)


def _with_fees(debt: FeeItem, rule: Rule, fees: Sequence[Fee], on: date) -> FeeItem:
    """The debt with what was just claimed on it among its past charges."""
    new = tuple(
        Past((rule.key, fee.keys), rule.key, rule.kind, on, fee.amount, debt.level, rule.counter, fee.gross)
        for fee in fees
        if debt.key in fee.keys and fee.gross
    )
    return replace(debt, past=debt.past + new)


def _groups(rule: Rule, debts: Sequence[FeeItem]) -> list[list[FeeItem]]:
    """The debts that share one fee."""
    if rule.scope == Scope.ITEM:
        return [[debt] for debt in debts]
    groups: dict[Hashable, list[FeeItem]] = {}
    for debt in debts:
        groups.setdefault(debt.invoice if rule.scope == Scope.INVOICE else None, []).append(debt)
    return list(groups.values())


@dataclass(frozen=True, slots=True)
class _Sums:
    """The amounts of one claim."""

    rule: Rule
    on: date
    rates: Mapping[Hashable, Decimal]
    uplift: Decimal

    def none(self, debt: FeeItem, findings: tuple[Finding, ...]) -> Fee:
        return Fee(self.rule.key, self.rule.kind, (debt.key,), debt.money, ZERO, ZERO, ZERO, ZERO, (), findings)

    def fee(self, debts: Sequence[FeeItem], findings: tuple[Finding, ...] = ()) -> Fee:
        basis = sum((debt.principal for debt in debts), ZERO)
        if self.rule.basis == Basis.WITH_CHARGES:
            basis += sum((debt.charges for debt in debts), ZERO)
        fee = replace(self.none(debts[0], findings), keys=tuple(debt.key for debt in debts), basis=basis)
        try:
            result = self._evaluate(self.rule.tariffs, fee.money, basis)
            fee = replace(fee, full=result.amount, converted=result.converted)
            if findings:
                return fee
            return self._cut(replace(fee, amount=fee.full, gross=fee.full, steps=result.steps), debts)
        except NoConversionError as error:
            missing = Finding(Reason.NO_CONVERSION, subject=error.currency)
            return replace(fee, amount=ZERO, gross=ZERO, steps=(), findings=(*findings, missing))

    def _evaluate(self, tariffs: tuple[Tariff, ...], money: Money, debt: Decimal) -> Result:
        return evaluate(tariffs, debt, self.on, money, self.rates, self.uplift)

    def _cut(self, fee: Fee, debts: Sequence[FeeItem]) -> Fee:
        limits, past = self.rule.limits, charged(debts)
        principal = sum((debt.principal for debt in debts), ZERO)
        if limits.ceiling:
            fee = _lower(fee, Reason.CEILING, self._evaluate(limits.ceiling, fee.money, fee.basis).amount)
        fee = replace(fee, gross=fee.amount)
        if self.rule.offsets:
            fee = _lower(fee, Reason.OFFSET, _beyond(self.rule, past, fee.amount))
        if limits.total:
            total = self._evaluate(limits.total, fee.money, principal).amount
            claimed = sum((one.amount for one in past if one.kind != Kind.INTEREST), ZERO)
            fee = _lower(fee, Reason.TOTAL_CEILING, total - claimed, total)
        if limits.share is not None:
            unit = Decimal(1).scaleb(-fee.money.digits)
            total = (principal * limits.share / HUNDRED).quantize(unit, ROUND_DOWN)
            fee = _lower(fee, Reason.SHARE_CEILING, total - sum((one.amount for one in past), ZERO), total)
        return fee


def _lower(fee: Fee, reason: Reason, allowed: Decimal, limit: Decimal | None = None) -> Fee:
    """The fee cut to `allowed`, with a row and a finding that say so; `limit`: the limit to name, where it is another."""
    allowed = max(allowed, ZERO)
    cut = fee.amount - allowed
    if cut <= ZERO:
        return fee
    step = Row(Part.CUT, -cut, fee.money.code, base=fee.amount)
    finding = Finding(reason, allowed if limit is None else limit, fee.amount, amount=cut)
    return replace(fee, amount=allowed, steps=(*fee.steps, step), findings=(*fee.findings, finding))


def _beyond(rule: Rule, past: Sequence[Past], amount: Decimal) -> Decimal:
    """The part of a fee of `amount` beyond what was claimed: of the sums of both sides, only the larger is owed."""
    fees = [one for one in past if one.kind != Kind.INTEREST]
    other = sum((one.full for one in fees if one.kind in rule.offsets), ZERO)
    own = sum((one.full for one in fees if one.kind not in rule.offsets), ZERO)
    return max(own + amount, other) - sum((one.amount for one in fees), ZERO)
