"""After the mails have left: bounces, replies, the same day again. The tests share one database and leave each other's customers alone."""

import pytest
import system_work as work
from system_checks import check_end, delivery, notice
from system_machine import CruelServer


@pytest.fixture(scope="module")
def smtp(tmp_path_factory):
    with CruelServer(tmp_path_factory.mktemp("mail")) as server:
        yield server


@pytest.fixture(scope="module")
def sent(ledgers, smtp):
    """Everything has left."""
    machine = ledgers.machine("dispatched")
    machine.finish(smtp)
    check_end(machine, smtp)
    return machine


BOUNCE = """From: Mail Delivery System <MAILER-DAEMON@example.com>
To: odoo@example.com
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce-1@mx.example.com>
Date: Mon, 02 Mar 2026 10:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="part"

--part
Content-Type: text/plain; charset=us-ascii

The mail could not be delivered.

--part
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; {address}
Original-Recipient: rfc822;{address}
Action: failed
Status: 5.1.1

--part
Content-Type: message/rfc822

{original}
--part--
"""


@pytest.mark.parametrize(
    ("address", "state", "letter"), [("c03@example.com", "queued", 1), ("c05@example.com", "failed", 0)]
)
def test_a_bounce_takes_the_step_back(sent, smtp, address, state, letter):
    """The level no longer counts; the letter follows where there is a postal address."""
    (mail,) = smtp.mails_to(address)
    original = mail.content.decode().replace("\r\n", "\n")
    ranks = "SELECT count(*) FROM ar_dunning_item WHERE rank = 1"
    before, letters = sent.value(ranks), sent.count("ar_dunning_delivery", "channel = 'letter'")
    sent.do(work.gateway, BOUNCE.format(address=address, original=original))
    assert delivery(sent, address) == "bounced"
    assert notice(sent, address) == state
    assert sent.count("ar_dunning_delivery", "channel = 'letter' AND state = 'queued'") == letters + letter
    assert before - sent.value(ranks) == 2, "both of the customer's invoices"
    accepted = len(smtp.accepted)
    sent.finish(smtp)
    assert len(smtp.accepted) == accepted


def test_a_reply_lands_on_the_notice(sent, smtp):
    (mail,) = smtp.mails_to("c06@example.com")
    reply = (
        f"From: c06@example.com\nTo: {mail.message['Reply-To']}\nSubject: Re: {mail.message['Subject']}\n"
        f"Message-ID: <answer@customer.example.com>\nIn-Reply-To: {mail.message_id}\nReferences: {mail.message_id}\n"
        "Content-Type: text/plain\n\nWe paid this on Monday.\n"
    )
    sent.do(work.gateway, reply)
    ((body, email),) = sent.rows(
        "SELECT replace(m.body, chr(10), ' '), m.email_from FROM mail_message m JOIN ar_dunning_notice n ON n.id = m.res_id"
        " JOIN res_partner p ON p.id = n.partner_id"
        " WHERE m.model = 'ar.dunning.notice' AND m.message_id = '<answer@customer.example.com>' AND p.name = 'Customer 06'"
    )
    assert "We paid this on Monday." in body
    assert email == "c06@example.com"
    assert delivery(sent, "c06@example.com") == "sent"


def test_the_same_day_again_does_nothing(sent, smtp):
    accepted = len(smtp.accepted)
    counts = {table: sent.count(table) for table in ("ar_dunning_notice", "ar_dunning_delivery", "mail_mail")}
    run = sent.do(work.queue_run)
    assert sent.do(work.run_by_hand, run) is True
    sent.finish(smtp)
    assert len(smtp.accepted) == accepted
    assert counts == {table: sent.count(table) for table in counts}
    assert sent.value(f"SELECT due_count FROM ar_dunning_run WHERE id = {run}") == 0
