"""Tariffs: how much a fee is, in one currency, with its arithmetic.

A tariff is a table of bands by size of debt, or a share of an amount that is published
with dates (the Norwegian *inkassosats*). In a *band* tariff the whole debt falls into one
band: that band's fixed amount plus its percentage of the debt above `over`. In a
*marginal* tariff each slice of the debt bears the percentage of its own band, as in the
Dutch scale of collection costs (Besluit vergoeding voor buitengerechtelijke
incassokosten, art. 2):

>>> D = Decimal
>>> scale = marginal("EUR", (Tier(D(2500), D(15)), Tier(D(5000), D(10)), Tier(D(10000), D(5)),
...                          Tier(D(200000), D(1)), Tier(None, D("0.5"))), minimum=D(40), maximum=D(6775))
>>> result = evaluate((scale,), D(4000), date(2026, 3, 2), Money("EUR"))
>>> [(step.base, step.percent, step.amount) for step in result.steps]
[(Decimal('2500'), Decimal('15'), Decimal('375.00')), (Decimal('1500'), Decimal('10'), Decimal('150.00'))]
>>> result.amount
Decimal('525.00')
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from .sheet import HUNDRED, ZERO, Money, Part, Row, Sheet

CENT, HALF = Decimal("0.01"), Decimal("0.5")
NO_RATES: Mapping[Hashable, Decimal] = {}


class Dated(Protocol):
    """A published value: `rate` is the amount, `source` where it was published."""

    @property
    def rate(self) -> Decimal: ...

    @property
    def source(self) -> str: ...


class DatedAmounts(Protocol):
    """A published series of amounts; `on` raises its own error where the day has no value."""

    def on(self, day: date) -> Dated: ...


class NoConversionError(Exception):
    """No amount in the debt's currency and no conversion rate; `currency` is the one without a rate."""

    def __init__(self, currency: Hashable) -> None:
        super().__init__(currency)
        self.currency = currency


@dataclass(frozen=True, slots=True)
class Tier:
    """One band of the debt, up to and including `up_to` (None: without end; `exclusive`: up to, not including).

    `percent` of the debt above `over` plus `fixed`, then at least `minimum` and at most `maximum`.
    """

    up_to: Decimal | None = None
    percent: Decimal = ZERO
    fixed: Decimal = ZERO
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    over: Decimal = ZERO
    exclusive: bool = False

    def __post_init__(self) -> None:
        for name in ("up_to", "percent", "fixed", "minimum", "maximum", "over"):
            _check_amount(f"{name} of a band", getattr(self, name))
        if self.up_to is not None and self.up_to == ZERO:
            raise ValueError("A band must end above zero.")
        _check_range("band", self.minimum, self.maximum)

    def holds(self, amount: Decimal) -> bool:
        if self.up_to is None:
            return True
        return amount < self.up_to if self.exclusive else amount <= self.up_to


@dataclass(frozen=True, slots=True)
class Share:
    """`numerator`/`denominator` of the value that `series` has on the day of the fee."""

    series: DatedAmounts
    numerator: int = 1
    denominator: int = 1

    def __post_init__(self) -> None:
        if self.numerator <= 0 or self.denominator <= 0:
            raise ValueError("A share needs a numerator and a denominator above zero.")


@dataclass(frozen=True, slots=True)
class Tariff:
    """The amounts of a fee in `currency`; use `fixed`, `percentage`, `bands`, `marginal` or `share` to make one.

    `bounds_currency`: currency of the bands' bounds where it is another one than the fee's (Poland: bounds in
    zloty, amounts in euro). `rounding`: the fee is rounded to a multiple of this amount, halves up (1: whole kroner).
    Raises ValueError for bands out of order or overlapping, negative amounts and a minimum above its maximum.
    """

    currency: Hashable
    tiers: tuple[Tier, ...] = ()
    marginal: bool = False
    share: Share | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    bounds_currency: Hashable | None = None
    rounding: Decimal | None = None

    def __post_init__(self) -> None:
        if bool(self.tiers) == bool(self.share):
            raise ValueError("A tariff needs either bands or a share of a published amount.")
        for name in ("minimum", "maximum", "rounding"):
            _check_amount(f"{name} of the tariff", getattr(self, name))
        if self.rounding is not None and self.rounding == ZERO:
            raise ValueError("The rounding of the tariff must be above zero.")
        _check_range("tariff", self.minimum, self.maximum)
        _check_tiers(self)


def fixed(currency: Hashable, amount: Decimal) -> Tariff:
    """The same amount for every debt."""
    return Tariff(currency, (Tier(fixed=amount),))


def percentage(
    currency: Hashable,
    percent: Decimal,
    minimum: Decimal | None = None,
    maximum: Decimal | None = None,
) -> Tariff:
    """A percentage of the debt."""
    return Tariff(currency, (Tier(percent=percent),), minimum=minimum, maximum=maximum)


def bands(
    currency: Hashable,
    tiers: Sequence[Tier],
    minimum: Decimal | None = None,
    maximum: Decimal | None = None,
    bounds_currency: Hashable | None = None,
) -> Tariff:
    """The whole debt falls into one band."""
    return Tariff(currency, tuple(tiers), minimum=minimum, maximum=maximum, bounds_currency=bounds_currency)


def marginal(
    currency: Hashable,
    tiers: Sequence[Tier],
    minimum: Decimal | None = None,
    maximum: Decimal | None = None,
) -> Tariff:
    """Each slice of the debt bears its own band's percentage."""
    return Tariff(currency, tuple(tiers), marginal=True, minimum=minimum, maximum=maximum)


def share(
    currency: Hashable,
    series: DatedAmounts,
    numerator: int = 1,
    denominator: int = 1,
    rounding: Decimal | None = None,
) -> Tariff:
    """A fraction of a published amount, as in force on the day of the fee."""
    return Tariff(currency, share=Share(series, numerator, denominator), rounding=rounding)


@dataclass(frozen=True, slots=True)
class Conversion:
    """One unit of `currency` is worth `rate` units of the debt's currency."""

    currency: Hashable
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Result:
    """`amount` is the sum of the steps in the debt's currency; steps in another currency explain a conversion."""

    amount: Decimal
    steps: tuple[Row, ...]
    converted: Conversion | None = None


def evaluate(
    tariffs: Sequence[Tariff],
    debt: Decimal,
    on: date,
    money: Money,
    rates: Mapping[Hashable, Decimal] = NO_RATES,
    uplift: Decimal = ZERO,
) -> Result:
    """The fee on a debt of `debt` in `money` on day `on`, with its arithmetic.

    The tariff in the debt's own currency is taken; without one, the first tariff, converted. `rates`: units of the
    debt's currency for one unit of another. `uplift`: percentage added to the result (VAT that the creditor cannot
    deduct). Raises NoConversionError where a rate is needed and missing, and the error of the series of a share.
    """
    if debt <= ZERO:
        return Result(ZERO, ())
    tariff = next((tariff for tariff in tariffs if tariff.currency == money.code), tariffs[0])
    own = tariff.currency == money.code
    bounds = tariff.currency if tariff.bounds_currency is None else tariff.bounds_currency
    sheet = Sheet(money if own else Money(tariff.currency))
    _fill(sheet, tariff, debt / _rate(bounds, money, rates), on)
    before: list[Row] = []
    conversion = None
    if not own:
        conversion = Conversion(tariff.currency, _rate(tariff.currency, money, rates))
        before, base = sheet.steps, sheet.total
        sheet = Sheet(money)
        sheet.add(Part.CONVERSION, base * conversion.rate, base=base, factor=conversion.rate)
    if uplift:
        sheet.add(Part.UPLIFT, sheet.settle() * uplift / HUNDRED, base=sheet.total, percent=uplift)
    return Result(sheet.total, (*before, *sheet.steps), conversion)


def _fill(sheet: Sheet, tariff: Tariff, debt: Decimal, on: date) -> None:
    """The rows of the tariff, in its own currency; `debt` is in the currency of its bounds."""
    if tariff.share:
        value = tariff.share.series.on(on)
        factor = Decimal(tariff.share.numerator) / Decimal(tariff.share.denominator)
        exact = value.rate * tariff.share.numerator / tariff.share.denominator
        sheet.add(Part.SHARE, exact, base=value.rate, factor=factor, source=value.source)
    for tier, part in _touched(tariff, debt):
        before = sheet.exact
        if tier.fixed:
            sheet.add(Part.FIXED, tier.fixed)
        if tier.percent:
            sheet.add(Part.PERCENT, part * tier.percent / HUNDRED, base=part, percent=tier.percent)
        sheet.clamp((Part.TIER_MINIMUM, Part.TIER_MAXIMUM), sheet.exact - before, tier.minimum, tier.maximum)
    sheet.clamp((Part.MINIMUM, Part.MAXIMUM), sheet.exact, tariff.minimum, tariff.maximum)
    sheet.round_to(tariff.rounding)


def _touched(tariff: Tariff, debt: Decimal) -> Iterator[tuple[Tier, Decimal]]:
    """Each band that counts for the debt, with the part of the debt that its percentage is taken of."""
    if not tariff.marginal:
        for tier in tariff.tiers:
            if tier.holds(debt):
                yield tier, debt - tier.over
                return
    lower = ZERO
    for tier in tariff.tiers:
        if debt <= lower:
            return
        yield tier, (debt if tier.up_to is None else min(debt, tier.up_to)) - lower
        lower = tier.up_to if tier.up_to is not None else debt


def _rate(currency: Hashable, money: Money, rates: Mapping[Hashable, Decimal]) -> Decimal:
    if currency == money.code:
        return Decimal(1)
    rate = rates.get(currency)
    if rate is None or rate <= ZERO:
        raise NoConversionError(currency)
    return rate


def _check_amount(what: str, amount: Decimal | None) -> None:
    if amount is not None and not (amount.is_finite() and amount >= ZERO):
        raise ValueError(f"The {what} must be zero or above, not {amount}.")


def _check_range(what: str, minimum: Decimal | None, maximum: Decimal | None) -> None:
    if minimum is not None and maximum is not None and minimum > maximum:
        raise ValueError(f"The minimum of the {what} ({minimum}) is above its maximum ({maximum}).")


def _check_tiers(tariff: Tariff) -> None:
    lower = ZERO
    for number, tier in enumerate(tariff.tiers, 1):
        if tier.over > lower:
            raise ValueError(f"Band {number} counts from {tier.over}, above its own start at {lower}.")
        if tariff.marginal and tier.over:
            raise ValueError("A marginal band always counts from its own start.")
        if tier.up_to is None and number < len(tariff.tiers):
            raise ValueError(f"Band {number} has no end, so the bands after it overlap it.")
        if tier.up_to is not None and tier.up_to <= lower:
            raise ValueError(f"The bands are out of order or overlap: {tier.up_to} comes after {lower}.")
        lower = tier.up_to if tier.up_to is not None else lower
    if tariff.tiers and tariff.tiers[-1].up_to is not None:
        raise ValueError("The last band must be open-ended.")
    foreign = tariff.bounds_currency is not None and tariff.bounds_currency != tariff.currency
    if foreign and (tariff.marginal or any(tier.percent for tier in tariff.tiers)):
        raise ValueError("A percentage needs the bounds of its bands in the currency of the fee.")


def nearest(amount: Decimal, step: Decimal) -> Decimal:
    """`amount` rounded half up to a multiple of `step` (0: to cents).

    >>> nearest(Decimal("37.50"), Decimal(1)), nearest(Decimal("37.456"), Decimal(0))
    (Decimal('38'), Decimal('37.46'))
    """
    step = step or CENT
    return (amount / step + HALF).to_integral_value("ROUND_FLOOR") * step
