"""Annual rates over time: the published values of a reference, and the rate that a rule makes of them.

A late-payment rate is either a figure (5 % in Switzerland, Obligationenrecht art. 104) or a published
reference plus a margin (Directive 2011/7/EU art. 2(6): the reference rate plus at least eight points).
Some countries round the reference up to the next half point (FI korkolaki s. 12, SE raentelagen s. 9),
some the total (BE, law of 2 August 2002 art. 5); a contract may not go below a floor (FR, Code de commerce
L441-10: three times the legal interest), or not above a cap. The rate follows each new fixing (*floating*),
or the fixing of the first day of interest holds for the whole delay (*frozen*: GB, CZ).

Nothing is guessed: a day without a published value has no rate.

>>> from datetime import date
>>> ecb = Series("ECB", "ECB refinancing", (Value(date(2026, 1, 1), date(2026, 6, 30), Decimal("2.15"), "ECB"),))
>>> belgium = Rate(series=ecb, margin=Decimal(8), total_step=Decimal("0.5"))
>>> belgium.on(date(2026, 3, 1))
Decimal('10.5')
>>> belgium.on(date(2026, 7, 1))
Traceback (most recent call last):
...
odoo.addons.ar_dunning_charge.core.rates.MissingRate: ECB refinancing has no value from 2026-07-01 on
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise
from operator import attrgetter

ZERO = Decimal(0)
ONE = Decimal(1)
ONE_DAY = timedelta(days=1)
FIRST = attrgetter("first")
START = attrgetter("start")


class MissingRate(Exception):  # noqa: N818  (what it says, as in Odoo's own AccessDenied)
    """`series` has no value from day `first` to day `last`, both included (None: none is known from `first` on)."""

    def __init__(self, series: str, first: date, last: date | None) -> None:
        super().__init__(series, first, last)
        self.series, self.first, self.last = series, first, last

    def __str__(self) -> str:
        period = f"on {self.first}" if self.first == self.last else f"from {self.first} "
        if self.first != self.last:
            period += f"to {self.last}" if self.last else "on"
        return f"{self.series} has no value {period}"


@dataclass(frozen=True, slots=True)
class Value:
    """A published value from `start` to `end`, both included; `end` None: until the next value starts.

    `rate` is in percent per year (or an amount, in a series of amounts); `source` says who published it.
    """

    start: date
    end: date | None
    rate: Decimal
    source: str

    def __post_init__(self) -> None:
        if self.end and self.end < self.start:
            raise ValueError(f"The value that starts on {self.start} ends before, on {self.end}.")


@dataclass(frozen=True, slots=True)
class Series:
    """The values of a reference in the order of their dates. ValueError: out of order, or two hold on a day."""

    code: str
    name: str
    values: tuple[Value, ...]

    def __post_init__(self) -> None:
        for value, following in pairwise(self.values):
            if following.start <= value.start:
                raise ValueError(f"{self.name}: {following.start} comes after {value.start}, or is there twice.")
            if value.end and following.start <= value.end:
                raise ValueError(
                    f"{self.name}: the values of {value.start} and {following.start} overlap "
                    f"until {min(value.end, following.end or value.end)}."
                )

    def on(self, day: date) -> Value:
        """The value that holds on `day`. Raises MissingRate with the days from `day` on that have none."""
        at = bisect_right(self.values, day, key=START)
        if at:
            value = self.values[at - 1]
            if value.end is None or day <= value.end:
                return value
        following = self.values[at].start - ONE_DAY if at < len(self.values) else None
        raise MissingRate(self.name, day, following)


@dataclass(frozen=True, slots=True)
class RatePeriod:
    """From `first` to `last` (None: for good) the annual `rate` holds, in percent.

    `rate` None: not known, because the series named in `missing` has no value.
    """

    first: date
    last: date | None
    rate: Decimal | None
    source: str
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Rate:
    """How the annual rate of a day is found, in percent per year.

    Either `fixed`, or `series`: the reference, rounded up to the next multiple of `reference_step`, times
    `factor`, plus `margin`, rounded up to the next multiple of `total_step`. Then not below `floor` and not
    above `cap` (the cap wins), and never below zero. `frozen`: the rate of the first day of interest holds for
    the whole delay, with its floor and cap. `source` says where a fixed rate comes from.

    Raises ValueError where it has neither a figure nor a series, or both, or a negative part.
    """

    fixed: Decimal | None = None
    series: Series | None = None
    factor: Decimal = ONE
    margin: Decimal = ZERO
    reference_step: Decimal | None = None
    total_step: Decimal | None = None
    floor: "Rate | None" = None
    cap: "Rate | None" = None
    frozen: bool = False
    source: str = ""
    # Worked out once: a rule's rate is asked for every item.
    _own: tuple[RatePeriod, ...] = field(init=False, repr=False, compare=False)
    _bounded: tuple[RatePeriod, ...] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _check(self)
        object.__setattr__(self, "_own", self._unbounded())
        bounds = [bound for bound in (self.floor, self.cap) if bound]
        by_day = any(bound._bounded is None or bound.frozen for bound in bounds)
        object.__setattr__(self, "_bounded", None if by_day else self._within_bounds(date.min))

    @property
    def terms(self) -> str:
        """What tells this rate apart from another one, whatever values its series have: a short text for machines."""
        parts = [
            self.series.code if self.series else str(self.fixed),
            f"*{self.factor.normalize()}+{self.margin.normalize()}",
            f"^{self.reference_step or 0}^{self.total_step or 0}",
            *(f"{name}({bound.terms})" for name, bound in (("floor", self.floor), ("cap", self.cap)) if bound),
            "frozen" if self.frozen else "",
        ]
        return " ".join(filter(None, parts))

    def on(self, day: date, start: date | None = None) -> Decimal:
        """The rate of `day` for interest that began on `start` (by default that same day). Raises MissingRate."""
        period = period_on(self.periods(start or day), day)
        if period.rate is None:
            raise MissingRate(period.missing, day, period.last)
        return period.rate

    def periods(self, start: date) -> tuple[RatePeriod, ...]:
        """The rate over all time, without gaps, for interest that began on `start`.

        Raises MissingRate where a frozen rate is not known on `start`.
        """
        periods = self._within_bounds(start) if self._bounded is None else self._bounded
        if not self.frozen:
            return periods
        period = period_on(periods, start)
        if period.rate is None:
            raise MissingRate(period.missing, start, period.last)
        return (replace(period, first=date.min, last=None),)

    def _within_bounds(self, start: date) -> tuple[RatePeriod, ...]:
        periods = self._own
        if self.floor:
            periods = _merge(periods, self.floor.periods(start), highest=True)
        if self.cap:
            periods = _merge(periods, self.cap.periods(start), highest=False)
        return periods

    def _unbounded(self) -> tuple[RatePeriod, ...]:
        if self.series is None:
            return (RatePeriod(date.min, None, self._total(self.fixed or ZERO), self.source),)
        name, periods, day = self.series.name, [], date.min
        ends = [value.start - ONE_DAY for value in self.series.values[1:]] + [None]
        for value, next_end in zip(self.series.values, ends, strict=False):
            if day < value.start:
                periods.append(RatePeriod(day, value.start - ONE_DAY, None, "", name))
            last = value.end or next_end
            periods.append(RatePeriod(value.start, last, self._total(self._reference(value.rate)), value.source))
            if last is None:
                return tuple(periods)
            day = last + ONE_DAY
        return (*periods, RatePeriod(day, None, None, "", name))

    def _reference(self, value: Decimal) -> Decimal:
        return _up(value, self.reference_step) * self.factor + self.margin

    def _total(self, rate: Decimal) -> Decimal:
        return max(_up(rate, self.total_step), ZERO)


def period_on(periods: Sequence[RatePeriod], day: date) -> RatePeriod:
    """The period that holds on `day`."""
    return periods[bisect_right(periods, day, key=FIRST) - 1]


def _up(value: Decimal, step: Decimal | None) -> Decimal:
    """`value` rounded up to the next multiple of `step`; towards zero where it is negative."""
    return value if step is None else (value / step).to_integral_value(ROUND_CEILING) * step


def _check(rate: Rate) -> None:
    if (rate.fixed is None) == (rate.series is None):
        raise ValueError("A rate is either a fixed figure or a reference with a margin, and not both or neither.")
    if rate.fixed is not None and (rate.factor != 1 or rate.margin or rate.reference_step):
        raise ValueError("Factor, margin and rounding of the reference belong to a reference, not to a fixed rate.")
    if (rate.fixed or ZERO) < 0 or rate.margin < 0:
        raise ValueError("A rate or a margin is not negative.")
    if rate.factor <= 0:
        raise ValueError("The factor of a reference is greater than zero.")
    for step in (rate.reference_step, rate.total_step):
        if step is not None and step <= 0:
            raise ValueError("A rate is rounded up to multiples of a step greater than zero.")


def _merge(periods: Sequence[RatePeriod], bounds: Sequence[RatePeriod], highest: bool) -> tuple[RatePeriod, ...]:
    """The higher or the lower of two rates over time; unknown where one of them is."""
    merged: list[RatePeriod] = []
    firsts = sorted({period.first for period in (*periods, *bounds)})
    lasts = [*(first - ONE_DAY for first in firsts[1:]), None]
    for first, last in zip(firsts, lasts, strict=True):
        period = _choose(period_on(periods, first), period_on(bounds, first), highest)
        if merged and (period.rate, period.source, period.missing) == (
            merged[-1].rate,
            merged[-1].source,
            merged[-1].missing,
        ):
            merged[-1] = replace(merged[-1], last=last)
        else:
            merged.append(replace(period, first=first, last=last))
    return tuple(merged)


def _choose(period: RatePeriod, bound: RatePeriod, highest: bool) -> RatePeriod:
    if period.rate is None or bound.rate is None:
        return period if period.rate is None else bound
    beyond = bound.rate > period.rate if highest else bound.rate < period.rate
    return bound if beyond else period


def end_of_period(fixing: str, day: date) -> date:
    """Last day of the half-year or year of `day`; `day` itself in a series that is published when it changes.

    >>> end_of_period("half_year", date(2026, 3, 2)), end_of_period("year", date(2026, 3, 2))
    (datetime.date(2026, 6, 30), datetime.date(2026, 12, 31))
    """
    if fixing == "year":
        return date(day.year, 12, 31)
    if fixing == "half_year":
        return date(day.year, 6, 30) if day.month <= 6 else date(day.year, 12, 31)
    return day
