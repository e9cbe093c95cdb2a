# What was said to a mail server cannot be rolled back, so each state is committed before and after.
# pylint: disable=invalid-commit
import logging
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from odoo import SUPERUSER_ID, api, fields, models
from odoo.modules.registry import Registry
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, retrying

from ..tools.smtp import SmtpLine, SmtpWitness

_logger = logging.getLogger(__name__)

# First half of a PostgreSQL advisory lock; the second is the delivery's id. Held by the sender from before
# `sending` is written until the outcome is, so that only an abandoned `sending` can be taken for one.
SENDER_LOCK = 7_140_301
MOST_ATTEMPTS = 5
FIRST_WAIT = timedelta(minutes=5)
# What becomes of a mail that somebody queued although its delivery is not to be sent.
MAIL_STATES = {"sent": "sent", "bounced": "sent", "cancelled": "cancel"}


class ArDunningDelivery(models.Model):
    """E-mail, exactly once.

    No Message-ID is accepted twice: `sending` is committed before the SMTP conversation and the outcome after
    it. A sender that dies in between leaves `sending` behind, which becomes `unconfirmed`: only a person may
    send it again. A retry happens by itself only where the server provably did not accept the message.

    All of it runs on connections of its own and commits; each step begins with a fresh snapshot, because one
    that is older than the lock may show what no longer holds.
    """

    _inherit = "ar.dunning.delivery"

    # === Whose delivery it is === #

    @contextmanager
    def _sender_lock(self):
        """Hold the lock of this delivery's sender while the block runs; it begins with a fresh transaction.

        The lock belongs to the connection: PostgreSQL lets it go when the process dies.

        :return: whether the lock is ours
        """
        self.ensure_one()
        cr = self.env.cr
        cr.execute("SELECT pg_try_advisory_lock(%s, %s)", [SENDER_LOCK, self.id])
        held = cr.fetchone()[0]
        cr.rollback()
        try:
            yield held
        finally:
            cr.rollback()
            if held:
                cr.execute("SELECT pg_advisory_unlock(%s, %s)", [SENDER_LOCK, self.id])
                cr.rollback()

    @api.model
    def _sweep_interrupted(self):
        """A `sending` whose sender is gone: nobody knows whether it left, so a person must look."""
        abandoned = self.search([("state", "=", "sending")]).ids
        if not abandoned:
            return
        with Registry(self.env.cr.dbname).cursor() as cr:
            for delivery in api.Environment(cr, SUPERUSER_ID, {})["ar.dunning.delivery"].browse(abandoned):
                with delivery._sender_lock() as held:
                    if held:
                        retrying(delivery._set_unconfirmed, delivery.env)

    def _set_unconfirmed(self):
        reason = self.env._("The server stopped while sending; nobody knows whether the mail left.")
        stale = self._update_state(("sending",), "unconfirmed", failure=reason)
        stale.mail_id.write({"state": "exception", "failure_reason": reason})
        stale.notice_id._settle(plan=False)

    # === Sending === #

    def _transmit(self):
        """Send these queued e-mails, each in transactions of its own.

        The caller's transaction is neither used nor needed: what it has not committed is not sent.
        """
        for mail_server_id, alias_domain_id, smtp_from, mail_ids in self.mail_id._split_by_mail_configuration():
            batch = self.filtered(lambda delivery, ids=frozenset(mail_ids): delivery.mail_id.id in ids)
            with Registry(self.env.cr.dbname).cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                connect = env["ir.mail_server"]._connect__
                line = SmtpLine(partial(connect, mail_server_id=mail_server_id, smtp_from=smtp_from))
                batch = env["ar.dunning.delivery"].browse(batch.ids)
                for delivery in batch:
                    delivery._try_to_transmit(line, mail_server_id, alias_domain_id)
                line.quit()
                retrying(partial(env["ar.dunning.ledger"]._plan_again, batch.customer_id), env)

    def _try_to_transmit(self, line, mail_server_id, alias_domain_id):
        """Send one; what goes wrong with it does not stop the mails behind it. What is told so far is true."""
        try:
            self._transmit_one(line, mail_server_id, alias_domain_id)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY as error:
            _logger.info("Delivery %s is left to the next round: %s", self.id, error)
            self.env.cr.rollback()
        except Exception:
            _logger.exception("Sending delivery %s", self.id)
            self.env.cr.rollback()

    def _transmit_one(self, line, mail_server_id, alias_domain_id):
        """Claim, commit (T1), hand over, commit (T2), and tell the notice."""
        session = line.open()
        with self._sender_lock() as held:
            if not held:
                return
            claimed = self._claim()
            if claimed and session is None:
                self._record_refusal(line.failure)
            self.env.cr.commit()
            if not claimed or session is None:
                return
            witness = SmtpWitness(session)
            failure = self._hand_over(witness, mail_server_id, alias_domain_id)
            if witness.in_doubt:
                line.drop()
            retrying(partial(self._record, witness, failure), self.env)
            if witness.accepted:
                retrying(partial(self.notice_id._settle, plan=False), self.env)

    def _claim(self):
        """Lock the row first, look again, and write `sending` before anything is said to the server.

        :return: whether the mail is to be sent
        """
        locked = self.try_lock_for_update(allow_referencing=True)
        if not locked:
            return False
        if locked.state == "sending":  # its sender is gone, or we had not got the lock
            locked._set_unconfirmed()
        elif locked.state != "queued" or (locked.notice_id.state == "cancelled" and not locked.is_correction):
            locked._put_mail_aside()
        elif not locked.notice_id._with_sound_letter():
            locked._update_state(("queued",), "failed", failure=locked.notice_id._broken_letter_text())
            locked._put_mail_aside()
            locked.notice_id._settle(plan=False)
        elif locked._waits_for_a_working_day() or (not locked.notice_id.sent_on and locked.notice_id._hold_mail()):
            return False
        else:
            locked._update_state(("queued",), "sending", attempts=locked.attempts + 1)
            return True
        return False

    def _put_mail_aside(self):
        """Take a mail out of the queue that is not to be sent."""
        if self.mail_id.state == "outgoing":
            self.mail_id.state = MAIL_STATES.get(self.state, "exception")

    def _hand_over(self, witness, mail_server_id, alias_domain_id):
        """Send in a fresh transaction, and commit that it was accepted, if it was.

        :return: what went wrong, as far as Odoo knows
        """
        cr = self.env.cr
        try:
            if self.state != "sending":
                return self.env._("The delivery was stopped.")
            mail = self.mail_id
            mail.state = "outgoing"
            mail._send(
                smtp_session=witness,
                alias_domain_id=alias_domain_id,
                mail_server=self.env["ir.mail_server"].browse(mail_server_id),
            )
            failure = mail.failure_reason
            if witness.accepted:
                self._set_sent()
                cr.commit()
            return failure
        except Exception as error:  # the outcome is what the witness saw, whatever broke
            _logger.info("Sending delivery %s: %s", self.id, error)
            return str(error)
        finally:
            cr.rollback()

    def _set_sent(self):
        self._update_state(("sending",), "sent", done_on=fields.Datetime.now(), failure=False)

    def _record(self, witness, failure):
        """Write down what the server said. May be repeated: it changes nothing that is already written."""
        if witness.accepted:
            self._set_sent()
            if self.mail_id.state != "sent":
                self.mail_id.write({"state": "sent", "failure_reason": False})
        elif witness.in_doubt:
            self._set_unconfirmed()
        else:
            reason = witness.answer or failure or self.env._("The mail server did not accept the message.")
            self._record_refusal(reason, witness.permanent)

    def _record_refusal(self, failure, permanent=False):
        """The server provably did not accept: try again later, or after the last attempt give up."""
        if permanent or self.attempts >= MOST_ATTEMPTS:
            self._update_state(("sending",), "failed", failure=failure)
            self.mail_id.write({"state": "exception", "failure_reason": failure})
            self.notice_id._settle(plan=False)
            return
        self._update_state(("sending",), "queued", failure=failure)
        later = fields.Datetime.now() + FIRST_WAIT * 4 ** (self.attempts - 1)
        self.mail_id.write({"state": "outgoing", "failure_reason": failure, "scheduled_date": later})
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger(later)
