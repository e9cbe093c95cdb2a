"""The plan: which step an item takes on a day, or why none. Tables for every boundary."""

from dataclasses import replace
from itertools import pairwise

import pytest
from dunning_helpers import (
    BEFORE,
    DUE,
    FIRST,
    FORMAL,
    FULL,
    LEVELS,
    NOTED,
    ONCE,
    SECOND,
    THIRD,
    THRICE,
    TODAY,
    UNPAID,
    WEEK,
    codes,
    day,
    offset,
    play,
    policy,
)

from odoo.addons.ar_dunning.core.calendar import Calendar
from odoo.addons.ar_dunning.core.outlook import take, timeline
from odoo.addons.ar_dunning.core.plan import Blocker, Code, Customer, Item, Kind, Level, plan

# === A level's own day === #


@pytest.mark.parametrize(
    ("item", "on", "key", "is_due", "first"),
    [
        (UNPAID, -40, 10, False, -3),
        (UNPAID, -4, 10, False, -3),
        (UNPAID, -3, 10, True, -3),
        (UNPAID, -1, 10, True, -1),
        (UNPAID, 0, 11, True, 0),  # the note of the day has replaced the earlier one, which lapsed
        (UNPAID, 1, 1, False, 7),  # and lapsed itself
        (replace(UNPAID, taken=frozenset({10})), -3, 11, False, 0),
        (replace(UNPAID, taken=frozenset({11})), -2, 10, True, -2),
        (NOTED, 0, 1, False, 7),
        (NOTED, 6, 1, False, 7),
        (NOTED, 7, 1, True, 7),
        (NOTED, 8, 1, True, 8),
        (UNPAID, 200, 1, True, 200),  # found late: enters at the first reminder
    ],
)
def test_day_of_a_level(item, on, key, is_due, first):
    step = plan(policy(), Customer(), item, day(on))
    assert (step.level.key, step.due, offset(step.first_date)) == (key, is_due, first)
    assert offset(step.bound) == first
    assert codes(step) == (set() if is_due else {Code.NOT_DUE_YET})


@pytest.mark.parametrize(
    ("grace", "level_days", "first"),
    [(0, 1, 1), (3, 1, 4), (3, 3, 4), (3, 4, 4), (3, 5, 5), (10, 5, 11)],
)
def test_grace_days_hold_the_ladder_back(grace, level_days, first):
    rules = policy((replace(FIRST, days=level_days),), grace=grace)
    assert not plan(rules, Customer(), UNPAID, day(first - 1)).due
    assert plan(rules, Customer(), UNPAID, day(first)).due


def test_grace_days_leave_notes_alone():
    assert plan(policy(grace=10), Customer(), UNPAID, day(0)).due


# === Contact gap and deadline === #


@pytest.mark.parametrize(
    ("gap", "contact", "on", "expected"),
    [
        (7, 1, 7, {Code.CONTACT_GAP}),
        (7, 1, 8, set()),
        (7, 0, 7, set()),
        (7, 7, 13, {Code.CONTACT_GAP}),
        (7, 7, 14, set()),
        (0, 7, 7, set()),
        (7, None, 7, set()),
        (7, 1, 5, {Code.CONTACT_GAP, Code.NOT_DUE_YET}),
    ],
)
def test_contact_gap(gap, contact, on, expected):
    customer = Customer(last_contact=None if contact is None else day(contact))
    step = plan(policy(gap=gap), customer, NOTED, day(on))
    assert codes(step) == expected
    assert offset(step.first_date) == max([on, 7] + ([contact + gap] if contact is not None and gap else []))


@pytest.mark.parametrize(
    ("transit", "deadline", "on", "is_due"),
    [
        (2, 30, 32, False),
        (2, 17, 20, True),  # deadline on day 17, money may need days 18 and 19
        (2, 18, 20, False),
        (2, 18, 21, True),
        (0, 19, 20, True),
        (0, 20, 20, False),
        (0, 20, 21, True),
    ],
)
def test_deadline_and_transit(transit, deadline, on, is_due):
    item = replace(ONCE, deadline=day(deadline))
    step = plan(policy(transit=transit), Customer(), item, day(on))
    assert step.due is is_due
    assert codes(step) == (set() if is_due else {Code.DEADLINE_RUNNING})
    assert step.first_date == max(day(on), day(deadline + transit + 1))


def test_all_reasons_at_once_and_the_latest_end():
    customer = Customer(last_contact=day(10), facts=(Blocker(Code.PAUSED, day(60)),))
    item = replace(ONCE, deadline=day(17), facts=(Blocker(Code.NOT_SENT),))
    step = plan(policy(), customer, item, day(11))
    assert codes(step) == {Code.NOT_DUE_YET, Code.CONTACT_GAP, Code.DEADLINE_RUNNING, Code.PAUSED, Code.NOT_SENT}
    assert (step.first_date, offset(step.bound)) == (None, 60)


# === Notes === #


def test_notes_ignore_the_contact_gap_and_the_deadline():
    customer = Customer(last_contact=day(-4))
    item = replace(UNPAID, deadline=day(30))
    assert plan(policy(), customer, item, day(-3)).level == BEFORE
    assert plan(policy(), customer, item, day(-3)).due


def test_a_note_leaves_no_trace_but_itself():
    customer, item = take(Customer(), UNPAID, BEFORE, day(-3), day(4))
    assert customer == Customer()
    assert item == replace(UNPAID, taken=frozenset({10}))


@pytest.mark.parametrize("on", [-3, -1, 0])
def test_no_notes_while_the_customer_is_overdue(on):
    step = plan(policy(), Customer(overdue=True), UNPAID, day(on))
    assert codes(step) == {Code.CUSTOMER_OVERDUE}
    assert (step.first_date, step.bound) == (None, day(on))


def test_overdue_does_not_stop_the_ladder():
    assert plan(policy(), Customer(overdue=True), UNPAID, day(7)).due


def test_note_facts_stop_notes_only():
    item = replace(UNPAID, note_facts=(Blocker(Code.PUNCTUAL),))
    assert codes(plan(policy(), Customer(), item, day(-3))) == {Code.PUNCTUAL}
    assert plan(policy(), Customer(), item, day(7)).due


def test_no_note_once_the_ladder_has_begun():
    item = replace(ONCE, taken=frozenset({1}), deadline=None)
    assert plan(policy(), Customer(), item, day(-3)).level == SECOND


@pytest.mark.parametrize(
    ("until", "key", "first"),
    [(-2, 10, -2), (-1, 10, -1), (0, 11, 0), (1, 1, 7), (8, 1, 8)],
)
def test_a_note_that_would_lapse_first_is_passed_over(until, key, first):
    item = replace(UNPAID, facts=(Blocker(Code.PAUSED, day(until)),))
    step = plan(policy(), Customer(), item, day(-3))
    assert (step.level.key, offset(step.first_date), step.due) == (key, first, False)


def test_next_level_is_what_would_go_if_nothing_were_in_the_way():
    assert plan(policy(), Customer(), UNPAID, day(-30)).level == BEFORE
    assert plan(policy(), Customer(), UNPAID, day(0)).level == TODAY
    assert plan(policy(), Customer(), UNPAID, day(1)).level == FIRST
    assert plan(policy(), Customer(), replace(THRICE, reached=4, rank=4), day(50)).level is None


# === Catching up, pausing === #


@pytest.mark.parametrize(
    ("nights", "expected"),
    [
        (range(-10, 400), FULL),
        (range(1, 400), FULL[2:]),
        (range(-2, 400), [(-2, 10), *FULL[1:]]),
        ([*range(-10, 8), *range(25, 400)], [*FULL[:3], (25, 2), (35, 3), (45, 4)]),  # 17 nights missed
        (range(200, 400), [(200, 1), (210, 2), (220, 3), (230, 4)]),  # found late: a step each deadline, no more
        ([7, 7, 7], [(7, 1)]),  # the same night three times
    ],
)
def test_nights(nights, expected):
    assert play(policy(), nights) == expected


@pytest.mark.parametrize("until", [8, 21, 33, 45, 200])
def test_a_pause_replays_nothing(until):
    pause = (Blocker(Code.PAUSED, day(until)),)
    told = play(policy(), range(-10, 500), facts=lambda on: pause if on >= 5 else ())
    steps = [entry for entry in told if entry[1] < 10]
    assert steps[0] == (max(until, 7), 1)
    assert [key for _on, key in steps] == [1, 2, 3, 4]
    assert all(later - earlier >= 10 for (earlier, _k), (later, _l) in pairwise(steps))


@pytest.mark.parametrize(("on", "is_due"), [(29, False), (30, True), (31, True)])
def test_a_fact_ends_on_its_day(on, is_due):
    item = replace(NOTED, facts=(Blocker(Code.PAUSED, day(30)),))
    customer = Customer(facts=(Blocker(Code.PAUSED, day(12)),))
    step = plan(policy(), customer, item, day(on))
    assert step.due is is_due
    assert codes(step) == (set() if is_due else {Code.PAUSED})


# === The formal gate === #


@pytest.mark.parametrize(
    ("reminders", "deadline", "override", "on", "expected"),
    [
        (3, 41, False, 44, set()),
        (3, 42, False, 44, {Code.FORMAL_GATE, Code.DEADLINE_RUNNING}),
        (3, 42, False, 45, set()),
        (3, 42, True, 44, {Code.DEADLINE_RUNNING}),
        (4, 42, False, 44, {Code.DEADLINE_RUNNING}),  # one more than needed: the last one's deadline may run
        (2, 30, False, 44, {Code.FORMAL_GATE}),
        (2, 30, True, 44, set()),
        (0, None, False, 44, {Code.FORMAL_GATE}),
        (0, None, True, 44, set()),
        (3, None, False, 44, set()),
    ],
)
def test_formal_gate(reminders, deadline, override, on, expected):
    item = replace(
        THRICE, reminders=reminders, deadline=None if deadline is None else day(deadline), gate_override=override
    )
    step = plan(policy(), Customer(), item, day(on))
    assert step.level == FORMAL
    assert codes(step) == expected
    if Code.FORMAL_GATE in expected:
        assert step.first_date == (day(deadline + 3) if reminders >= 3 else None)


@pytest.mark.parametrize(("gate", "reminders", "passes"), [(0, 0, True), (1, 0, False), (1, 1, True), (5, 4, False)])
def test_formal_gate_counts_what_the_policy_asks(gate, reminders, passes):
    item = replace(THRICE, reminders=reminders, deadline=day(20))
    assert plan(policy(gate=gate), Customer(), item, day(60)).due is passes


def test_formal_facts_stop_formal_notices_only():
    item = replace(NOTED, formal_facts=(Blocker(Code.DOWN_PAYMENT),))
    assert plan(policy(), Customer(), item, day(7)).due
    formal = replace(THRICE, formal_facts=(Blocker(Code.DOWN_PAYMENT),))
    assert codes(plan(policy(), Customer(), formal, day(60))) == {Code.DOWN_PAYMENT}


# === Reaching the customer === #


@pytest.mark.parametrize(
    ("item", "on", "reachable", "formally", "person", "is_due"),
    [
        (NOTED, 7, True, True, False, True),
        (NOTED, 7, False, True, False, False),
        (NOTED, 7, False, False, True, True),
        (THRICE, 60, False, True, False, True),
        (THRICE, 60, True, False, False, False),
        (THRICE, 60, False, False, True, True),
    ],
)
def test_channels(item, on, reachable, formally, person, is_due):
    rules = policy(tuple(replace(level, person=person) for level in LEVELS))
    step = plan(rules, Customer(reachable=reachable, reachable_formal=formally), item, day(on))
    assert codes(step) == (set() if is_due else {Code.NO_CHANNEL})
    assert step.first_date == (day(on) if is_due else None)


# === Working days === #


@pytest.mark.parametrize(
    ("level_days", "on", "is_due", "first"),
    [
        (4, 4, True, 4),  # Friday
        (5, 4, False, 7),  # Saturday's step waits for Monday
        (5, 5, False, 7),
        (6, 6, False, 7),
        (5, 7, True, 7),
        (7, 7, True, 7),
    ],
)
def test_working_days(level_days, on, is_due, first):
    rules = policy((replace(FIRST, days=level_days),))
    step = plan(rules, Customer(), UNPAID, day(on), WEEK)
    assert (step.due, offset(step.first_date)) == (is_due, first)


def test_a_holiday_is_no_working_day():
    closed = Calendar(frozenset(range(5)), frozenset({day(7), day(8)}))
    step = plan(policy(), Customer(), NOTED, day(7), closed)
    assert (codes(step), offset(step.first_date)) == ({Code.NON_WORKING_DAY}, 9)


def test_a_note_of_a_day_off_is_not_sent_late():
    sunday = Item(due=day(6))
    step = plan(policy((TODAY, FIRST)), Customer(), sunday, day(6), WEEK)
    assert (step.level, step.due, offset(step.first_date)) == (FIRST, False, 14)


# === A policy that has changed === #


@pytest.mark.parametrize(
    ("levels", "rank", "key"),
    [
        ((101, 102, 103), 1, 102),  # the level reached is not in the new policy: as many steps as were taken
        ((101, 102, 103), 2, 103),
        ((101, 102, 103), 3, None),
        ((101, 102, 103), 9, None),
        ((1, 101, 102), 1, 101),  # it is: the one after it
        ((101, 1, 102), 1, 102),
        ((101, 2, 102), 1, 2),
    ],
)
def test_a_changed_policy_goes_by_level_then_by_rank(levels, rank, key):
    rules = policy(tuple(Level(key, (place + 1) * 5, Kind.REMINDER) for place, key in enumerate(levels)))
    item = replace(ONCE, rank=rank, deadline=None)
    step = plan(rules, Customer(), item, day(90))
    assert (step.level.key if step.level else None) == key
    assert codes(step) == (set() if key else {Code.LADDER_FINISHED})


def test_a_level_taken_under_the_former_policy_is_not_taken_again():
    rules = policy((SECOND, FIRST, THIRD))
    item = replace(ONCE, reached=2, rank=2, taken=frozenset({1, 2}), deadline=None)
    assert plan(rules, Customer(), item, day(90)).level == THIRD


def test_no_levels_at_all():
    step = plan(policy(()), Customer(), UNPAID, day(90))
    assert (step.level, codes(step), step.first_date) == (None, {Code.LADDER_FINISHED}, None)
    assert timeline(policy(()), DUE) == []
