"""Short words for the tests of the plan: a due date, days counted from it, and the usual policy."""

from dataclasses import replace
from datetime import date, timedelta

from odoo.addons.ar_dunning.core.calendar import EVERY_DAY, Calendar
from odoo.addons.ar_dunning.core.outlook import deadline_of, take
from odoo.addons.ar_dunning.core.plan import Customer, Item, Kind, Level, Policy, plan

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


UNPAID = Item(due=DUE)
NOTED = Item(due=DUE, taken=frozenset({10, 11}))
ONCE = Item(due=DUE, reached=1, rank=1, taken=frozenset({1}), reminders=1, deadline=day(14))
THRICE = Item(due=DUE, reached=3, rank=3, taken=frozenset({1, 2, 3}), reminders=3, deadline=day(40))


def codes(step):
    return {blocker.code for blocker in step.blockers}


def play(rules, on_days, item=UNPAID, customer=None, facts=lambda on: (), calendar=EVERY_DAY):
    """Run the given nights, each notice delivered at once; answer [(offset, key)]."""
    customer, told = customer or Customer(), []
    for on in on_days:
        step = plan(rules, customer, replace(item, facts=facts(on)), day(on), calendar)
        if step.due:
            told.append((on, step.level.key))
            customer, item = take(customer, item, step.level, day(on), deadline_of(step.level, day(on), calendar))
    return told


FULL = [(-3, 10), (0, 11), (7, 1), (20, 2), (32, 3), (44, 4)]

# Levels a day apart that become due together, no gap and no deadline between them.
BRISK = Policy((Level(1, 1, Kind.REMINDER), Level(2, 2, Kind.REMINDER)), grace_days=1)
