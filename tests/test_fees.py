"""Whether a fee may be claimed, and how much of it: the limits one by one, at their edges."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from fee_helpers import BE_PENALTY, DUE, NOK, ON, SEK, D, debt, one, past, rule, said

from odoo.addons.ar_dunning_charge.core.default import Letter
from odoo.addons.ar_dunning_charge.core.fees import Basis, Finding, Kind, Limits, Reason, Rule, Scope, claim
from odoo.addons.ar_dunning_charge.core.tariff import fixed, percentage


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Rule("x", ()), "at least one currency"),
        (lambda: Rule("x", (fixed("EUR", D(1)), fixed("EUR", D(2)))), "same currency"),
        (lambda: Limits(days_after_due=-1), "days_after_due"),
        (lambda: Limits(spacing_days=-1), "spacing_days"),
        (lambda: Limits(reset_months=0), "begins anew"),
        (lambda: Limits(share=D(-1)), "share"),
    ],
)
def test_bad_rules_are_refused_in_plain_words(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_fee_without_limits():
    assert one(rule(), debt()).amount == D(5)
    fee = one(rule(tariffs=(percentage("EUR", D(2)),)), debt(principal="250"))
    assert (fee.keys, fee.basis, fee.amount, fee.full, fee.withheld, fee.findings) == (("A",), 250, 5, 5, 0, ())


def test_charges_are_a_basis_only_where_the_rule_says_so():
    owing = debt(charges=D(500))
    tariffs = (percentage("EUR", D(10)),)
    assert one(rule(tariffs=tariffs), owing).amount == 100
    assert one(rule(tariffs=tariffs, basis=Basis.WITH_CHARGES), owing).amount == 150


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (Scope.ITEM, [(("A",), 10), (("B",), 20), (("C",), 30)]),
        (Scope.INVOICE, [(("A", "B"), 30), (("C",), 30)]),
        (Scope.NOTICE, [(("A", "B", "C"), 60)]),
    ],
)
def test_scope_of_a_fee(scope, expected):
    debts = [
        debt("A", "100", invoice="I1"),
        debt("B", "200", invoice="I1"),
        debt("C", "300", invoice="I2"),
    ]
    fees = claim(rule(tariffs=(percentage("EUR", D(10)),), scope=scope), debts, ON)
    assert [(fee.keys, fee.amount) for fee in fees] == expected


def test_once_per_item_and_level():
    claimed = past(date(2026, 3, 20), level=1)
    assert said(one(rule(), debt(level=1, past=(claimed,)))) == ["already_claimed"]
    assert said(one(rule(), debt(level=2, past=(claimed,)))) == []
    assert said(one(rule(key="other"), debt(level=1, past=(claimed,)))) == []


def test_once_per_invoice_whatever_the_level_or_instalment():
    compensation = rule(40, kind=Kind.COMPENSATION, scope=Scope.INVOICE)
    claimed = past(date(2026, 3, 20), 40, rule="older rule", kind=Kind.COMPENSATION, level=1)
    first, second = debt("A", invoice="I", past=(claimed,)), debt("B", invoice="I", level=2)
    fee = one(compensation, first, second)
    assert (fee.amount, fee.withheld, said(fee)) == (0, 40, ["already_claimed"])
    assert one(compensation, replace(first, past=()), second).amount == 40


def test_a_notice_may_bear_its_fee_again_and_only_for_the_items_that_allow_it():
    fee_rule = rule(scope=Scope.NOTICE, max_count=1)
    spent = debt("A", past=(past(date(2026, 3, 20)),))
    free, none = claim(fee_rule, [spent, debt("B")], ON)
    assert (free.keys, free.amount, none.keys, none.amount, said(none)) == (("B",), 5, ("A",), 0, ["max_count"])
    assert one(rule(scope=Scope.NOTICE), spent).amount == 5
    both = one(fee_rule, spent, replace(spent, key="B"))
    assert (both.keys, both.amount, both.withheld, said(both)) == (("A", "B"), 0, 5, ["max_count"])


def test_every_reason_is_given():
    fee = one(
        rule(needs_agreement=True, needs_default=True, days_after_due=40, free_reminders=1, days_after_reminder=14),
        debt(),
    )
    assert said(fee) == ["not_agreed", "not_in_default", "too_early", "free_reminder", "waiting_period"]
    assert (fee.amount, fee.withheld, fee.steps) == (0, 5, ())


def test_nothing_owed():
    assert said(one(rule(), debt(principal="0"))) == ["nothing_owed"]


@pytest.mark.parametrize(
    ("limit", "day", "until"),
    [
        # Norway, Finland: 14 days after the due date of 2 March
        ({"days_after_due": 14}, date(2026, 3, 15), date(2026, 3, 16)),
        ({"days_after_due": 14}, date(2026, 3, 16), None),
        ({"days_after_due": 1}, date(2026, 3, 2), date(2026, 3, 3)),
        ({"days_after_due": 1}, date(2026, 3, 3), None),
    ],
)
def test_days_after_due(limit, day, until):
    fee = one(rule(**limit), debt(), on=day)
    assert fee.findings == (
        () if until is None else (Finding(Reason.TOO_EARLY, limit["days_after_due"], (day - DUE).days, until),)
    )


def test_the_notice_that_causes_the_default_is_free():
    fee_rule = rule(needs_default=True)
    assert said(one(fee_rule, debt())) == ["not_in_default"]
    fee = one(fee_rule, debt(default=ON))
    assert fee.findings == (Finding(Reason.NOT_IN_DEFAULT, until=ON + timedelta(days=1)),)
    assert one(fee_rule, debt(default=ON - timedelta(days=1))).amount == 5


@pytest.mark.parametrize("limit", [{"needs_agreement": True}])
def test_swedish_reminder_fee_only_if_agreed(limit):
    fee_rule = rule(tariffs=(fixed("SEK", D(60)),), **limit)
    fee = one(fee_rule, debt(money=SEK))
    assert (fee.amount, fee.withheld, said(fee)) == (0, 60, ["not_agreed"])
    assert one(fee_rule, debt(money=SEK, agreed=True)).amount == 60


def test_belgian_consumer_first_reminder_free_and_fourteen_days():
    """The economics ministry: news.economie.fgov.be/228621-factures-impayees-rappel-gratuit-et-indemnites-limitees

    An e-mail of 1 April: the 14 days are 2 to 15 April (www.sninet.be), a penalty may be claimed from the 16th.
    """
    fee_rule = rule(tariffs=(BE_PENALTY,), free_reminders=1, days_after_reminder=14)
    mail = Letter("R1", sent=date(2026, 4, 1), received=date(2026, 4, 1))
    note = Letter("N", sent=DUE, received=DUE)
    assert said(one(fee_rule, debt(letters=(note,)))) == ["free_reminder", "waiting_period"]
    fee = one(fee_rule, debt(principal="650", letters=(note, mail)), on=date(2026, 4, 15))
    assert (fee.amount, fee.withheld) == (0, D("72.50"))
    assert fee.findings == (Finding(Reason.WAITING_PERIOD, 14, 14, date(2026, 4, 16)),)
    assert one(fee_rule, debt(principal="650", letters=(note, mail)), on=date(2026, 4, 16)).amount == D("72.50")
    second = Letter("R2", sent=date(2026, 4, 14), received=date(2026, 4, 14))
    assert one(fee_rule, debt(letters=(second, mail)), on=date(2026, 4, 16)).findings == ()
    unread = replace(mail, received=None)
    assert said(one(fee_rule, debt(letters=(unread,)), on=date(2026, 6, 1))) == ["waiting_period"]
    other = replace(mail, starts_waiting=False)
    assert said(one(fee_rule, debt(letters=(other,)), on=date(2026, 6, 1))) == ["waiting_period"]


def test_danish_reminder_fees_three_at_most_ten_days_apart():
    fee_rule = rule(100, max_count=3, spacing_days=10)
    days = [date(2026, 3, 10), date(2026, 3, 20), date(2026, 3, 30)]
    two = debt(past=tuple(past(day, 100, level=day) for day in days[:2]))
    assert one(fee_rule, two, on=date(2026, 3, 29)).findings == (Finding(Reason.SPACING, 10, 9, date(2026, 3, 30)),)
    assert one(fee_rule, two, on=date(2026, 3, 30)).amount == 100
    three = replace(two, past=(*two.past, past(days[2], 100, level=3)))
    assert one(fee_rule, three, on=date(2026, 6, 1)).findings == (Finding(Reason.MAX_COUNT, 3, 3),)


def test_the_norwegian_second_fee_needs_a_missed_deadline_of_fourteen_days():
    """kontohjelp.no/kontering/purring-og-inkasso/purring: inkassoforskriften s. 1-3"""
    fee_rule = rule(38, days_after_due=14, max_count=2, reset_months=6, missed_deadline_days=14)
    first, deadline = date(2026, 3, 16), date(2026, 3, 30)
    claimed = (past(first, 38, level=1),)
    letter = Letter("P1", sent=first, received=first, deadline=deadline)
    owing = debt(level=2, past=claimed, letters=(letter,))
    assert one(fee_rule, owing, on=deadline).findings == (
        Finding(Reason.NO_MISSED_DEADLINE, 14, until=date(2026, 3, 31)),
    )
    assert one(fee_rule, owing, on=date(2026, 3, 31)).amount == 38
    second = Letter("P2", sent=date(2026, 3, 18), deadline=date(2026, 4, 2))
    assert one(fee_rule, replace(owing, letters=(second, letter)), on=deadline).findings[0].until == date(2026, 3, 31)
    short = replace(letter, deadline=date(2026, 3, 29))
    assert one(fee_rule, replace(owing, letters=(short,))).findings == (Finding(Reason.NO_MISSED_DEADLINE, 14),)
    earlier = replace(letter, sent=date(2026, 3, 10), deadline=date(2026, 3, 24))
    assert said(one(fee_rule, replace(owing, letters=(earlier,)))) == ["no_missed_deadline"]
    silent = replace(letter, deadline=None)
    assert said(one(fee_rule, replace(owing, letters=(silent,)))) == ["no_missed_deadline"]
    assert one(fee_rule, debt(letters=(), past=()), on=first).amount == 38


@pytest.mark.parametrize(
    ("days", "on", "count"),
    [
        ([date(2026, 1, 10), date(2026, 2, 28)], date(2026, 8, 28), 2),
        ([date(2026, 1, 10), date(2026, 2, 28)], date(2026, 8, 29), 0),
        ([date(2025, 8, 31), date(2025, 9, 30)], date(2026, 3, 30), 2),
        ([date(2025, 8, 31), date(2025, 9, 30)], date(2026, 3, 31), 0),
        # February has no 31st: six months after 31 August end with the month
        ([date(2025, 8, 30), date(2025, 8, 31)], date(2026, 2, 28), 2),
        ([date(2025, 8, 30), date(2025, 8, 31)], date(2026, 3, 1), 0),
        # two fees, a pause of more than six months, one fee: only that one counts
        ([date(2025, 1, 10), date(2025, 2, 10), date(2025, 9, 1)], date(2025, 9, 20), 0),
        # each within six months of the one before
        ([date(2025, 1, 10), date(2025, 6, 10)], date(2025, 12, 10), 2),
    ],
)
def test_the_count_begins_anew_after_six_months(days, on, count):
    fee_rule = rule(38, max_count=2, reset_months=6)
    owing = debt(due=date(2024, 12, 1), level=9, past=tuple(past(day, 38, level=day) for day in days))
    found = one(fee_rule, owing, on=on).findings
    assert [one_found.actual for one_found in found] == ([count] if count else [])
    for one_found in found:
        assert one(fee_rule, owing, on=one_found.until).findings == ()
        assert one(fee_rule, owing, on=one_found.until - timedelta(days=1)).findings


def test_other_counters_and_kinds_are_not_counted():
    others = (
        past(date(2026, 3, 20), counter="demand", charge=1, level=1),
        past(date(2026, 3, 20), kind=Kind.COMPENSATION, charge=2, level=1),
        past(date(2026, 3, 20), kind=Kind.INTEREST, charge=3, level=1),
    )
    assert one(rule(max_count=1, spacing_days=90), debt(past=others)).amount == 5
    nothing = past(date(2026, 3, 20), 0, level=1, gross=D(38))
    assert one(rule(max_count=1), debt(past=(nothing,))).amount == 5
    counted = one(rule(max_count=1, counter="demand"), debt(past=others))
    assert said(counted) == ["max_count"]


def test_no_amount_and_no_rate_is_no_fee():
    fee = one(rule(), debt(money=SEK))
    assert (fee.amount, fee.withheld) == (0, 0)
    assert fee.findings == (Finding(Reason.NO_CONVERSION, subject="EUR"),)
    converted = one(rule(), debt(money=SEK), rates={"EUR": D("11.20")})
    assert (converted.amount, converted.converted.currency, converted.converted.rate) == (56, "EUR", D("11.20"))


def test_debts_in_two_currencies_are_refused():
    with pytest.raises(ValueError, match="one currency"):
        claim(rule(), [debt(), debt(money=NOK)], ON)


def test_no_debt_is_no_fee():
    assert claim(rule(scope=Scope.NOTICE), [], ON) == ()
