"""What mail and letter say of charges: how much arithmetic stands in the body, and the annex that shows every period.

Plain Python, like the base's `print_sections`: amounts and dates come in as text of the customer's language, except where
the arithmetic itself has to be checked before it is printed.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from odoo.addons.ar_dunning.tools.figures import as_decimal

from ...core.daycount import Basis

TIMES, DASH = "\N{MULTIPLICATION SIGN}", "\N{EN DASH}"
# More charges than that are summed up by kind in the body; the annex lists them one by one.
BODY_CHARGES = 8
# An interest charge of more periods, or a fee of more steps, is worked out in the annex.
BODY_STEPS = 2
# Lines of text that fit on one page of the annex, and what an item's headings, total and footnote take of them.
ANNEX_LINES = 52
ANNEX_HEAD = 5
# Characters of a text that fit in one line across the annex.
ANNEX_WIDTH = 110
# Places that the amount before rounding shows beyond the currency's own.
MORE_PLACES = 4


@dataclass(frozen=True, slots=True)
class AnnexRow:
    """A period (`cells`: from, to, days, principal, rate, day count, before rounding) or a line of text."""

    text: str = ""
    cells: tuple[str, ...] = ()
    formula: str = ""
    amount: str = ""
    is_heading: bool = False

    @property
    def height(self):
        """Lines of text that the row takes in the letter."""
        return max(-(-len(self.text) // ANNEX_WIDTH), 1)


@dataclass(frozen=True, slots=True)
class AnnexItem:
    """The charges on one item, or what all of them share; `last` is false where it goes on overleaf."""

    title: str
    facts: str
    rows: tuple[AnnexRow, ...]
    total: str = ""
    has_periods: bool = False
    last: bool = True


@dataclass(frozen=True, slots=True)
class Period:
    """The figures of an interest period, exact, to find out which arithmetic shows how its amount came about.

    `exact` is unrounded. `year_days` is None where the day count is not one of ours.
    """

    principal: Decimal
    rate: Decimal
    days: int
    year_days: int | None
    exact: Decimal
    amount: Decimal
    places: int

    @classmethod
    def of(cls, piece):
        """From an `ar.dunning.charge.slice`."""
        places = piece.currency_id.decimal_places
        return cls(
            principal=as_decimal(piece.principal),
            rate=as_decimal(piece.rate),
            days=piece.days,
            year_days=year_days(piece),
            exact=Decimal(piece.exact) if piece.exact else as_decimal(piece.amount),
            amount=as_decimal(piece.amount),
            places=places,
        )

    @property
    def rounded(self):
        """What the amount would be, rounded by itself."""
        return self._round(self.exact)

    @property
    def daily(self):
        """The rounded interest of one day."""
        if not self.year_days:
            return Decimal(0)
        return self._round(self.principal * self.rate / 100 / self.year_days)

    @property
    def is_daily(self):
        """Whether the amount is that of a day, rounded, times the days and not the rounded interest itself."""
        return self.amount != self.rounded and self.amount == self.daily * self.days

    def _round(self, value):
        return value.quantize(Decimal(1).scaleb(-self.places), ROUND_HALF_UP)


def year_days(piece):
    """Days of the year that the rate of a period is divided by; None for a day count that is not one of ours."""
    try:
        return Basis(piece.basis).year_days(piece.date_from)
    except ValueError:
        return None


def adds_up(periods):
    """Whether the sum of the unrounded interest, rounded once, is what is claimed for these periods."""
    exact = sum((period.exact for period in periods), Decimal(0))
    return periods[0]._round(exact) == sum(period.amount for period in periods)
