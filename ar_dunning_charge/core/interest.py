"""Claims of late-payment interest: no day twice, and what was claimed wrongly put right where everyone sees it.

A claim goes on after the last day claimed. What was claimed for earlier days is compared with what those days bear
as the books stand today (a payment dated back, a reconciliation undone, a claim in the middle reversed, a published
rate put right); each difference is a correction with days, principal and rate of its own. Days claimed under other
terms (a contract made or changed since) keep the rate they were claimed at: new terms hold for new days, and claw
nothing back. The amounts continue the rounded running total of the item, so that all its claims together are the
rounded interest, however often it was claimed.
`accrual.py` says how interest runs up.

>>> terms = Terms(Rate(fixed=Decimal("8.5")))
>>> debt = [Movement(date(2026, 1, 31), Decimal(1000)), Movement(date(2026, 3, 22), Decimal(-1000))]
>>> claim(terms, debt, date(2026, 2, 1), date(2026, 4, 30)).total
Decimal('11.64')
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from itertools import pairwise

from odoo.addons.ar_dunning.core.allocation import Movement

from .accrual import EXACT, PER_DAY, SCALE, Compounding, Rounding, Slice, Terms, accrue
from .daycount import Basis
from .rates import MissingRate, Rate, RatePeriod

__all__ = [
    "Basis",
    "Claim",
    "Compounding",
    "MissingRate",
    "Movement",
    "Rate",
    "Rounding",
    "Slice",
    "Terms",
    "accrue",
    "claim",
]

ZERO = Decimal(0)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Claim:
    """What may be claimed now: days not claimed before, corrections of days claimed before, and their sum.

    A negative total is owed to the customer. Without slices and corrections there is nothing to claim.
    """

    slices: tuple[Slice, ...] = ()
    total: Decimal = ZERO
    corrections: tuple[Slice, ...] = ()


def claim(
    terms: Terms,
    movements: Sequence[Movement],
    start: date,
    on: date,
    earlier: Sequence[Slice] = (),
    interest_paid: Sequence[Movement] = (),
    otherwise: Sequence[Slice] = (),
    waived: Sequence[Slice] = (),
) -> Claim:
    """The interest of an item from `start`, its first day of interest, to `on`, both included.

    `movements`: in the order of their dates; the first is the debt itself, on or before `start`.
    `earlier`: slices and corrections of all earlier claims of the item that have not been reversed.
    `otherwise`: those of them that were claimed under other terms, in place of being in `earlier`: their days are
    corrected where the principal was another, at the rate and day count told then.
    `waived`: those of both that were waived: their days are not claimed again, and nothing of them is given back.
    `interest_paid`: payments (negative) of interest claimed earlier; they matter where interest is compounded.

    Raises MissingRate where a day that bears interest has no rate, and ValueError where the movements are not
    in order or begin after `start`.
    """
    earlier = (*earlier, *otherwise)
    if not earlier:
        slices = accrue(terms, movements, start, on, interest_paid)
        if slices and (slices[-1].last - start).days < terms.grace_days:
            return Claim()
        return _worthwhile(terms, slices, ())
    cuts = {day for piece in earlier for day in (piece.first, piece.last + ONE_DAY)}
    told = _told(otherwise)
    slices = accrue(terms, movements, start, on, interest_paid, cuts, [period for period, _basis in told])
    claimed_to = max(piece.last for piece in earlier)
    again = [piece for piece in slices if piece.last <= claimed_to]
    if any(basis is not terms.basis for _step, basis in told):
        again = [_counted_as_told(terms, piece, told) for piece in again]
    corrections = _corrections(terms, again, earlier, on, waived)
    new = slices[len(again) :]
    if terms.rounding is Rounding.END:
        settled = _in_steps(terms, earlier, (*corrections, *new))
        corrections, new = settled[: len(corrections)], settled[len(corrections) :]
    return _worthwhile(terms, new, corrections)


def _told(claimed: Sequence[Slice]) -> list[tuple[RatePeriod, Basis]]:
    """The rate and day count at which days were claimed, in the order of the days."""
    begins = sorted({day for piece in claimed for day in (piece.first, piece.last + ONE_DAY)})
    found = []
    for first, following in pairwise(begins):
        # A correction may have replaced the rate: what stands is the one with principal left.
        standing: dict[tuple[Decimal, Basis, str], Decimal] = {}
        for piece in claimed:
            if piece.first <= first <= piece.last:
                key = piece.rate, piece.basis, piece.source
                standing[key] = standing.get(key, ZERO) + piece.principal
        if standing:
            rate, basis, source = max(standing, key=lambda key: standing[key])
            found.append((RatePeriod(first, following - ONE_DAY, rate, source), basis))
    return found


def _counted_as_told(terms: Terms, piece: Slice, told: Sequence[tuple[RatePeriod, Basis]]) -> Slice:
    """What days bear, by the day count with which they were claimed."""
    basis = next(
        (basis for period, basis in told if period.last and period.first <= piece.first <= period.last), piece.basis
    )
    days, per_day = basis.days(piece.first, piece.last), PER_DAY[basis.year_days(piece.first)]
    with localcontext(EXACT):
        daily = piece.principal * piece.rate * per_day / SCALE
        amount = daily.quantize(Decimal(1).scaleb(-terms.digits), ROUND_HALF_UP) * days
        if terms.rounding is not Rounding.DAILY:
            amount = piece.amount
        return replace(piece, days=days, basis=basis, exact=daily * days, amount=amount)


def _worthwhile(terms: Terms, slices: tuple[Slice, ...], corrections: tuple[Slice, ...]) -> Claim:
    """The claim, or none where it is not worth claiming; what is owed to the customer always is."""
    total = sum((piece.amount for piece in (*slices, *corrections)), ZERO)
    if total == 0 or 0 < total < terms.minimum:
        return Claim()
    return Claim(slices, total, corrections)


@dataclass(slots=True)
class _Difference:
    """Between what days bear and what was claimed for them, at one rate; `daily` is the amount of a day."""

    last: date = date.min
    principal: Decimal = ZERO
    daily: Decimal = ZERO
    source: str = ""

    def add(self, piece: Slice, last: date, sign: int) -> None:
        self.last, self.source = last, piece.source
        self.principal += sign * piece.principal
        if piece.days:
            self.daily += sign * piece.amount / piece.days

    def forgo(self, waiver: "_Difference") -> None:
        """Give back nothing that was waived."""
        if self.principal < 0 < waiver.principal:
            self.principal = min(self.principal + waiver.principal, ZERO)
            self.daily = min(self.daily + waiver.daily, ZERO)


_Key = tuple[Basis, Decimal, date]


def _corrections(
    terms: Terms, bears: Sequence[Slice], claimed: Sequence[Slice], on: date, waived: Sequence[Slice] = ()
) -> tuple[Slice, ...]:
    """One slice for each run of days whose principal at some rate is not the one claimed; days after `on` wait."""
    if [_facts(piece) for piece in bears] == sorted(_facts(piece) for piece in claimed):
        return ()  # as good as always, and much quicker than comparing day by day
    begins = sorted(
        {day for piece in (*bears, *claimed) for day in (piece.first, piece.last + ONE_DAY)} | {on + ONE_DAY}
    )
    found: dict[_Key, _Difference] = {}
    dropped: dict[_Key, _Difference] = {}
    for sign, pieces, sums in ((-1, claimed, found), (1, bears, found), (1, waived, dropped)):
        for piece in pieces:
            at = bisect_left(begins, piece.first)
            while begins[at] <= min(piece.last, on):
                difference = sums.setdefault((piece.basis, piece.rate, begins[at]), _Difference())
                difference.add(piece, begins[at + 1] - ONE_DAY, sign)
                at += 1
    for key, waiver in dropped.items():
        found[key].forgo(waiver)
    daily = terms.rounding is Rounding.DAILY
    unit = Decimal(1).scaleb(-terms.digits)
    slices = []
    for (basis, rate, first), difference in _runs(found, daily):
        days, per_day = basis.days(first, difference.last), PER_DAY[basis.year_days(first)]
        with localcontext(EXACT):
            exact = difference.principal * rate * days * per_day / SCALE
        amount = (difference.daily * days).quantize(unit, ROUND_HALF_UP) if daily else ZERO
        source = difference.source
        slices.append(Slice(first, difference.last, days, difference.principal, rate, source, basis, exact, amount))
    return tuple(sorted(slices, key=lambda piece: (piece.first, piece.principal)))


def _facts(piece: Slice) -> tuple[date, date, Decimal, Decimal, Basis]:
    return piece.first, piece.last, piece.principal, piece.rate, piece.basis


def _runs(found: dict[_Key, _Difference], daily: bool) -> Iterator[tuple[_Key, _Difference]]:
    """The differences in principal; days that follow each other with the same one are one run."""
    previous: tuple[_Key, _Difference] | None = None
    for key in sorted(found):
        difference = found[key]
        if not difference.principal:
            continue
        if previous and _continues(previous, key, difference, daily):
            previous[1].last = difference.last
            continue
        if previous:
            yield previous
        previous = key, difference
    if previous:
        yield previous


def _continues(run: tuple[_Key, _Difference], key: _Key, difference: _Difference, daily: bool) -> bool:
    (basis, rate, first), before = run
    return (
        key == (basis, rate, before.last + ONE_DAY)
        and basis.year_days(first) == basis.year_days(key[2])
        and (difference.principal, difference.source) == (before.principal, before.source)
        and not (daily and difference.daily != before.daily)
    )


def _in_steps(terms: Terms, earlier: Sequence[Slice], slices: Sequence[Slice]) -> tuple[Slice, ...]:
    """The slices with the amounts that bring what was claimed earlier up to the rounded total."""
    unit, settled = Decimal(1).scaleb(-terms.digits), []
    with localcontext(EXACT):
        numerator = sum((_numerator(piece) for piece in earlier), ZERO)
        claimed = sum((piece.amount for piece in earlier), ZERO)
        for piece in slices:
            numerator += _numerator(piece)
            total = (numerator / SCALE).quantize(unit, ROUND_HALF_UP)
            settled.append(replace(piece, amount=total - claimed))
            claimed = total
    return tuple(settled)


def _numerator(piece: Slice) -> Decimal:
    return piece.principal * piece.rate * piece.days * PER_DAY[piece.year_days]
