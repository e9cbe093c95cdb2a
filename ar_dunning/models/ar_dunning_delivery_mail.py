from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.modules.registry import Registry

from ..core.outage import wait_after
from ..core.smtp_reply import Phase, Verdict, is_refused_for_good
from ..tools.mail_courier import retried

# After so many refusals for now, this recipient's server is taken at its word.
MOST_ATTEMPTS = 5
# On a day without work it is asked again so often whether the day is over.
RESTING = timedelta(hours=1)


LOOK_AGAIN = """
UPDATE ar_dunning_delivery d SET state = 'queued', claim = NULL
  FROM ar_dunning_notice n JOIN ar_dunning_customer c ON c.id = n.customer_id
 WHERE d.state = 'claimed' AND d.mail_id IS NOT NULL AND n.id = d.notice_id AND c.partner_id = ANY(%s) RETURNING d.id
"""


def _look_again(dbname, partner_ids):
    with Registry(dbname).cursor() as cr:
        retried(cr, partial(cr.execute, LOOK_AGAIN, [list(partner_ids)]))


class ArDunningDelivery(models.Model):
    """E-mail, exactly once.

    No Message-ID is accepted twice. A mail goes from `queued` to `claimed` (its last look is taken, it may still be
    taken back), to `sending` (committed before a word is said to the server), to its outcome. A sender that dies
    leaves at most one `sending` behind, which becomes `unconfirmed`: only a person may send it again. A retry happens
    by itself only where the server provably did not accept the message. How this is done stands in
    `ar_dunning_mail_server_round.py`.
    """

    _inherit = "ar.dunning.delivery"

    server_id = fields.Many2one("ar.dunning.mail.server", "Leaves Through", readonly=True, ondelete="set null")
    claim = fields.Char(readonly=True, help="Which sender has it now.")
    wait_until = fields.Datetime("Next Try", readonly=True)
    tried_on = fields.Datetime("Last Try", readonly=True)
    refused_on = fields.Datetime("First Refused", readonly=True)
    is_refused = fields.Boolean(
        "Recipient Refused", readonly=True, help="The mail server does not take mails for this address."
    )

    _waiting = models.Index(
        "(server_id, state) WHERE state IN ('queued', 'claimed', 'sending') AND mail_id IS NOT NULL"
    )
    _pace = models.Index("(server_id, tried_on)")

    # === Into the queue === #

    @api.model_create_multi
    def create(self, vals_list):
        deliveries = super().create(vals_list)
        deliveries._assign()
        return deliveries

    def _assign(self):
        """Give each waiting mail the server it leaves through, and wake those that send."""
        Server = self.env["ar.dunning.mail.server"].sudo()
        waiting = self.filtered(lambda delivery: delivery.state == "queued" and delivery.mail_id)
        for mail_server_id, _alias_domain, _sender, mail_ids in waiting.mail_id._split_by_mail_configuration():
            server = Server._of(mail_server_id)
            waiting.filtered(lambda delivery, ids=frozenset(mail_ids): delivery.mail_id.id in ids)._put(
                {"server_id": server.id}
            )
            server._wake()

    @api.model
    def _assign_lost(self):
        """Mails without a server: made before it was known, or their server is gone."""
        lost = self.search([("channel", "=", "email"), ("state", "=", "queued"), ("server_id", "=", False)])
        lost._assign()

    def _is_held_up(self):
        """Whether the mail waits because a mail server did not take it."""
        return (
            self.channel == "email"
            and self.state == "queued"
            and bool(self.wait_until or self.sudo().server_id.is_down)
        )

    def _hurry(self):
        """Whoever waits for a later try may try now."""
        waiting = self.filtered(lambda delivery: delivery.state == "queued")
        waiting._put({"wait_until": False})
        waiting.server_id._wake()

    # === Claimed === #

    def _claim(self, token):
        """Look again, all at once, and reserve what may leave for the sender with this token.

        :return: the reserved deliveries
        """
        found = self.try_lock_for_update(allow_referencing=True).filtered(lambda delivery: delivery.state == "queued")
        found = found._without_the_stopped()
        unsent = found.notice_id.filtered(lambda notice: not notice.sent_on and notice.state != "cancelled")
        held = unsent.env["ar.dunning.revision"]._hold_mails(unsent)
        leaving = found.filtered(lambda delivery: delivery.notice_id not in held)
        return leaving._update_state(("queued",), "claimed", claim=token)

    def _without_the_stopped(self):
        """Those that are still to be sent; a mail that somebody cancelled or deleted is not."""
        recalled = self.filtered(lambda one: one.notice_id.state == "cancelled" and not one.is_correction)
        recalled._cancel()
        gone = (self - recalled).filtered(lambda one: not one.mail_id or one.mail_id.state == "cancel")
        gone._update_state(("queued",), "failed", failure=self.env._("Somebody cancelled or deleted the mail."))
        gone.notice_id._settle(plan=False)
        left = self - recalled - gone
        broken = left.filtered(lambda one: one._fails_for_its_files())
        resting = (left - broken).filtered(lambda one: one._waits_for_a_working_day())
        resting._put({"wait_until": fields.Datetime.now() + RESTING})
        return left - broken - resting

    def _fails_for_its_files(self):
        """Whether what it encloses is not what was frozen; then it will not be sent."""
        notice = self.notice_id
        if not notice._with_sound_letter():
            self._fail(notice._broken_letter_text())
        elif not notice._has_enclosed_as_frozen(self.mail_id.attachment_ids):
            self._fail(notice._broken_enclosed_text())
        return self.state == "failed"

    @api.model
    def _look_again(self, partner_ids):
        """Something is happening to these debtors: once it is committed, what is claimed for them, but not yet being sent,
        is looked at again. Not within this transaction, which would collide with the sender's.
        """
        if not partner_ids:
            return
        postcommit, key = self.env.cr.postcommit, "ar_dunning.look_again"
        if key not in postcommit.data:
            postcommit.data[key] = set()
            postcommit.add(partial(_look_again, self.env.cr.dbname, postcommit.data[key]))
        postcommit.data[key].update(partner_ids)

    def _give_back(self):
        return self._update_state(("claimed",), "queued", claim=False)

    # === Outcomes === #

    def _record(self, answer, server_waits_until):
        """Write down what the server said. May be repeated: it changes nothing that is already written.

        :param Answer answer: not that of an accepted mail
        :param server_waits_until: when the server is tried again, if it is the server that is in trouble
        """
        if answer.verdict is Verdict.ACCEPTED:
            self._update_state(("sending",), "sent", done_on=fields.Datetime.now(), failure=False)
            self.mail_id.write({"state": "sent", "failure_reason": False})
        elif answer.verdict is Verdict.IN_DOUBT:
            self._set_unconfirmed(self.env._("The mail server did not say whether it took the mail: %s", answer.words))
        elif answer.verdict is Verdict.UNSAID:
            self._cannot_be_sent(answer.words)
        elif self._is_final(answer.verdict):
            self._fail(answer.words, is_refused=answer.phase is Phase.RECIPIENT or answer.verdict is Verdict.RECIPIENT)
        else:
            of_itself = answer.verdict in (Verdict.EITHER, Verdict.RECIPIENT_LATER)
            first = self.refused_on or (of_itself and fields.Datetime.now())
            self._postpone(answer.words, server_waits_until, refused_on=first)

    def _is_final(self, verdict):
        """Whether this mail need not be tried again.

        An answer that may concern everybody's mails is this mail's own where the server took others between two refusals.
        """
        if verdict is Verdict.RECIPIENT_LATER:
            return self.attempts >= MOST_ATTEMPTS and self._have_others_passed()
        return is_refused_for_good(verdict, verdict is Verdict.EITHER and self._have_others_passed())

    def _have_others_passed(self):
        """Whether the same server accepted a mail after it first refused this one."""
        return bool(
            self.refused_on
            and self.search_count(
                [("server_id", "=", self.server_id.id), ("state", "=", "sent"), ("done_on", ">=", self.refused_on)],
                limit=1,
            )
        )

    def _fail(self, words, is_refused=False):
        """This mail will not be tried again by itself; where its recipient is refused, the next channel is taken."""
        failed = self._update_state(
            ("queued", "claimed", "sending"), "failed", failure=words, claim=False, is_refused=is_refused
        )
        failed.mail_id.write({"state": "exception", "failure_reason": words})
        failed.notice_id._settle(plan=False)

    def _cannot_be_sent(self, words):
        """Something is wrong with this mail itself; perhaps not the next time, if not, a person must look."""
        if self.state == "claimed":
            self._put({"attempts": self.attempts + 1})
        if self.attempts >= MOST_ATTEMPTS:
            self._fail(words)
        else:
            self._postpone(words)

    def _postpone(self, words, until=False, **vals):
        """Provably not accepted: try again later."""
        until = until or fields.Datetime.now() + wait_after(self.attempts)
        self._update_state(("sending", "claimed"), "queued", failure=words, claim=False, wait_until=until, **vals)
        self.mail_id.write({"failure_reason": words})

    def _set_unconfirmed(self, reason):
        """Nobody knows whether it left: not sent again until a person decides."""
        stale = self._update_state(("sending",), "unconfirmed", failure=reason)
        stale.mail_id.write({"state": "exception", "failure_reason": reason})
        stale.notice_id._settle(plan=False)

    def _recover(self):
        """What a sender that is gone has left behind."""
        self._give_back()
        self._set_unconfirmed(self.env._("The server stopped while sending; nobody knows whether the mail left."))
