"""A debt that counts as nothing for a while, or for less: a moratorium, proceedings, what is disputed of it.

>>> debt = (Movement(date(2026, 1, 31), Decimal(1000)), Movement(date(2026, 3, 10), Decimal(-400)))
>>> [(str(move.on), int(move.amount)) for move in without(debt, date(2026, 3, 1), date(2026, 3, 31))]
[('2026-01-31', 1000), ('2026-02-28', -1000), ('2026-03-31', 600)]
>>> [(str(move.on), int(move.amount)) for move in without(debt, date(2026, 4, 1), None)]
[('2026-01-31', 1000), ('2026-03-10', -400), ('2026-03-31', -600)]
>>> [(str(move.on), int(move.amount)) for move in lowered(debt, date(2026, 3, 1), date(2026, 3, 31), Decimal(250))]
[('2026-01-31', 1000), ('2026-02-28', -250), ('2026-03-10', -400), ('2026-03-31', 250)]
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from odoo.addons.ar_dunning.core.allocation import Movement

ZERO = Decimal(0)
ONE_DAY = timedelta(days=1)


def without(movements: Sequence[Movement], start: date, end: date | None) -> tuple[Movement, ...]:
    """The movements of a debt that counts as nothing from `start` to `end` (None: for good), both included."""
    before, after = start - ONE_DAY, end
    kept = [movement for movement in movements if movement.on <= before]
    if not kept:  # the break began before the debt arose
        kept, before = [movements[0]], max(before, movements[0].on)
    later = movements[len(kept) :]
    balance = sum((movement.amount for movement in kept), ZERO)
    kept.append(Movement(before, -balance))
    if after is None:
        return tuple(kept)
    inside = sum((movement.amount for movement in later if movement.on <= after), ZERO)
    kept.append(Movement(after, balance + inside))
    return (*kept, *(movement for movement in later if movement.on > after))


def lowered(movements: Sequence[Movement], start: date, end: date | None, part: Decimal) -> tuple[Movement, ...]:
    """The movements of a debt of which `part` counts as nothing from `start` to `end` (None: for good), both included.

    Never more than is open of it on each of these days.
    """
    before = max(start - ONE_DAY, movements[0].on)
    if end is not None and end <= before:
        return tuple(movements)
    balance = least = sum((movement.amount for movement in movements if movement.on <= before), ZERO)
    for movement in movements:
        if before < movement.on and (end is None or movement.on <= end):
            balance += movement.amount
            least = min(least, balance)
    part = min(part, least)
    if part <= 0:
        return tuple(movements)
    further = [Movement(before, -part)] + ([Movement(end, part)] if end else [])
    return tuple(sorted([*movements, *further], key=lambda movement: movement.on))
