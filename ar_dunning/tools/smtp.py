"""A connection to a mail server of which one always knows what became of the last message."""

import logging
import smtplib

_logger = logging.getLogger(__name__)


class SmtpLine:
    """A connection that is opened when first needed and again after it broke.

    Where no connection can be made, `failure` says why, and nobody tries again: the next mails would only wait
    for the same time-out.
    """

    def __init__(self, connect):
        self._connect = connect
        self._session = None
        self.failure = None

    def open(self):
        """The session, or None with the reason in `failure`."""
        if self._session is not None and getattr(self._session, "sock", True) is None:
            self._session = None
        if self._session is None and self.failure is None:
            try:
                self._session = self._connect()
            except Exception as error:  # whatever keeps us from the server, nothing was accepted
                _logger.info("No connection to the mail server: %s", error)
                self.failure = str(error)
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
    """An SMTP session that remembers what became of the last message.

    `accepted`: the server took it. `in_doubt`: the conversation broke after the message began to
    leave, so it may have been taken. `permanent`: the server refused for good (a 5xx answer); `answer`: its words.
    """

    def __init__(self, session):
        self._session = session
        self.accepted = self.in_doubt = self.permanent = False
        self.answer = None

    def __getattr__(self, name):
        return getattr(self._session, name)

    def send_message(self, message, from_addr, to_addrs, *args, **kwargs):
        """Hand over as the session would, and keep the outcome."""
        began = []
        original = self._session.data

        def data(content):
            began.append(True)
            return original(content)

        self._session.data = data
        try:
            refused = self._session.send_message(message, from_addr, to_addrs, *args, **kwargs)
            # One message has one recipient; a server that refuses some of several has still taken the message.
            self.accepted = True
            return refused
        except smtplib.SMTPRecipientsRefused as error:
            self._refused(*next(iter(error.recipients.values())))
            raise
        except smtplib.SMTPResponseException as error:
            self._refused(error.smtp_code, error.smtp_error)
            raise
        except Exception:
            self.in_doubt = bool(began)
            raise
        finally:
            del self._session.data

    def _refused(self, code, words):
        self.permanent = 500 <= code < 600
        text = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
        self.answer = f"{code} {text}"
