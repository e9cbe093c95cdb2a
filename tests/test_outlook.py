"""The outlook: what comes for an item if nothing is paid, day by day, and what a step leaves behind."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from dunning_helpers import BRISK, DUE, FIRST, ONCE, SECOND, UNPAID, day, offset, policy

from odoo.addons.ar_dunning.core.outlook import outlook, take, timeline
from odoo.addons.ar_dunning.core.plan import Blocker, Code, Customer, Item, Kind, Level, plan

# === The timeline === #


def test_timeline_of_the_shipped_ladder():
    entries = timeline(policy(), DUE)
    assert [(offset(entry.on), entry.level.key, offset(entry.deadline)) for entry in entries] == [
        (-3, 10, None),
        (0, 11, None),
        (7, 1, 14),
        (20, 2, 27),
        (32, 3, 39),
        (44, 4, 54),
    ]


@pytest.mark.parametrize("taken", [0, 1, 2, 3, 4, 5, 6])
def test_the_outlook_from_any_point_is_the_rest_of_the_timeline(taken):
    entries = timeline(policy(), DUE)
    customer, item, on = Customer(), UNPAID, day(-3)
    for entry in entries[:taken]:
        customer, item = take(customer, item, entry.level, entry.on, entry.deadline)
        on = entry.on + timedelta(days=1)
    assert outlook(policy(), customer, item, on) == entries[taken:]


def test_the_outlook_waits_for_what_has_an_end_and_stops_at_what_has_none():
    paused = replace(ONCE, facts=(Blocker(Code.PAUSED, day(40)),))
    entries = outlook(policy(), Customer(last_contact=day(7)), paused, day(10))
    assert [(offset(entry.on), entry.level.key) for entry in entries] == [(40, 2), (50, 3), (60, 4)]
    disputed = replace(ONCE, facts=(Blocker(Code.BLOCKED),))
    assert outlook(policy(), Customer(last_contact=day(7)), disputed, day(10)) == []


def test_a_level_without_a_deadline_does_not_hold_up_the_next():
    levels = (replace(FIRST, deadline_days=0), replace(SECOND, days=8))
    assert [offset(entry.on) for entry in timeline(policy(levels, gap=0), DUE)] == [7, 8]


def test_the_longest_deadline_counts():
    _customer, item = take(Customer(), ONCE, SECOND, day(12), None)
    assert item.deadline == day(14)
    _customer, item = take(Customer(), ONCE, SECOND, day(12), day(13))
    assert item.deadline == day(14)


# === One step a day === #


def test_steps_that_become_due_together_leave_on_one_day_each():
    """Levels at 1 and 2 days, one day of grace: the second step waits for the day after the first."""
    found = [(entry.level.key, entry.on) for entry in timeline(BRISK, date(2026, 3, 2))]
    assert found == [(1, date(2026, 3, 4)), (2, date(2026, 3, 5))]


def test_a_step_never_goes_on_the_day_of_the_step_before():
    once = Item(due=DUE, reached=1, rank=1, taken=frozenset({1}), reminders=1, last_on=day(2))
    step = plan(BRISK, Customer(last_contact=day(2)), once, day(2))
    assert step.blockers == (Blocker(Code.CONTACT_GAP, day(3)),)
    assert step.first_date == day(3)
    assert plan(BRISK, Customer(last_contact=day(2)), once, day(3)).due


def test_the_step_of_one_invoice_is_no_matter_to_another():
    assert plan(BRISK, Customer(last_contact=day(2)), Item(due=DUE), day(2)).due


def test_a_note_does_not_hold_the_ladder():
    note = Level(3, 0, Kind.NOTE)
    customer, item = take(Customer(), Item(due=DUE), note, day(0), None)
    assert (customer.last_contact, item.last_on) == (None, None)
