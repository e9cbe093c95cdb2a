"""Delivery reports as mail servers write them (RFC 3464)."""

import email
import email.policy

import pytest

from odoo.addons.ar_dunning.core.delivery_report import Report, read_reports

HEAD = """From: Mail Delivery System <MAILER-DAEMON@mx.example.com>
To: bounce@example.com
Subject: Delivery Status Notification
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="part"

--part
Content-Type: text/plain

See below.

--part
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

{blocks}
--part
Content-Type: message/rfc822

Message-ID: <1@example.com>
Subject: Reminder

Dear Anna
--part--
"""


def reports(blocks):
    return read_reports(email.message_from_string(HEAD.format(blocks=blocks), policy=email.policy.SMTP))


@pytest.mark.parametrize(
    ("action", "status", "failure"),
    [
        ("failed", "5.1.1", True),
        ("Failed", "5.2.2 (mailbox full)", True),
        ("failed", "4.4.7", True),
        ("delayed", "4.4.1", False),
        ("delayed", "5.4.1", False),
        ("delivered", "2.0.0", False),
        ("relayed", "2.0.0", False),
        ("expanded", "2.0.0", False),
    ],
)
def test_only_failed_is_a_failure(action, status, failure):
    [report] = reports(f"Final-Recipient: rfc822; Anna@Example.com\nAction: {action}\nStatus: {status}\n")
    assert report.is_failure is failure
    assert (report.address, report.action, report.status) == ("anna@example.com", action.lower(), status.split()[0])


@pytest.mark.parametrize(
    ("status", "recipients"),
    [
        *[(status, True) for status in ("5.1.1", "5.1.10", "5.2.1", "5.2.2", "5.4.4", "4.4.7", "5.0.0", "")],
        *[(status, False) for status in ("5.7.1", "5.7.26", "5.1.8", "5.1.7", "5.6.0", "5.3.4")],
    ],
)
def test_whom_a_failure_concerns(status, recipients):
    assert Report("anna@example.com", "failed", status, "").concerns_recipient is recipients


def test_words_are_one_line_without_their_type():
    [report] = reports(
        "Original-Recipient: rfc822;anna@example.com\nFinal-Recipient: rfc822; x@example.net\nAction: failed\n"
        "Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 <x@example.net>:\n    Recipient address rejected\n"
    )
    assert report.reason == "5.1.1 550 5.1.1 <x@example.net>: Recipient address rejected"
    assert report.address == "x@example.net"


def test_several_recipients():
    found = reports(
        "Final-Recipient: rfc822; a@example.com\nAction: delivered\nStatus: 2.0.0\n\n"
        "Final-Recipient: rfc822; b@example.com\nAction: failed\nStatus: 5.1.1\n"
    )
    assert [(report.address, report.is_failure) for report in found] == [
        ("a@example.com", False),
        ("b@example.com", True),
    ]


def test_old_servers_name_no_action():
    [permanent] = reports("Final-Recipient: rfc822; a@example.com\nStatus: 5.1.1\n")
    [transient] = reports("Final-Recipient: rfc822; a@example.com\nStatus: 4.2.0\n")
    assert (permanent.is_failure, transient.is_failure) == (True, False)


@pytest.mark.parametrize("blocks", ["", "X-Odd: 1\n"])
def test_a_report_that_says_nothing(blocks):
    assert reports(blocks) == []


def test_an_ordinary_mail_is_no_report():
    assert read_reports(email.message_from_string("Subject: Hello\n\nHello", policy=email.policy.SMTP)) == []
