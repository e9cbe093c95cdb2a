"""Mail servers as they are: down, slow, busy, refusing, hanging up."""

import json
import socketserver
import threading
import time
from contextlib import contextmanager

import pytest
import smtp_catchall
import system_work as work
from system_checks import MAILS, check_end, check_mails, delivery, notice
from system_machine import CruelServer
from system_work import BY_POST

QUEUED = "SELECT DISTINCT state, COALESCE(attempts, 0) FROM ar_dunning_delivery WHERE channel = 'email'"
ALARMS = "SELECT count(*) FROM mail_activity WHERE res_model = 'ar.dunning.mail.server' AND date_done IS NULL"
ALARMED = "SELECT count(*) FROM mail_activity WHERE res_model = 'ar.dunning.mail.server'"


def check_waiting(machine, times=1):
    """Every mail waits, no letter is made of it, and a manager has one to-do, however often it was tried."""
    assert machine.rows("SELECT DISTINCT state FROM ar_dunning_delivery WHERE channel = 'email'") == [("queued",)]
    assert machine.count("ar_dunning_delivery", "channel = 'letter'") == len(BY_POST)
    assert machine.rows("SELECT DISTINCT state FROM ar_dunning_notice") == [("queued",)]
    assert (machine.value(ALARMS), machine.value(ALARMED)) == (1, 1)
    (outage,) = outages(machine).values()
    assert outage["times"] == times
    return outage["words"]


def outages(machine):
    return json.loads(machine.value("SELECT COALESCE(outages, '{}') FROM ar_dunning_mail_server"))


def check_recovered(machine, smtp, names):
    """Once the server works, everything leaves by itself under its first name, and the to-do is closed."""
    machine.do(work.forget_back_off)
    machine.finish(smtp)
    check_end(machine, smtp)
    assert sorted(smtp.message_ids) == [name for (name,) in names]
    assert (machine.value(ALARMS), machine.value(ALARMED)) == (0, 1)


@pytest.fixture
def names(dispatched):
    """The Message-IDs of what waits."""
    return dispatched.rows("SELECT message_id FROM ar_dunning_delivery WHERE channel = 'email' ORDER BY 1")


def test_down_then_up(dispatched, smtp, names):
    """Nobody answers on the port: not even an attempt of a mail."""
    dispatched.do(work.mail)
    assert dispatched.rows(QUEUED) == [("queued", "0")]
    assert "refused" in check_waiting(dispatched)
    dispatched.do(work.mail, smtp=smtp)
    assert smtp.accepted == [], "it is not time yet"
    check_recovered(dispatched, smtp, names)


def test_down_for_good(dispatched, smtp, names):
    """However often it is tried: what concerns the server is nobody's bounce."""
    for times in range(1, 8):
        dispatched.do(work.mail)
        check_waiting(dispatched, times)
        dispatched.do(work.forget_back_off)
    check_recovered(dispatched, smtp, names)


@pytest.mark.parametrize(
    ("phase", "answer"),
    [
        ("mail", "550 5.7.1 we do not know you"),
        ("mail", "451 4.3.0 not now"),
        ("rcpt", "554 5.7.1 relay access denied"),
        ("rcpt", "421 4.3.2 going down"),
        ("data", "554 5.7.1 blocked"),
        ("data", "451 4.3.0 disk full"),
    ],
)
def test_what_concerns_the_sender_or_the_server_waits(dispatched, smtp, names, phase, answer):
    smtp.answers = {phase: answer}
    for times in range(1, 7):
        dispatched.do(work.mail, smtp=smtp)
        assert answer in check_waiting(dispatched, times)
        assert dispatched.value("SELECT sum(attempts) FROM ar_dunning_delivery") <= 2 * times, "nobody insists"
        dispatched.do(work.forget_back_off)
    smtp.behave()
    check_recovered(dispatched, smtp, names)


def test_a_server_that_greets_with_a_refusal(dispatched, smtp, names):
    with refusing_port() as closed:
        dispatched.do(work.mail, smtp=closed)
        assert "554 no service" in check_waiting(dispatched).replace("b'", "").replace(", ", " ")
    check_recovered(dispatched, smtp, names)


@contextmanager
def refusing_port():
    """Something that says 554 to whoever connects."""

    class Greeting(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.sendall(b"554 no service\r\n")

    with socketserver.ThreadingTCPServer((smtp_catchall.HOST, 0), Greeting) as server:
        server.port, server.client = server.server_address[1], 0
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def test_a_malformed_answer_after_the_mail_is_no_refusal(dispatched, smtp):
    """The mail was accepted: nobody may send it again but a person. Two in a row, and the others wait."""
    smtp.garble = True
    dispatched.do(work.mail, smtp=smtp)
    assert len(smtp.accepted) == 2
    assert dispatched.count("ar_dunning_delivery", "state = 'unconfirmed'") == 2
    assert dispatched.count("ar_dunning_delivery", "state = 'queued' AND channel = 'email'") == MAILS - 2
    assert dispatched.value(ALARMS) == 1
    smtp.behave()
    dispatched.do(work.forget_back_off)
    dispatched.finish(smtp)
    check_end(dispatched, smtp, killed=2)
    assert len(smtp.accepted) == MAILS
    assert dispatched.value(ALARMS) == 0
    assert dispatched.count("ar_dunning_delivery", "channel = 'letter'") == len(BY_POST)


def test_a_server_that_hangs_after_the_mail_is_left_alone(dispatched, smtp):
    smtp.hang = True
    begin = time.monotonic()
    dispatched.do(work.mail, 6, smtp=smtp)
    assert time.monotonic() - begin < 20, "two answers waited for, not one for each mail"
    assert dispatched.count("ar_dunning_delivery", "state = 'unconfirmed'") <= 2
    assert dispatched.count("ar_dunning_delivery", "state = 'queued' AND channel = 'email'") >= MAILS - 2
    assert dispatched.value(ALARMS) == 1
    dispatched.do(work.mail, 6, smtp=smtp)
    assert len(smtp.accepted) == 2, "not before it is time"


def test_one_refusal_for_good_after_the_mail_does_not_stop_the_others(dispatched, smtp):
    """A message that the server refuses while it takes others waits, and after the second time a person must look: no letter."""
    smtp.refuse_content = {"c03@example.com"}
    dispatched.do(work.mail, smtp=smtp)
    assert len(smtp.accepted) == MAILS - 1
    assert delivery(dispatched, "c03@example.com") == "queued"
    dispatched.do(work.forget_back_off)
    dispatched.do(work.mail, smtp=smtp)
    assert delivery(dispatched, "c03@example.com") == "failed"
    assert notice(dispatched, "c03@example.com") == "failed"
    assert dispatched.count("ar_dunning_delivery", "channel = 'letter'") == len(BY_POST)


def test_slow(dispatched, smtp):
    smtp.delay = 0.05
    dispatched.finish(smtp)
    check_end(dispatched, smtp)


@pytest.mark.parametrize("at_data", [False, True])
def test_refuses_two_recipients_for_good(dispatched, tmp_path, at_data):
    """550: the one with a postal address gets a letter, the other needs a person; everybody else has the mail."""
    refused = {"c03@example.com", "c05@example.com"}
    with CruelServer(tmp_path / "refusing", **{"refuse_data" if at_data else "refuse": refused}) as smtp:
        dispatched.finish(smtp)
        assert len(smtp.accepted) == MAILS - 2
        assert not refused & {address for mail in smtp.accepted for address in mail.recipients}
        check_mails(dispatched, smtp)
    for address in refused:
        assert delivery(dispatched, address) == "failed"
        assert "550" in delivery(dispatched, address, "failure")
    assert delivery(dispatched, "c03@example.com", channel="letter") == "queued"
    assert (notice(dispatched, "c03@example.com"), notice(dispatched, "c05@example.com")) == ("queued", "failed")
    assert dispatched.count("ar_dunning_delivery", "channel = 'letter'") == 3
    assert dispatched.count("ar_dunning_item", "rank > 0") == dispatched.value(
        "SELECT count(*) FROM ar_dunning_notice_line d JOIN ar_dunning_notice n ON n.id = d.notice_id WHERE n.state = 'sent'"
    )


def test_refused_then_sent_again_by_a_person(dispatched, tmp_path, smtp):
    with CruelServer(tmp_path / "refusing", refuse={"c05@example.com"}) as refusing:
        dispatched.finish(refusing)
    name = delivery(dispatched, "c05@example.com", "message_id")
    dispatched.do(work.act, "ar.dunning.delivery", [delivery(dispatched, "c05@example.com", "d.id")], "action_resend")
    dispatched.finish(smtp)
    assert smtp.message_ids == [name]
    assert (delivery(dispatched, "c05@example.com"), notice(dispatched, "c05@example.com")) == ("sent", "sent")


def test_busy_now_sent_later_under_the_same_name(dispatched, smtp, names):
    """451."""
    smtp.busy = True
    dispatched.do(work.mail, smtp=smtp)
    assert smtp.accepted == []
    check_waiting(dispatched)
    smtp.busy = False
    check_recovered(dispatched, smtp, names)


def test_hangs_up_after_the_mail(dispatched, smtp):
    """Nobody knows: not sent again until a person decides. The mails behind it are not held up."""
    smtp.hang_up = {3, 10}
    dispatched.finish(smtp)
    assert dispatched.count("ar_dunning_delivery", "state = 'unconfirmed'") == 2
    assert dispatched.value("SELECT max(attempts) FROM ar_dunning_delivery") == 1
    check_end(dispatched, smtp, killed=2)
    first, second = dispatched.rows(
        "SELECT id, message_id FROM ar_dunning_delivery WHERE state = 'unconfirmed' ORDER BY id"
    )
    dispatched.do(work.act, "ar.dunning.delivery", [int(first[0])], "action_was_sent")
    dispatched.do(work.act, "ar.dunning.delivery", [int(second[0])], "action_resend")
    before = len(smtp.accepted)
    dispatched.finish(smtp)
    assert [mail.message_id for mail in smtp.accepted[before:]] == [second[1]]
    assert dispatched.rows("SELECT DISTINCT state FROM ar_dunning_delivery WHERE channel = 'email'") == [("sent",)]
    assert dispatched.count("ar_dunning_notice", "state = 'sent'") == MAILS


def test_hangs_up_before_the_mail(dispatched, smtp):
    """The connection goes while the recipient is named: provably not accepted, so it is tried again by itself."""
    smtp.hang_up_at_recipient = {"c05@example.com"}
    dispatched.do(work.mail, smtp=smtp)
    assert delivery(dispatched, "c05@example.com") == "queued"
    assert len(smtp.accepted) == MAILS - 1
    smtp.hang_up_at_recipient = set()
    dispatched.do(work.forget_back_off)
    dispatched.finish(smtp)
    check_end(dispatched, smtp)
