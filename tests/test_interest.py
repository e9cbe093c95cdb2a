"""Interest on an item: principal, rates and days over time, and claims that follow one another. Amounts worked out by hand."""

from datetime import date
from decimal import Decimal

import pytest
from interest_helpers import DEBT, everything, made, moves, rows, series, terms

from odoo.addons.ar_dunning_charge.core.interest import Basis, Claim, Compounding, Rounding, Terms
from odoo.addons.ar_dunning_charge.core.rates import MissingRate, Rate

# === Principal over time === #


def test_the_day_of_payment_still_bears_interest():
    """Due on 31 January and paid on 2 March: 30 days late."""
    result = made(movements=(*DEBT, *moves(("2025-03-02", "-3650"))))
    assert rows(result.slices) == [("2025-02-01", "2025-03-02", 30, "3650", "10", "30.00")]


def test_payments_credits_and_write_offs_reduce_the_principal_from_the_day_after():
    history = (*DEBT, *moves(("2025-02-10", "-730"), ("2025-02-20", "-365"), ("2025-03-05", "-1825")))
    assert rows(made(movements=history).slices) == [
        ("2025-02-01", "2025-02-10", 10, "3650", "10", "10.00"),
        ("2025-02-11", "2025-02-20", 10, "2920", "10", "8.00"),
        ("2025-02-21", "2025-03-05", 13, "2555", "10", "9.10"),
        ("2025-03-06", "2025-03-31", 26, "730", "10", "5.20"),
    ]


def test_a_payment_before_or_on_the_due_date_bears_no_interest_at_all():
    history = (*DEBT, *moves(("2025-01-31", "-1825")))
    assert rows(made(movements=history).slices) == [("2025-02-01", "2025-03-31", 59, "1825", "10", "29.50")]


def test_the_debt_may_be_dated_on_the_first_day_of_interest():
    assert str(made(movements=moves(("2025-02-01", "3650"))).total) == "59.00"


def test_several_movements_on_a_day_count_together():
    history = (*DEBT, *moves(("2025-02-10", "-1000"), ("2025-02-10", "1000"), ("2025-02-10", "-1825")))
    assert [piece.days for piece in made(movements=history).slices] == [10, 49]


def test_a_movement_of_nothing_does_not_part_a_slice():
    history = (*DEBT, *moves(("2025-02-10", "0")))
    assert [piece.days for piece in made(movements=history).slices] == [59]


def test_a_payment_undone_brings_the_principal_back():
    history = (*DEBT, *moves(("2025-02-10", "-3650"), ("2025-03-10", "3650")))
    assert rows(made(movements=history).slices) == [
        ("2025-02-01", "2025-02-10", 10, "3650", "10", "10.00"),
        ("2025-03-11", "2025-03-31", 21, "3650", "10", "21.00"),
    ]


def test_an_overpaid_item_bears_nothing():
    history = (*DEBT, *moves(("2025-02-10", "-5000")))
    assert str(made(movements=history).total) == "10.00"


def test_interest_on_an_item_paid_late_is_claimed_after_payment():
    history = (*DEBT, *moves(("2025-02-15", "-3650")))
    assert str(made(movements=history, on="2027-12-31").total) == "15.00"


def test_nothing_before_interest_starts_nor_on_an_item_paid_in_time():
    assert made(on="2025-01-31") == Claim()
    assert made(movements=moves(("2025-01-10", "3650"), ("2025-01-31", "-3650"))) == Claim()


# === Rates over time === #

HALF_YEARS = series(("2024-07-01", "4.25"), ("2025-01-01", "3.15"), ("2025-07-01", "2.15"), end=date(2025, 12, 31))


def test_the_rate_follows_each_fixing():
    result = made(terms(Rate(series=HALF_YEARS, margin=Decimal(8))), on="2025-07-10")
    assert rows(result.slices) == [
        ("2025-02-01", "2025-06-30", 150, "3650", "11.15", "167.25"),
        ("2025-07-01", "2025-07-10", 10, "3650", "10.15", "10.15"),
    ]
    assert [piece.source for piece in result.slices] == ["Reference 2025-01-01", "Reference 2025-07-01"]


def test_a_frozen_rate_is_that_of_the_first_day():
    result = made(terms(Rate(series=HALF_YEARS, margin=Decimal(8), frozen=True)), on="2026-07-10")
    assert [(str(piece.rate), piece.days) for piece in result.slices] == [("11.15", 525)]


def test_a_missing_rate_is_an_error_that_names_series_and_period():
    with pytest.raises(MissingRate, match="Reference has no value from 2026-01-01 on"):
        made(terms(Rate(series=HALF_YEARS)), on="2026-01-01")
    assert str(made(terms(Rate(series=HALF_YEARS)), on="2025-12-31").total) == "86.81"


def test_a_rate_is_needed_only_while_there_is_a_principal():
    history = (*DEBT, *moves(("2025-12-31", "-3650")))
    assert str(made(terms(Rate(series=HALF_YEARS)), history, on="2028-01-01").total) == "86.81"


def test_floor_as_a_multiple_of_another_reference():
    """From July to December 2024 three times the French legal interest was above the ECB's rate plus ten points."""
    ecb = series(("2024-07-01", "4.25"), ("2025-01-01", "3.15"), name="ECB")
    legal = series(("2024-07-01", "4.92"), ("2025-01-01", "3.71"), name="Legal")
    rate = Rate(series=ecb, margin=Decimal(10), floor=Rate(series=legal, factor=Decimal(3)))
    result = made(terms(rate), moves(("2024-12-16", "3650")), on="2025-01-10", start=date(2024, 12, 17))
    assert [(piece.days, str(piece.rate), piece.source, str(piece.amount)) for piece in result.slices] == [
        (15, "14.76", "Legal 2024-07-01", "22.14"),
        (10, "13.15", "ECB 2025-01-01", "13.15"),
    ]


# === Days === #


@pytest.mark.parametrize(
    ("basis", "first", "last", "days"),
    [
        ("30_360", "2025-01-01", "2025-01-31", 30),
        ("30_360", "2025-01-31", "2025-01-31", 0),
        ("30_360", "2025-01-31", "2025-02-28", 28),
        ("30_360", "2025-02-01", "2025-02-28", 28),
        ("30_360", "2025-02-01", "2025-03-31", 60),
        ("30_360", "2025-03-01", "2025-03-01", 3),
        ("30_360", "2024-03-01", "2024-03-01", 2),
        ("30_360", "2025-01-01", "2025-12-31", 360),
        ("30_360", "2025-08-15", "2026-08-14", 360),
        ("30_360", "2025-07-31", "2025-08-31", 30),
        ("act_360", "2024-01-01", "2024-12-31", 366),
        ("act_365", "2024-02-28", "2024-03-01", 3),
        ("act_act", "2024-12-31", "2025-01-01", 2),
    ],
)
def test_days_of_a_period(basis, first, last, days):
    assert Basis(basis).days(date.fromisoformat(first), date.fromisoformat(last)) == days


@pytest.mark.parametrize("cut", ["2025-05-30", "2025-05-31", "2025-06-01", "2025-03-01", "2025-02-28"])
def test_a_month_of_31_days_counts_30_wherever_a_payment_divides_it(cut):
    """A year of 3,600 at 10 % is 360, one a day, with a payment of nothing that matters in between."""
    history = moves(("2024-12-31", "3600"), (cut, "-1800"), (cut, "1799.99"))
    result = made(terms("10", basis=Basis.THIRTY_360), history, "2025-12-31", start=date(2025, 1, 1))
    assert sum(piece.days for piece in result.slices) == 360
    assert len(result.slices) == 2


def test_leap_years_have_366_days_where_the_rule_says_so():
    settings = terms("10", basis=Basis.ACT_ACT)
    result = made(settings, moves(("2023-12-21", "3650")), "2024-01-10", start=date(2023, 12, 22))
    assert [(piece.days, piece.year_days, str(piece.amount)) for piece in result.slices] == [
        (10, 365, "10.00"),
        (10, 366, "9.97"),
    ]


def test_years_of_the_same_length_are_not_parted():
    result = made(terms("10", basis=Basis.ACT_ACT), on="2026-03-31")
    assert [piece.days for piece in result.slices] == [424]


# === Compounding === #


def test_interest_joins_the_principal_on_each_anniversary_of_default():
    settings = terms("8", compounding=Compounding.YEARLY)
    result = made(settings, moves(("2022-03-14", "1000")), "2025-04-13", start=date(2022, 3, 15))
    assert rows(result.slices) == [
        ("2022-03-15", "2023-03-14", 365, "1000", "8", "80.00"),
        ("2023-03-15", "2024-03-14", 366, "1080.00", "8", "86.64"),
        ("2024-03-15", "2025-03-14", 365, "1166.64", "8", "93.33"),
        ("2025-03-15", "2025-04-13", 30, "1259.97", "8", "8.28"),
    ]
    assert str(result.total) == "268.25"


def test_an_anniversary_in_the_middle_of_a_claim_does_not_depend_on_the_claims():
    settings = terms("8", compounding=Compounding.YEARLY)
    debt, start, claims = moves(("2022-03-14", "1000")), date(2022, 3, 15), []
    for on in ("2022-09-30", "2023-06-30", "2023-12-31", "2025-04-13"):
        claims.append(made(settings, debt, on, everything(*claims), start=start))
    assert not any(one.corrections for one in claims)
    assert str(sum(one.total for one in claims)) == "268.25"
    assert [str(piece.principal) for piece in claims[1].slices] == ["1000", "1080.00"]


def test_a_default_on_29_february_has_its_anniversary_on_the_28th():
    settings = terms("10", compounding=Compounding.YEARLY)
    result = made(settings, moves(("2024-02-28", "1000")), "2025-03-10", start=date(2024, 2, 29))
    assert [str(piece.first) for piece in result.slices] == ["2024-02-29", "2025-02-28"]


def test_monthly_rests_from_the_31st_do_not_drift():
    settings = terms("12", compounding=Compounding.MONTHLY)
    result = made(settings, moves(("2025-01-30", "1000")), "2025-06-15", start=date(2025, 1, 31))
    assert [str(piece.first)[5:] for piece in result.slices] == ["01-31", "02-28", "03-31", "04-30", "05-31"]


def test_monthly_rests_follow_the_bank_rate():
    """India, three times the bank rate: 100,000 at 20.25 %, then 19.5 % (MSMED Act s. 16)."""
    bank = series(("2025-01-01", "6.75"), ("2025-02-15", "6.50"), name="Bank rate")
    settings = terms(Rate(series=bank, factor=Decimal(3)), compounding=Compounding.MONTHLY)
    result = made(settings, moves(("2025-01-15", "100000")), "2025-03-15", start=date(2025, 1, 16))
    assert rows(result.slices) == [
        ("2025-01-16", "2025-02-14", 30, "100000", "20.25", "1664.38"),
        ("2025-02-15", "2025-02-15", 1, "100000", "19.50", "53.43"),
        ("2025-02-16", "2025-03-15", 28, "101717.81", "19.50", "1521.59"),
    ]


def test_interest_paid_no_longer_bears_interest():
    settings = terms("10", compounding=Compounding.YEARLY)
    paid = moves(("2024-01-30", "-50"), ("2024-02-09", "-50"))
    debt = moves(("2022-12-31", "1000"))
    result = made(settings, debt, "2024-02-29", start=date(2023, 1, 1), interest_paid=paid)
    assert [(str(piece.first), str(piece.principal)) for piece in result.slices] == [
        ("2023-01-01", "1000"),
        ("2024-01-01", "1100.00"),
        ("2024-01-31", "1050.00"),
        ("2024-02-10", "1000.00"),
    ]


def test_compounded_interest_ends_with_the_principal():
    settings = terms("10", compounding=Compounding.YEARLY)
    debt = moves(("2022-12-31", "1000"), ("2024-01-10", "-1000"))
    result = made(settings, debt, "2026-12-31", start=date(2023, 1, 1))
    assert [str(piece.amount) for piece in result.slices] == ["100.00", "3.01"]


# === Rounding === #


def test_the_slices_sum_to_the_interest_rounded_once():
    """Three days of 0.3333...: each alone would be 0.33, together 1.00."""
    history = moves(("2025-01-31", "1216.66"), ("2025-02-01", "0.01"), ("2025-02-02", "-0.01"))
    result = made(movements=history, on="2025-02-03")
    assert [str(piece.amount) for piece in result.slices] == ["0.33", "0.34", "0.33"]
    assert str(result.total) == "1.00"


def test_half_a_cent_is_rounded_up():
    """100 at 7.3 % is 0.02 a day; 18.25 at 10 % is 0.005 a day."""
    assert str(made(movements=moves(("2025-01-31", "18.25")), on="2025-02-01").total) == "0.01"


@pytest.mark.parametrize(("digits", "total"), [(0, "59"), (2, "59.03"), (3, "59.032")])
def test_amounts_have_the_decimals_of_the_currency(digits, total):
    """59 days of 3,652 at 10 %: 59.0323."""
    assert str(made(terms("10", digits=digits), moves(("2025-01-31", "3652"))).total) == total


def test_the_amount_of_a_day_rounded_first():
    settings = terms("8.5", rounding=Rounding.DAILY)
    history = moves(("2025-01-31", "1000"), ("2025-02-20", "-400"))
    result = made(settings, history, "2025-03-02")
    assert [(piece.days, str(piece.amount)) for piece in result.slices] == [(20, "4.60"), (10, "1.40")]


# === When a claim is made === #


@pytest.mark.parametrize(("on", "total"), [("2025-02-05", "0"), ("2025-02-06", "6.00")])
def test_grace_days_delay_the_claim_but_not_the_interest(on, total):
    assert str(made(terms("10", grace_days=5), on=on).total) == total


@pytest.mark.parametrize(("paid", "total"), [("2025-02-05", "0"), ("2025-02-06", "6.00")])
def test_an_item_paid_within_the_grace_days_bears_no_claim(paid, total):
    history = (*DEBT, *moves((paid, "-3650")))
    assert str(made(terms("10", grace_days=5), history).total) == total


def test_less_than_the_minimum_is_claimed_later_and_nothing_is_lost():
    settings = terms("10", minimum=Decimal(10))
    assert made(settings, on="2025-02-09") == Claim()
    first = made(settings, on="2025-02-12")
    assert str(first.total) == "12.00"
    assert made(settings, on="2025-02-21", earlier=first.slices) == Claim()
    later = made(settings, on="2025-02-22", earlier=first.slices)
    assert rows(later.slices) == [("2025-02-13", "2025-02-22", 10, "3650", "10", "10.00")]


def test_what_is_owed_to_the_customer_does_not_wait_for_the_minimum():
    settings = terms("10", minimum=Decimal(10))
    first = made(settings, on="2025-02-12")
    history = (*DEBT, *moves(("2025-02-08", "-3650")))
    assert str(made(settings, history, "2025-02-28", first.slices).total) == "-4.00"


# === Bad input === #


@pytest.mark.parametrize(
    ("movements", "message"),
    [
        ((), "the amount of the debt"),
        (moves(("2025-01-31", "-5")), "and not a payment"),
        (moves(("2025-02-02", "100")), "before the debt of 2025-02-02"),
        (
            moves(("2025-01-31", "100"), ("2025-03-05", "-5"), ("2025-02-20", "-5")),
            "not in the order of their dates: 2025-03-05, 2025-02-20",
        ),
    ],
)
def test_movements_that_make_no_sense_are_refused(movements, message):
    with pytest.raises(ValueError, match=message):
        made(movements=movements)


@pytest.mark.parametrize("settings", [{"digits": -1}, {"grace_days": -1}, {"minimum": Decimal(-1)}])
def test_negative_settings_are_refused(settings):
    with pytest.raises(ValueError, match="not negative"):
        Terms(Rate(fixed=Decimal(5)), **settings)
