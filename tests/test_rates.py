"""Rates over time: published values, margins, rounding, floors and caps; and what is not known."""

from datetime import date
from decimal import Decimal

import pytest
from interest_helpers import series

from odoo.addons.ar_dunning_charge.core.rates import MissingRate, Rate, Series, Value

ECB = series(("2023-07-01", "4.00"), ("2024-01-01", "4.50"), ("2024-07-01", "4.25"), ("2025-01-01", "3.15"), name="ECB")
LEGAL = series(("2024-01-01", "5.07"), ("2024-07-01", "4.92"), ("2025-01-01", "3.71"), name="Legal interest")


def on(rate, day, start=None):
    return str(rate.on(date.fromisoformat(day), start and date.fromisoformat(start)))


# === Series === #


@pytest.mark.parametrize(
    ("day", "rate"),
    [("2024-01-01", "4.50"), ("2024-06-30", "4.50"), ("2024-07-01", "4.25"), ("2031-05-05", "3.15")],
)
def test_a_value_holds_until_the_next_one_starts(day, rate):
    assert str(ECB.on(date.fromisoformat(day)).rate) == rate


GAPPED = Series(
    "gapped",
    "Gapped",
    (
        Value(date(2024, 1, 1), date(2024, 6, 30), Decimal(1), ""),
        Value(date(2025, 1, 1), date(2025, 6, 30), Decimal(2), ""),
    ),
)


@pytest.mark.parametrize(
    ("day", "first", "last", "text"),
    [
        ("2023-03-01", "2023-03-01", "2023-12-31", "Gapped has no value from 2023-03-01 to 2023-12-31"),
        ("2024-07-01", "2024-07-01", "2024-12-31", "Gapped has no value from 2024-07-01 to 2024-12-31"),
        ("2024-12-31", "2024-12-31", "2024-12-31", "Gapped has no value on 2024-12-31"),
        ("2025-07-01", "2025-07-01", None, "Gapped has no value from 2025-07-01 on"),
    ],
)
@pytest.mark.parametrize("asked", [GAPPED.on, Rate(series=GAPPED).on, Rate(series=GAPPED, frozen=True).on])
def test_a_missing_value_is_named_with_its_period(asked, day, first, last, text):
    with pytest.raises(MissingRate) as missing:
        asked(date.fromisoformat(day))
    error = missing.value
    assert (error.series, str(error.first), error.last and str(error.last)) == ("Gapped", first, last)
    assert str(error) == text


def test_a_series_without_values_knows_no_rate():
    with pytest.raises(MissingRate, match="Empty has no value from 2024-01-01 on"):
        Rate(series=Series("empty", "Empty", ())).on(date(2024, 1, 1))


def values(*periods):
    return tuple(
        Value(date.fromisoformat(start), end and date.fromisoformat(end), Decimal(1), "") for start, end in periods
    )


@pytest.mark.parametrize(
    ("periods", "message"),
    [
        ([("2024-07-01", None), ("2024-01-01", None)], "2024-01-01 comes after 2024-07-01"),
        ([("2024-07-01", None), ("2024-07-01", None)], "there twice"),
        (
            [("2024-01-01", "2024-07-15"), ("2024-07-01", None)],
            "the values of 2024-01-01 and 2024-07-01 overlap until 2024-07-15",
        ),
    ],
)
def test_values_out_of_order_or_overlapping_are_refused(periods, message):
    with pytest.raises(ValueError, match=message):
        Series("bad", "Bad", values(*periods))


def test_a_value_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="starts on 2024-07-01 ends before, on 2024-06-30"):
        values(("2024-07-01", "2024-06-30"))


# === Rates === #


def test_a_fixed_rate_holds_always():
    assert on(Rate(fixed=Decimal(5)), "1999-01-01") == "5"


def test_a_margin_is_added_to_each_fixing():
    rate = Rate(series=ECB, margin=Decimal("9.2"))
    assert [on(rate, day) for day in ("2024-06-30", "2024-07-01")] == ["13.70", "13.45"]


@pytest.mark.parametrize(
    ("reference", "rounded"),
    [("2.15", "10.5"), ("2.50", "10.5"), ("2.51", "11.0"), ("0.00", "8.0"), ("-0.25", "8.0"), ("-0.50", "7.5")],
)
def test_the_reference_is_rounded_up_before_the_margin(reference, rounded):
    """Sweden's reference rate was -0.5 while the policy rate was, and 0 at -0.25 (raentelagen s. 9)."""
    rate = Rate(series=series(("2024-01-01", reference)), margin=Decimal(8), reference_step=Decimal("0.5"))
    assert on(rate, "2024-01-01") == rounded


def test_rounding_the_total_differs_from_rounding_the_reference_where_the_margin_is_no_multiple():
    common = {"series": series(("2024-01-01", "2.15")), "margin": Decimal("8.2")}
    assert on(Rate(**common, total_step=Decimal("0.5")), "2024-01-01") == "10.5"
    assert on(Rate(**common, reference_step=Decimal("0.5")), "2024-01-01") == "10.7"


def test_the_reference_is_multiplied_before_the_margin():
    rate = Rate(series=series(("2024-01-01", "6.50")), factor=Decimal(3), margin=Decimal(1))
    assert on(rate, "2024-01-01") == "20.50"


def test_a_negative_reference_reduces_the_total_but_never_below_zero():
    reference = series(("2024-01-01", "-0.88"))
    assert on(Rate(series=reference, margin=Decimal(9)), "2024-01-01") == "8.12"
    assert on(Rate(series=reference, margin=Decimal("0.5")), "2024-01-01") == "0"


def test_the_floor_lifts_a_low_rate_on_the_days_it_is_higher():
    """France: not below three times the legal interest, which for a time was above the ECB's rate plus ten points."""
    rate = Rate(series=ECB, margin=Decimal(10), floor=Rate(series=LEGAL, factor=Decimal(3)))
    days = ("2024-03-01", "2024-09-01", "2025-03-01")
    assert [on(rate, day) for day in days] == ["15.21", "14.76", "13.15"]


def test_the_floor_also_binds_a_fixed_rate():
    rate = Rate(fixed=Decimal(12), floor=Rate(series=LEGAL, factor=Decimal(3)))
    assert [on(rate, day) for day in ("2024-06-30", "2025-01-01")] == ["15.21", "12"]


def test_the_cap_wins_over_the_floor():
    rate = Rate(fixed=Decimal(20), floor=Rate(fixed=Decimal(18)), cap=Rate(series=ECB, margin=Decimal(8)))
    assert [on(rate, day) for day in ("2024-06-30", "2025-01-01")] == ["12.50", "11.15"]


def test_an_unknown_bound_leaves_the_rate_unknown():
    rate = Rate(fixed=Decimal(12), floor=Rate(series=LEGAL, factor=Decimal(3)))
    with pytest.raises(MissingRate, match="Legal interest has no value from 2023-08-01 to 2023-12-31"):
        on(rate, "2023-08-01")


def test_a_gap_is_one_period_even_where_a_bound_changes_in_it():
    monthly = series(("2024-01-01", "1"), ("2024-09-01", "2"), ("2024-10-01", "3"))
    with pytest.raises(MissingRate, match="Gapped has no value from 2024-07-02 to 2024-12-31"):
        Rate(series=GAPPED, floor=Rate(series=monthly)).on(date(2024, 7, 2))


def test_a_frozen_rate_is_that_of_the_first_day_with_its_floor():
    rate = Rate(series=ECB, margin=Decimal(10), floor=Rate(series=LEGAL, factor=Decimal(3)), frozen=True)
    assert on(rate, "2025-03-01", start="2024-03-01") == "15.21"
    assert on(rate, "2025-03-01", start="2025-01-01") == "13.15"


def test_a_floor_may_be_frozen_alone():
    rate = Rate(series=ECB, floor=Rate(series=LEGAL, frozen=True))
    assert on(rate, "2025-03-01", start="2024-03-01") == "5.07"
    assert on(rate, "2025-03-01", start="2025-01-01") == "3.71"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "either a fixed figure or a reference"),
        ({"fixed": Decimal(5), "series": ECB}, "either a fixed figure or a reference"),
        ({"fixed": Decimal(-1)}, "not negative"),
        ({"series": ECB, "margin": Decimal("-0.5")}, "not negative"),
        ({"series": ECB, "factor": Decimal(0)}, "greater than zero"),
        ({"series": ECB, "reference_step": Decimal(0)}, "greater than zero"),
        ({"series": ECB, "total_step": Decimal("-0.5")}, "greater than zero"),
        ({"fixed": Decimal(5), "margin": Decimal(8)}, "belong to a reference"),
    ],
)
def test_rates_that_make_no_sense_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Rate(**settings)
