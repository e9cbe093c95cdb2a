"""The catch-all mail server the other tests rely on, spoken to over real SMTP."""

import smtplib

import pytest
import smtp_catchall

MAIL = "Message-ID: <one@example.com>\r\nSubject: =?utf-8?q?P=C3=A5minnelse?=\r\n\r\nHei\r\n"


@pytest.fixture
def server(tmp_path):
    with smtp_catchall.start(tmp_path, refuse={"Gone@example.com"}) as running:
        yield running


@pytest.fixture
def client(server):
    with smtplib.SMTP(server.host, server.port, timeout=5) as connection:
        yield connection


def test_keeps_what_it_accepts(server, client):
    assert client.sendmail("a@example.com", ["b@example.com"], MAIL) == {}
    (mail,) = server.accepted
    assert (mail.sender, mail.recipients, mail.message_id) == ("a@example.com", ("b@example.com",), "<one@example.com>")
    assert mail.message["Subject"] == "Påminnelse"
    assert mail.file.read_bytes().endswith(MAIL.encode())


def test_names_a_mail_accepted_twice_twice(server, client):
    for _time in range(2):
        client.sendmail("a@example.com", ["b@example.com"], MAIL)
    assert server.message_ids == ["<one@example.com>"] * 2
    assert len({mail.file for mail in server.accepted}) == 2


def test_refuses_one_recipient_and_takes_the_other(server, client):
    refused = client.sendmail("a@example.com", ["b@example.com", "gone@example.com"], MAIL)
    assert list(refused) == ["gone@example.com"]
    assert [mail.recipients for mail in server.accepted] == [("b@example.com",)]


def test_refuses_the_only_recipient(server, client):
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        client.sendmail("a@example.com", ["gone@example.com"], MAIL)
    assert not server.accepted


def test_a_full_mailbox_takes_nothing_more(server, client):
    server.full = {"b@example.com"}
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        client.sendmail("a@example.com", ["b@example.com"], MAIL)
    assert refused.value.recipients["b@example.com"] == (552, b"5.2.2 mailbox full")
    assert not server.accepted


def test_the_line_breaks_after_a_mail_was_kept(server, client):
    server.silent = {"b@example.com"}
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.sendmail("a@example.com", ["b@example.com"], MAIL)
    assert server.message_ids == ["<one@example.com>"]


def test_busy_accepts_nothing(server, client):
    server.busy = True
    with pytest.raises(smtplib.SMTPDataError):
        client.sendmail("a@example.com", ["b@example.com"], MAIL)
    assert not server.accepted


def test_slow_has_accepted_when_the_client_gives_up(server):
    server.delay = 2
    with smtplib.SMTP(server.host, server.port, timeout=0.3) as client, pytest.raises(smtplib.SMTPServerDisconnected):
        client.sendmail("a@example.com", ["b@example.com"], MAIL)
    assert server.message_ids == ["<one@example.com>"]


def test_a_restarted_server_overwrites_nothing(tmp_path):
    for _time in range(2):
        with smtp_catchall.start(tmp_path) as server, smtplib.SMTP(server.host, server.port) as client:
            client.sendmail("a@example.com", ["b@example.com"], MAIL)
    assert len(list(tmp_path.glob("*.eml"))) == 2
