import logging
import smtplib
from datetime import timedelta
from functools import partial

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tools.mail import email_normalize

_logger = logging.getLogger(__name__)

# First half of a PostgreSQL advisory lock; the second is the delivery's id. Held by the sender from before
# `sending` is written until the outcome is, so that only an abandoned `sending` can be taken for one.
SENDER_LOCK = 7_140_301
MOST_ATTEMPTS = 5
LANDED = ("sent", "posted", "acknowledged")
UNDER_WAY = ("queued", "sending")


class ArDunningDelivery(models.Model):
    """One attempt to bring a notice over one channel to one address.

    E-mail is sent so that no Message-ID is accepted twice: `sending` is committed before the SMTP
    conversation and the outcome after it. A sender that dies in between leaves `sending` behind, which
    becomes `unconfirmed`: only a person may send it again. A retry happens by itself only where the
    server provably did not accept the message.
    """

    _name = "ar.dunning.delivery"
    _description = "Dunning Delivery"
    _order = "id desc"
    _rec_name = "address"

    notice_id = fields.Many2one("ar.dunning.notice", required=True, index=True, ondelete="restrict", readonly=True)
    company_id = fields.Many2one(related="notice_id.company_id", store=True, index=True)
    customer_id = fields.Many2one(related="notice_id.customer_id")
    channel = fields.Selection(
        [("email", "E-mail"), ("letter", "Letter"), ("activity", "Task for a person")], required=True, readonly=True
    )
    is_copy = fields.Boolean("Copy", readonly=True, help="For information; does not count as reaching the customer.")
    partner_id = fields.Many2one("res.partner", string="To", readonly=True, ondelete="restrict")
    address = fields.Char(readonly=True, index="btree_not_null")
    state = fields.Selection(
        [
            ("queued", "Waiting"),
            ("sending", "Sending"),
            ("sent", "Sent"),
            ("posted", "Posted"),
            ("acknowledged", "Done"),
            ("bounced", "Bounced"),
            ("failed", "Failed"),
            ("unconfirmed", "Unconfirmed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="queued",
        readonly=True,
        index=True,
        help="Unconfirmed: the server stopped while sending, so nobody knows whether the mail left.",
    )
    mail_id = fields.Many2one("mail.mail", readonly=True, index="btree_not_null", ondelete="set null")
    message_id = fields.Char("Message-ID", readonly=True, index="btree_not_null")
    attempts = fields.Integer(readonly=True)
    failure = fields.Char(readonly=True)
    done_on = fields.Datetime("Done", readonly=True)
    activity_id = fields.Many2one("mail.activity", readonly=True, index="btree_not_null", ondelete="set null")
    posted_on = fields.Date("Posted on", readonly=True)
    tracking_number = fields.Char(readonly=True)

    # === One gate for the state === #

    def _update_state(self, allowed, target, **vals):
        """Move the deliveries that are in an allowed state to `target` and return them."""
        moving = self.filtered(lambda delivery: delivery.state in allowed)
        if moving:
            moving.write({"state": target, **vals})
        return moving

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A delivery is evidence and cannot be deleted."))

    # === A person decides === #

    def action_resend(self):
        """Send again what is unconfirmed or failed: the same message with the same Message-ID."""
        self.notice_id.check_access("write")
        again = self.sudo().filtered(lambda delivery: delivery.channel == "email" and delivery.mail_id)
        again = again._update_state(("unconfirmed", "failed"), "queued", attempts=0, failure=False)
        if not again:
            raise UserError(self.env._("Only e-mails that failed or are unconfirmed can be sent again."))
        again.mail_id.write({"state": "outgoing", "failure_reason": False, "scheduled_date": False})
        again.notice_id._settle()
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    def action_was_sent(self):
        """A person found out that the unconfirmed mail did arrive."""
        self.notice_id.check_access("write")
        found = self.sudo()._update_state(("unconfirmed",), "sent", done_on=fields.Datetime.now(), failure=False)
        if not found:
            raise UserError(self.env._("Only unconfirmed e-mails can be marked as sent."))
        found.mail_id.write({"state": "sent", "failure_reason": False})
        found.notice_id._settle()

    def _mark_posted(self, day, tracking_number=False):
        """The letter was handed to the post on `day`; deadlines run from then."""
        posted = self._update_state(
            ("queued",), "posted", posted_on=day, done_on=fields.Datetime.now(), tracking_number=tracking_number
        )
        posted.notice_id._settle()
        return posted

    def _cancel(self):
        """Stop what has not left. A mail that is leaving right now cannot be stopped.

        :raise UserError: the mail is being sent
        """
        self = self.sudo()
        if any(delivery.state == "sending" for delivery in self):
            raise UserError(self.env._("A mail of this notice is leaving right now. Try again in a minute."))
        waiting = self._update_state(("queued", "unconfirmed", "failed"), "cancelled")
        waiting.mail_id.filtered(lambda mail: mail.state in ("outgoing", "exception")).write({"state": "cancel"})
        waiting.activity_id.unlink()

    # === E-mail, exactly once === #

    @api.model
    def _sweep_interrupted(self):
        """A `sending` whose sender is gone: nobody knows whether it left, so a person must look."""
        for delivery in self.search([("state", "=", "sending")]):
            if not delivery._try_sender_lock():
                continue
            try:
                stale = delivery.try_lock_for_update(allow_referencing=True)
                stale.invalidate_recordset()
                self._set_unconfirmed(stale)
            finally:
                delivery._release_sender_lock()

    @api.model
    def _set_unconfirmed(self, deliveries):
        reason = self.env._("The server stopped while sending; nobody knows whether the mail left.")
        stale = deliveries._update_state(("sending",), "unconfirmed", failure=reason)
        stale.mail_id.write({"state": "exception", "failure_reason": reason})
        stale.notice_id._settle()

    def _try_sender_lock(self):
        self.ensure_one()
        self.env.cr.execute("SELECT pg_try_advisory_lock(%s, %s)", [SENDER_LOCK, self.id])
        return self.env.cr.fetchone()[0]

    def _release_sender_lock(self):
        self.env.cr.execute("SELECT pg_advisory_unlock(%s, %s)", [SENDER_LOCK, self.id])

    def _transmit(self):
        """Send these queued e-mails, each in transactions of its own on a connection of its own.

        The caller's transaction is neither used nor needed: what it has not committed is not sent.
        """
        for mail_server_id, alias_domain_id, smtp_from, mail_ids in self.mail_id._split_by_mail_configuration():
            batch = self.filtered(lambda delivery, ids=frozenset(mail_ids): delivery.mail_id.id in ids)
            session, failure = None, None
            try:
                session = self.env["ir.mail_server"]._connect__(mail_server_id=mail_server_id, smtp_from=smtp_from)
            except Exception as error:  # noqa: BLE001 - whatever keeps us from the server, nothing was accepted
                failure = str(error)
            with Registry(self.env.cr.dbname).cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                for delivery_id in batch.ids:
                    delivery = env["ar.dunning.delivery"].browse(delivery_id)
                    if session is None:
                        delivery._record_refusal(failure)
                        cr.commit()
                    else:
                        delivery._transmit_one(session, mail_server_id, alias_domain_id)
                customers = env["ar.dunning.delivery"].browse(batch.ids).customer_id
                retrying(partial(env["ar.dunning.ledger"]._plan_again, customers), env)
            if session:
                try:
                    session.quit()
                except (smtplib.SMTPException, OSError):
                    _logger.debug("SMTP session was already closed")

    def _transmit_one(self, session, mail_server_id, alias_domain_id):
        """Claim (T1), send (T2), record. Runs on its own cursor and commits."""
        self.ensure_one()
        cr = self.env.cr
        if not self._try_sender_lock():
            cr.rollback()
            return
        try:
            cr.rollback()  # a fresh snapshot: the lock below must be its first statement
            if not self._claim():
                return
            witness = SmtpWitness(session)
            failure = None
            try:
                if not self._reclaim():
                    return
                mail = self.mail_id
                mail.write({"state": "outgoing"})
                server = self.env["ir.mail_server"].browse(mail_server_id)
                mail._send(smtp_session=witness, alias_domain_id=alias_domain_id, mail_server=server)
                failure = mail.failure_reason
                cr.commit()
            except Exception as error:  # noqa: BLE001 - the outcome is what the witness saw, whatever broke
                _logger.exception("Sending delivery %s", self.id)
                failure = str(error)
                cr.rollback()
            self._record(witness, failure)
        finally:
            cr.rollback()
            self._release_sender_lock()
            cr.commit()

    def _claim(self):
        """T1: lock, look again, and commit `sending` before anything is said to the server."""
        locked = self.try_lock_for_update(allow_referencing=True)
        if not locked:
            self.env.cr.rollback()
            return False
        locked.invalidate_recordset()
        if locked.state == "sending":
            self._set_unconfirmed(locked)
            self.env.cr.commit()
            return False
        if locked.state != "queued" or locked.notice_id.state == "cancelled":
            self.env.cr.rollback()
            return False
        if not locked.notice_id.sent_on and self.env["ar.dunning.dispatch"]._has_lapsed(locked.notice_id):
            locked.notice_id._cancel(self.env._("Paid or on hold while its mail was waiting."))
            self.env.cr.commit()
            return False
        locked._update_state(("queued",), "sending", attempts=locked.attempts + 1)
        self.env.cr.commit()
        return True

    def _reclaim(self):
        """T2: lock again in a fresh transaction; send only if it is still ours."""
        locked = self.try_lock_for_update(allow_referencing=True)
        locked.invalidate_recordset()
        return bool(locked) and locked.state == "sending"

    def _record(self, witness, failure):
        """Write down what the server said. The mail has left or not: only this row is at stake, and it is locked
        by nobody else, so this commit can be repeated."""
        cr = self.env.cr
        self.try_lock_for_update(allow_referencing=True)
        self.invalidate_recordset()
        if witness.accepted:
            self._update_state(("sending",), "sent", done_on=fields.Datetime.now(), failure=False)
            cr.commit()
        elif witness.in_doubt:
            self._set_unconfirmed(self)
            cr.commit()
            return
        else:
            self._record_refusal(failure or self.env._("The mail server did not accept the message."), witness.permanent)
            cr.commit()
            return
        try:
            retrying(partial(self.notice_id._settle, plan=False), self.env)
        except Exception:  # noqa: BLE001 - the mail has left and says so; the next start settles the notice
            _logger.exception("Settling notice %s", self.notice_id.id)
            cr.rollback()

    def _record_refusal(self, failure, permanent=False):
        """The server provably did not accept: try again later, or after the last attempt give up."""
        self.ensure_one()
        attempts = self.attempts or 1
        if permanent or attempts >= MOST_ATTEMPTS:
            self._update_state(("queued", "sending"), "failed", failure=failure, attempts=attempts)
            self.mail_id.write({"state": "exception", "failure_reason": failure})
            self.notice_id._settle(plan=False)
            return
        self._update_state(
            ("queued", "sending"), "queued", failure=failure, attempts=attempts if self.state == "sending" else attempts + 1
        )
        later = fields.Datetime.now() + timedelta(minutes=5 * 4 ** (attempts - 1))
        self.mail_id.write({"state": "outgoing", "failure_reason": failure, "scheduled_date": later})
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger(later)

    # === What comes back === #

    @api.model
    def _bounced(self, notice, email):
        """A bounce arrived for a notice: the address did not work, whatever the server first said."""
        address = email_normalize(email)
        found = notice.sudo().delivery_ids.filtered(
            lambda delivery: delivery.channel == "email" and (not address or delivery.address == address)
        )
        found._update_state(("sent", "unconfirmed"), "bounced", failure=self.env._("The mail came back."))
        found.notice_id._settle()


class SmtpWitness:
    """An SMTP session that remembers what became of the last message.

    `accepted`: the server took it. `in_doubt`: the conversation broke after the message began to
    leave, so it may have been taken. `permanent`: the server refused for good (a 5xx answer).
    """

    def __init__(self, session):
        self._session = session
        self.accepted = self.in_doubt = self.permanent = False

    def __getattr__(self, name):
        return getattr(self._session, name)

    def send_message(self, message, from_addr, to_addrs, *args, **kwargs):
        in_data = []
        original = self._session.data

        def data(content):
            in_data.append(True)
            return original(content)

        self._session.data = data
        try:
            refused = self._session.send_message(message, from_addr, to_addrs, *args, **kwargs)
            self.accepted = not refused
            self.permanent = bool(refused)
            return refused
        except smtplib.SMTPRecipientsRefused as error:
            self.permanent = all(500 <= code < 600 for code, _text in error.recipients.values())
            raise
        except smtplib.SMTPResponseException as error:
            self.permanent = 500 <= error.smtp_code < 600
            raise
        except Exception:
            self.in_doubt = bool(in_data)
            raise
        finally:
            del self._session.data
