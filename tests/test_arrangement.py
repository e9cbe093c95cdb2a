"""Promises, pauses and disputes over the days: what has become of each, by payments' dates and the bank's clock."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from arrangement_oracle import slow_standings
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.ar_dunning.core.arrangement import (
    Arrangement,
    Bank,
    Debt,
    Receipt,
    State,
    known_until,
    share_out,
    stand,
    stand_all,
    working_days_after,
)
from odoo.addons.ar_dunning.core.calendar import EVERY_DAY, Calendar

MADE = date(2026, 3, 2)
WEEK = Calendar(frozenset(range(5)))


def day(number):
    """`number` days after the promise was made."""
    return MADE + timedelta(days=number)


def promise(amount=1000, days=8, tolerance=2, **more):
    return Arrangement("P", MADE, day(days), Decimal(amount), "EUR", tolerance_days=tolerance, **more)


def paid(days, amount=1000, currency="EUR", **more):
    return Receipt(day(days), Decimal(amount), currency, **more)


def state(arrangement, receipts, on, known=99, recorded=True, calendar=EVERY_DAY):
    bank = Bank(known if known is None else day(known), recorded, calendar)
    return stand(arrangement, receipts, day(on), bank).state


@pytest.mark.parametrize(
    ("on", "known", "found"),
    [
        (0, -1, State.OPEN),
        (8, 7, State.OPEN),  # the promised day itself
        (10, 9, State.OPEN),  # the last day of the tolerance
        (11, 9, State.WAITING),  # the bank is two days late
        (12, 9, State.WAITING),
        (12, 10, State.BROKEN),  # every payment dated the tenth is known
        (30, 9, State.WAITING),  # however long it takes
        (30, None, State.WAITING),
    ],
)
def test_a_promise_waits_for_the_bank(on, known, found):
    assert state(promise(), [], on, known) == found


@pytest.mark.parametrize(("on", "found"), [(12, State.WAITING), (14, State.WAITING), (15, State.BROKEN)])
def test_without_bank_lines_three_working_days_are_waited_for(on, found):
    """The tolerance ends on Thursday the 12th: Friday, Monday, Tuesday the 17th."""
    assert day(10).weekday() == 3
    assert state(promise(), [], on, None, recorded=False, calendar=WEEK) == found


def test_what_a_person_entered_ends_the_wait_without_bank_lines():
    assert state(promise(), [], 11, 10, recorded=False) == State.BROKEN


@pytest.mark.parametrize(
    ("receipts", "found"),
    [
        ([paid(3)], State.KEPT),
        ([paid(10)], State.KEPT),  # within the tolerance
        ([paid(11)], State.BROKEN),  # too late
        ([paid(-1)], State.BROKEN),  # before it was made
        ([paid(0)], State.KEPT),  # the very day
        ([paid(3, 400), paid(9, 600)], State.KEPT),
        ([paid(3, 400)], State.PARTLY),
        ([paid(3, currency="USD")], State.BROKEN),
        ([paid(3, 300, cash=False)], State.BROKEN),  # a credit note keeps nothing
        ([paid(3, 300, cash=False), paid(5, 700)], State.KEPT),  # but lowers what was promised
        ([paid(3, 300, cash=False), paid(5, 699)], State.PARTLY),
        ([paid(3, cash=False)], State.SETTLED),
        ([paid(20, cash=False)], State.SETTLED),  # on whatever day
        ([paid(3, returned=day(6))], State.BROKEN),
        ([paid(3, returned=day(21))], State.KEPT),  # not yet
    ],
)
def test_what_keeps_a_promise(receipts, found):
    assert state(promise(), receipts, 20) == found


def test_kept_as_soon_as_the_money_is_there():
    assert state(promise(), [paid(3)], 3, 1) == State.KEPT
    assert state(promise(), [paid(3)], 2, 1) == State.OPEN


def test_a_returned_payment_reopens_it():
    back = [paid(3, returned=day(6))]
    assert [state(promise(), back, on, on - 2) for on in (5, 6, 10, 11, 12)] == [
        *(State.KEPT, State.OPEN, State.OPEN, State.WAITING, State.BROKEN)
    ]


@pytest.mark.parametrize(("amount", "found"), [(949, State.PARTLY), (950, State.KEPT)])
def test_the_share_that_counts(amount, found):
    assert state(promise(share=Decimal("0.95")), [paid(3, amount)], 20) == found


def test_what_had_come_before_on_the_same_day_does_not_count():
    assert state(promise(500, before=Decimal(300)), [paid(0, 300)], 20) == State.BROKEN
    assert state(promise(500, before=Decimal(300)), [paid(0, 300), paid(4, 500)], 20) == State.KEPT


@pytest.mark.parametrize("act", [State.CANCELLED, State.SETTLED])
def test_what_a_person_decided_stands_from_its_day_on(act):
    decided = promise(**{act: day(4)})
    assert state(decided, [], 3) == State.OPEN
    assert state(decided, [paid(5)], 30) == act


def test_a_pause_expires_and_a_dispute_stands_until_somebody_decides():
    pause = Arrangement("pause", MADE, day(5))
    dispute = Arrangement("dispute", MADE, None)
    assert [state(pause, [], on) for on in (5, 6)] == [State.OPEN, State.EXPIRED]
    assert [state(one, [paid(3)], 400) for one in (dispute, replace(dispute, settled=day(9)))] == [
        *(State.OPEN, State.SETTLED)
    ]


# === Of several, each gets its own === #


def of(key, amount, days, items=None, **more):
    return Arrangement(key, MADE, day(days), Decimal(amount), "EUR", items and frozenset(items), **more)


def owed(key, amount, days):
    return Debt(key, day(days), Decimal(amount), "EUR")


def states(arrangements, receipts, debts=(), on=40):
    found = stand_all(arrangements, receipts, debts, day(on), Bank(day(on)))
    return {key: standing.state for key, standing in found.items()}


def test_a_payment_keeps_one_promise_only():
    two = [of("second", 500, 20), of("first", 500, 10)]
    assert states(two, [paid(5, 500)]) == {"first": State.KEPT, "second": State.BROKEN}
    assert states(two, [paid(5, 800)]) == {"first": State.KEPT, "second": State.PARTLY}
    assert states(two, [paid(15, 500)]) == {"first": State.BROKEN, "second": State.KEPT}


def test_money_goes_to_the_items_that_it_names():
    two = [of("A", 300, 10, ["a"]), of("B", 300, 10, ["b"])]
    assert states(two, [paid(5, 300, item="b")]) == {"A": State.BROKEN, "B": State.KEPT}
    assert states(two, [paid(5, 600, item="b")]) == {"A": State.BROKEN, "B": State.KEPT}
    assert states(two, [paid(5, 300, item="other")]) == {"A": State.BROKEN, "B": State.BROKEN}


def test_money_without_a_name_pays_the_oldest_debt_first():
    debts = [owed("new", 300, 0), owed("old", 200, -30)]
    only_new = [of("P", 300, 10, ["new"])]
    assert states(only_new, [paid(5, 300)], debts) == {"P": State.PARTLY}
    assert states(only_new, [paid(5, 500)], debts) == {"P": State.KEPT}
    assert states([of("all", 300, 10)], [paid(5, 300)], debts) == {"all": State.KEPT}


def test_the_bank_is_known_as_far_as_its_slowest_account():
    lasts = [day(9), day(7), day(-80)]
    assert known_until(lasts, day(10)) == day(7)
    assert known_until([day(-50)], day(10)) == day(-50)
    assert known_until([day(-51)], day(10)) is None
    assert known_until(lasts, day(10), entered=day(8)) == day(8)
    assert known_until([], day(10), entered=day(8)) == day(8)
    assert known_until([], day(10)) is None


# === What holds for everything === #

AMOUNTS = st.integers(1, 9).map(Decimal)
DAYS = st.integers(-3, 18).map(day)
CURRENCIES = st.sampled_from(["EUR", "EUR", "EUR", "USD"])
ITEMS = st.sampled_from(["a", "b", "c"])


@st.composite
def arrangements(draw):
    def one(key):
        made = draw(st.integers(-2, 4))
        return Arrangement(
            key,
            day(made),
            day(made + draw(st.integers(0, 9))),
            draw(st.one_of(AMOUNTS, AMOUNTS, AMOUNTS, st.none())),
            draw(CURRENCIES),
            draw(st.one_of(st.none(), st.frozensets(ITEMS, min_size=1))),
            draw(st.integers(0, 3)),
            draw(st.sampled_from([Decimal(1), Decimal("0.9"), Decimal("0.5")])),
            draw(st.sampled_from([Decimal(0), Decimal(0), Decimal(2)])),
            draw(st.one_of(st.none(), st.none(), DAYS)),
            draw(st.one_of(st.none(), st.none(), DAYS)),
        )

    return [one(key) for key in range(draw(st.integers(1, 4)))]


RECEIPTS = st.lists(
    st.builds(
        Receipt,
        DAYS,
        AMOUNTS,
        CURRENCIES,
        st.one_of(st.none(), ITEMS),
        st.sampled_from([True, True, False]),
        st.one_of(st.none(), st.none(), DAYS),
    ),
    max_size=6,
)
DEBTS = st.lists(st.builds(Debt, ITEMS, DAYS, AMOUNTS, CURRENCIES), max_size=3, unique_by=lambda debt: debt.key)
BANKS = st.builds(
    Bank, st.one_of(st.none(), DAYS), st.booleans(), st.sampled_from([EVERY_DAY, WEEK, Calendar(frozenset({1}))])
)
CASES = {"several": arrangements(), "receipts": RECEIPTS, "debts": DEBTS, "on": DAYS, "bank": BANKS}


@given(**CASES)
@settings(max_examples=400)
def test_the_slow_way_finds_the_same(several, receipts, debts, on, bank):
    """Money unit by unit, day by day, written without the code above."""
    assert dict(stand_all(several, receipts, debts, on, bank)) == slow_standings(several, receipts, debts, on, bank)


@given(**CASES)
def test_nothing_is_counted_twice(several, receipts, debts, on, bank):
    shared = share_out(several, receipts, debts, on)
    given_away = sum(receipt.amount for parts in shared.values() for receipt in parts)
    assert given_away <= sum(receipt.amount for receipt in receipts if receipt.stands(on))


@given(**CASES)
def test_never_broken_before_the_bank_is_known(several, receipts, debts, on, bank):
    found = stand_all(several, receipts, debts, on, bank)
    for one in several:
        if found[one.key].state in (State.BROKEN, State.PARTLY):
            assert on > one.last
            assert bank.knows(one.last, on)


@given(several=arrangements(), receipts=RECEIPTS, debts=DEBTS, on=DAYS, bank=BANKS, more=AMOUNTS)
def test_more_money_in_time_never_makes_it_worse(several, receipts, debts, on, bank, more):
    """Of one promise about everything, and money that names nothing."""
    one = replace(several[0], amount=Decimal(5), items=None, cancelled=None, settled=None)
    rank = {State.BROKEN: 0, State.PARTLY: 1, State.WAITING: 2, State.OPEN: 2, State.KEPT: 3, State.SETTLED: 4}
    added = Receipt(one.made, more, one.currency)
    before, after = (
        stand(one, money, on, bank).state for money in (receipts, [*receipts, added])
    )  # fmt: skip
    assert rank[after] >= rank[before]


@given(several=arrangements(), receipts=RECEIPTS, debts=DEBTS, on=DAYS, bank=BANKS)
def test_other_currencies_change_nothing(several, receipts, debts, on, bank):
    foreign = [replace(receipt, currency="SEK") for receipt in receipts]
    assert stand_all(several, receipts + foreign, debts, on, bank) == stand_all(several, receipts, debts, on, bank)


@given(several=arrangements(), receipts=RECEIPTS, on=DAYS, later=st.integers(0, 30))
def test_what_is_broken_changes_only_with_the_money(several, receipts, on, later):
    """Once judged, the passing of time judges nothing anew."""
    standing = [replace(receipt, returned=None) for receipt in receipts if receipt.on <= on]
    before = stand_all(several, standing, (), on, Bank(on))
    after = stand_all(several, standing, (), on + timedelta(days=later), Bank(on + timedelta(days=later)))
    for one in several:
        decided = [act for act in (one.cancelled, one.settled) if act and act > on]
        if before[one.key].state in (State.BROKEN, State.PARTLY, State.KEPT) and not decided:
            assert after[one.key].state == before[one.key].state


@given(day=DAYS, count=st.integers(0, 9), calendar=st.sampled_from([EVERY_DAY, WEEK]))
def test_working_days(day, count, calendar):
    assert calendar.working_days_between(day, working_days_after(day, count, calendar)) == count
