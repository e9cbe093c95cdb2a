"""Default: its day, its ground, and from when interest runs, country by country."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.ar_dunning.core.calendar import EVERY_DAY, Calendar
from odoo.addons.ar_dunning_charge.core.default import (
    Default,
    Ground,
    Item,
    Letter,
    Obstacle,
    Rule,
    Transit,
    find,
    presume,
)

ALL = (Ground.AGREED, Ground.NOTICE, Ground.INVOICE)
WEEK = Calendar(frozenset(range(5)))
GERMAN = Rule(ALL, shift=True)
GERMAN_CONSUMER = replace(GERMAN, needs_mention=True)
NORDIC = Rule((Ground.AGREED, Ground.NOTICE), notice_days=30)
DUTCH = Rule((Ground.AGREED, Ground.NOTICE), notice_deadline=True)
BELGIAN_CONSUMER = Rule((Ground.AGREED,), reminder_days=14)
FRI, SAT, MON = date(2026, 6, 5), date(2026, 6, 6), date(2026, 6, 8)
UNAGREED = Item(due=FRI, agreed=False, invoice_received=date(2026, 6, 1))


def letter(sent, received=None, key="R1", **values):
    return Letter(key, sent, received=received or sent, **values)


@pytest.mark.parametrize(
    ("rule", "item", "letters", "on", "ground", "key"),
    [
        # an agreed date: default once it has passed, interest from the day after
        (GERMAN, Item(due=FRI), (), FRI, Ground.AGREED, None),
        # BGB s. 193: an agreed Saturday moves to Monday; without the shift it stays
        (GERMAN, Item(due=SAT), (), MON, Ground.AGREED, None),
        (replace(GERMAN, shift=False), Item(due=SAT), (), SAT, Ground.AGREED, None),
        # BGB s. 286(3): 30 days from due date and receipt, whichever is later; 5 July is a Sunday
        (GERMAN, UNAGREED, (), date(2026, 7, 6), Ground.INVOICE, None),
        (replace(GERMAN, shift=False), UNAGREED, (), date(2026, 7, 5), Ground.INVOICE, None),
        (GERMAN, replace(UNAGREED, invoice_received=date(2026, 6, 9)), (), date(2026, 7, 9), Ground.INVOICE, None),
        (GERMAN_CONSUMER, replace(UNAGREED, mention=True), (), date(2026, 7, 6), Ground.INVOICE, None),
        # a reminder after the due date comes first, the earlier received of two, even on a day off
        (GERMAN, UNAGREED, (letter(date(2026, 6, 15)),), date(2026, 6, 15), Ground.NOTICE, "R1"),
        (
            GERMAN,
            UNAGREED,
            (letter(date(2026, 6, 10), date(2026, 6, 15)), letter(date(2026, 6, 12), date(2026, 6, 13), "R2")),
            date(2026, 6, 13),
            Ground.NOTICE,
            "R2",
        ),
        (GERMAN_CONSUMER, UNAGREED, (letter(date(2026, 9, 1)),), date(2026, 9, 1), Ground.NOTICE, "R1"),
        # ... and the 30 days come first where the reminder is late
        (GERMAN, UNAGREED, (letter(date(2026, 7, 7)),), date(2026, 7, 6), Ground.INVOICE, None),
        # the deadline of the reminder only counts where the rule waits for it
        (GERMAN, UNAGREED, (letter(MON, deadline=date(2026, 6, 20)),), MON, Ground.NOTICE, "R1"),
        (DUTCH, UNAGREED, (letter(MON, deadline=date(2026, 6, 20)),), date(2026, 6, 20), Ground.NOTICE, "R1"),
        (DUTCH, UNAGREED, (letter(MON),), MON, Ground.NOTICE, "R1"),
        (
            replace(DUTCH, shift=True),
            UNAGREED,
            (letter(MON, deadline=date(2026, 6, 20)),),
            date(2026, 6, 22),
            Ground.NOTICE,
            "R1",
        ),
        # Norway, Sweden, Denmark: without an agreed date, 30 days after a demand
        (NORDIC, UNAGREED, (letter(MON),), date(2026, 7, 8), Ground.NOTICE, "R1"),
        # on one day, the ground named first
        (GERMAN, Item(due=FRI, invoice_received=date(2026, 5, 6)), (), FRI, Ground.AGREED, None),
        (
            Rule((Ground.INVOICE, Ground.AGREED), invoice_days=0),
            Item(due=FRI, invoice_received=FRI),
            (),
            FRI,
            Ground.INVOICE,
            None,
        ),
    ],
)
def test_the_earliest_lawful_ground(rule, item, letters, on, ground, key):
    found = find(rule, item, letters, WEEK)
    assert (found.on, found.ground, found.letter) == (on, ground, key)
    assert found.first == found.claimable == on + timedelta(days=1)


def test_the_thirty_days_of_a_holiday():
    """BGH, 1 February 2007, III ZR 159/06 (datenbank.nwb.de/Dokument/Anzeigen/254779): s. 193 moves the default too."""
    easter = Calendar(frozenset(range(5)), frozenset({date(2026, 4, 3), date(2026, 4, 6)}))
    item = Item(due=date(2026, 3, 4), agreed=False, invoice_received=date(2026, 3, 4))
    found = find(GERMAN, item, (), easter)  # the 30th day is Good Friday, 3 April
    assert (found.on, found.first) == (date(2026, 4, 7), date(2026, 4, 8))


@pytest.mark.parametrize(
    ("rule", "item", "letters", "obstacles"),
    [
        (GERMAN_CONSUMER, UNAGREED, (), ["not_agreed", "no_notice", "no_mention"]),
        (GERMAN, replace(UNAGREED, invoice_received=None), (), ["not_agreed", "no_notice", "invoice_not_received"]),
        (NORDIC, UNAGREED, (), ["not_agreed", "no_notice"]),
        # a reminder before or on the due date demands nothing yet
        (NORDIC, UNAGREED, (letter(date(2026, 6, 4)), letter(FRI, key="R2")), ["not_agreed", "no_notice"]),
        (NORDIC, UNAGREED, (letter(MON, puts_in_default=False),), ["not_agreed", "no_notice"]),
        (NORDIC, UNAGREED, (Letter("R1", MON), Letter("R2", MON)), ["not_agreed", "not_received"]),
        # ... nor does one on the Saturday that moved to Monday
        (replace(NORDIC, shift=True), replace(UNAGREED, due=SAT), (letter(MON),), ["not_agreed", "no_notice"]),
        (Rule(()), Item(due=FRI), (letter(MON),), ["no_ground_open"]),
        (Rule((Ground.NOTICE,)), Item(due=FRI), (), ["no_notice"]),
    ],
)
def test_no_default_says_why(rule, item, letters, obstacles):
    assert find(rule, item, letters, WEEK) == Default(obstacles=tuple(Obstacle(one) for one in obstacles))


def test_what_did_not_hold_is_said_beside_what_did():
    assert find(GERMAN, UNAGREED, (), WEEK).obstacles == (Obstacle.NOT_AGREED, Obstacle.NO_NOTICE)


@pytest.mark.parametrize(
    ("rule", "letters", "first", "claimable"),
    [
        # www.sninet.be/fr/actualit-eacute-s: the 14 days begin the day after the e-mail; all of them must have passed
        (BELGIAN_CONSUMER, (letter(MON),), date(2026, 6, 23), date(2026, 6, 23)),
        # small and medium enterprises count from the day after the reminder was sent
        (replace(BELGIAN_CONSUMER, from_reminder=True), (letter(MON),), date(2026, 6, 9), date(2026, 6, 23)),
        (
            replace(BELGIAN_CONSUMER, from_reminder=True),
            (letter(MON, date(2026, 6, 11)),),
            date(2026, 6, 9),
            date(2026, 6, 26),
        ),
        # the first reminder received counts, one before the due date does not
        (BELGIAN_CONSUMER, (letter(FRI), letter(date(2026, 6, 20)), letter(MON)), date(2026, 6, 23), date(2026, 6, 23)),
        (
            BELGIAN_CONSUMER,
            (letter(MON, starts_waiting=False), letter(date(2026, 6, 20))),
            date(2026, 7, 5),
            date(2026, 7, 5),
        ),
    ],
)
def test_belgian_consumers_pay_interest_after_a_reminder_and_fourteen_days(rule, letters, first, claimable):
    found = find(rule, Item(due=FRI), letters)
    assert (found.on, found.ground, found.first, found.claimable) == (FRI, Ground.AGREED, first, claimable)


@pytest.mark.parametrize("letters", [(), (letter(FRI),), (letter(MON, starts_waiting=False),), (Letter("R1", MON),)])
def test_without_that_reminder_no_interest(letters):
    found = find(BELGIAN_CONSUMER, Item(due=FRI), letters)
    assert (found.on, found.first, found.claimable) == (FRI, None, None)
    assert found.obstacles == (Obstacle.NO_REMINDER,)


def test_a_default_later_than_the_waiting_period_starts_the_interest():
    rule = Rule((Ground.INVOICE,), invoice_days=60, reminder_days=14, from_reminder=True)
    found = find(rule, UNAGREED, (letter(MON),))
    assert found.on == date(2026, 8, 4)
    assert found.first == found.claimable == date(2026, 8, 5)


@pytest.mark.parametrize(
    ("transit", "sent", "expected"),
    [
        (Transit(), FRI, FRI),
        (Transit(), SAT, MON),
        (Transit(0, working=False), SAT, SAT),
        (Transit(1), FRI, MON),
        (Transit(1), SAT, MON),
        (Transit(1, working=False), FRI, SAT),
        (Transit(3), FRI, date(2026, 6, 10)),
        (Transit(3), SAT, date(2026, 6, 10)),
        (Transit(3), MON, date(2026, 6, 11)),
        (Transit(5), MON, date(2026, 6, 15)),
    ],
)
def test_receipt_is_presumed_by_channel(transit, sent, expected):
    [read] = presume((Letter("R1", sent, "letter"),), {"letter": transit}, WEEK)
    assert read.received == expected


def test_a_known_receipt_is_kept_and_an_unknown_channel_stays_open():
    known = Letter("R1", MON, "letter", received=date(2026, 6, 30))
    phone = Letter("R2", MON, "activity")
    assert presume((known, phone), {"letter": Transit(3)}, WEEK) == (known, phone)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Transit(-1),
        lambda: Rule(ALL, invoice_days=-1),
        lambda: Rule(ALL, notice_days=-1),
        lambda: Rule(ALL, reminder_days=-1),
        lambda: Rule((Ground.NONE,)),
        lambda: Rule((Ground.NOTICE, Ground.NOTICE)),
    ],
)
def test_bad_rules_are_refused(make):
    with pytest.raises(ValueError, match=r"days|received|ground"):
        make()


DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
ITEMS = st.builds(Item, DAYS, st.booleans(), st.none() | DAYS, st.booleans())
RULES = st.builds(
    Rule,
    st.sampled_from([ALL, (Ground.NOTICE,), (Ground.INVOICE, Ground.NOTICE), (Ground.AGREED,), ()]),
    st.integers(0, 60),
    st.booleans(),
    st.integers(0, 30),
    st.booleans(),
    st.booleans(),
    st.none() | st.integers(0, 30),
    st.booleans(),
)


@st.composite
def letter_of(draw):
    sent = draw(DAYS)
    wait = draw(st.none() | st.integers(0, 10))
    return Letter(
        draw(st.integers(0, 9)),
        sent,
        received=None if wait is None else sent + timedelta(days=wait),
        deadline=draw(st.none() | st.integers(0, 30).map(lambda days: sent + timedelta(days=days))),
        puts_in_default=draw(st.booleans()),
        starts_waiting=draw(st.booleans()),
    )


LETTERS = st.lists(letter_of(), max_size=4).map(tuple)
CALENDARS = st.sampled_from([EVERY_DAY, WEEK])


@given(RULES, ITEMS, LETTERS, CALENDARS)
def test_no_default_before_its_ground_and_no_interest_before_default(rule, item, letters, calendar):
    found = find(rule, item, letters, calendar)
    if found.on is None:
        assert (found.ground, found.letter, found.first, found.claimable) == (Ground.NONE, None, None, None)
        assert found.obstacles
        return
    assert found.ground in rule.grounds
    assert found.on >= item.due
    if found.ground == Ground.NOTICE:
        assert any(one.key == found.letter and item.due < one.sent <= one.received <= found.on for one in letters)
    if found.ground == Ground.INVOICE:
        assert (item.mention or not rule.needs_mention) and found.on >= item.invoice_received
    if found.first:
        assert found.on < found.first <= found.claimable


@given(RULES, ITEMS, LETTERS, letter_of(), CALENDARS)
def test_a_further_letter_never_delays_default_or_interest(rule, item, letters, further, calendar):
    before, after = find(rule, item, letters, calendar), find(rule, item, (*letters, further), calendar)
    for name in ("on", "claimable"):
        known = getattr(before, name)
        assert known is None or getattr(after, name) <= known


@given(RULES, ITEMS, LETTERS, CALENDARS, st.randoms())
def test_the_order_of_the_letters_changes_no_date(rule, item, letters, calendar, random):
    mixed = list(letters)
    random.shuffle(mixed)
    one, other = find(rule, item, letters, calendar), find(rule, item, mixed, calendar)
    assert (one.on, one.ground, one.first, one.claimable) == (other.on, other.ground, other.first, other.claimable)


@given(RULES, ITEMS, LETTERS)
def test_the_shift_only_moves_forward(rule, item, letters):
    plain, moved = (
        find(replace(rule, shift=False), item, letters, WEEK),
        find(replace(rule, shift=True), item, letters, WEEK),
    )
    assert moved.on is None or plain.on is None or plain.on <= moved.on
