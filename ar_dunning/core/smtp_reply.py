"""Whom a mail server's answer concerns: this recipient, this message, or the sender and the server.

Only a refusal of this recipient is a reason to bring a notice another way. What concerns the sender or the server
(blocked, not logged in, full, down) hits every mail alike: those wait. Source: the reply codes of RFC 5321 section 4.2
and the enhanced status codes of RFC 3463 ("class.subject.detail"; subject 1 the address, 2 the mailbox, 3 the mail
system, 4 the way, 5 the protocol, 6 the content, 7 policy).

>>> verdict(Phase.RECIPIENT, 550, "5.1.1 no such user")
<Verdict.RECIPIENT: 'recipient'>
>>> verdict(Phase.RECIPIENT, 450, "4.2.0 greylisted, try again later")
<Verdict.RECIPIENT_LATER: 'recipient_later'>
>>> verdict(Phase.SENDER, 550, "5.7.1 go away")
<Verdict.SENDER: 'sender'>
>>> verdict(Phase.DATA, 554, "5.7.1 go away")
<Verdict.EITHER: 'either'>
>>> verdict(Phase.CONTENT, -1, "")
<Verdict.IN_DOUBT: 'in_doubt'>
"""

import re
from enum import Enum

STATUS = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})\b")
# Addressing problems that speak of the sender: bad sender's mailbox, bad sender's system (RFC 3463 section 3.2).
SENDERS = {7, 8}
# Codes of RFC 5321 that say "not this mailbox"; 554 and the codes of the dialogue say less.
OF_MAILBOXES = {550, 551, 552, 553}


class Phase(Enum):
    """Where in the conversation the answer came."""

    CONNECTION = "connection"
    SENDER = "sender"  # MAIL FROM
    RECIPIENT = "recipient"  # RCPT TO
    DATA = "data"  # the word DATA, before the message began to leave
    CONTENT = "content"  # after the message's final dot


class Verdict(Enum):
    """What became of a message, and whose business it is."""

    ACCEPTED = "accepted"
    IN_DOUBT = "in_doubt"  # it may have been accepted
    RECIPIENT = "recipient"  # refused for good: this recipient
    RECIPIENT_LATER = "recipient_later"  # refused for now: this recipient
    EITHER = "either"  # refused for good: this recipient, this message, or everything
    SENDER = "sender"  # this sender's mails do not pass now
    SERVER = "server"  # no mail passes now
    UNSAID = "unsaid"  # something is wrong with this mail, and nothing was said to the server


def verdict(phase: Phase, code: int, words: str) -> Verdict:
    """What a refusal means.

    :param int code: the reply code; smtplib gives -1 for a line it cannot read
    :param str words: the text behind the code, which may begin with an enhanced status code
    """
    if not 400 <= code < 600:
        return Verdict.IN_DOUBT if phase is Phase.CONTENT else Verdict.SERVER
    if phase is Phase.CONNECTION or code == 421:
        return Verdict.SERVER
    if phase is Phase.SENDER:
        return Verdict.SENDER
    subject, detail = status_of(words)
    if subject == 1 and detail in SENDERS:
        return Verdict.SENDER
    if subject in (1, 2):
        return Verdict.RECIPIENT if code >= 500 else Verdict.RECIPIENT_LATER
    if phase is Phase.RECIPIENT:
        return _of_recipient(code, subject)
    return Verdict.EITHER if code >= 500 else Verdict.SERVER


def _of_recipient(code: int, subject: int | None) -> Verdict:
    """An answer to RCPT TO whose status, if any, names neither address nor mailbox."""
    if code < 500:
        return Verdict.SERVER if subject == 3 else Verdict.RECIPIENT_LATER
    if code not in OF_MAILBOXES or subject in (3, 7):
        return Verdict.EITHER
    return Verdict.RECIPIENT


def status_of(words: str) -> tuple[int | None, int | None]:
    """Subject and detail of the enhanced status code that a text begins with.

    >>> status_of("5.1.1 no such user"), status_of("no such user")
    ((1, 1), (None, None))
    """
    found = STATUS.match(words)
    return (int(found[2]), int(found[3])) if found else (None, None)


def is_refused_for_good(verdict: Verdict, passed_since: bool) -> bool:
    """Whether a refusal is final for this one mail.

    :param bool passed_since: the same server took other mails after it refused this one before, and now refused it again
    """
    return verdict is Verdict.RECIPIENT or (verdict is Verdict.EITHER and passed_since)
