"""One sender's work on the mails it has claimed."""
# What was said to a mail server cannot be rolled back, so each state is committed before and after.
# pylint: disable=invalid-commit

import logging
import time
from dataclasses import dataclass
from functools import partial

from odoo import fields
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, retrying
from odoo.tools import config, email_normalize, formataddr

from ..core.smtp_reply import Phase, Verdict
from .attempt import CONCURRENCY
from .smtp import Answer, SmtpLine, SmtpWitness

_logger = logging.getLogger(__name__)

WHOLE = ""  # the trouble of the whole server; any other key is the envelope sender whose mails it refuses
NOBODY = "?"  # Odoo leaves the envelope's sender to the message
STUCK_IN_A_ROW = 2
LATER_IN_A_ROW = 20  # nobody's mailbox is full at so many recipients in a row
CRON_SECONDS = 10  # a scheduled action's `cron_end_time` is so long after its start
UNLIMITED = 600

# The outcome of the mail before, that this one is being sent, and how far the scheduled action is, in one go.
BEGIN = """
WITH told AS (
    UPDATE ar_dunning_delivery SET state = 'sent', done_on = %(now)s, failure = NULL, claim = NULL, write_date = %(now)s
     WHERE id = %(before)s AND claim = %(claim)s AND state IN ('sending', 'unconfirmed') RETURNING mail_id
), mails AS (
    UPDATE mail_mail m SET state = 'sent', failure_reason = NULL, failure_type = NULL, write_date = %(now)s
      FROM told WHERE m.id = told.mail_id
), progress AS (
    UPDATE ir_cron_progress p SET done = p.done + 1, remaining = greatest(p.remaining - 1, 0)
      FROM told WHERE p.id = %(progress)s
)
UPDATE ar_dunning_delivery SET state = 'sending', attempts = COALESCE(attempts, 0) + 1, tried_on = %(now)s
 WHERE id = (SELECT id FROM ar_dunning_delivery
              WHERE id = %(next)s AND claim = %(claim)s AND state = 'claimed' FOR NO KEY UPDATE SKIP LOCKED)
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """What the sender needs to know of one claimed mail."""

    delivery_id: int
    mail_id: int
    address: str
    alias_domain_id: int
    sender: str  # as the server is to see it in the envelope


@dataclass
class Pace:
    """How long this sender works, how long it waits for an answer, and how fast it may be.

    Killed by a limit, a sender would leave a mail unconfirmed, so it stops by itself long before: of the seconds that Odoo
    gives to a worker one third is for beginning mails, and an answer may take one sixth.
    """

    ends: float
    timeout: float
    per_minute: int
    per_connection: int
    line: SmtpLine = None  # the connection, kept from one claim to the next
    line_sender: str = None
    stuck: int = 0  # conversations in a row that stuck
    later: int = 0  # recipients in a row that were refused for now

    @classmethod
    def of(cls, mail_server, cron_ends):
        """:param cron_ends: `cron_end_time` of the scheduled action, if it is one"""
        seconds = config["limit_time_real_cron"] or 0
        seconds = (config["limit_time_real"] if seconds < 0 else seconds) or UNLIMITED
        begun = cron_ends - CRON_SECONDS if cron_ends else time.monotonic()
        return cls(
            begun + seconds / 3,
            min(30, seconds / 6),
            mail_server._ar_dunning_most_per_minute(),
            mail_server.ar_dunning_per_connection,
        )

    def note(self, answer):
        """Count what seems to be wrong with the server itself."""
        self.stuck = self.stuck + 1 if answer.is_stuck else 0
        self.later = self.later + 1 if answer.verdict is Verdict.RECIPIENT_LATER else 0

    @property
    def server_is_stuck(self):
        return self.stuck >= STUCK_IN_A_ROW or self.later >= LATER_IN_A_ROW

    def hang_up(self):
        """No mail follows over this connection."""
        if self.line is not None:
            self.line.quit()
            self.line = None

    def is_over(self):
        """Whether no more mail should be begun."""
        return self.server_is_stuck or time.monotonic() >= self.ends


class Courier:
    """Hands over claimed mails, one after the other.

    :param server: the `ar.dunning.mail.server`, in the transaction that states are written by and that is committed
        before each mail
    :param leased: the same in the transaction that holds the lease; mails are built from what it sees
    """

    def __init__(self, server, leased, token, pace):
        self._server, self._leased, self._token, self._pace = server, leased, token, pace
        self._refused_senders = set()
        self._together = []  # ids of what is read together
        self._before = None  # the mail that was accepted last and is still `sending`
        self.accepted = []  # ids of the deliveries

    def deliver(self, claimed, until):
        """Send these, as long as it goes well.

        :param float until: begin no mail after this (monotonic)
        """
        self._together = [mail.mail_id for mail in claimed]
        try:
            for mail in claimed:
                if self._pace.is_over() or time.monotonic() >= until:
                    break
                if mail.sender not in self._refused_senders and not self._deliver_one(mail):
                    break
        except Exception:
            self._server.env.cr.rollback()
            raise
        finally:
            self._begin(None)

    def _deliver_one(self, mail):
        """:return: whether to go on with this server"""
        message = self._build(mail)
        if message is None:
            return True
        line = self._line_of(mail)
        if not line.is_open():
            self._begin(None)  # connecting may take long
        session = line.open()
        if session is None:
            self._leased._fails(WHOLE, line.failure)
            return False
        if self._begin(mail):
            answer = self._say(mail, message, session)
            self._pace.note(answer)
            if answer.verdict is Verdict.ACCEPTED:
                self._before = mail
                self.accepted.append(mail.delivery_id)
                self._leased._passes(address_of(mail.sender))
            else:
                self._not_accepted(mail, answer)
        return True

    # === The connection === #

    def _line_of(self, mail):
        pace = self._pace
        connect = partial(
            self._leased.env["ir.mail_server"]._connect__,
            mail_server_id=self._leased.mail_server_id.id,
            smtp_from=mail.sender,
        )
        if pace.line is None or pace.line_sender != mail.sender:
            pace.hang_up()
            pace.line, pace.line_sender = SmtpLine(connect, pace.timeout, pace.per_connection), mail.sender
        pace.line.connect_by(connect)
        return pace.line

    # === The message === #

    def _build(self, mail):
        """The message, or None: it cannot be built, which is written down."""
        try:
            return self._leased._build_message(mail, self._together)
        except CONCURRENCY:
            raise
        except Exception as error:  # what is wrong with this mail must not stop the mails behind it
            _logger.exception("Building the mail of delivery %s", mail.delivery_id)
            retrying(partial(self._delivery(mail)._cannot_be_sent, str(error)), self._server.env)
            return None

    def _say(self, mail, message, session):
        """Hand over, and say what became of it."""
        recipient = formataddr(("", mail.address), charset="ascii")
        witness = SmtpWitness(session, recipient)
        try:
            self._leased._send_message(mail, message, witness)
        except AssertionError as error:  # Odoo's way to say that an address cannot be used
            if not witness.answer:
                no_recipient = str(error) == self._leased.env["ir.mail_server"].NO_VALID_RECIPIENT
                found = Verdict.RECIPIENT if no_recipient else Verdict.SENDER
                return Answer(found, str(error), Phase.RECIPIENT if no_recipient else Phase.SENDER)
        except Exception as error:  # the outcome is what the witness saw, whatever broke
            _logger.info("Sending delivery %s: %s", mail.delivery_id, error)
            return witness.answer or Answer(Verdict.UNSAID, str(error))
        return witness.answer or Answer(Verdict.UNSAID)

    # === States === #

    def _delivery(self, mail):
        return self._server.env["ar.dunning.delivery"].sudo().browse(mail.delivery_id)

    def _begin(self, mail):
        """Commit that the mail before was accepted, and that this one is being sent.

        :return: whether it may be sent: nobody has taken it back
        """
        before, cr = self._before, self._server.env.cr
        if before is None and mail is None:
            return False
        parameters = {
            "now": fields.Datetime.now(),
            "claim": self._token,
            "before": before and before.delivery_id,
            "next": mail and mail.delivery_id,
            "progress": self._server.env.context.get("ir_cron_progress_id"),
        }
        begun = retried(cr, partial(cr.execute, BEGIN, parameters))
        self._before = None
        return begun

    def _not_accepted(self, mail, answer):
        """Write down the refusal; what concerns the sender or the server is kept there, too."""
        if answer.verdict is Verdict.IN_DOUBT:
            self._pace.line.drop()
        until = False
        if answer.verdict is Verdict.SENDER:
            self._refused_senders.add(mail.sender)
            until = self._leased._fails(address_of(mail.sender), answer.words)
        elif self._pace.server_is_stuck:
            until = self._leased._fails(WHOLE, answer.words)
        retrying(partial(self._delivery(mail)._record, answer, until), self._server.env)


def address_of(sender):
    """By which trouble with a sender is kept."""
    return email_normalize(sender) or NOBODY


def retried(cr, execute, most=10):
    """Execute one statement in a transaction of its own and commit; begin anew where another was at the same row.

    :return: whether it answered with a row
    """
    for left in reversed(range(most)):
        try:
            execute()
            found = bool(cr.fetchone())
            cr.commit()
            return found
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            cr.rollback()
            if not left:
                raise
            time.sleep(0.05)
    return False
