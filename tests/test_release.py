"""A release: for whom, up to which amount, for which reasons, and until when it lets an order pass."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.ar_dunning_sale.core.release import Case, Release

ON = date(2026, 3, 31)
CASE = Case(7, "EUR", Decimal(1000))
KINDS = frozenset({"7 overdue", "deposit"})


@pytest.mark.parametrize(
    ("change", "covers"),
    [
        ({}, True),
        ({"amount": Decimal("999.99")}, True),
        ({"amount": Decimal("1000.01")}, False),
        ({"party": 8}, False),
        ({"currency": "USD"}, False),
        ({"confirmed": True}, True),
    ],
)
def test_one_customer_one_currency_and_up_to_one_amount(change, covers):
    assert Release(CASE).covers(replace(CASE, **change)) is covers


@pytest.mark.parametrize(
    ("kinds", "stops", "passes"),
    [
        (KINDS, {"7 overdue"}, True),
        (KINDS, KINDS, True),
        (KINDS, {"7 overdue", "7 insolvent"}, False),
        (KINDS, {"8 overdue"}, False),
        (frozenset(), {"7 overdue"}, False),
        (frozenset(), set(), True),
        (None, {"7 overdue", "8 insolvent"}, True),
    ],
)
def test_the_reasons_that_were_known(kinds, stops, passes):
    assert Release(CASE, kinds).passes(CASE, stops, ON) is passes
    confirmed = replace(CASE, confirmed=True)
    assert Release(CASE, kinds).passes(confirmed, stops, ON), "what stops new orders only"


@pytest.mark.parametrize(
    ("until", "decided_when_confirmed", "confirmed", "passes"),
    [
        (None, False, False, True),
        (date(2026, 3, 31), False, False, True),
        (date(2026, 3, 30), False, False, False),
        (date(2026, 3, 30), False, True, True),  # confirmed in time
        (date(2026, 3, 30), True, True, False),  # it was for delivery, and that comes too late
        (date(2026, 3, 31), True, True, True),
    ],
)
def test_its_last_day(until, decided_when_confirmed, confirmed, passes):
    release = Release(replace(CASE, confirmed=decided_when_confirmed), KINDS, until)
    assert release.passes(replace(CASE, confirmed=confirmed), {"deposit"}, ON) is passes


@given(
    st.builds(Case, st.integers(1, 2), st.sampled_from(["EUR", "USD"]), st.decimals(0, 2000, places=2), st.booleans()),
    st.frozensets(st.sampled_from(sorted(KINDS | {"8 overdue"}))),
    st.dates(date(2026, 3, 1), date(2026, 4, 30)),
    st.one_of(st.none(), st.dates(date(2026, 3, 1), date(2026, 4, 30))),
)
def test_less_of_everything_passes_where_more_does(case, stops, on, until):
    release = Release(CASE, KINDS, until)
    if release.passes(case, stops, on):
        assert release.covers(case)
        for kind in stops:
            assert release.passes(replace(case, amount=case.amount / 2), stops - {kind}, min(on, date(2026, 3, 1)))
