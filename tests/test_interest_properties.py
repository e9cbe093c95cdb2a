"""What must hold for interest whatever the terms, the payments and the claims made on the way."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import interest_oracle
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from interest_helpers import money

from odoo.addons.ar_dunning_charge.core.interest import (
    Basis,
    Compounding,
    Movement,
    Rounding,
    Terms,
    accrue,
    claim,
)
from odoo.addons.ar_dunning_charge.core.rates import Rate, Series, Value

START = date(2023, 11, 17)
PERCENT = st.decimals(0, 15, places=2)
REFERENCE = st.decimals(-1, 8, places=2)
SPAN = 900


@st.composite
def a_series(draw, name):
    """Half-yearly or irregular values over all days that the tests ask for."""
    gaps = draw(st.lists(st.integers(20, 250), min_size=0, max_size=8))
    days = [date(2023, 1, 1)]
    for gap in gaps:
        days.append(days[-1] + timedelta(days=gap))
    return Series(name, name, tuple(Value(day, None, draw(REFERENCE), f"{name} {day}") for day in days))


@st.composite
def a_rate(draw, depth=1):
    step = st.sampled_from([None, None, Decimal("0.5"), Decimal("0.25")])
    bound = a_rate(depth=depth - 1) if depth else st.none()
    common = {
        "total_step": draw(step),
        "floor": draw(st.none() | bound),
        "cap": draw(st.none() | bound),
        "frozen": draw(st.booleans()),
    }
    if draw(st.booleans()):
        return Rate(fixed=draw(PERCENT), **common)
    return Rate(
        series=draw(a_series(f"series {depth}")),
        factor=draw(st.sampled_from([Decimal(1), Decimal(1), Decimal(3)])),
        margin=draw(st.decimals(0, 10, places=2)),
        reference_step=draw(step),
        **common,
    )


def some_terms(**fixed):
    return st.builds(
        Terms,
        a_rate(),
        st.sampled_from(Basis),
        st.sampled_from(Compounding),
        st.sampled_from(Rounding),
        st.sampled_from([2, 2, 0, 3]),
        **{"grace_days": st.just(0), "minimum": st.just(Decimal(0)), **fixed},
    )


@st.composite
def some_movements(draw):
    """A debt and what happened to it: payments, write-offs and undone payments; it may end at zero or below."""
    amount = draw(st.decimals(1, 50_000, places=2))
    movements = [Movement(START - timedelta(days=draw(st.integers(0, 40))), amount)]
    for offset in sorted(draw(st.lists(st.integers(-5, SPAN), max_size=5))):
        share = draw(st.sampled_from([-1, Decimal("-0.5"), Decimal("-0.3"), Decimal("0.3")]))
        day = max(START + timedelta(days=offset), movements[0].on)
        movements.append(Movement(day, (amount * share).quantize(Decimal("0.01"))))
    return tuple(movements)


DAYS = st.integers(0, SPAN).map(lambda days: START + timedelta(days=days))


def in_units(terms, amount):
    return int(amount.scaleb(terms.digits))


@settings(max_examples=150, deadline=None)
@given(some_terms(), some_movements(), st.sampled_from([START, date(2023, 12, 31), date(2024, 2, 29)]), DAYS)
def test_agrees_with_the_day_by_day_calculation(terms, movements, start, on):
    made = claim(terms, movements, start, on)
    assert in_units(terms, made.total) == interest_oracle.total(terms, movements, start, on)


@settings(deadline=None)
@given(some_terms(), some_movements(), DAYS)
def test_the_slices_are_days_in_a_row_and_sum_to_the_total(terms, movements, on):
    made = claim(terms, movements, START, on)
    assert made.total == money(made.slices)
    assert all(
        piece.first <= piece.last <= on and piece.amount == round(piece.amount, terms.digits) for piece in made.slices
    )
    assert all(piece.last < following.first for piece, following in pairwise(made.slices))


@settings(deadline=None)
@given(some_terms(), some_movements(), DAYS)
def test_each_slice_can_be_checked_by_hand(terms, movements, on):
    for piece in accrue(terms, movements, START, on):
        by_hand = piece.principal * piece.rate / 100 / piece.year_days * piece.days
        assert abs(piece.exact - by_hand) < Decimal("0.000001")
        if terms.rounding is Rounding.END:
            assert abs(piece.amount - piece.exact) <= Decimal(1).scaleb(-terms.digits)


@settings(deadline=None)
@given(some_terms(), some_movements(), DAYS, st.lists(DAYS, max_size=4))
def test_cutting_a_period_changes_nothing(terms, movements, on, cuts):
    whole, cut = accrue(terms, movements, START, on), accrue(terms, movements, START, on, cuts=cuts)
    assert money(whole) == money(cut)
    assert abs(sum(piece.exact for piece in whole) - sum(piece.exact for piece in cut)) < Decimal("1e-20")
    assert sum(piece.days for piece in whole) == sum(piece.days for piece in cut)


@settings(deadline=None)
@given(some_terms(), some_movements(), DAYS, DAYS, st.decimals(0, 1000, places=2))
def test_more_days_or_more_principal_are_never_less_interest(terms, movements, on, later, more):
    on, later = min(on, later), max(on, later)
    larger = (replace(movements[0], amount=movements[0].amount + more), *movements[1:])
    assert money(accrue(terms, movements, START, on)) <= money(accrue(terms, movements, START, later))
    assert money(accrue(terms, movements, START, on)) <= money(accrue(terms, larger, START, on))


@settings(deadline=None)
@given(
    some_terms(minimum=st.sampled_from([Decimal(0), Decimal(3), Decimal(40)])),
    some_movements(),
    st.lists(DAYS, min_size=1, max_size=5),
)
def test_claims_follow_each_other_without_overlap_and_lose_nothing(terms, movements, days):
    days.sort()
    claimed = []
    for on in days:
        made = claim(terms, movements, START, on, claimed)
        assert not made.corrections
        assert all(piece.first > before.last for piece in made.slices for before in claimed)
        assert made.total == 0 or made.total >= terms.minimum
        claimed += made.slices
    rest = claim(replace(terms, minimum=Decimal(0)), movements, START, days[-1], claimed)
    assert money(claimed) + rest.total == money(accrue(terms, movements, START, days[-1]))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_whatever_happens_between_claims_all_of_them_together_are_right(data):
    """Payments dated back, reconciliations undone and claims reversed between the claims."""
    terms = data.draw(some_terms())
    claims, days = [], sorted(data.draw(st.lists(DAYS, min_size=2, max_size=4)))
    for on in days:
        movements = data.draw(some_movements())
        claimed = [piece for made in claims for piece in (*made.slices, *made.corrections)]
        made = claim(terms, movements, START, on, claimed)
        assert made.total == money(made.slices) + money(made.corrections)
        assert money(claimed) + made.total == money(accrue(terms, movements, START, on))
        claims.append(made)
        if data.draw(st.booleans()):
            claims.pop(data.draw(st.integers(0, len(claims) - 1)))


@settings(deadline=None)
@given(some_terms(), some_movements(), some_movements(), DAYS)
def test_corrections_say_what_each_day_should_have_borne(terms, before, after, on):
    """On each day what was claimed and what was corrected are together today's principal at today's rate."""
    claimed = claim(terms, before, START, on).slices
    corrected = claim(terms, after, START, on, claimed)
    assume(corrected.corrections)
    right = accrue(terms, after, START, on)
    every = {piece.first for piece in (*claimed, *corrected.corrections, *corrected.slices, *right)}
    for day in every:
        borne = sum(piece.principal * piece.rate for piece in right if piece.first <= day <= piece.last)
        charged = sum(
            piece.principal * piece.rate
            for piece in (*claimed, *corrected.corrections, *corrected.slices)
            if piece.first <= day <= piece.last
        )
        assert borne == charged, day


@settings(deadline=None)
@given(st.sampled_from(Basis), DAYS, st.integers(0, 800), st.integers(1, 800))
def test_adjacent_periods_count_the_days_of_both_together(basis, first, one, two):
    middle, last = first + timedelta(days=one), first + timedelta(days=one + two)
    assert basis.days(first, middle) + basis.days(middle + timedelta(days=1), last) == basis.days(first, last)
    assert basis.days(first, middle) >= 0
