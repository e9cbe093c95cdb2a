"""Credit status: facts in, every reason and its way out."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.ar_dunning.core.allocation import cover
from odoo.addons.ar_dunning_credit.core.credit_status import (
    Check,
    Code,
    Exposure,
    Facts,
    Limits,
    ManualHold,
    OpenItem,
    Reason,
    Result,
    RuleHit,
    Status,
    Switches,
    Unlock,
    Way,
    assess,
    left_of,
    pay_first,
)

ON = date(2026, 3, 2)
ALL = Switches(
    limit=Status.HOLD,
    overdue=Status.HOLD,
    overdue_days=30,
    overdue_amount=Decimal(0),
    level=Status.HOLD,
    grade=Status.WATCH,
    grade_from="d",
)
NONE = Switches()


def D(text):  # noqa: N802 - short literals in tables
    return Decimal(str(text))


def debt(name, late, amount, **more):
    return OpenItem(name, ON - timedelta(days=late), D(amount), **more)


def paid(debts, money):
    """These debts with `money` on its way: the oldest first, disputed ones last."""
    order = sorted(enumerate(debts), key=lambda pair: (pair[1].disputed, pair[1].due))
    found = cover([(place, one.amount) for place, one in order], money)
    return tuple(replace(one, covered=found.get(place, D(0))) for place, one in enumerate(debts))


def exposure(receivables, orders=0, drafts=0, extra=0):
    return Exposure(D(receivables), D(orders), D(drafts), D(extra))


@pytest.mark.parametrize(
    ("parts", "limits", "percent", "status", "excess", "available", "unlock"),
    [
        # receivables, orders, drafts, extra; ordinary, temporary, until, insured, until
        ((1000, 0, 0, 0), Limits(D(1000)), 100, "ok", 0, 0, None),
        (("1000.01", 0, 0, 0), Limits(D(1000)), 100, "hold", "0.01", "-0.01", "0.01"),
        ((600, 300, 0, 101), Limits(D(1000)), 100, "hold", 1, -1, 1),
        ((600, 0, 401, 0), Limits(D(1000)), 100, "hold", 1, -1, 1),
        ((901, 0, 0, 0), Limits(D(1000)), 90, "hold", 0, 99, 1),  # nine tenths used, limit not exceeded
        ((-200, 0, 0, 1200), Limits(D(1000)), 100, "ok", 0, 0, None),  # a credit balance gives room
        ((10**9, 0, 0, 0), Limits(None), 100, "ok", 0, None, None),
        ((1500, 0, 0, 0), Limits(D(1000), D(1500), ON), 100, "ok", 0, 0, None),
        ((1500, 0, 0, 0), Limits(D(1000), D(1500), ON - timedelta(days=1)), 100, "hold", 500, -500, 500),
        ((1, 0, 0, 0), Limits(D(1000), D(0), ON), 100, "hold", 1, -1, 1),  # a temporary limit of nothing
        ((1500, 0, 0, 0), Limits(D(1000), None, None, D(500), ON), 100, "ok", 0, 0, None),
        ((1500, 0, 0, 0), Limits(D(1000), None, None, D(500), ON - timedelta(days=1)), 100, "hold", 500, -500, 500),
        ((1500, 0, 0, 0), Limits(D(1000), None, None, D(500), None), 100, "ok", 0, 0, None),
        ((1500, 0, 0, 0), Limits(None, None, None, D(500), None), 100, "ok", 0, None, None),  # cover is no limit
    ],
)
def test_the_limit(parts, limits, percent, status, excess, available, unlock):
    switches = Switches(limit=Status.HOLD, limit_percent=D(percent))
    state = assess(Facts(exposure=exposure(*parts), limits=limits), switches, ON)
    assert (state.status.value, state.excess) == (status, D(excess))
    assert state.available == (None if available is None else D(available))
    if unlock is None:
        assert state.reasons == ()
    else:
        (reason,) = state.reasons
        assert (reason.code, reason.unlock.way, reason.unlock.amount) == (Code.OVER_LIMIT, Way.PAY, D(unlock))


@pytest.mark.parametrize(
    ("debts", "credits", "threshold", "expected"),
    [
        # amount to pay and what, or nothing
        ([("A", 30, 500)], 0, 0, None),
        ([("A", 31, 500)], 0, 0, (500, ("A",))),
        ([("A", 31, 500)], 0, 500, None),
        ([("A", 40, 500), ("B", 35, 200)], 0, 600, (100, ("A",))),
        ([("A", 40, 500), ("B", 35, 200)], 0, 0, (700, ("A", "B"))),
        ([("A", 40, 500), ("B", 35, 200)], 500, 0, (200, ("B",))),  # unmatched money pays the oldest
        ([("A", 40, 500), ("B", 35, 200)], 700, 0, None),
        ([("A", 40, 500), ("B", 10, 200)], 0, 0, (500, ("A",))),  # B is late, but not late enough
    ],
)
def test_overdue(debts, credits, threshold, expected):
    facts = Facts(debts=paid(tuple(debt(*row) for row in debts), D(credits)))
    switches = Switches(overdue=Status.BLOCKED, overdue_days=30, overdue_amount=D(threshold))
    state = assess(facts, switches, ON)
    if expected is None:
        assert state.status is Status.OK
    else:
        assert state.status is Status.BLOCKED
        (reason,) = state.reasons
        assert (reason.unlock.amount, reason.unlock.names) == (D(expected[0]), expected[1])
        assert reason.values["days"] == max((ON - item.due).days for item in left_of(facts.debts))


def test_disputed_items_are_not_overdue_but_count_against_the_limit():
    facts = Facts(exposure=exposure(500), limits=Limits(D(400)), debts=(debt("A", 90, 500, disputed=True),))
    assert [reason.code for reason in assess(facts, ALL, ON).reasons] == [Code.OVER_LIMIT]


def test_a_level_with_credit_hold():
    facts = Facts(debts=(debt("A", 20, 300, on_hold=True, level="Third reminder"), debt("B", 5, 900)))
    (reason,) = assess(facts, ALL, ON).reasons
    assert (reason.code, reason.unlock.amount, reason.unlock.names) == (Code.LEVEL, D(300), ("A",))
    assert reason.values["level"] == "Third reminder"
    settled = Facts(debts=paid(facts.debts, D(300)))
    assert assess(settled, ALL, ON).status is Status.OK


@pytest.mark.parametrize(
    ("grade", "from_", "status"),
    [("a", "d", "ok"), ("c", "d", "ok"), ("d", "d", "watch"), ("e", "d", "watch"), ("E", "d", "watch"),
     ("new", "b", "ok"), (None, "b", "ok"), ("c", "b", "watch")],
)  # fmt: skip
def test_grades(grade, from_, status):
    switches = Switches(grade=Status.WATCH, grade_from=from_)
    assert assess(Facts(grade=grade), switches, ON).status.value == status


@pytest.mark.parametrize(
    ("result", "until", "status", "code", "way"),
    [
        (Result.GOOD, None, "ok", None, None),
        (Result.GOOD, 0, "ok", None, None),  # its last day
        (Result.GOOD, -1, "watch", Code.CHECK_EXPIRED, Way.REVIEW),
        (Result.CAUTION, 5, "watch", Code.CAUTION, Way.REVIEW),
        (Result.BAD, 5, "hold", Code.BAD, Way.REVIEW),
        (Result.BAD, -1, "watch", Code.CHECK_EXPIRED, Way.REVIEW),
        (Result.INSOLVENT, None, "hold", Code.INSOLVENT, Way.PREPAY),
        (Result.INSOLVENT, -400, "hold", Code.INSOLVENT, Way.PREPAY),  # does not expire
    ],
)
def test_solvency(result, until, status, code, way):
    last = None if until is None else ON + timedelta(days=until)
    check = Check(result, "Credit agency", ON - timedelta(days=500), last)
    state = assess(Facts(check=check), NONE, ON)
    assert state.status.value == status
    assert state.prepayment_only == (result is Result.INSOLVENT)
    if code:
        (reason,) = state.reasons
        assert (reason.code, reason.unlock.way) == (code, way)
        if way is Way.REVIEW:
            assert reason.unlock.day == last
    else:
        assert state.reasons == ()


def test_holds_by_hand_end_after_their_last_day():
    hold = ManualHold("Bounced cheque", "Ada", ON, until=ON)
    assert assess(Facts(holds=(hold,)), NONE, ON).status is Status.HOLD
    assert assess(Facts(holds=(hold,)), NONE, ON + timedelta(days=1)).status is Status.OK
    blocked = ManualHold("Fraud", "Ada", ON, effect=Status.BLOCKED)
    state = assess(Facts(holds=(blocked,)), NONE, ON)
    assert (state.status, state.stops, state.may_override) == (Status.BLOCKED, True, False)


def test_every_reason_is_told_and_the_strictest_rules():
    facts = Facts(
        exposure=exposure(2000),
        limits=Limits(D(1000)),
        debts=(debt("A", 60, 2000, on_hold=True, level="Formal notice"),),
        grade="e",
        check=Check(Result.CAUTION, "Bank reference", ON),
        holds=(ManualHold("See file", "Ada", ON),),
        legal_case=True,
        rules=(RuleHit("Abroad", Status.WATCH),),
    )
    state = assess(facts, ALL, ON)
    assert state.status is Status.BLOCKED
    assert state.reasons[0].code is Code.LEGAL_CASE
    assert {reason.code for reason in state.reasons} == {
        Code.OVER_LIMIT, Code.OVERDUE, Code.LEVEL, Code.GRADE, Code.CAUTION, Code.MANUAL, Code.LEGAL_CASE, Code.RULE,
    }  # fmt: skip
    effects = [reason.effect.rank for reason in state.reasons]
    assert effects == sorted(effects, reverse=True)


def test_switched_off_is_silent():
    facts = Facts(exposure=exposure(2000), limits=Limits(D(1)), debts=(debt("A", 99, 2000, on_hold=True),), grade="e")
    state = assess(facts, NONE, ON)
    assert (state.status, state.reasons, state.excess) == (Status.OK, (), D(1999))  # posting asks for the excess


amounts = st.decimals(0, 5000, places=2)
rows = st.lists(st.tuples(st.integers(1, 120), st.decimals("0.01", 5000, places=2), st.booleans()), max_size=6)


def debts_of(items):
    """Debts of days late, amount, and whether it is disputed; oldest first."""
    found = (debt(f"{n}", late, amount, disputed=disputed) for n, (late, amount, disputed) in enumerate(items))
    return tuple(sorted(found, key=lambda item: item.due))


@given(rows, amounts, st.decimals(1, 5000, places=2), amounts)
def test_doing_what_unlocks_it_unlocks_it(items, credits, limit, extra):
    """Paying each reason's amount as unmatched money leaves none of those reasons, whatever else is disputed."""
    debts = debts_of(items)
    owed = sum((item.amount for item in debts), D(0))
    switches = Switches(limit=Status.HOLD, overdue=Status.HOLD, overdue_days=30)

    def state(money):
        parts = Exposure(receivables=owed - money, extra=extra)
        return assess(Facts(exposure=parts, limits=Limits(limit), debts=paid(debts, money)), switches, ON)

    before = state(credits)
    need = max((reason.unlock.amount for reason in before.reasons), default=D(0))
    assert state(credits + need).status is Status.OK
    if need:
        assert state(credits + need - D("0.01")).status is Status.HOLD


@given(rows, amounts)
def test_what_is_left_never_creates_or_loses_money(items, credits):
    debts = debts_of(items)
    rest = left_of(paid(debts, credits))
    total, left = (sum((item.amount for item in some), D(0)) for some in (debts, rest))
    assert left == max(total - credits, D(0))
    assert pay_first(rest, left) == tuple(dict.fromkeys(item.name for item in rest))


def test_reasons_of_others_are_told_with_ours():
    """A code is a string: who brings a reason brings its name, its effect and the way out."""
    found = Reason("complaints", Status.BLOCKED, Unlock(Way.LIFT), {"count": 3})
    facts = Facts(exposure=exposure(1500), limits=Limits(ordinary=D(1000)), further=(found,))
    state = assess(facts, Switches(limit=Status.HOLD), ON)
    assert (state.status, [reason.code for reason in state.reasons]) == (
        Status.BLOCKED,
        ["complaints", Code.OVER_LIMIT],
    )
