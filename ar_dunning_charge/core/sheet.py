"""The arithmetic of an amount, row by row.

Every row is rounded to the currency's decimals as it is added, so that what is printed adds up
to the total, and the total is the exact sum rounded once:

>>> sheet = Sheet(Money("EUR"))
>>> sheet.add(Part.PERCENT, Decimal("4.995"), base=Decimal("33.30"), percent=Decimal(15))
>>> sheet.add(Part.FIXED, Decimal("0.005"))
>>> [str(step.amount) for step in sheet.steps], str(sheet.total)
(['5.00', '0.00'], '5.00')
"""

from collections.abc import Hashable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum

ZERO = Decimal(0)
HUNDRED = Decimal(100)


class Part(str, Enum):
    """What a row of the arithmetic is."""

    FIXED = "fixed"
    PERCENT = "percent"
    SHARE = "share"
    TIER_MINIMUM = "tier_minimum"
    TIER_MAXIMUM = "tier_maximum"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    ROUNDING = "rounding"
    CONVERSION = "conversion"
    UPLIFT = "uplift"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Money:
    """A currency and its number of decimals (EUR 2, JPY 0)."""

    code: Hashable
    digits: int = 2

    def round(self, amount: Decimal) -> Decimal:
        """To the currency's decimals, .5 away from zero."""
        return amount.quantize(Decimal(1).scaleb(-self.digits), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the arithmetic: `amount` in `currency` is what the row adds (negative: takes away).

    `base` and `percent`: the amount becomes `percent` % of `base` (part PERCENT, UPLIFT). `base` and `factor`: `factor`
    times `base` (SHARE, CONVERSION: `base` is in the tariff's currency). `source`: where a published amount is found.
    """

    part: Part
    amount: Decimal
    currency: Hashable
    base: Decimal | None = None
    percent: Decimal | None = None
    factor: Decimal | None = None
    source: str = ""


class Sheet:
    """Rows under construction. Each row is rounded so that the rows add up to the rounded total."""

    def __init__(self, money: Money) -> None:
        self.money = money
        self.exact = ZERO
        self.total = ZERO
        self.steps: list[Row] = []

    def add(
        self,
        part: Part,
        exact: Decimal,
        base: Decimal | None = None,
        percent: Decimal | None = None,
        factor: Decimal | None = None,
        source: str = "",
    ) -> None:
        self.exact += exact
        amount = self.money.round(self.exact) - self.total
        self.total += amount
        self.steps.append(Row(part, amount, self.money.code, base, percent, factor, source))

    def clamp(self, parts: tuple[Part, Part], value: Decimal, minimum: Decimal | None, maximum: Decimal | None) -> None:
        """A row of `parts` (too low, too high) that lifts or cuts `value`, which the sheet already holds, to its limits."""
        low, high = parts
        if minimum is not None and value < minimum:
            self.add(low, minimum - value, base=minimum)
        elif maximum is not None and value > maximum:
            self.add(high, maximum - value, base=maximum)

    def round_to(self, multiple: Decimal | None) -> None:
        """To a multiple of that amount, halves up."""
        if multiple is not None:
            rounded = (self.exact / multiple).quantize(Decimal(1), ROUND_HALF_UP) * multiple
            if rounded != self.exact:
                self.add(Part.ROUNDING, rounded - self.exact, base=self.exact)

    def settle(self) -> Decimal:
        """The total so far, from which further rows count: what was rounded away is gone."""
        self.exact = self.total
        return self.total
