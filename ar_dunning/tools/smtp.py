"""A conversation with a mail server of which one always knows what became of the message, and whom a refusal concerns."""

import logging
import smtplib
from contextlib import contextmanager
from dataclasses import dataclass

from ..core.smtp_reply import Phase, Verdict, verdict

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one message: the verdict, the server's words, and how far the conversation had come."""

    verdict: Verdict
    words: str = ""
    phase: Phase = Phase.CONNECTION

    @property
    def is_stuck(self):
        """Whether the server, not this mail, may be what is wrong: two such in a row are enough."""
        return self.verdict in (Verdict.IN_DOUBT, Verdict.EITHER, Verdict.SERVER)


class SmtpLine:
    """A connection that is opened when first needed, again after it broke, and anew after so many mails.

    Where no connection can be made, `failure` says why, and nobody tries again: the next mails would only wait
    for the same time-out.

    :param connect: makes an SMTP session
    :param float timeout: seconds to wait for each answer
    :param int most: mails per connection; 0: any number
    """

    def __init__(self, connect, timeout, most=0):
        self._connect, self._timeout, self._most = connect, timeout, most
        self._session = None
        self._mails = 0
        self.failure = None

    def connect_by(self, connect):
        """From now on connections are made this way; one that is open stays."""
        self._connect = connect

    def is_open(self):
        """Whether the next mail goes over the connection that is there."""
        return (
            self._session is not None
            and self._session.sock is not None
            and not (self._most and self._mails >= self._most)
        )

    def open(self):
        """The session for one more mail, or None with the reason in `failure`."""
        if not self.is_open():
            self.quit()
        if self._session is None and self.failure is None:
            try:
                self._session, self._mails = self._connect(), 0
                self._session.sock.settimeout(self._timeout)
            except Exception as error:  # whatever keeps us from the server, nothing was accepted
                _logger.info("No connection to the mail server: %s", error)
                self.failure = " ".join(str(error).split())
        self._mails += 1
        return self._session

    def drop(self):
        """Forget a session whose answers no longer belong to what is said."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def quit(self):
        """Say goodbye, if anybody is listening."""
        if self._session is not None:
            try:
                self._session.quit()
            except (smtplib.SMTPException, OSError):
                _logger.debug("The mail server had already hung up")
            self._session = None


class SmtpWitness:
    """An SMTP session for one message to one recipient, whose fate stands in `answer` (None: nothing was said).

    After the message's final dot only a clear 4xx or 5xx means that it was not accepted.

    :param str recipient: the one address, as it goes into the envelope
    """

    def __init__(self, session, recipient):
        self._session, self._recipient = session, recipient
        self._phase = Phase.CONNECTION
        self.answer = None

    def __getattr__(self, name):
        return getattr(self._session, name)

    def send_message(self, message, from_addr, to_addrs, *args, **kwargs):
        """Hand over as the session would, and keep what became of it.

        :raise ValueError: the envelope would name anybody but the recipient
        """
        if list(to_addrs) != [self._recipient]:
            raise ValueError(f"The envelope names {', '.join(to_addrs)} instead of {self._recipient}")
        with self._following():
            try:
                refused = self._session.send_message(message, from_addr, to_addrs, *args, **kwargs)
            except smtplib.SMTPNotSupportedError as error:  # the address needs what the server does not know
                self.answer = Answer(Verdict.RECIPIENT, str(error), Phase.RECIPIENT)
                raise
            except smtplib.SMTPRecipientsRefused as error:
                self._refused(*next(iter(error.recipients.values())))
                raise
            except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
                self._refused(error.smtp_code, error.smtp_error)
                raise
            except Exception as error:
                found = Verdict.IN_DOUBT if self._phase is Phase.CONTENT else Verdict.SERVER
                self.answer = Answer(found, str(error), self._phase)
                raise
        self.answer = Answer(Verdict.ACCEPTED, "", Phase.CONTENT)
        return refused

    @contextmanager
    def _following(self):
        """Keep how far the conversation has come, by what is said."""
        plain = self._session.send

        def send(said):
            self._phase = _phase_of(said) or self._phase
            return plain(said)

        self._session.send = send
        try:
            yield
        finally:
            del self._session.send

    def _refused(self, code, words):
        text = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
        self.answer = Answer(verdict(self._phase, code, text), f"{code} {text}", self._phase)


def _phase_of(said):
    """Which part of the conversation begins with this, if any.

    >>> _phase_of("mail FROM:<a@example.com>"), _phase_of("rset"), _phase_of(b"Subject: x")
    (<Phase.SENDER: 'sender'>, None, <Phase.CONTENT: 'content'>)
    """
    if isinstance(said, bytes):
        return Phase.CONTENT
    return {"mail": Phase.SENDER, "rcpt": Phase.RECIPIENT, "data": Phase.DATA}.get(said[:4].lower())
