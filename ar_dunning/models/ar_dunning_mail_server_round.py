import time
import uuid
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from odoo import SUPERUSER_ID, api, fields, models
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tools import split_every

from ..tools.mail_courier import WHOLE, Claimed, Courier, Pace, address_of

CLAIM = 100  # mails looked at and reserved together
LOOK_HOLDS = 30  # seconds for which the last look is good enough
SETTLED_TOGETHER = 50
MINUTE = timedelta(minutes=1)


class ArDunningMailServer(models.Model):
    """The sender of one outgoing server's mails. Each server has its scheduled action, so that none waits for another.

    The lease is a lock on the server's row, held by a transaction of the sender's own: it is gone the moment the sender is.
    """

    _inherit = "ar.dunning.mail.server"

    def _hand_over(self):
        """Scheduled action: send what waits for this server until it is done or the time is up. Commits."""
        self.ensure_one()
        pace = Pace.of(self.sudo().mail_server_id, self.env.context.get("cron_end_time"))
        self._tell_remaining()
        try:
            while not pace.is_over():
                with self._leased() as leased:
                    if not leased or not self._work(leased, pace):
                        break
        finally:
            pace.hang_up()
        self._tell_remaining()
        self._wake_when_due(pace)

    @contextmanager
    def _leased(self):
        """This server as its only sender sees it, in a transaction of its own; empty: another sender is at it."""
        with Registry(self.env.cr.dbname).cursor() as cr:
            cr.execute("SELECT id FROM ar_dunning_mail_server WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED", [self.id])
            yield api.Environment(cr, SUPERUSER_ID, {})[self._name].browse([row[0] for row in cr.fetchall()])

    def _work(self, leased, pace):
        """Send one claim.

        :return: whether there may be more to do
        """
        retrying(self._recover, self.env)
        size = min(CLAIM, self._left_this_minute(pace))
        if leased._waits_until(WHOLE) or size <= 0:
            return False
        due = leased._deliveries(leased._due(), limit=size).ids
        if not due:
            return False
        token = uuid.uuid4().hex
        claimed = retrying(partial(self._claim, due, token), self.env)
        courier = Courier(self, leased, token, pace)
        try:
            courier.deliver(claimed, time.monotonic() + LOOK_HOLDS)
        finally:
            retrying(self._give_back_claimed, self.env)
        self._settle(courier.accepted)
        return bool(claimed) or self._count([*self._due(), ("id", "in", due)]) < len(due)

    # === What there is to do === #

    def _deliveries(self, domain, limit=None, order="id"):
        """This server's mails, without reading them."""
        Delivery = self.env["ar.dunning.delivery"].sudo().with_context(prefetch_fields=False)
        return Delivery.search([("server_id", "=", self.id), *domain], limit=limit, order=order)

    def _count(self, domain):
        return self.env["ar.dunning.delivery"].sudo().search_count([("server_id", "=", self.id), *domain])

    @api.model
    def _due(self):
        now = fields.Datetime.now()
        return [
            ("state", "=", "queued"),
            ("mail_id", "!=", False),
            "|",
            ("wait_until", "=", False),
            ("wait_until", "<=", now),
        ]

    def _tell_remaining(self):
        due = 0 if self._waits_until(WHOLE) else self._count(self._due())
        self.env["ir.cron"]._commit_progress(remaining=due)

    def _left_this_minute(self, pace):
        """How many mails the server's limit still allows now."""
        if not pace.per_minute:
            return CLAIM
        since = fields.Datetime.now() - MINUTE
        return pace.per_minute - self._count([("tried_on", ">", since)])

    def _recover(self):
        """Whoever holds the lease is the only sender: what is under way is nobody's."""
        self._deliveries([("state", "in", ("claimed", "sending"))])._recover()

    def _give_back_claimed(self):
        self._deliveries([("state", "=", "claimed")])._give_back()

    def _claim(self, ids, token):
        """Look again and reserve these.

        :return: a `Claimed` for each, those of one sender side by side
        """
        claimed = self.env["ar.dunning.delivery"].sudo().browse(ids)._claim(token)
        mails = []
        for mail_server_id, alias_domain_id, sender, mail_ids in claimed.mail_id._split_by_mail_configuration():
            group = claimed.filtered(lambda delivery, ids=frozenset(mail_ids): delivery.mail_id.id in ids)
            until = self._waits_until(address_of(sender))
            if (mail_server_id or False) != self.mail_server_id.id:  # the settings have changed
                group._give_back()._assign()
            elif until:
                group._give_back()._put({"wait_until": until})
            else:
                mails += [
                    Claimed(delivery.id, delivery.mail_id.id, delivery.address, alias_domain_id, sender)
                    for delivery in group
                ]
        return mails

    @api.model
    def _sweep(self):
        """Senders that are gone: what they have left behind waits for a person or goes back into the queue."""
        under_way = self.env["ar.dunning.delivery"].search([("state", "in", ("claimed", "sending"))])
        for server in under_way.server_id:
            with server._leased() as leased:
                if leased:
                    retrying(server._recover, self.env)

    # === Afterwards === #

    def _settle(self, accepted):
        """What was accepted counts for its notices."""
        Delivery = self.env["ar.dunning.delivery"].sudo()
        for ids in split_every(SETTLED_TOGETHER, accepted):
            retrying(lambda ids=ids: Delivery.browse(ids).notice_id._settle(), self.env)

    def _wake_when_due(self, pace):
        """Come again when there is something to do."""
        now = fields.Datetime.now()
        waiting = self._deliveries([("state", "=", "queued"), ("mail_id", "!=", False)], limit=1, order="wait_until")
        if self._count(self._due()):
            first = now
        elif waiting:
            first = waiting.wait_until or now
        else:
            return
        self._wake(max(first, self._waits_until(WHOLE) or now, self._next_within_limit(pace, now)))
        self.env.cr.commit()  # pylint: disable=invalid-commit

    def _next_within_limit(self, pace, now):
        """When the server's limit allows another mail."""
        if not pace.per_minute:
            return now
        latest = self._deliveries([("tried_on", ">", now - MINUTE)]).sorted("tried_on", reverse=True)
        return latest[pace.per_minute - 1].tried_on + MINUTE if len(latest) >= pace.per_minute else now

    # === The message === #

    def _build_message(self, mail, together):
        """The message as Odoo would build it.

        :param together: ids of the mails that are read with it
        :return: an `EmailMessage`
        """
        record = self.env["mail.mail"].browse(mail.mail_id).with_prefetch(together)
        [values] = record._prepare_outgoing_list(mail_server=self.mail_server_id)
        return self._ir_mail_server(mail)._build_email__(
            email_from=record.email_from,
            email_to=values["email_to"],
            subject=values["subject"],
            body=values["body"],
            body_alternative=values["body_alternative"],
            reply_to=values["reply_to"],
            attachments=values["attachments"],
            message_id=values["message_id"],
            references=values["references"],
            object_id=values["object_id"],
            subtype="html",
            subtype_alternative="plain",
            headers=values["headers"],
        )

    def _send_message(self, mail, message, witness):
        self._ir_mail_server(mail).send_email(message, smtp_session=witness)

    def _ir_mail_server(self, mail):
        """Odoo's part of the sending, for the domain of this mail's replies and its one recipient."""
        Server = self.env["ir.mail_server"].with_context(send_validated_to=[mail.address])
        domain = self.env["mail.alias.domain"].browse(mail.alias_domain_id or [])
        if not domain:
            return Server
        return Server.with_context(
            domain_notifications_email=domain.default_from_email, domain_bounce_address=domain.bounce_email
        )
