"""Money on its way counts against the debt: named debts first, then the oldest, never across currencies."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ar_dunning.core.credit import Credit, Debt, allocate

START = date(2026, 1, 1)


def debt(key, amount, days=0, currency="EUR"):
    return Debt(key, currency, START + timedelta(days=days), Decimal(amount))


def credit(amount, *targets, currency="EUR"):
    return Credit(currency, Decimal(amount), targets)


def result(debts, credits):
    found = allocate(debts, credits)
    return {key: str(part) for key, part in found.paid.items()}, {key: str(rest) for key, rest in found.unused.items()}


@pytest.mark.parametrize(
    ("debts", "credits", "paid", "unused"),
    [
        ([debt("a", 100)], [], {}, {}),
        ([], [credit(5)], {}, {"EUR": "5"}),
        ([debt("a", 100)], [credit(100)], {"a": "100"}, {}),
        ([debt("a", 100)], [credit("99.99")], {"a": "99.99"}, {}),
        ([debt("a", 100)], [credit("100.01")], {"a": "100"}, {"EUR": "0.01"}),
        ([debt("new", 50, 9), debt("old", 100, 1)], [credit(120)], {"old": "100", "new": "20"}, {}),
        ([debt("x", 10, 1), debt("y", 10, 1)], [credit(15)], {"x": "10", "y": "5"}, {}),  # same day: as given
        ([debt("old", 50), debt("new", 50, 9)], [credit(30, "new")], {"new": "30"}, {}),
        ([debt("old", 50), debt("new", 50, 9)], [credit(80, "new")], {"new": "50", "old": "30"}, {}),
        # a credit that names its debt goes before one that names none, in whatever order they come
        ([debt("a", 50), debt("b", 50, 9)], [credit(60), credit(50, "a")], {"a": "50", "b": "50"}, {"EUR": "10"}),
        ([debt("a", 50), debt("b", 50, 9)], [credit(70, "b", "a")], {"a": "50", "b": "20"}, {}),
        ([debt("a", 50)], [credit(20, "gone")], {"a": "20"}, {}),
        ([debt("a", 50), debt("n", 70, currency="NOK")], [credit(90, currency="NOK")], {"n": "70"}, {"NOK": "20"}),
        ([debt("a", 50)], [credit(50, "a", currency="NOK")], {}, {"NOK": "50"}),
        ([debt("a", "0.10"), debt("b", "0.20", 1)], [credit("0.30")], {"a": "0.10", "b": "0.20"}, {}),
    ],
)
def test_allocation(debts, credits, paid, unused):
    assert result(debts, credits) == (paid, unused)


CURRENCIES = st.sampled_from(["EUR", "NOK", "USD"])
CENTS = st.integers(1, 60)


@st.composite
def ledgers(draw):
    debts = [
        Debt(key, draw(CURRENCIES), START + timedelta(days=draw(st.integers(0, 4))), Decimal(draw(CENTS)) / 100)
        for key in range(draw(st.integers(0, 6)))
    ]
    keys = st.lists(st.integers(0, 7), max_size=3, unique=True).map(tuple)
    credits = [
        Credit(draw(CURRENCIES), Decimal(draw(CENTS)) / 100, draw(keys)) for _number in range(draw(st.integers(0, 5)))
    ]
    return debts, credits


def slow(debts, credits):
    """The same, one cent after the other."""
    cent = Decimal("0.01")
    paid, unused = {}, {}
    order = sorted(range(len(debts)), key=lambda index: (debts[index].due, index))
    left = [credit.amount for credit in credits]
    for named in (True, False):
        for number, credit in enumerate(credits):
            while left[number]:
                debt = next(
                    (
                        debts[index]
                        for index in order
                        if debts[index].currency == credit.currency
                        and paid.get(debts[index].key, Decimal(0)) < debts[index].amount
                        and (not named or debts[index].key in credit.targets)
                    ),
                    None,
                )
                if debt is None:
                    break
                paid[debt.key] = paid.get(debt.key, Decimal(0)) + cent
                left[number] -= cent
    for credit, rest in zip(credits, left, strict=True):
        if rest:
            unused[credit.currency] = unused.get(credit.currency, Decimal(0)) + rest
    return paid, unused


@given(ledgers())
def test_agrees_with_counting_cents(ledger):
    found = allocate(*ledger)
    assert (found.paid, found.unused) == slow(*ledger)


@given(ledgers())
def test_money_is_conserved_within_each_currency(ledger):
    debts, credits = ledger
    found = allocate(debts, credits)
    by_key = {debt.key: debt for debt in debts}
    for currency in ("EUR", "NOK", "USD"):
        came = sum(credit.amount for credit in credits if credit.currency == currency)
        used = sum(part for key, part in found.paid.items() if by_key[key].currency == currency)
        assert came == used + found.unused.get(currency, 0)
        if found.unused.get(currency):
            assert used == sum(debt.amount for debt in debts if debt.currency == currency)
    assert all(0 < part <= by_key[key].amount for key, part in found.paid.items())


@given(ledgers())
def test_without_names_the_oldest_is_paid_first(ledger):
    debts, credits = ledger
    found = allocate(debts, [Credit(credit.currency, credit.amount) for credit in credits])
    for older in debts:
        for newer in debts:
            if older.currency == newer.currency and older.due < newer.due and newer.key in found.paid:
                assert found.paid.get(older.key) == older.amount
