from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.authority import is_system

# A person sends a mail again: what earlier tries have left behind no longer counts.
AFRESH = dict.fromkeys(("attempts", "failure", "claim", "is_refused", "refused_on", "wait_until"), False)


class ArDunningDelivery(models.Model):
    """One attempt to bring a notice over one channel to one address.

    `_update_state` is the one gate for the state. How an e-mail is sent exactly once stands in
    `ar_dunning_delivery_mail.py`.
    """

    _name = "ar.dunning.delivery"
    _inherit = ["ar.dunning.protected"]
    _description = "Dunning Delivery"
    _order = "id desc"
    _rec_names_search = ("address", "partner_id")

    notice_id = fields.Many2one("ar.dunning.notice", required=True, index=True, ondelete="restrict", readonly=True)
    company_id = fields.Many2one(related="notice_id.company_id", store=True, precompute=True, index=True)
    customer_id = fields.Many2one(related="notice_id.customer_id")
    channel = fields.Selection(
        [("email", "E-mail"), ("letter", "Letter"), ("activity", "Task for a person")], required=True, readonly=True
    )
    is_copy = fields.Boolean("Copy", readonly=True, help="For information; does not count as reaching the customer.")
    is_correction = fields.Boolean(
        "Correction", readonly=True, help="Tells the customer that a cancelled notice was sent by mistake."
    )
    partner_id = fields.Many2one("res.partner", string="To", readonly=True, ondelete="restrict")
    address = fields.Char(readonly=True, index="btree_not_null")
    state = fields.Selection(
        [
            ("queued", "Waiting"),
            ("claimed", "About to Leave"),
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
    queued_on = fields.Datetime(
        "Queued", readonly=True, default=lambda self: fields.Datetime.now(), help="When it was last asked for."
    )
    done_on = fields.Datetime("Done", readonly=True)
    state_on = fields.Datetime("Status since", readonly=True)
    activity_id = fields.Many2one("mail.activity", readonly=True, index="btree_not_null", ondelete="set null")
    posted_on = fields.Date("Posted on", readonly=True)
    tracking_number = fields.Char(readonly=True)
    stands_in = fields.Boolean(
        "Instead of a Mail",
        readonly=True,
        help="A letter for a mail that cannot be delivered. Whichever goes out first takes the other back.",
    )

    _correction_once = models.UniqueIndex(
        "(notice_id, address) WHERE is_correction", "A notice is corrected once for each address."
    )
    # Few of very many: the filters for what needs a person ask for them on every screen.
    _trouble = models.Index("(state, notice_id) WHERE state IN ('failed', 'bounced', 'unconfirmed')")
    # Whether there is any letter, the menu asks with every page.
    _letters = models.Index("(company_id) WHERE channel = 'letter'")

    @api.depends("channel", "address", "partner_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        """Over which channel, to whom: a letter and a task have no address of their own."""
        channels = dict(self._fields["channel"]._description_selection(self.env))
        for delivery in self:
            channel = channels.get(delivery.channel)
            receiver = delivery.address or delivery.partner_id.name
            delivery.display_name = ": ".join(filter(None, (channel, receiver)))

    # === One gate for the state === #

    def _update_state(self, allowed, target, **vals):
        """Move the deliveries that are in an allowed state to `target` and return them."""
        moving = self.filtered(lambda delivery: delivery.state in allowed)
        if moving:
            moving._put({"state": target, "state_on": fields.Datetime.now(), **vals})
        return moving

    def _refuse_deletion(self):
        self._unlink_never()

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A delivery is evidence and cannot be deleted."))

    @api.model
    def _check_mails_kept(self, mails, vals=None):
        """Whoever writes `vals` to mails of ours, or deletes them, is told that they stay as they were written.

        :param mails: e-mails or the messages that they carry; one that has not left may be deleted, which stops it
        :raise UserError: there is such a delivery
        """
        if is_system() or self._is_being_uninstalled():
            return
        kept = [] if vals else [("state", "in", ("sending", "unconfirmed", "sent", "bounced"))]
        path = "mail_id" if mails._name == "mail.mail" else "mail_id.mail_message_id"
        found = self.sudo().search([(path, "in", mails.ids), *kept], limit=1)
        if found:
            raise UserError(
                self.env._("The mail of notice %s is evidence and stays as it was written.", found.notice_id.name)
            )

    @api.model
    def _is_being_uninstalled(self):
        """Whether tables and columns of ours may be gone already. Not told by a key of the context: those anybody sends."""
        leaving = [("name", "=", "ar_dunning"), ("state", "=", "to remove")]
        return bool(self.env["ir.module.module"].sudo().search_count(leaving, limit=1))

    def _waits_for_a_working_day(self):
        """Whether this is left over from another day (a mail server stood still), and today nobody works."""
        self.ensure_one()
        company = self.company_id
        day, asked = company._dunning_today(), company._dunning_local(self.queued_on or self.create_date).date()
        return day != asked and not self.notice_id.policy_id._calendar(day, company).is_working(day)

    # === A person decides === #

    def action_resend(self):
        """Send again what is unconfirmed or failed: the same message with the same Message-ID."""
        self.notice_id.check_access("write")
        again = self.sudo().filtered(lambda delivery: delivery.channel == "email" and delivery.mail_id)
        again = again._update_state(("unconfirmed", "failed"), "queued", queued_on=fields.Datetime.now(), **AFRESH)
        if not again:
            raise UserError(self.env._("Only e-mails that failed or are unconfirmed can be sent again."))
        again.mail_id.write({"state": "outgoing", "failure_reason": False})
        again.notice_id.delivery_ids._waiting_stand_ins()._cancel()
        again._assign()
        again.notice_id._settle()

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

    def _waiting_stand_ins(self):
        """Letters for mails that may arrive after all."""
        return self.filtered(lambda delivery: delivery.stands_in and delivery._is_letter_to_post())

    def _cancel(self):
        """Stop what has not left. A mail that is leaving right now cannot be stopped.

        :raise UserError: the mail is being sent
        """
        self = self.sudo()
        if any(delivery.state == "sending" for delivery in self):
            raise UserError(self.env._("A mail of this notice is leaving right now. Try again in a minute."))
        waiting = self._update_state(("queued", "claimed", "unconfirmed", "failed"), "cancelled")
        waiting.mail_id.filtered(lambda mail: mail.state in ("outgoing", "exception")).write({"state": "cancel"})
        waiting.activity_id.unlink()

    # === What comes back === #

    def _come_back(self, report):
        """A delivery report says that these mails did not arrive, whatever the server first said.

        Where it is not the recipient who cannot be reached, nothing else is tried by itself: a person must look.

        :param Report report: one that is a failure
        """
        target = "bounced" if report.concerns_recipient else "failed"
        reason = (
            self.env._("The mail came back: %s", report.reason) if report.reason else self.env._("The mail came back.")
        )
        # A report may be faster than the sender who is about to write down that the mail was accepted.
        back = self.sudo()._update_state(("sending", "sent", "unconfirmed"), target, failure=reason)
        back.notice_id._settle()
        return back
