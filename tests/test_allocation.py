"""Money on its way: what was paid back, then the invoice it names or fits, then the oldest claimed; held ones last."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.ar_dunning.core.allocation import Allocation, Credit, Debt, allocate, cover, over_time
from odoo.addons.ar_dunning_charge.core.accrual import Movement

START = date(2026, 1, 1)


def day(number):
    return START + timedelta(days=number)


def debt(key, amount, days=0, currency="EUR", **more):
    return Debt(key, currency, day(days), Decimal(amount), **more)


def held(key, amount, days=0, **more):
    return debt(key, amount, days, held=True, **more)


def back(key, amount, days=0):
    return debt(key, amount, days, returned=True)


def credit(amount, *targets, currency="EUR", on=None, **more):
    return Credit(currency, Decimal(amount), targets, on if on is None else day(on), **more)


def result(debts, credits):
    found = allocate(debts, credits)
    unused = {currency: str(rest) for (_owner, currency), rest in found.unused.items()}
    return {key: str(part) for key, part in found.paid.items()}, unused


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


@pytest.mark.parametrize(
    ("debts", "credits", "paid"),
    [
        # what is claimed comes before what is disputed, paused or excluded, however old that is
        ([held("a", 1000), debt("b", 1000, 14)], [credit(1000)], {"b": "1000"}),
        ([held("a", 1000), debt("b", 700, 14)], [credit(900)], {"b": "700", "a": "200"}),
        ([held("a", 1000), debt("b", 1000, 14)], [credit(1000, "a")], {"a": "1000"}),
        # an amount that fits exactly one invoice means it
        ([debt("a", 100), debt("b", 250, 9)], [credit(250)], {"b": "250"}),
        ([debt("a", 100), debt("b", 250, 9), debt("c", 250, 8)], [credit(250)], {"a": "100", "c": "150"}),
        ([held("a", 1000), debt("b", 700, 14)], [credit(1000)], {"a": "1000"}),
        # instalments of one invoice: together, or one of them
        ([debt("x", 90), debt("a1", 50, 1, invoice="a"), debt("a2", 50, 9, invoice="a")], [credit(100)], {"a1": "50", "a2": "50"}),
        ([debt("x", 90), debt("a1", 50, 1, invoice="a"), debt("a2", 50, 9, invoice="a")], [credit(50)], {"a1": "50"}),
        ([debt("x", 90), debt("a1", 40, 1, invoice="a"), debt("a2", 50, 9, invoice="a")], [credit(50)], {"a2": "50"}),
        ([debt("x", 90), debt("a1", 40, 1, invoice="a"), debt("a2", 50, 9, invoice="a")], [credit(60, "a")], {"a1": "40", "a2": "20"}),
    ],
)  # fmt: skip
def test_which_debt_is_meant(debts, credits, paid):
    assert result(debts, credits)[0] == paid


def test_money_paid_back_pays_nothing():
    debts = [debt("a", 10000), back("r", 5000, 12)]
    assert result(debts, [credit(5000, on=10)]) == ({"r": "5000"}, {})
    assert result(debts, [credit(5000, "a", on=10)]) == ({"r": "5000"}, {}), "even if it named an invoice"
    assert result(debts, [credit(5000, "a", on=9), credit(5000, on=10)])[0] == {"r": "5000", "a": "5000"}
    assert result(debts, [credit(3000, on=9), credit(5000, on=10)])[0] == {"r": "5000", "a": "3000"}


def test_what_is_meant_for_something_else_pays_only_what_it_names():
    debts = [debt("a", 100), debt("b", 50, 5)]
    assert result(debts, [credit(100, spread=False)]) == ({}, {})
    assert result(debts, [credit(80, "b", spread=False)]) == ({"b": "50"}, {})


def test_another_owners_debt_is_paid_by_name_only():
    debts = [debt("sub", 100, owner="subsid"), debt("own", 30, 5, owner="holding")]
    assert result(debts, [credit(100, "sub", owner="holding")]) == ({"sub": "100"}, {})
    found = allocate(debts, [credit(100, owner="holding")])
    assert (found.paid, found.unused) == ({"own": 30}, {("holding", "EUR"): 70})


DISCOUNTED = {"discount": Decimal(200), "discount_until": day(10)}


@pytest.mark.parametrize(
    ("open_amount", "credits", "covered"),
    [
        (10000, [credit(9800, on=10)], 10000),
        (10000, [credit(9800, on=11)], 9800),
        (10000, [credit(9800, "a", on=9)], 10000),
        (10000, [credit("9799.99", on=9)], Decimal("9799.99")),
        (10000, [credit(5000, on=8), credit(4800, on=9)], 10000),
        (10000, [credit(5000, on=8), credit(4800, on=11)], 9800),
        (5000, [credit(4800, on=9)], 5000),  # the rest was matched in time
        (10000, [credit(10000, on=9)], 10000),
        (200, [], 200),  # all but the discount was matched in time
    ],
)
def test_a_discount_taken_in_time_settles_the_rest(open_amount, credits, covered):
    found = allocate([debt("a", open_amount, 30, **DISCOUNTED)], credits)
    assert found.covered("a") == covered
    assert not found.unused


def test_an_amount_less_the_discount_means_the_invoice():
    debts = [debt("old", 9000), debt("a", 10000, 30, **DISCOUNTED)]
    assert allocate(debts, [credit(9800, on=9)]).covered("a") == 10000
    late = allocate(debts, [credit(9800, on=11)])
    assert (late.covered("old"), late.covered("a")) == (9000, 800)


def test_one_transfer_takes_the_discounts_of_all_that_it_names():
    debts = [debt("a", 10000, 30, **DISCOUNTED), debt("b", 5000, 31), debt("c", 1000, 3)]
    found = allocate(debts, [credit(14800, "a", "b", on=9)])
    assert (found.covered("a"), found.covered("b"), found.covered("c")) == (10000, 5000, 0)
    found = allocate(debts, [credit(15000, "a", "b", on=9)])
    assert (found.paid, found.discount) == ({"a": 10000, "b": 5000}, {})


def test_what_an_amount_could_cover():
    parts = [("a", Decimal(20)), ("b", Decimal(30)), ("c", Decimal(10))]
    assert cover(parts, Decimal(35)) == {"a": 20, "b": 15}
    assert cover(parts, Decimal(0)) == {}


# === Day by day === #


def moves(*rows):
    return tuple(Movement(date.fromisoformat(on), Decimal(amount)) for on, amount in rows)


OLD = Debt("old", "EUR", date(2025, 1, 31), Decimal(100))
NEW = Debt("new", "EUR", date(2025, 2, 28), Decimal(80))
OPENED = {"old": moves(("2025-01-10", 100)), "new": moves(("2025-02-01", 80))}


def spread(debts, *credits, opened=OPENED):
    money = [Credit("EUR", Decimal(amount), on=date.fromisoformat(on)) for on, amount in credits]
    return {
        key: [(str(movement.on), str(movement.amount)) for movement in movements]
        for key, movements in over_time(debts, money, opened).items()
    }


def test_credits_cover_the_oldest_item_first_from_their_value_date():
    assert spread([NEW, OLD], ("2025-02-10", 130)) == {
        "old": [("2025-01-10", "100"), ("2025-02-10", "-100")],
        "new": [("2025-02-01", "80"), ("2025-02-10", "-30")],
    }


def test_a_credit_waits_for_debts_to_come():
    assert spread([NEW, OLD], ("2025-01-20", 130)) == {
        "old": [("2025-01-10", "100"), ("2025-01-20", "-100")],
        "new": [("2025-02-01", "80"), ("2025-02-01", "-30")],
    }


def test_a_credit_set_free_by_a_payment_covers_the_next_item():
    opened = {"old": (*OPENED["old"], *moves(("2025-03-05", -60))), "new": OPENED["new"]}
    assert spread([OLD, NEW], ("2025-02-10", 70), opened=opened) == {
        "old": [("2025-01-10", "100"), ("2025-02-10", "-70"), ("2025-03-05", "-60"), ("2025-03-05", "30")],
        "new": [("2025-02-01", "80"), ("2025-03-05", "-30")],
    }


def test_without_credits_nothing_changes():
    assert spread([OLD]) == {"old": [("2025-01-10", "100")]}


def test_money_covers_until_it_is_paid_back():
    returned = Debt("back", "EUR", date(2025, 2, 20), Decimal(100), returned=True)
    opened = {**OPENED, "back": moves(("2025-02-20", 100))}
    assert spread([OLD, returned], ("2025-02-10", 100), opened=opened)["old"] == [
        ("2025-01-10", "100"),
        ("2025-02-10", "-100"),
        ("2025-02-20", "100"),
    ]


def test_a_discount_counts_from_the_day_of_the_money():
    item = Debt("a", "EUR", date(2026, 3, 2), Decimal(1000), discount=Decimal(20), discount_until=date(2026, 2, 11))
    opened = {"a": moves(("2026-02-01", 1000))}
    assert spread([item], ("2026-02-09", 980), opened=opened)["a"][1:] == [("2026-02-09", "-1000")]
    assert spread([item], ("2026-02-12", 980), opened=opened)["a"][1:] == [("2026-02-12", "-980")]


# === Whatever the ledger === #

CURRENCIES = st.sampled_from(["EUR", "NOK"])
OWNERS = st.sampled_from(["x", "y"])
CENTS = st.integers(1, 60)


@st.composite
def ledgers(draw):
    debts = []
    for key in range(draw(st.integers(0, 7))):
        amount = draw(CENTS)
        discount = draw(st.sampled_from([0, 0, 0, min(2, amount - 1)]))
        debts.append(
            Debt(
                key,
                draw(CURRENCIES),
                day(draw(st.integers(0, 4))),
                Decimal(amount) / 100,
                invoice=draw(st.sampled_from([None, "i", "j"])),
                owner=draw(OWNERS),
                held=draw(st.booleans()),
                returned=draw(st.integers(0, 9)) == 9,
                discount=Decimal(discount) / 100,
                discount_until=day(3) if discount else None,
            )
        )
    names = st.lists(st.sampled_from([0, 1, 2, 3, "i", "j", "gone"]), max_size=2, unique=True).map(tuple)
    credits = [
        Credit(
            draw(CURRENCIES), Decimal(draw(CENTS)) / 100, draw(names), day(draw(st.integers(0, 6))), draw(OWNERS),
            draw(st.integers(0, 5)) > 0,
        )
        for _number in range(draw(st.integers(0, 5)))
    ]  # fmt: skip
    return debts, credits


@given(ledgers())
def test_nothing_is_allocated_beyond_a_debt_or_a_credit(ledger):
    debts, credits = ledger
    found = allocate(debts, credits)
    by_key = {debt.key: debt for debt in debts}
    assert all(part > 0 for part in (*found.paid.values(), *found.unused.values(), *found.discount.values()))
    assert all(found.covered(key) <= by_key[key].amount for key in found.paid)
    assert all(found.covered(key) == by_key[key].amount for key in found.discount)
    assert all(part <= by_key[key].discount for key, part in found.discount.items())
    for currency in ("EUR", "NOK"):
        came = sum(credit.amount for credit in credits if credit.currency == currency)
        set_aside = sum(credit.amount for credit in credits if credit.currency == currency and not credit.spread)
        used = sum(part for key, part in found.paid.items() if by_key[key].currency == currency)
        unused = sum(rest for (_owner, of), rest in found.unused.items() if of == currency)
        assert came - set_aside <= used + unused <= came


@given(ledgers())
def test_nothing_stays_unused_while_its_owner_owes(ledger):
    debts, credits = ledger
    found = allocate(debts, credits)
    for owner, currency in found.unused:
        own = [debt for debt in debts if (debt.owner, debt.currency) == (owner, currency)]
        assert all(found.covered(debt.key) == debt.amount for debt in own)


@given(ledgers())
def test_what_is_claimed_is_paid_before_what_is_held(ledger):
    debts, credits = ledger
    found = allocate(debts, [Credit(c.currency, c.amount, on=c.on, owner=c.owner) for c in credits])
    for debt_held in debts:
        if debt_held.held and not debt_held.returned and debt_held.key in found.paid:
            same = [d for d in debts if (d.owner, d.currency) == (debt_held.owner, debt_held.currency) and not d.held]
            fits = any(c.amount in _fitting(debt_held, debts, found) for c in credits)
            assert fits or all(found.covered(d.key) == d.amount for d in same)


def _fitting(debt_held, debts, found: Allocation):
    """The amounts that mean a debt or its invoice by themselves."""
    parts = [d for d in debts if d.name == debt_held.name and d.owner == debt_held.owner]
    whole, less = sum(d.amount for d in parts), sum(d.discount for d in parts)
    return {debt_held.amount, debt_held.amount - debt_held.discount, whole, whole - less}


@given(ledgers())
def test_named_invoices_are_paid_as_if_nobody_named_nothing(ledger):
    """Money without a name takes nothing from money with one: the named ones get at least what names gave them."""
    debts, credits = ledger
    debts = [debt for debt in debts if not debt.returned]
    named = allocate(debts, [Credit(c.currency, c.amount, c.targets, c.on, c.owner, False) for c in credits])
    found = allocate(debts, credits)
    assert all(found.paid.get(key, 0) >= part for key, part in named.paid.items())


@settings(max_examples=50)
@given(ledgers())
def test_on_the_last_day_it_is_what_is_open_now(ledger):
    debts, credits = ledger
    opened = {debt.key: (Movement(min(debt.due, day(1)), debt.amount),) for debt in debts}
    found = allocate(debts, credits)
    last = over_time(debts, credits, opened)
    for one in debts:
        assert sum(movement.amount for movement in last[one.key]) == one.amount - found.covered(one.key)
