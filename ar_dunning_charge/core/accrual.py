"""The interest that runs up on an item, in slices that can be checked by hand.

A slice is a run of days with one principal and one rate: principal x rate x days / (100 x days of the year).
A payment dated d reduces the principal from d + 1 on: the day of payment still bears interest.

*Compounding.* The default is simple interest (Directive 2011/7/EU art. 2(6); BGB 289 forbids interest on
interest). Yearly: after each full year of default the interest of that year joins the principal (NL, BW
6:119(2)). Monthly: likewise after each month (IN, MSMED Act 2006 s. 16, monthly rests). Years and months run
from the first day of interest, whatever is claimed in between. What joins is an amount of money, so it is
rounded; interest ends with the principal.

*Rounding.* Once at the end: the slices' amounts are the steps of the rounded running total, so that they sum to
the rounded interest. Or the daily amount first, times the days (the worked example of the United Kingdom's
government: 1,000 at 8.5 % is 0.23 a day, 11.50 for 50 days).

>>> terms = Terms(Rate(fixed=Decimal("8.5")), rounding=Rounding.DAILY)
>>> [piece.amount for piece in accrue(terms, [Movement(date(2026, 1, 31), Decimal(1000))], date(2026, 2, 1), date(2026, 3, 22))]
[Decimal('11.50')]
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from enum import Enum
from itertools import pairwise

from odoo.addons.ar_dunning.core.allocation import Movement

from .daycount import Basis, add_months, year_changes
from .rates import FIRST, MissingRate, Rate, RatePeriod

ZERO = Decimal(0)
ONE_DAY = timedelta(days=1)
# All products are kept whole over one denominator and divided once, so that cutting a period changes nothing.
EXACT = Context(prec=50)
SCALE = Decimal(100 * 365 * 366 * 60)
PER_DAY = {days: Decimal(365 * 366 * 60 // days) for days in (360, 365, 366)}


class Compounding(str, Enum):
    """When interest joins the principal: never, after each year or after each month from the first day of interest."""

    SIMPLE = "simple"
    YEARLY = "yearly"
    MONTHLY = "monthly"


class Rounding(str, Enum):
    """What is rounded: the interest once, or the amount of a day."""

    END = "end"
    DAILY = "daily"


MONTHS = {Compounding.YEARLY: 12, Compounding.MONTHLY: 1}


@dataclass(frozen=True, slots=True)
class Terms:
    """How interest is worked out and when it is claimed.

    `digits`: decimals of the currency. `grace_days`: nothing is claimed until the delay has lasted longer than
    these days, then all of it. `minimum`: an amount below it waits for a later claim. ValueError: negative figures.
    """

    rate: Rate
    basis: Basis = Basis.ACT_365
    compounding: Compounding = Compounding.SIMPLE
    rounding: Rounding = Rounding.END
    digits: int = 2
    grace_days: int = 0
    minimum: Decimal = ZERO

    def __post_init__(self) -> None:
        if self.digits < 0 or self.grace_days < 0 or self.minimum < 0:
            raise ValueError("Decimals, grace days and the minimum amount are not negative.")

    @property
    def key(self) -> str:
        """What tells these terms apart from others, whatever the values of the reference rate: a text for machines."""
        return f"{self.rate.terms} {self.basis.value} {self.compounding.value} {self.rounding.value}"


@dataclass(frozen=True, slots=True)
class Slice:
    """Interest from `first` to `last`, both included: `principal` at `rate` percent per year for `days` days.

    `exact` is unrounded; `amount` is what is claimed. In a correction `principal` is the difference of the principal.
    """

    first: date
    last: date
    days: int
    principal: Decimal
    rate: Decimal
    source: str
    basis: Basis
    exact: Decimal
    amount: Decimal

    @property
    def year_days(self) -> int:
        """What the annual rate is divided by to give that of a day."""
        return self.basis.year_days(self.first)


def accrue(
    terms: Terms,
    movements: Sequence[Movement],
    start: date,
    on: date,
    interest_paid: Sequence[Movement] = (),
    cuts: Iterable[date] = (),
    told: Sequence[RatePeriod] = (),
) -> tuple[Slice, ...]:
    """All interest from `start` to `on` as if nothing had been claimed; grace days and minimum do not matter.

    A slice also begins on each day of `cuts`. `told`: days whose rate is this one and not that of the terms, in the
    order of the days, each with its last day. The rest as for `claim`.
    """
    balance = _balance(movements, start)
    if balance[-1].amount <= 0:
        on = min(on, balance[-1].on - ONE_DAY)
    if on < start:
        return ()
    periods = _with_told(terms.rate.periods(start), told) if told else terms.rate.periods(start)
    at = bisect_right(periods, start, key=FIRST) - 1
    rests = _rests(terms.compounding, start, on)
    begins = {start, *(entry.on for entry in balance), *rests, *cuts}
    for index in range(at + 1, len(periods)):
        begins.add(periods[index].first)
    if terms.basis is Basis.ACT_ACT:
        begins.update(year_changes(start, on))
    if rests:
        begins.update(payment.on + ONE_DAY for payment in interest_paid)
    days = sorted(day for day in begins if start <= day <= on)
    days.append(on + ONE_DAY)
    return _walk(terms, balance, periods, at, days, _Capital(rests, interest_paid))


def _with_told(periods: Sequence[RatePeriod], told: Sequence[RatePeriod]) -> list[RatePeriod]:
    """The periods of a rate, those of `told` in place of it on their days."""
    kept = list(told)
    for period in periods:
        first: date | None = period.first
        for one in told:
            if first is None or one.last is None or one.last < first or (period.last and one.first > period.last):
                continue
            if one.first > first:
                kept.append(replace(period, first=first, last=one.first - ONE_DAY))
            first = None if one.last == period.last else one.last + ONE_DAY
        if first and not (period.last and first > period.last):
            kept.append(replace(period, first=first))
    return sorted(kept, key=FIRST)


def _walk(
    terms: Terms, balance: list[Movement], periods: Sequence[RatePeriod], at: int, days: list[date], capital: "_Capital"
) -> tuple[Slice, ...]:
    """One slice from each of `days` to the next: nothing changes between them."""
    slices: list[Slice] = []
    basis, daily, unit = terms.basis, terms.rounding is Rounding.DAILY, Decimal(1).scaleb(-terms.digits)
    entry, last_entry, numerator, claimed = 0, len(balance) - 1, ZERO, ZERO
    with localcontext(EXACT):
        for first, following in pairwise(days):
            while entry < last_entry and balance[entry + 1].on <= first:
                entry += 1
            capital.reach(first, claimed)
            principal = balance[entry].amount
            if principal <= 0:
                continue
            principal += capital.amount
            while (end := periods[at].last) is not None and end < first:
                at += 1
            period = periods[at]
            if period.rate is None:
                raise MissingRate(period.missing, first, period.last)
            last = following - ONE_DAY
            count = basis.days(first, last)
            product = principal * period.rate * PER_DAY[basis.year_days(first)]
            if daily:
                amount = (product / SCALE).quantize(unit, ROUND_HALF_UP) * count
            else:
                numerator += product * count
                amount = (numerator / SCALE).quantize(unit, ROUND_HALF_UP) - claimed
            claimed += amount
            exact = product * count / SCALE
            slices.append(Slice(first, last, count, principal, period.rate, period.source, basis, exact, amount))
    return tuple(slices)


class _Capital:
    """The interest that has joined the principal, less what was paid of it."""

    __slots__ = ("_accrued", "_paid", "_payments", "_rests", "amount")

    def __init__(self, rests: list[date], payments: Sequence[Movement]) -> None:
        self._rests, self._payments = set(rests), sorted(payments, key=lambda payment: payment.on, reverse=True)
        self._accrued = self._paid = self.amount = ZERO

    def reach(self, day: date, accrued: Decimal) -> None:
        """Go on to `day`, until which `accrued` interest has run up."""
        if not self._rests:
            return
        if day in self._rests:
            self._accrued = accrued
        while self._payments and self._payments[-1].on < day:
            self._paid -= self._payments.pop().amount
        self.amount = max(self._accrued - self._paid, ZERO)


def _rests(compounding: Compounding, start: date, on: date) -> list[date]:
    """The days after `start` on which interest joins the principal."""
    days: list[date] = []
    if compounding is not Compounding.SIMPLE:
        months = MONTHS[compounding]
        while (day := add_months(start, months * (len(days) + 1))) <= on:
            days.append(day)
    return days


def _balance(movements: Sequence[Movement], start: date) -> list[Movement]:
    """The open amount from each day on which it is another; the first entry is that of `start`."""
    if not movements:
        raise ValueError("Interest needs the amount of the debt.")
    if movements[0].amount < 0:
        raise ValueError(f"The debt itself comes first, and not a payment (on {movements[0].on}).")
    if movements[0].on > start:
        raise ValueError(f"Interest cannot start on {start}, before the debt of {movements[0].on}.")
    balance = [Movement(start, movements[0].amount)]
    for previous, movement in pairwise(movements):
        if movement.on < previous.on:
            raise ValueError(f"The movements are not in the order of their dates: {previous.on}, {movement.on}.")
        day, amount = movement.on + ONE_DAY, balance[-1].amount + movement.amount
        if day <= balance[-1].on:
            balance[-1] = Movement(balance[-1].on, amount)
        elif movement.amount:
            balance.append(Movement(day, amount))
    return balance
