"""The plan: which step an item takes on a day, or why none. Tables for every boundary, then what must hold always."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from dunning_helpers import BEFORE, DUE, FIRST, FORMAL, LEVELS, SECOND, THIRD, TODAY, WEEK, day, offset, policy
from hypothesis import example, given, settings
from hypothesis import strategies as st

from odoo.addons.ar_dunning.core.calendar import EVERY_DAY, Calendar
from odoo.addons.ar_dunning.core.plan import (
    Blocker,
    Code,
    Customer,
    Item,
    Kind,
    Level,
    Policy,
    deadline_of,
    next_level,
    outlook,
    plan,
    take,
    timeline,
)

UNPAID = Item(due=DUE)
NOTED = Item(due=DUE, taken=frozenset({10, 11}))
ONCE = Item(due=DUE, reached=1, rank=1, taken=frozenset({1}), reminders=1, deadline=day(14))
THRICE = Item(due=DUE, reached=3, rank=3, taken=frozenset({1, 2, 3}), reminders=3, deadline=day(40))


def codes(step):
    return {blocker.code for blocker in step.blockers}


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
    assert next_level(policy(), UNPAID, day(-30)) == BEFORE
    assert next_level(policy(), UNPAID, day(0)) == TODAY
    assert next_level(policy(), UNPAID, day(1)) == FIRST
    assert next_level(policy(), replace(THRICE, reached=4, rank=4), day(50)) is None


# === Catching up, pausing === #


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

# Levels a day apart that become due together, no gap and no deadline between them.
BRISK = Policy((Level(1, 1, Kind.REMINDER), Level(2, 2, Kind.REMINDER)), grace_days=1)


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


# === What holds for every policy, customer and item === #

LEVEL_DAYS = st.lists(st.integers(-10, 40), unique=True, max_size=7).map(sorted)


@st.composite
def policies(draw):
    levels, in_ladder = [], 0
    for key, days in enumerate(draw(LEVEL_DAYS), start=1):
        in_ladder += days > 0
        kind = draw(st.sampled_from([Kind.REMINDER, Kind.REMINDER, Kind.FORMAL])) if days > 0 else Kind.NOTE
        levels.append(Level(key, days, kind, draw(st.integers(0, 9)), draw(st.booleans())))
    return Policy(
        tuple(levels),
        contact_gap=draw(st.integers(0, 12)),
        transit_days=draw(st.integers(0, 4)),
        grace_days=draw(st.integers(0, 8)),
        reminders_before_formal=draw(st.integers(0, 3)),
    )


@st.composite
def calendars(draw):
    weekdays = draw(st.sampled_from([frozenset(), frozenset(range(5)), frozenset({1}), frozenset(range(6))]))
    holidays = draw(st.frozensets(st.integers(-12, 90).map(day), max_size=8))
    return Calendar(weekdays, holidays)


def facts(code):
    return st.lists(
        st.builds(Blocker, st.just(code), st.one_of(st.integers(-12, 70).map(day), st.none())), max_size=1
    ).map(tuple)


@st.composite
def situations(draw):
    """A policy, a customer and an item somewhere on its way, as a history of real steps leaves them."""
    rules = draw(policies())
    customer = Customer(
        last_contact=draw(st.one_of(st.none(), st.integers(-10, 40).map(day))),
        overdue=draw(st.booleans()),
        reachable=draw(st.sampled_from([True, True, True, False])),
        facts=draw(facts(Code.PAUSED)),
    )
    ladder = rules.ladder
    rank = draw(st.integers(0, len(ladder)))
    done = ladder[:rank]
    taken = {level.key for level in done} | draw(st.frozensets(st.sampled_from([n.key for n in rules.notes] or [99])))
    item = Item(
        due=DUE,
        reached=done[-1].key if done else None,
        rank=rank,
        taken=frozenset(taken),
        reminders=sum(level.kind == Kind.REMINDER for level in done),
        deadline=draw(st.one_of(st.none(), st.integers(-5, 50).map(day))) if done else None,
        last_on=draw(st.one_of(st.none(), st.integers(-5, 50).map(day))) if done else None,
        gate_override=draw(st.booleans()),
        facts=draw(facts(Code.PAUSED)),
        note_facts=draw(facts(Code.PUNCTUAL)),
        formal_facts=draw(facts(Code.DOWN_PAYMENT)),
    )
    return rules, customer, item, draw(calendars())


HORIZON = range(-15, 140)


@given(situations(), st.integers(-15, 100))
def test_bound_is_a_lower_bound_and_first_date_is_exact(situation, start):
    """Nothing goes by the passing of time before `bound`; where a first date is told, it goes on that very day."""
    rules, customer, item, calendar = situation
    step = plan(rules, customer, item, day(start), calendar)
    first = next((on for on in HORIZON if on >= start and plan(rules, customer, item, day(on), calendar).due), None)
    assert step.bound >= day(start)
    assert first is None or day(first) >= step.bound
    assert step.due == (first == start)
    if step.first_date:
        assert step.first_date >= step.bound
        assert offset(step.first_date) == first
        assert plan(rules, customer, item, step.first_date, calendar).level == step.level


@given(situations(), st.integers(-15, 100), st.integers(1, 60))
def test_what_is_due_stays_due(situation, start, later):
    rules, customer, item, calendar = situation
    step = plan(rules, customer, item, day(start), calendar)
    if step.due and step.level.days > 0 and calendar.is_working(day(start + later)):
        after = plan(rules, customer, item, day(start + later), calendar)
        assert after.due
        assert after.level == step.level


@given(situations(), st.lists(st.integers(0, 9), min_size=1, max_size=60))
def test_nothing_is_skipped_and_nothing_replayed(situation, pauses_between_nights):
    """Whatever nights are missed: the ladder is climbed step by step from where the item was, notes come before it."""
    rules, customer, item, calendar = situation
    reached, on, told = item.rank, -15, []
    already = item.taken
    for pause in pauses_between_nights:
        on += pause
        step = plan(rules, customer, item, day(on), calendar)
        if not step.due:
            continue
        told.append(step.level.key)
        if step.level.days <= 0:
            assert reached == 0
            assert step.level.days <= on <= 0
        else:
            assert step.level == rules.ladder[reached]
            assert on >= max(step.level.days, rules.grace_days + 1)
            reached += 1
        customer, item = take(customer, item, step.level, day(on), deadline_of(step.level, day(on), calendar))
        assert item.rank == reached
    assert len(set(told)) == len(told)
    assert not already & set(told)


@given(situations(), st.integers(-15, 100))
def test_due_means_no_blocker_and_blockers_are_of_the_day(situation, start):
    rules, customer, item, calendar = situation
    step = plan(rules, customer, item, day(start), calendar)
    assert step.due is (not step.blockers)
    assert all(blocker.until is None or blocker.until > day(start) for blocker in step.blockers)
    if step.due:
        assert step.level.key not in item.taken
        assert step.first_date == step.bound == day(start)
        assert calendar.is_working(day(start))


class NaiveInvoice:
    """One invoice lived through day by day, by the words of the policy alone; written without `plan`."""

    def __init__(self, rules, due, calendar):
        self.rules, self.due, self.calendar = rules, due, calendar
        self.sent, self.last, self.deadline, self.reminders = [], None, None, 0

    def live(self):
        for number in range(-20, 400):
            on = self.due + timedelta(days=number)
            level = self.note(number) if number <= 0 else self.rung(on, number)
            if level and self.calendar.is_working(on):
                self.send(level, on)
        return self.sent

    def note(self, late):
        begun = [level for level in self.rules.levels if level.days <= late]
        return begun[-1] if begun and not self.was_sent(begun[-1]) else None

    def rung(self, on, late):
        level = next((level for level in self.rules.levels if level.days > 0 and not self.was_sent(level)), None)
        if level is None or late < level.days or late <= self.rules.grace_days:
            return None
        if self.last and (on - self.last).days < self.rules.contact_gap:
            return None
        if self.deadline and (on - self.deadline).days <= self.rules.transit_days:
            return None
        if level.kind == Kind.FORMAL and self.reminders < self.rules.reminders_before_formal:
            return None
        return level

    def was_sent(self, level):
        return any(key == level.key for key, _on, _until in self.sent)

    def send(self, level, on):
        until = on + timedelta(days=level.deadline_days) if level.deadline_days else None
        while until and not self.calendar.is_working(until):
            until += timedelta(days=1)
        self.sent.append((level.key, on, until))
        if level.days > 0:
            self.last = on
            self.reminders += level.kind == Kind.REMINDER
            self.deadline = max(filter(None, (self.deadline, until)), default=None)


@settings(max_examples=60)
@example(BRISK, EVERY_DAY, 0)
@given(policies(), calendars(), st.integers(0, 30))
def test_timeline_agrees_with_a_day_by_day_simulation(rules, calendar, shift):
    due = DUE + timedelta(days=shift)
    found = [(entry.level.key, entry.on, entry.deadline) for entry in timeline(rules, due, calendar)]
    assert found == NaiveInvoice(rules, due, calendar).live()


def test_the_plan_does_not_know_what_day_it_is():
    """A day long past and a day far ahead give the same answer for the same distance."""
    for year in (1990, 2090):
        due = date(year, 3, 2)
        assert plan(policy(), Customer(), Item(due=due), due + timedelta(days=7)).due
        assert not plan(policy(), Customer(), Item(due=due), due + timedelta(days=6)).due
