"""Ceilings of a fee and of all charges together, and fees that take the place of one another."""

from datetime import date

import pytest
from fee_helpers import BE_PENALTY, NOK, ON, SEK, WIK, D, debt, one, past, rule, said

from odoo.addons.ar_dunning_charge.core.fees import Finding, Kind, Reason, Scope, claim_all
from odoo.addons.ar_dunning_charge.core.sheet import Part
from odoo.addons.ar_dunning_charge.core.tariff import Tier, bands, fixed, percentage

# ---- cuts ----


def test_a_ceiling_for_one_fee():
    """Finland: a reminder to a consumer costs EUR 5 at most, whatever the company's own tariff says."""
    fee = one(rule(12, ceiling=(fixed("EUR", D(5)),)), debt())
    assert (fee.amount, fee.full, fee.gross, fee.withheld) == (5, 12, 5, 7)
    assert fee.findings == (Finding(Reason.CEILING, D(5), D(12), amount=D(7)),)
    assert [(step.part, step.amount) for step in fee.steps] == [(Part.FIXED, 12), (Part.CUT, -7)]
    assert one(rule(5, ceiling=(fixed("EUR", D(5)),)), debt()).findings == ()


def test_a_ceiling_by_size_of_debt_and_with_vat():
    agreed = (percentage("EUR", D(20)),)
    assert one(rule(tariffs=agreed, ceiling=(BE_PENALTY,)), debt(principal="650")).amount == D("72.50")
    assert one(rule(tariffs=agreed, ceiling=(WIK,)), debt(principal="4000")).amount == 525
    assert one(rule(tariffs=agreed, ceiling=(WIK,)), debt(principal="4000"), uplift=D(21)).amount == D("635.25")


def test_a_ceiling_that_cannot_be_converted_withholds_the_fee():
    fee = one(rule(12, ceiling=(fixed("SEK", D(60)),)), debt())
    assert (fee.amount, fee.full, fee.steps, said(fee)) == (0, 12, (), ["no_conversion"])
    assert fee.findings[0].subject == "SEK"


NO_FEE = rule(tariffs=(fixed("NOK", D(38)),), key="fee", offsets=frozenset({Kind.COMPENSATION}))
NO_COMPENSATION = rule(
    tariffs=(fixed("NOK", D(430)),),
    key="comp",
    kind=Kind.COMPENSATION,
    scope=Scope.INVOICE,
    offsets=frozenset({Kind.FEE}),
)


def no_fee(number, amount, gross=38):
    return past(date(2026, 3, 10 + number), amount, "fee", charge=number, level=number, gross=D(gross))


def no_compensation(amount, gross=430):
    return past(date(2026, 3, 30), amount, "comp", Kind.COMPENSATION, gross=D(gross))


@pytest.mark.parametrize(
    ("fee_rule", "before", "expected"),
    [
        (NO_COMPENSATION, (), 430),
        (NO_COMPENSATION, (no_fee(1, 38),), 392),
        (NO_COMPENSATION, (no_fee(1, 38), no_fee(2, 38)), 354),
        (NO_COMPENSATION, (no_fee(1, 500, 500),), 0),
        (NO_FEE, (), 38),
        (NO_FEE, (no_fee(1, 38),), 38),
        (NO_FEE, (no_compensation(430),), 0),
        (NO_FEE, (no_fee(1, 38), no_compensation(392)), 0),
        # the fee that the compensation was set off against has been reversed since
        (NO_FEE, (no_compensation(392),), 38),
        # fees of 76 against a compensation of 50: the second fee lifts the sum from 50 to 76
        (NO_FEE, (no_compensation(50, 50), no_fee(1, 0)), 26),
        (NO_FEE, (no_fee(1, 38), no_compensation(12, 50)), 26),
    ],
)
def test_norwegian_fees_and_compensation_do_not_stack(fee_rule, before, expected):
    fee = one(fee_rule, debt(money=NOK, level=9, invoice="I", past=before))
    assert (fee.amount, fee.gross) == (expected, fee.full)
    assert said(fee) == (["offset"] if expected < fee.full else [])


def test_the_swedish_450_absorbs_the_reminder_fee():
    claimed = past(date(2026, 3, 20), 450, "comp", Kind.COMPENSATION)
    fee = one(
        rule(tariffs=(fixed("SEK", D(60)),), needs_agreement=True, offsets=frozenset({Kind.COMPENSATION})),
        debt(money=SEK, agreed=True, past=(claimed,)),
    )
    assert (fee.amount, fee.withheld, said(fee)) == (0, 60, ["offset"])


def test_interest_is_never_set_off():
    interest = past(date(2026, 3, 20), 900, "i", Kind.INTEREST)
    assert one(NO_FEE, debt(money=NOK, past=(interest,))).amount == 38


def test_the_ceiling_for_all_fees_counts_what_was_claimed():
    fee_rule = rule(24, total=(bands("EUR", (Tier(D(100), fixed=D(60)), Tier(fixed=D(120)))),))
    claimed = (past(date(2026, 3, 10), 30, "x"), past(date(2026, 3, 20), 20, "y", Kind.COMPENSATION))
    interest = past(date(2026, 3, 21), 999, "z", Kind.INTEREST)
    fee = one(fee_rule, debt(principal="100", past=(*claimed, interest)))
    assert fee.findings == (Finding(Reason.TOTAL_CEILING, D(60), D(24), amount=D(14)),)
    assert fee.amount == 10
    assert one(fee_rule, debt(principal="100.01", past=claimed)).amount == 24
    spent = one(fee_rule, debt(principal="100", past=(*claimed, past(ON, 50, "w"))))
    assert (spent.amount, spent.withheld) == (0, 24)


def test_all_charges_stay_below_a_share_of_the_principal():
    fee_rule = rule(50, share=D(10))
    claimed = (past(date(2026, 3, 10), 30, "x"), past(date(2026, 3, 20), "45.55", "y", Kind.INTEREST))
    fee = one(fee_rule, debt(principal="999.99", past=claimed))
    assert fee.findings == (Finding(Reason.SHARE_CEILING, D("99.99"), D(50), amount=D("25.56")),)
    assert str(fee.amount) == "24.44"
    assert one(rule(50, share=D(0)), debt()).amount == 0


def test_a_charge_that_two_items_share_counts_once():
    shared = past(date(2026, 3, 10), 40, "x")
    debts = [debt("A", "100", past=(shared,)), debt("B", "100", past=(shared,))]
    assert one(rule(50, scope=Scope.NOTICE, share=D(30)), *debts).amount == 20


def test_the_rules_of_one_notice_know_each_other():
    owing = [debt("A", "1000", NOK, level=1, invoice="I"), debt("B", "1000", NOK, level=2, invoice="I")]
    fees = claim_all((NO_FEE, NO_COMPENSATION), owing, ON)
    assert [(fee.rule, fee.keys, fee.amount) for fee in fees] == [
        ("fee", ("A",), 38),
        ("fee", ("B",), 38),
        ("comp", ("A", "B"), 354),
    ]
    other = claim_all((NO_COMPENSATION, NO_FEE), owing, ON)
    assert [(fee.rule, fee.keys, fee.amount) for fee in other] == [
        ("comp", ("A", "B"), 430),
        ("fee", ("A",), 0),
        ("fee", ("B",), 0),
    ]


def test_the_rules_of_one_notice_share_their_ceiling():
    total = (fixed("EUR", D(60)),)
    rules = (rule(50, total=total), rule(40, key="s", kind=Kind.COMPENSATION, total=total))
    assert [fee.amount for fee in claim_all(rules, [debt()], ON)] == [50, 10]
    assert [fee.amount for fee in claim_all(rules[::-1], [debt()], ON)] == [40, 20]
