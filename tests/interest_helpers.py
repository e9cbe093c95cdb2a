"""Short words for the tests of interest."""

from datetime import date, timedelta
from decimal import Decimal

from odoo.addons.ar_dunning_charge.core.interest import Movement, Terms, claim
from odoo.addons.ar_dunning_charge.core.rates import Rate, Series, Value


def series(*values, name="Reference", end=None):
    """A series of (first day, rate), each until the next one, the last until `end`."""
    last = len(values) - 1
    return Series(
        name.lower(),
        name,
        tuple(
            Value(date.fromisoformat(start), end if index == last else None, Decimal(rate), f"{name} {start}")
            for index, (start, rate) in enumerate(values)
        ),
    )


def moves(*entries):
    """Movements from (day, amount), days as text."""
    return tuple(Movement(date.fromisoformat(day), Decimal(amount)) for day, amount in entries)


def terms(rate="10", **settings):
    """Terms with a fixed rate, or with the given Rate."""
    return Terms(rate if isinstance(rate, Rate) else Rate(fixed=Decimal(rate)), **settings)


def rows(slices):
    """Slices as rows (first, last, days, principal, rate, amount), days as text."""
    return [
        (str(piece.first), str(piece.last), piece.days, str(piece.principal), str(piece.rate), str(piece.amount))
        for piece in slices
    ]


def money(slices):
    return sum((piece.amount for piece in slices), Decimal(0))


def after(day, days):
    """The day `days` after `day`, given as text."""
    return date.fromisoformat(day) + timedelta(days=days)


DEBT = moves(("2025-01-31", "3650"))  # at 10 % one euro a day
START = date(2025, 2, 1)
TEN = terms("10")


def made(settings=TEN, movements=DEBT, on="2025-03-31", earlier=(), start=START, **more):
    return claim(settings, movements, start, date.fromisoformat(on), earlier, **more)


def everything(*claims):
    return [piece for one in claims for piece in (*one.slices, *one.corrections)]
