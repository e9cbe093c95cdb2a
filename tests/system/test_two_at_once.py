"""The same work in two processes at the same time."""

from pathlib import Path

import pytest
import system_work as work
from system_checks import MAILS, check_end, check_mails, check_notices
from system_work import CUSTOMERS


@pytest.mark.parametrize("mode", ["automatic", "review"])
def test_two_runs(machine, smtp, mode):
    """The night and a person's run over the same customers: one notice each."""
    machine.rows(f"UPDATE ar_dunning_policy SET mode = '{mode}' RETURNING 1")
    first, second = machine.do(work.queue_run), machine.do(work.queue_run)
    jobs = [machine.start(work.run_by_hand, run) for run in (first, second)]
    assert [job.wait() for job in jobs] == [True, True]
    machine.do(work.night)
    check_notices(machine)
    assert machine.rows("SELECT DISTINCT state FROM ar_dunning_run") == [("done",)]
    if mode == "review":
        assert machine.count("ar_dunning_notice", "state = 'draft'") == CUSTOMERS
        machine.do(work.approve)
    machine.finish(smtp)
    check_end(machine, smtp)


def test_two_senders(prepared, smtp):
    jobs = [prepared.start(work.send, smtp=smtp) for _number in range(2)]
    for job in jobs:
        job.wait()
    prepared.finish(smtp)
    check_end(prepared, smtp)
    assert prepared.count("ar_dunning_delivery") == CUSTOMERS


def test_a_sender_held_up_before_its_lock(prepared, smtp, tmp_path):
    """While it waits, another sends everything and lets go: what it looked at before is out of date."""
    go = tmp_path / "go"
    late = prepared.start(work.send_when_told, str(go))
    while not Path(f"{go}.waiting").exists():
        assert late.process.is_alive()
    prepared.do(work.send)
    assert prepared.count("ar_dunning_delivery") == CUSTOMERS
    go.touch()
    late.wait()
    assert prepared.count("ar_dunning_delivery") == CUSTOMERS
    prepared.finish(smtp)
    check_end(prepared, smtp)


def test_two_mail_queues_and_a_sweeper(dispatched, smtp):
    """Nobody takes a living sender for a dead one."""
    smtp.delay = 0.01
    jobs = [dispatched.start(work.mail, smtp=smtp) for _number in range(2)]
    sweeps = 0
    while any(job.process.is_alive() for job in jobs):
        dispatched.do(work.send)
        sweeps += 1
        check_mails(dispatched, smtp, killed=2)
        assert dispatched.count("ar_dunning_delivery", "state = 'unconfirmed'") == 0
    for job in jobs:
        job.wait()
    assert sweeps > 1
    dispatched.finish(smtp)
    check_end(dispatched, smtp)
    assert len(smtp.accepted) == MAILS
    assert dispatched.value("SELECT max(attempts) FROM ar_dunning_delivery") == 1


def test_a_sender_without_a_connection_leaves_the_other_alone(dispatched, smtp):
    """One process reaches the mail server, the other does not."""
    smtp.delay = 0.03
    good = dispatched.start(work.mail, smtp=smtp)
    while good.process.is_alive():
        dispatched.do(work.mail, smtp=None)
        check_mails(dispatched, smtp, killed=1)
    good.wait()
    dispatched.do(work.forget_back_off)
    dispatched.finish(smtp)
    check_end(dispatched, smtp)
    assert len(smtp.accepted) == MAILS
