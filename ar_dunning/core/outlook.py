"""The outlook: what comes for an item if nothing is paid, each notice leaving on its first day."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from .calendar import EVERY_DAY, Calendar
from .plan import Customer, Item, Kind, Level, Policy, plan


@dataclass(frozen=True, slots=True)
class Planned:
    """One entry of a policy's timeline: a level, the day it goes and the deadline it grants, if any."""

    level: Level
    on: date
    deadline: date | None


def timeline(policy: Policy, due: date, calendar: Calendar = EVERY_DAY) -> list[Planned]:
    """Play the policy for one unpaid invoice due on `due`, each notice leaving on its first day."""
    start = due + timedelta(days=min((level.days for level in policy.levels), default=0))
    return outlook(policy, Customer(), Item(due=due), start, calendar)


def outlook(policy: Policy, customer: Customer, item: Item, on: date, calendar: Calendar = EVERY_DAY) -> list[Planned]:
    """What comes for `item` from day `on` if nothing is paid: each notice leaves on its first day.

    It ends where something without a known end stands in the way (a dispute, an open pause).
    """
    entries: list[Planned] = []
    while True:
        step = plan(policy, customer, item, on, calendar)
        if step.due and step.level:
            deadline = deadline_of(step.level, on, calendar)
            entries.append(Planned(step.level, on, deadline))
            customer, item = take(customer, item, step.level, on, deadline)
        elif step.first_date and step.first_date > on:
            on = step.first_date
        else:
            return entries


def deadline_of(level: Level, on: date, calendar: Calendar = EVERY_DAY) -> date | None:
    """The deadline that a notice of `level` leaving on `on` grants; None if it grants none."""
    return calendar.next_working(on + timedelta(days=level.deadline_days)) if level.deadline_days else None


def take(customer: Customer, item: Item, level: Level, on: date, deadline: date | None) -> tuple[Customer, Item]:
    """Customer and item after `level` was delivered on `on` with `deadline`. Notes leave no trace but themselves."""
    taken = item.taken | {level.key}
    if level.days <= 0:
        return customer, replace(item, taken=taken)
    return (
        replace(customer, last_contact=on),
        replace(
            item,
            taken=taken,
            reached=level.key,
            rank=item.rank + 1,
            reminders=item.reminders + (level.kind == Kind.REMINDER),
            last_on=on,
            deadline=max((day for day in (item.deadline, deadline) if day), default=None),
        ),
    )
