"""One notice a night: what it demands and what it only lists."""

from dataclasses import replace

import pytest
from dunning_helpers import BEFORE, DUE, FIRST, FORMAL, SECOND
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.ar_dunning.core.compose import Candidate, compose
from odoo.addons.ar_dunning.core.plan import CODES, LISTABLE, Blocker, Code, Kind, Level, Step


def step(level, *codes):
    return Step(level, tuple(Blocker(code) for code in codes), None if codes else DUE, DUE)


def due(key, level):
    return Candidate(key, step(level), level.days > 0)


def stopped(key, *codes, overdue=True, level=FIRST):
    return Candidate(key, step(level, *codes), overdue)


def told(*candidates):
    found = compose(candidates)
    return found and (found.level, found.demanded, found.listed)


def test_nothing_due_makes_no_notice():
    assert told() is None
    assert told(stopped("a", Code.NOT_DUE_YET), stopped("b", Code.PAUSED)) is None


def test_the_highest_level_leads_and_each_item_keeps_its_own():
    assert told(due("a", FIRST), due("b", SECOND), due("c", FIRST)) == (
        SECOND,
        (("a", FIRST), ("b", SECOND), ("c", FIRST)),
        (),
    )


def test_a_formal_notice_demands_only_what_has_passed_its_gate():
    early = replace(FORMAL, days=10)
    assert told(due("a", FIRST), due("b", early), due("c", SECOND)) == (early, (("b", early),), ("a", "c"))


def test_several_formal_items_stand_together():
    higher = replace(FORMAL, key=5, days=60)
    assert told(due("a", FORMAL), due("b", higher)) == (higher, (("a", FORMAL), ("b", higher)), ())


@pytest.mark.parametrize("code", list(CODES))
def test_only_what_passes_by_itself_is_listed(code):
    expected = ("b",) if code in LISTABLE else ()
    assert told(due("a", FIRST), stopped("b", code))[2] == expected


@pytest.mark.parametrize(
    ("code", "listed"),
    [
        (Code.CONTACT_GAP, True),
        (Code.DEADLINE_RUNNING, True),
        (Code.SMALL_BALANCE, True),
        (Code.FORMAL_GATE, True),
        (Code.LADDER_FINISHED, True),
        (Code.PAUSED, False),
        (Code.NO_FOLLOWUP, False),
        (Code.BLOCKED, False),
        (Code.MONEY_COMING, False),
        (Code.NOT_SENT, False),
        (Code.WE_COLLECT, False),
        (Code.NOTICE_PENDING, False),
        (Code.FACTORED, False),
    ],
)
def test_a_customer_never_reads_about_what_is_on_hold(code, listed):
    assert told(due("a", FIRST), stopped("b", code))[2] == (("b",) if listed else ())


def test_one_reason_on_hold_is_enough():
    assert told(due("a", FIRST), stopped("b", Code.CONTACT_GAP, Code.PAUSED))[2] == ()


def test_what_is_not_overdue_is_not_listed():
    assert told(due("a", FIRST), stopped("b", Code.NOT_DUE_YET, overdue=False))[2] == ()


def test_a_courtesy_note_lists_nothing():
    assert told(due("a", BEFORE), stopped("b", Code.SMALL_BALANCE)) == (BEFORE, (("a", BEFORE),), ())


LEVELS = st.builds(Level, st.integers(1, 9), st.integers(1, 50), st.sampled_from([Kind.REMINDER, Kind.FORMAL]))
CANDIDATES = st.lists(
    st.builds(
        lambda level, codes, overdue: (level, codes, overdue),
        LEVELS,
        st.lists(st.sampled_from(list(CODES)), max_size=2),
        st.booleans(),
    ),
    max_size=8,
)


@given(CANDIDATES)
def test_every_item_stands_at_most_once(rows):
    candidates = [
        Candidate(key, step(level, *codes), overdue or not codes) for key, (level, codes, overdue) in enumerate(rows)
    ]
    found = compose(candidates)
    assert (found is None) == (not any(candidate.step.due for candidate in candidates))
    if found:
        demanded = [key for key, _level in found.demanded]
        assert len(set(demanded) | set(found.listed)) == len(demanded) + len(found.listed)
        by_key = {candidate.key: candidate for candidate in candidates}
        assert all(by_key[key].step.due and by_key[key].step.level == level for key, level in found.demanded)
        assert found.level in [level for _key, level in found.demanded]
        assert found.level.kind != Kind.FORMAL or all(level.kind == Kind.FORMAL for _key, level in found.demanded)
        if found.level.kind != Kind.FORMAL:
            assert set(demanded) == {candidate.key for candidate in candidates if candidate.step.due}
            assert found.level.days == max(level.days for _key, level in found.demanded)
