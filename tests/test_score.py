"""The score and the forecast: factor tables, what must never happen, and figures worked out by hand."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.ar_dunning_credit.core.forecast import (
    Past,
    Pool,
    distribution,
    fading,
    habit,
    late_ahead,
    outlook,
    partial_pooling,
    pool,
)
from odoo.addons.ar_dunning_credit.core.score import (
    LATENESS,
    OVERDUE,
    WORST,
    Factor,
    Grade,
    History,
    Rules,
    score,
    share,
)

D = Decimal
DUE = date(2026, 3, 2)
GOOD = History(invoices=20, on_time=D(1), late_ahead=D(0), recent_days_late=D(0), earlier_days_late=D(0))


def points(history, factor, rules=None):
    return next(row.points for row in score(history, rules).factors if row.factor == factor)


def changed(history, **values):
    return History(**{name: values.get(name, getattr(history, name)) for name in History.__slots__})


# === Tables === #


@pytest.mark.parametrize(
    ("table", "value", "expected"),
    [
        (LATENESS, -20, "0"),
        (LATENESS, 0, "0"),
        (LATENESS, 5, "0.15"),
        (LATENESS, 10, "0.275"),  # half-way from 0.15 at 5 to 0.40 at 15
        (LATENESS, 23, "0.56"),  # 0.40 + 0.30 * 8 / 15
        (LATENESS, 60, "1"),
        (LATENESS, 300, "1"),
        (WORST, 20, "0.15"),
        (OVERDUE, 45, "0.725"),  # 0.60 + 0.25 * 15 / 30
        (OVERDUE, 91, "1"),
    ],
)
def test_straight_lines_between_the_points_of_a_table(table, value, expected):
    assert share(table, D(value)) == D(expected)


@pytest.mark.parametrize(
    ("factor", "values", "expected"),
    [
        (Factor.PUNCTUALITY, {"late_ahead": D("0.25")}, "-13.75"),  # a quarter of 55
        (Factor.PUNCTUALITY, {"late_ahead": None, "on_time": D("0.9")}, "-5.5"),
        (Factor.LATENESS, {"days_late": D(23)}, "-5.6"),  # 10 * 0.56
        (Factor.AMOUNT, {"days_late_weighted": D(30)}, "-3.5"),
        (Factor.TREND, {"days_late": D(15), "recent_days_late": D(30)}, "-1.5"),  # 5 * (0.70 - 0.40)
        (Factor.TREND, {"days_late": D(15), "recent_days_late": D(5)}, "0"),
        (Factor.TREND, {"days_late": D(15), "recent_days_late": None}, "0"),
        (Factor.WORST, {"worst": 60}, "-2.1"),
        (Factor.OVERDUE, {"overdue_days": 30, "overdue_share": D(3)}, "-12"),
        (Factor.OVERDUE, {"overdue_days": 30, "overdue_share": D("0.1")}, "-1.2"),
        (Factor.OVERDUE, {"overdue_days": 0, "overdue_share": D(3)}, "0"),
        (Factor.PROMISES, {"broken_promises": 1}, "-5"),
        (Factor.PROMISES, {"broken_promises": 7}, "-10"),
        (Factor.RETURNED, {"returned_payments": 2}, "-10"),
        (Factor.LOYALTY, {"months": 21}, "1.5"),  # half-way between 6 and 36 months
        (Factor.LOYALTY, {"months": 400}, "3"),
    ],
)
def test_what_a_factor_costs(factor, values, expected):
    assert points(changed(GOOD, **values), factor) == D(expected)


def test_a_score_by_hand():
    # 55 * 0.7 = 38.5; 10 * 0.56 = 5.6; 5 * 0.7 = 3.5; 5 * (0.7 - 0.56) = 0.7; 3 * 0.7 = 2.1; 20 * 0.6 = 12
    history = History(
        invoices=41,
        days_late=D(23),
        days_late_weighted=D(30),
        on_time=D("0.2"),
        late_ahead=D("0.7"),
        recent_days_late=D(30),
        earlier_days_late=D(16),
        worst=60,
        overdue_share=D(1),
        overdue_days=30,
        months=6,
    )
    found = score(history)
    assert found.score == 38  # 100 - 62.4 = 37.6
    assert found.grade == Grade.D
    assert sum(row.points for row in found.factors) == D("-62.4")


@pytest.mark.parametrize(
    ("late", "expected", "grade"),
    [("0", 100, "a"), ("0.27", 85, "a"), ("0.5", 73, "b"), ("0.6", 67, "c"), ("1", 45, "d")],
)
def test_grades_by_score(late, expected, grade):
    found = score(changed(GOOD, late_ahead=D(late)))
    assert (found.score, found.grade.value) == (expected, grade)


@pytest.mark.parametrize("invoices", [0, 1, 2])
@pytest.mark.parametrize("days", [0, 200])
def test_too_little_history_is_neither_good_nor_bad(invoices, days):
    found = score(History(invoices=invoices, days_late=D(days), late_ahead=D("0.9"), overdue_days=days))
    assert found.score is None
    assert found.grade == Grade.NEW


def test_never_below_nothing_nor_above_a_hundred():
    bad = History(
        invoices=9, days_late=D(300), days_late_weighted=D(300), on_time=D(0), worst=400, overdue_share=D(9),
        overdue_days=400, broken_promises=9, returned_payments=9,
    )  # fmt: skip
    assert score(bad).score == 0
    assert score(bad).grade == Grade.E
    assert score(changed(GOOD, months=100)).score == 100


@pytest.mark.parametrize(
    "values",
    [{"worst": -1}, {"trend": 16}, {"grade_a": 101}, {"grade_b": 85}, {"grade_d": 0}, {"minimum": 0}],
)
def test_rules_that_make_no_sense_are_refused(values):
    with pytest.raises(ValueError, match=r"negative|outweighs|order|history"):
        Rules(**values)


# === What must never happen === #

invoice = st.tuples(st.integers(-30, 200), st.integers(1, 1000), st.booleans())  # days late, amount, of late


def history_of(invoices, open_days=()):
    """A history as the ledger would tell it, calculated in the plainest way."""
    every = [(days, amount, recent) for days, amount, recent in invoices] + [(days, 100, True) for days in open_days]
    recent = [days for days, _amount, is_recent in every if is_recent]
    earlier = [days for days, _amount, is_recent in every if not is_recent]
    everyone = Pool(D(3), D(5), ((-5, D("0.3")), (0, D("0.4")), (10, D("0.3"))), D(100))
    past = Past.of([days for days, _amount, _recent in invoices], open_days)
    return History(
        invoices=len(every),
        days_late=D(sum(days for days, _amount, _recent in every)) / len(every),
        days_late_weighted=D(sum(days * amount for days, amount, _r in every))
        / sum(amount for _d, amount, _r in every),
        on_time=D(sum(days <= 0 for days, _amount, _recent in every)) / len(every),
        late_ahead=late_ahead(past, everyone),
        recent_days_late=D(sum(recent)) / len(recent) if recent else None,
        earlier_days_late=D(sum(earlier)) / len(earlier) if earlier else None,
        worst=max(0, *(days for days, _amount, _recent in every)),
        overdue_share=D(len(open_days)),
        overdue_days=max(open_days, default=0),
    )


@given(st.lists(invoice, min_size=3, max_size=12), st.integers(0, 11), st.integers(1, 90))
def test_more_lateness_never_makes_a_better_score(invoices, which, later):
    which %= len(invoices)
    worse = [
        (days + later if position == which else days, amount, recent)
        for position, (days, amount, recent) in enumerate(invoices)
    ]
    assert score(history_of(worse)).score <= score(history_of(invoices)).score


@given(st.lists(invoice, min_size=3, max_size=8), st.lists(st.integers(1, 150), min_size=1, max_size=3))
def test_waiting_longer_never_makes_a_better_score(invoices, open_days):
    waited = [days + 30 for days in open_days]
    assert score(history_of(invoices, waited)).score <= score(history_of(invoices, open_days)).score


def test_unpaid_invoices_count():
    punctual = [(-8, 100, False)] * 4 + [(-8, 100, True)] * 4
    assert score(history_of(punctual)).grade == Grade.A
    assert score(history_of(punctual, (120, 100, 90))).score < 60


@given(
    st.integers(0, 400),
    *[st.decimals(0, 1, places=3)] * 2,
    *[st.decimals(-30, 300, places=1)] * 2,
    st.integers(0, 500),
)
def test_the_factors_add_up(invoices, late, on_time, days, recent, worst):
    history = History(
        invoices=invoices, days_late=days, on_time=on_time, late_ahead=late, recent_days_late=recent,
        earlier_days_late=days, worst=worst,
    )  # fmt: skip
    found = score(history)
    total = 100 + sum(row.points for row in found.factors)
    if found.grade == Grade.NEW:
        assert invoices < 3
    else:
        assert abs(found.score - max(D(0), min(D(100), total))) <= D("0.5")


# === Forecast === #

# Nobody strays from their habit: what is left is the habit itself.
STEADY = Pool(D(10), D(4), ((0, D(1)),), D(100))


@pytest.mark.parametrize(
    ("paid", "waiting", "expected"),
    [
        ([], [], "10"),  # everyone's mean
        ([30] * 4, [], "20"),  # as much of its own as of everyone's
        ([30] * 12, [], "25"),  # (360 + 40) / 16
        ([30] * 4, [10], "20"),  # ten days so far say nothing yet: it usually takes twenty
        ([30] * 4, [80], "26.67"),  # (120 + 40 + 80) / 9
    ],
)
def test_habit_is_drawn_towards_everyones_while_history_is_thin(paid, waiting, expected):
    assert round(habit(Past.of(paid, waiting), STEADY), 2) == D(expected).quantize(D("0.01"))


def test_an_invoice_twenty_days_late_is_not_expected_on_the_fifth():
    past = Past.of([5] * 12 + [25, 30])
    before = outlook(DUE, DUE - timedelta(days=10), past, STEADY, trust=D(10))
    assert before.expected == DUE + timedelta(days=5)
    now = outlook(DUE, DUE + timedelta(days=20), past, STEADY, trust=D(10))
    assert now.expected == DUE + timedelta(days=25)
    assert now.late == 1


def test_ranges_by_hand():
    # Ten invoices 1 .. 10 days late; no trust in others: quantiles of these ten.
    view = outlook(DUE, DUE, Past.of(range(1, 11)), STEADY, trust=D(0))
    day = lambda number: DUE + timedelta(days=number)  # noqa: E731
    assert view.expected == day(5)
    assert view.likely == (day(3), day(8))
    assert view.wide == (day(1), day(9))
    assert view.late == 1


def test_later_than_anyone_says_so():
    view = outlook(DUE, DUE + timedelta(days=300), Past.of([1, 2]), STEADY)
    assert view.expected is None
    assert view.late == 1


def test_probability_of_the_next_being_late():
    # Own: 2 of 4 late. Others stray -20 (1/4) and 0 (3/4) around the habit: ((4 * 10) + 40) / 8 = 10 -> 3/4 late.
    everyone = Pool(D(10), D(4), ((-20, D("0.25")), (0, D("0.75"))), D(100))
    past = Past.of([-5, -5, 25, 25])
    assert late_ahead(past, everyone, D(10)) == (2 + 10 * D("0.75")) / 14
    assert late_ahead(Past(), everyone) == D("0.75")


@given(st.lists(st.integers(-60, 200), max_size=8), st.integers(-40, 300))
def test_a_forecast_never_lies_before_what_is_known(paid, waited):
    on = DUE + timedelta(days=waited)
    everyone = pool([Past.of([0, 5, 9, 40, 300]), Past.of(paid)])
    view = outlook(DUE, on, Past.of(paid), everyone)
    if view.expected:
        assert on <= view.wide[0] <= view.likely[0] <= view.expected <= view.likely[1] <= view.wide[1]
    assert 0 <= view.late <= 1


@given(st.lists(st.integers(-60, 200), max_size=8), st.integers(1, 60))
def test_later_payments_never_make_the_next_one_likelier_on_time(paid, later):
    everyone = pool([Past.of([0, 5, 9, 40, 300]), Past.of([-4, 2, 2])])
    assert late_ahead(Past.of([day + later for day in paid]), everyone) >= late_ahead(Past.of(paid), everyone)


def test_what_customers_have_in_common_by_hand():
    # Within: (1 + 0 + 1) * 2 over 4 degrees of freedom = 1; means 1 and 21 around 11: 2 * 3 * 100 = 600.
    # Between: (600 - 1 * 1) / (6 - 18 / 6) = 199.67; strength 1 / 199.67 is raised to a quarter.
    rows = [(D(3), D(3), D(0 + 1 + 4)), (D(3), D(63), D(400 + 441 + 484))]
    assert partial_pooling(rows) == (D(11), D("0.25"))
    # Customers alike: their differences are smaller than chance makes them.
    mean, strength = partial_pooling([(D(2), D(10), D(0 + 100)), (D(2), D(10), D(0 + 100))])
    assert (mean, strength) == (D(5), D(50))


def test_pool_without_history_says_on_the_due_date():
    view = outlook(DUE, DUE, Past(), pool([]))
    assert view.expected == DUE


def test_one_dispute_is_not_a_habit():
    # The median is 2, so the 200 pulls like 32: (1 + 2 + 3 + 2 + 32 + 4 * 10) / 9, and not like 200.
    assert round(habit(Past.of([1, 2, 3, 2, 200]), STEADY), 2) == D("8.89")


def test_distribution_weighs_own_and_others():
    found = dict(distribution(Past.of([10] * 5), STEADY, trust=D(2)))
    assert found == {10: D(7)}


def test_old_invoices_fade():
    assert fading(0, 365) == 1
    assert fading(365, 365) == D("0.5")
    assert fading(-3, 365) == 1
