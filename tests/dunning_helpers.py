"""Short words for the tests of the plan: a due date, days counted from it, and the usual policy."""

from datetime import date, timedelta

from odoo.addons.ar_dunning.core.calendar import Calendar
from odoo.addons.ar_dunning.core.plan import Kind, Level, Policy

DUE = date(2026, 3, 2)  # a Monday
WEEK = Calendar(frozenset(range(5)))


def day(offset: int) -> date:
    """The day `offset` days after the due date."""
    return DUE + timedelta(days=offset)


def offset(moment: date | None) -> int | None:
    """Days after the due date."""
    return None if moment is None else (moment - DUE).days


BEFORE = Level(key=10, days=-3, kind=Kind.NOTE)
TODAY = Level(key=11, days=0, kind=Kind.NOTE)
FIRST = Level(key=1, days=7, kind=Kind.REMINDER, deadline_days=7)
SECOND = Level(key=2, days=20, kind=Kind.REMINDER, deadline_days=7)
THIRD = Level(key=3, days=32, kind=Kind.REMINDER, deadline_days=7)
FORMAL = Level(key=4, days=44, kind=Kind.FORMAL, deadline_days=10)
LEVELS = (BEFORE, TODAY, FIRST, SECOND, THIRD, FORMAL)


def policy(levels: tuple[Level, ...] = LEVELS, gap: int = 7, transit: int = 2, grace: int = 0, gate: int = 3) -> Policy:
    """The shipped ladder for businesses, with the pace given."""
    return Policy(levels, contact_gap=gap, transit_days=transit, grace_days=grace, reminders_before_formal=gate)
