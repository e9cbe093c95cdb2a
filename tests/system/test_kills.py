"""`kill -9` at every kind of moment, then the scheduled actions again until nothing is left to do."""

import random

import pytest
import system_work as work
from system_checks import MAILS, check_end, check_mails, check_notices
from system_machine import KILLED
from system_work import BATCH, CUSTOMERS


@pytest.mark.parametrize(
    ("share", "prepared"),
    # The second half of a night so small is scores and credit, batch by batch.
    [(0.02, False), (0.1, False), (0.2, False), (0.35, False), (0.7, True), (0.85, True), (0.95, True), (1.0, True)],
)
def test_killed_while_preparing(machine, prepared_events, share, prepared):
    """At an SQL statement or on either side of a commit, from the first to the last."""
    assert machine.do(work.night, fuse=max(1, int(prepared_events * share))) is KILLED
    assert (machine.count("ar_dunning_notice") == CUSTOMERS) is prepared
    machine.do(work.night)
    check_notices(machine)
    assert machine.rows("SELECT kind, state, remaining_count FROM ar_dunning_run") == [("night", "done", "0")]
    assert machine.count("ar_dunning_run_line", "kind = 'error'") == 0


@pytest.fixture(scope="module")
def prepared_events(ledgers):
    """How many events an undisturbed night has."""
    events = ledgers.machine("loaded").do(work.night, fuse=0)
    assert events > 100
    return events


def test_killed_again_and_again_while_preparing(machine):
    """Ever more is let happen before the next kill; the run goes on where it was."""
    fuse, kills = 20, 0
    while machine.do(work.night, fuse=fuse) is KILLED:
        kills, fuse = kills + 1, fuse + 25
    assert kills > 2
    check_notices(machine)
    assert machine.count("ar_dunning_run") == 1


@pytest.mark.parametrize("share", [0.1, 0.4, 0.7, 0.95])
def test_killed_while_handing_over(prepared, dispatch_events, smtp, share):
    """While mails are queued and letters rendered: each notice gets its deliveries once."""
    assert prepared.do(work.send, fuse=int(dispatch_events * share)) is KILLED
    prepared.finish(smtp)
    check_end(prepared, smtp)
    assert prepared.count("ar_dunning_delivery") == CUSTOMERS
    assert len(smtp.accepted) == MAILS


@pytest.fixture(scope="module")
def dispatch_events(ledgers):
    """How many events an undisturbed sender of notices has."""
    return ledgers.machine("prepared").do(work.send, fuse=0)


def test_killed_while_a_letter_is_rendered(prepared, smtp):
    """In the middle of the PDF engine's work, which holds no lock and has written nothing yet."""
    for number in (1, 2):
        assert prepared.do(work.send_and_die_in_a_letter, 1) is KILLED
        assert prepared.count("ar_dunning_notice", "letter_id IS NOT NULL") == 0
        assert prepared.count("ar_dunning_delivery", "channel = 'letter'") == 0
        assert prepared.count("ar_dunning_delivery") >= number * (BATCH - 2), "the mails before it are in the queue"
    prepared.finish(smtp)
    check_end(prepared, smtp)


@pytest.mark.parametrize("seed", [1, 2])
def test_senders_killed_at_random(dispatched, smtp, seed):
    """Each sender dies at a random statement or commit of its few first mails; none leaves more than one question open."""
    dice, killed, rounds = random.Random(seed), 0, 0
    while not dispatched.is_quiet():
        fuse = dice.randrange(15, 90) if rounds < 9 else None
        killed += dispatched.do(work.mail, smtp=smtp, fuse=fuse) is KILLED
        check_mails(dispatched, smtp, killed)
        dispatched.do(work.send, smtp=smtp)
        rounds += 1
        assert rounds < 30
    assert killed >= 3
    check_end(dispatched, smtp, killed)
    settle_by_hand(dispatched, smtp)


def test_senders_killed_by_the_mail_server(dispatched, smtp):
    """Before a mail is accepted, between acceptance and answer, and right after the answer."""
    smtp.kill_before = {2, 15, 31}
    smtp.kill_between = {4, 9, 30}
    smtp.kill_after = {6: 0.0, 12: 0.002, 20: 0.005, 26: 0.01}
    rounds = 0
    while not dispatched.is_quiet():
        dispatched.do(work.mail, smtp=smtp)
        dispatched.do(work.send, smtp=smtp)
        rounds += 1
        assert rounds < 30
    assert smtp.kills >= 8
    check_end(dispatched, smtp, smtp.kills)
    assert dispatched.count("ar_dunning_delivery", "state = 'unconfirmed'") >= 5
    smtp.behave()
    settle_by_hand(dispatched, smtp)


def settle_by_hand(machine, smtp):
    """A person finds out which unconfirmed mails arrived, and sends the others again under their old names."""
    accepted = set(smtp.message_ids)
    unsure = machine.rows("SELECT id, message_id FROM ar_dunning_delivery WHERE state = 'unconfirmed'")
    arrived = [int(number) for number, name in unsure if name in accepted]
    missing = [int(number) for number, name in unsure if name not in accepted]
    if arrived:
        machine.do(work.act, "ar.dunning.delivery", arrived, "action_was_sent")
    if missing:
        machine.do(work.act, "ar.dunning.delivery", missing, "action_resend")
    machine.finish(smtp)
    check_end(machine, smtp)
    assert len(smtp.accepted) == MAILS
    assert {name for _number, name in unsure} <= set(smtp.message_ids)
