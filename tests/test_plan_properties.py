"""The plan: what holds for every policy, item and day, and a simulation by the words of the promise."""

from datetime import date, timedelta

from dunning_helpers import BRISK, DUE, day, offset, policy
from hypothesis import example, given, settings
from hypothesis import strategies as st

from odoo.addons.ar_dunning.core.calendar import EVERY_DAY, Calendar
from odoo.addons.ar_dunning.core.outlook import deadline_of, take, timeline
from odoo.addons.ar_dunning.core.plan import Blocker, Code, Customer, Item, Kind, Level, Policy, plan

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
