"""Mail servers as they are: down, slow, busy, refusing, hanging up."""

import pytest
import system_work as work
from system_checks import MAILS, check_end, check_mails, delivery, notice
from system_machine import CruelServer


def test_down_then_up(dispatched, smtp):
    names = dispatched.rows("SELECT message_id FROM ar_dunning_delivery WHERE channel = 'email' ORDER BY 1")
    dispatched.do(work.mail)
    assert dispatched.rows("SELECT DISTINCT state, attempts FROM ar_dunning_delivery WHERE channel = 'email'") == [
        ("queued", "1")
    ]
    assert dispatched.rows(
        "SELECT DISTINCT state FROM mail_mail WHERE id IN (SELECT mail_id FROM ar_dunning_delivery)"
    ) == [("outgoing",)]
    later = "scheduled_date - (now() AT TIME ZONE 'utc') BETWEEN interval '4 min' AND interval '5 min'"
    assert dispatched.count("mail_mail", later) == MAILS
    dispatched.do(work.mail, smtp=smtp)
    assert smtp.accepted == [], "it is not time yet"
    dispatched.do(work.forget_back_off)
    dispatched.finish(smtp)
    check_end(dispatched, smtp)
    assert sorted(smtp.message_ids) == [name for (name,) in names]


def test_down_for_good(dispatched):
    """After five attempts a person must look; a customer with a postal address gets a letter."""
    for _attempt in range(5):
        dispatched.do(work.mail)
        dispatched.do(work.forget_back_off)
    assert dispatched.rows("SELECT DISTINCT state, attempts FROM ar_dunning_delivery WHERE channel = 'email'") == [
        ("failed", "5")
    ]
    assert delivery(dispatched, "c03@example.com", channel="letter") == "queued"
    assert (notice(dispatched, "c03@example.com"), notice(dispatched, "c05@example.com")) == ("queued", "failed")
    dispatched.do(work.mail)
    assert dispatched.value("SELECT max(attempts) FROM ar_dunning_delivery") == 5


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


def test_busy_now_sent_later_under_the_same_name(dispatched, smtp):
    """451."""
    names = dispatched.rows("SELECT message_id FROM ar_dunning_delivery WHERE channel = 'email' ORDER BY 1")
    smtp.busy = True
    dispatched.do(work.mail, smtp=smtp)
    assert smtp.accepted == []
    assert dispatched.rows("SELECT DISTINCT state, attempts FROM ar_dunning_delivery WHERE channel = 'email'") == [
        ("queued", "1")
    ]
    smtp.busy = False
    dispatched.do(work.forget_back_off)
    dispatched.finish(smtp)
    check_end(dispatched, smtp)
    assert sorted(smtp.message_ids) == [name for (name,) in names]


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
