from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.mail import email_normalize


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
        "Queued", readonly=True, default=fields.Datetime.now, help="When it was last asked for."
    )
    done_on = fields.Datetime("Done", readonly=True)
    activity_id = fields.Many2one("mail.activity", readonly=True, index="btree_not_null", ondelete="set null")
    posted_on = fields.Date("Posted on", readonly=True)
    tracking_number = fields.Char(readonly=True)

    _correction_once = models.UniqueIndex(
        "(notice_id, address) WHERE is_correction", "A notice is corrected once for each address."
    )

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
            moving._put({"state": target, **vals})
        return moving

    def _refuse_deletion(self):
        self._unlink_never()

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A delivery is evidence and cannot be deleted."))

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
        again = again._update_state(
            ("unconfirmed", "failed"), "queued", attempts=0, failure=False, queued_on=fields.Datetime.now()
        )
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
