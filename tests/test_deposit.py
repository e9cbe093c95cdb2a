"""Deposits: which rule asks for how much, what covers it, and what stops an order."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.ar_dunning_credit.core.credit_status import Reason, Status, Unlock, Way
from odoo.addons.ar_dunning_sale.core.deposit import (
    Demand,
    Deposit,
    Money,
    OrderFacts,
    Rule,
    Size,
    Stage,
    ask,
    judge,
    rounded,
    strictest,
)


def D(text):  # noqa: N802 - short literals in tables
    return Decimal(str(text))


CENT = D("0.01")
FACTS = OrderFacts(Status.HOLD, "business", D(1000), "C", first_order=True, categories=frozenset({"1/7/", "1/8/2/"}))


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        ({}, True),
        ({"grade_from": "b"}, True),
        ({"grade_from": "c"}, True),
        ({"grade_from": "d"}, False),
        ({"grade_from": "d", "ungraded": True}, False),
        ({"ungraded": True}, False),
        ({"status_from": Status.WATCH}, True),
        ({"status_from": Status.HOLD}, True),
        ({"status_from": Status.BLOCKED}, False),
        ({"audience": "business"}, True),
        ({"audience": "consumer"}, False),
        ({"first_order": True}, True),
        ({"amount_from": D(1000)}, True),
        ({"amount_from": D("1000.01")}, False),
        ({"category": "1/"}, True),
        ({"category": "1/8/"}, True),
        ({"category": "1/9/"}, False),
        ({"category": "1/8/", "audience": "public"}, False),
    ],
)
def test_every_condition_of_a_rule_must_hold(conditions, fits):
    assert Rule("R", share=D("0.3"), **conditions).fits(FACTS) is fits


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        ({"grade_from": "b"}, False),
        ({"grade_from": "b", "ungraded": True}, True),
        ({"ungraded": True}, True),
        ({"first_order": True}, False),
        ({"category": "1/"}, False),
    ],
)
def test_a_customer_without_a_grade_and_an_order_without_goods(conditions, fits):
    assert Rule("R", share=D("0.3"), **conditions).fits(OrderFacts(Status.OK, "business", D(10))) is fits


@pytest.mark.parametrize(
    ("share", "amount", "total", "asked"),
    [
        ("0.3", 0, 1000, 300),
        ("0.3", 400, 1000, 400),
        ("0.5", 400, 1000, 500),
        (0, 400, 250, 250),
        (1, 0, "0.01", "0.01"),
    ],
)
def test_a_share_and_at_least_an_amount_but_never_more_than_the_order(share, amount, total, asked):
    assert Rule("R", share=D(share), amount=D(amount)).asks(D(total)) == D(asked)


def test_the_strictest_rule_of_each_stage():
    rules = [
        Rule("Small", share=D("0.1")),
        Rule("Large", share=D("0.3"), releases_hold=True),
        Rule("As large", share=D("0.3")),
        Rule("Unfit", share=D(1), audience="public"),
        Rule("Later", Stage.INVOICE, share=D("0.2")),
    ]
    assert strictest(rules, FACTS) == {
        Stage.CONFIRM: Demand(D(300), "Large", releases_hold=True),
        Stage.INVOICE: Demand(D(200), "Later"),
    }
    assert strictest([], FACTS) == dict.fromkeys(Stage, Demand())


@pytest.mark.parametrize(
    ("amount", "company", "own", "coin", "share", "required"),
    [
        (300, 1000, 1000, "0.01", "0.3", "300.00"),
        (300, 1000, 2000, "0.01", "0.3", "600.00"),  # at half the company's currency
        (1, 3, "10.00", "0.01", None, "3.33"),
        (2, 3, "10.00", "0.05", None, "6.65"),
        (500, 300, 300, "0.01", "1", "300.00"),  # never more than the order
        (100, 0, 0, "0.01", "0", "0.00"),
        (0, 1000, 1000, "0.01", "0", "0.00"),
    ],
)
def test_a_demand_in_the_orders_currency(amount, company, own, coin, share, required):
    deposit = ask(Money(), {Stage.CONFIRM: Demand(D(amount), "R")}, Size(D(company), D(own), D(coin)))
    assert deposit.required == D(required)
    assert share is None or deposit.share == D(share)


def test_exact_sums_leave_nothing_missing():
    """In binary fractions, 0.7 and 0.1 are less than 0.8."""
    assert 0.7 + 0.1 < 0.8
    deposit = Deposit(Money(online=D("0.7"), named=D("0.1")), required=D("0.8"), later=D("0.8"))
    assert (deposit.missing, deposit.later_missing) == (0, 0)
    deposit = Deposit(Money(online=D("0.7"), named=D("0.099")), required=D("0.8"), later=D("0.8"))
    assert (deposit.missing, deposit.later_missing) == (D("0.001"), D("0.001"))


@pytest.mark.parametrize(
    ("needed", "relied"), [(0, 0), (50, 0), (60, 0), (61, 1), (100, 40), (101, 40)]
)  # of 60 that are certain and 40 without a name
def test_money_without_a_name_is_relied_on_last(needed, relied):
    assert Money(online=D(10), invoices=D(20), named=D(30), spare=D(40)).relied(D(needed)) == D(relied)


def reason(effect, way=Way.PAY, code="overdue", **values):
    return (7, Reason(code, effect, Unlock(way), values))


PAID = Deposit(Money(named=D(300)), required=D(300))
UNPAID = Deposit(Money(named=D(299)), required=D(300))
FREEING = Deposit(Money(named=D(300)), required=D(300), releases_hold=True)
HALF_FREEING = Deposit(Money(named=D(299)), required=D(300), releases_hold=True)


@pytest.mark.parametrize(
    ("reasons", "deposit", "status", "stops", "stopping"),
    [
        ([], Deposit(), "ok", False, set()),
        ([], PAID, "ok", False, set()),
        ([], UNPAID, "ok", True, {"deposit"}),
        ([reason(Status.WATCH)], Deposit(), "watch", False, set()),
        ([reason(Status.HOLD)], PAID, "hold", True, {"7 overdue"}),
        ([reason(Status.HOLD)], UNPAID, "hold", True, {"7 overdue", "deposit"}),
        ([reason(Status.HOLD)], FREEING, "watch", False, {"7 overdue"}),
        ([reason(Status.HOLD)], HALF_FREEING, "hold", True, {"7 overdue", "deposit"}),
        ([reason(Status.BLOCKED)], FREEING, "blocked", True, set()),
        ([reason(Status.HOLD, code="rule", rule="Exotic")], Deposit(), "hold", True, {"7 rule Exotic"}),
        ([reason(Status.HOLD, Way.PREPAY, "insolvent")], PAID, "hold", True, {"7 insolvent"}),
        ([reason(Status.HOLD, Way.PREPAY, "insolvent")], Deposit(Money(spare=D(1000))), "ok", False, set()),
    ],
)
def test_verdicts(reasons, deposit, status, stops, stopping):
    """On an order of 1,000."""
    verdict = judge(reasons, deposit, D(1000))
    assert (verdict.status.value, verdict.stops, verdict.stopping) == (status, stops, stopping)


# === What holds for every order === #

amounts = st.decimals(0, 10**7, places=2)
monies = st.builds(Money, amounts, amounts, amounts, amounts, amounts)
rules = st.builds(
    Rule,
    st.sampled_from(["A", "B"]),
    st.sampled_from(Stage),
    st.decimals(0, 1, places=4),
    amounts,
    st.booleans(),
    st.sampled_from([None, "b", "d"]),
    st.booleans(),
    st.sampled_from(Status),
    st.sampled_from([None, "business", "consumer"]),
    st.booleans(),
    amounts,
)
facts = st.builds(
    OrderFacts,
    st.sampled_from(Status),
    st.sampled_from(["business", "consumer"]),
    amounts,
    st.sampled_from([None, "A", "C", "E"]),
    st.booleans(),
)


@given(st.lists(rules, max_size=6), facts, monies, amounts, st.sampled_from(["0.01", "0.05", "1"]))
def test_no_deposit_is_more_than_its_order_or_less_than_a_rule_asks(rules, facts, money, own, coin):
    demands = strictest(rules, facts)
    assert all(demand.amount <= facts.total for demand in demands.values())
    assert all(demands[rule.stage].amount >= rule.asks(facts.total) for rule in rules if rule.fits(facts))
    own = rounded(own, D(coin))
    deposit = ask(money, demands, Size(facts.total, own, D(coin)))
    assert 0 <= deposit.share <= 1
    assert 0 <= deposit.required <= own and 0 <= deposit.later <= own


@given(monies, amounts, amounts)
def test_what_is_relied_on_covers_what_is_missing_or_all_is_gone(money, needed, taken):
    left = money.without(taken)
    relied = left.relied(needed)
    assert 0 <= relied <= left.spare <= money.spare
    assert left.certain + relied >= min(needed, left.total)
    assert Deposit(left, required=needed).missing == max(needed - left.total, 0)


@given(monies, amounts, amounts, amounts)
def test_more_money_never_stops_an_order(money, more, required, charged):
    held = [reason(Status.HOLD), reason(Status.HOLD, Way.PREPAY, "insolvent")]
    richer = Money(money.online + more, money.invoices, money.named, money.booked, money.spare)
    for reasons in ([], held[1:], held):
        for frees in (False, True):
            before = judge(reasons, Deposit(money, required=required, releases_hold=frees), charged)
            after = judge(reasons, Deposit(richer, required=required, releases_hold=frees), charged)
            assert before.stops or not after.stops
            assert after.stopping <= before.stopping
