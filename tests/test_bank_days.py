"""Money does not arrive on a weekend: what that says of a payment on a Monday, and of an invoice due on a Saturday."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.ar_dunning_credit.core.forecast import (
    EVERY_DAY,
    Past,
    Pool,
    arrival,
    bank_week,
    late_ahead,
    outlook,
    partial_pooling,
    pool,
    ready,
)

D = Decimal
WORK = frozenset(range(5))
GULF = frozenset({6, 0, 1, 2, 3})  # Friday and Saturday are free
MONDAY, FRIDAY, SATURDAY, SUNDAY = 0, 4, 5, 6


def test_the_week_is_learned_from_the_payments():
    assert bank_week({0: 40, 1: 30, 2: 30, 3: 30, 4: 40, 5: 1}) == WORK
    assert bank_week({6: 40, 0: 30, 1: 30, 2: 30, 3: 40, 4: 2, 5: 1}) == GULF
    assert bank_week(dict.fromkeys(range(7), 20)) == EVERY_DAY


def test_seventy_payments_are_needed_to_call_a_day_free():
    assert bank_week({0: 23, 1: 23, 2: 23}) == EVERY_DAY
    assert bank_week({0: 24, 1: 23, 2: 23}) == frozenset({0, 1, 2})


def test_a_quarter_of_an_even_share_makes_a_bank_day():
    # 280 payments: an even share is 40, a quarter of it is 10.
    assert SATURDAY in bank_week({0: 270, 5: 10})
    assert SATURDAY not in bank_week({0: 271, 5: 9})


@pytest.mark.parametrize(
    ("late", "weekday", "week", "expected"),
    [
        (2, MONDAY, WORK, [0, 1, 2]),  # due on Saturday, there on Monday: perhaps sent on the due date
        (3, FRIDAY, WORK, [3]),
        (1, SUNDAY, WORK, [0, 1]),  # booked on a Sunday: since Saturday
        (0, SUNDAY, GULF, [-2, -1, 0]),
        (5, MONDAY, EVERY_DAY, [5]),
    ],
)
def test_since_when_a_payment_may_have_been_ready(late, weekday, week, expected):
    assert list(ready(late, weekday, week)) == expected


@pytest.mark.parametrize(
    ("late", "due", "week", "expected"),
    [
        (0, SATURDAY, WORK, 2),
        (0, SUNDAY, WORK, 1),
        (-1, SUNDAY, WORK, 1),  # ready on Saturday
        (-1, SATURDAY, WORK, -1),
        (1, FRIDAY, WORK, 3),
        (0, FRIDAY, GULF, 2),
        (0, SATURDAY, EVERY_DAY, 0),
    ],
)
def test_when_it_arrives(late, due, week, expected):
    assert arrival(late, due, week) == expected


@given(st.integers(-60, 60), st.integers(0, 6), st.sets(st.integers(0, 6), min_size=1))
def test_what_arrives_on_a_bank_day_was_ready_since_the_one_before(late, due, week):
    there = arrival(late, due, frozenset(week))
    assert (due + there) % 7 in week
    assert late in ready(there, (due + there) % 7, frozenset(week))


def test_a_customer_who_pays_on_the_due_date_is_late_when_it_is_a_weekend():
    everyone = Pool(D(0), D(4), ((0, D(1)),), D(100), WORK)
    past = Past.of([0] * 10)
    monday = date(2026, 3, 2)
    late = [outlook(monday + timedelta(days=day), monday, past, everyone).late for day in range(7)]
    assert late == [0, 0, 0, 0, 0, 1, 1]
    # Its next invoice may be due on any day of the week.
    assert late_ahead(past, everyone) == D(2) / 7


def test_expected_on_a_bank_day():
    everyone = Pool(D(0), D(4), ((0, D(1)),), D(100), WORK)
    friday = date(2026, 3, 6)
    view = outlook(friday, friday - timedelta(days=20), Past.of([1] * 50), everyone, trust=D(0))
    assert view.expected == date(2026, 3, 9)
    assert view.wide == (date(2026, 3, 9), date(2026, 3, 9))


@given(
    st.lists(st.tuples(st.integers(-60, 200), st.integers(0, 6)), min_size=1, max_size=8),
    st.integers(0, 7),
    st.integers(1, 60),
    st.sets(st.integers(0, 6), min_size=1),
)
def test_later_payments_never_make_the_next_one_likelier_on_time(paid, which, later, week):
    week = frozenset(week)
    which %= len(paid)
    days, weekday = paid[which]
    worse = [*paid[:which], (days + later, (weekday + later) % 7), *paid[which + 1 :]]
    everyone = pool([Past.of([0, 5, 9, 40, 300]), Past.of([-4, 2, 2])], week)
    assert late_ahead(past_of(worse, week), everyone) >= late_ahead(past_of(paid, week), everyone) - D("1e-20")


def past_of(paid, week):
    """Days late and weekday of each payment, spread over the days on which it may have been ready."""
    found = {}
    for late, weekday in paid:
        days = ready(late, weekday, week)
        for day in days:
            found[day] = found.get(day, D(0)) + D(1) / len(days)
    return Past(found)


def test_everyones_mean_is_of_customers_not_of_the_largest_ones_invoices():
    # A hundred invoices on the due date and ten customers with one invoice each, 20 days late. With strength k a
    # customer with n invoices weighs n / (n + k): the mean lies near the ten, not near the hundred.
    rows = [(D(100), D(0), D(100)), *[(D(1), D(20), D(400))] * 10]
    mean, strength = partial_pooling(rows)
    weight = lambda n: n / (n + strength)  # noqa: E731
    assert mean == pytest.approx(10 * weight(1) * 20 / (10 * weight(1) + weight(100)))
    assert mean > 15
