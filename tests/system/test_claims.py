"""What is claimed for a sender, and may still be taken back until it is being sent."""

import time

import pytest
import system_work as work
from system_checks import MAILS, check_end, check_mails, delivery


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("act", [work.pay_everything, work.extend_everything, work.pause_everything])
def test_what_happens_meanwhile_takes_back_what_is_claimed(dispatched, smtp, act):
    """The customer pays, gets another due date or promises to pay while the sender is at the mails before: the claimed mail does
    not leave, though the last look was taken."""
    smtp.delay = 3
    sender = dispatched.start(work.mail, smtp=smtp)
    wait_for(lambda: smtp.offered > 1)
    address = dispatched.value(
        "SELECT address FROM ar_dunning_delivery WHERE state = 'claimed' ORDER BY id DESC LIMIT 1"
    )
    dispatched.do(act, int(address[1:3]))
    smtp.delay = 0
    sender.wait()
    assert smtp.mails_to(address) == []
    assert len(smtp.accepted) == MAILS - 1
    assert delivery(dispatched, address) == "cancelled"
    check_mails(dispatched, smtp)


def test_a_killed_sender_leaves_its_claim_to_the_next(dispatched, smtp):
    smtp.kill_between = {5}
    dispatched.do(work.mail, smtp=smtp)
    assert dispatched.count("ar_dunning_delivery", "state = 'claimed'") == MAILS - 5
    assert dispatched.count("ar_dunning_delivery", "state = 'sending'") == 1
    dispatched.finish(smtp)
    check_end(dispatched, smtp, killed=1)
    assert len(smtp.accepted) == MAILS


def test_a_server_and_its_limit(dispatched, smtp):
    """Ten a minute: not more, however often the sender is called; each connection carries three."""
    dispatched.do(work.make_servers, [("slow", smtp.port, 10, 3)])
    for _number in range(3):
        dispatched.do(work.mail, smtp=smtp)
    assert len(smtp.accepted) == 10
    assert dispatched.count("ar_dunning_delivery", "state = 'queued' AND channel = 'email'") == MAILS - 10
    later = "call_at - (now() AT TIME ZONE 'utc') BETWEEN interval '30 s' AND interval '60 s'"
    assert dispatched.count("ir_cron_trigger", later) >= 1, "and comes again within the minute"
