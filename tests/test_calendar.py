"""Working days of the sender."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.ar_dunning.core.calendar import EVERY_DAY, Calendar

FRIDAY, SATURDAY, MONDAY = date(2026, 3, 6), date(2026, 3, 7), date(2026, 3, 9)
WEEK = Calendar(frozenset(range(5)))
CLOSED_MONDAY = Calendar(frozenset(range(5)), frozenset({MONDAY}))
DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))
CALENDARS = st.builds(
    Calendar,
    st.sampled_from([frozenset(), frozenset(range(5)), frozenset({0}), frozenset({2, 6})]),
    st.frozensets(DAYS, max_size=20),
)


@pytest.mark.parametrize(
    ("calendar", "day", "expected"),
    [
        (EVERY_DAY, SATURDAY, SATURDAY),
        (WEEK, FRIDAY, FRIDAY),
        (WEEK, SATURDAY, MONDAY),
        (WEEK, MONDAY, MONDAY),
        (CLOSED_MONDAY, SATURDAY, date(2026, 3, 10)),
        (Calendar(frozenset(), frozenset({SATURDAY})), SATURDAY, date(2026, 3, 8)),
    ],
)
def test_next_working(calendar, day, expected):
    assert calendar.next_working(day) == expected


@pytest.mark.parametrize(
    ("calendar", "start", "end", "expected"),
    [
        (WEEK, FRIDAY, FRIDAY, 0),
        (WEEK, FRIDAY, SATURDAY, 0),
        (WEEK, FRIDAY, MONDAY, 1),
        (CLOSED_MONDAY, FRIDAY, MONDAY, 0),
        (EVERY_DAY, FRIDAY, MONDAY, 3),
        (EVERY_DAY, MONDAY, FRIDAY, 0),
    ],
)
def test_working_days_between(calendar, start, end, expected):
    assert calendar.working_days_between(start, end) == expected


def test_a_year_without_a_working_day_is_an_error():
    closed = frozenset(FRIDAY + timedelta(days=number) for number in range(400))
    with pytest.raises(ValueError, match="no working day"):
        Calendar(frozenset(), closed).next_working(FRIDAY)


@given(CALENDARS, DAYS)
def test_next_working_is_the_nearest(calendar, day):
    found = calendar.next_working(day)
    assert found >= day
    assert calendar.is_working(found)
    assert not any(calendar.is_working(day + timedelta(days=n)) for n in range((found - day).days))


@given(CALENDARS, DAYS, st.integers(0, 40), st.integers(0, 40))
def test_working_days_add_up(calendar, start, first, second):
    middle = start + timedelta(days=first)
    end = middle + timedelta(days=second)
    whole = calendar.working_days_between(start, end)
    assert whole == calendar.working_days_between(start, middle) + calendar.working_days_between(middle, end)
