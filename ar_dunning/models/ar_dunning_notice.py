from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..tools.authority import is_system
from ..tools.mail_header import unbroken

# What a person may change in a draft. Anything else on a notice is written by the system.
EDITABLE = {"subject", "text", "closing", "level_id", "line_ids", "deadline", "partner_id"}
# What the texts speak of: when a person changes one of these, texts nobody edited follow.
FIGURES = {"line_ids", "deadline", "partner_id", "level_id"}
# What may still change once a notice has left.
AFTERWARDS = {"state", "state_on", "message_main_attachment_id", "sent_on", "error", "cancel_reason", "responsible_id"}


class ArDunningNotice(models.Model):
    """One communication to one customer of one company: courtesy note, reminder or formal notice.

    A draft follows the ledger every night until somebody edits it. Once it has left, texts,
    figures, letter and the letter's SHA-256 are frozen: it is evidence.
    """

    _name = "ar.dunning.notice"
    _description = "Dunning Notice"
    _inherit = ["ar.dunning.protected", "ar.dunning.dated", "ar.dunning.to.send", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _day_field = "deadline"

    name = fields.Char("Reference", readonly=True, copy=False, index="trigram", default="/")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("queued", "On its way"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="draft",
        index=True,
        tracking=True,
    )
    customer_id = fields.Many2one(
        "ar.dunning.customer", required=True, readonly=True, index=True, ondelete="restrict", check_company=True
    )
    commercial_partner_id = fields.Many2one(related="customer_id.partner_id", string="Debtor")
    partner_id = fields.Many2one("res.partner", string="Recipient", required=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    run_id = fields.Many2one("ar.dunning.run", readonly=True, index="btree_not_null", ondelete="set null")
    policy_id = fields.Many2one("ar.dunning.policy", readonly=True, ondelete="restrict")
    level_id = fields.Many2one(
        "ar.dunning.level",
        required=True,
        ondelete="restrict",
        domain="[('policy_id', '=', policy_id), ('days', '<=', highest_days), ('kind', 'in', lower_kinds)]",
    )
    highest_level_id = fields.Many2one("ar.dunning.level", readonly=True, ondelete="set null")
    highest_days = fields.Integer(related="highest_level_id.days")
    lower_kinds = fields.Json(compute="_compute_lower_kinds")
    kind = fields.Selection(related="level_id.kind", store=True)
    date = fields.Date(required=True, readonly=True, help="The day whose figures the notice shows.")
    deadline = fields.Date(help="Printed on the notice. The next step waits for it.")
    recorded_until = fields.Date("Payments Recorded Until", readonly=True)
    lang = fields.Char("Language", readonly=True)
    subject = fields.Char(required=True)
    text = fields.Html()
    closing = fields.Html()
    line_ids = fields.One2many("ar.dunning.notice.line", "notice_id", string="Items")
    delivery_ids = fields.One2many("ar.dunning.delivery", "notice_id", string="Deliveries", readonly=True)
    bank_id = fields.Many2one("res.partner.bank", string="Pay to", readonly=True, ondelete="set null")
    responsible_id = fields.Many2one("res.users", domain="[('share', '=', False)]")
    salesperson_id = fields.Many2one("res.users", readonly=True)
    is_edited = fields.Boolean("Edited", readonly=True, help="Edited by a person: the night no longer rebuilds it.")
    is_outdated = fields.Boolean(
        "Figures Moved", readonly=True, help="The ledger has changed since this draft was edited. Check the figures."
    )
    is_forced = fields.Boolean(
        "Ahead of Time",
        readonly=True,
        copy=False,
        help="Somebody asked for this notice before its day: neither the contact gap nor a running deadline stops it.",
    )
    is_repeat = fields.Boolean(
        "Repetition",
        readonly=True,
        copy=False,
        help="Reminds of what was sent while its deadline is running: at the same level, without new charges.",
    )
    escalation_reason = fields.Char(
        "Why before the Deadline", readonly=True, copy=False, help="A manager let the next level go early."
    )
    warning = fields.Char(readonly=True)
    error = fields.Char("Failure", readonly=True)
    cancel_reason = fields.Char(readonly=True)
    send_after = fields.Datetime(readonly=True, index="btree_not_null")
    approved_by_id = fields.Many2one("res.users", string="Approved by", readonly=True)
    approved_on = fields.Datetime(readonly=True, copy=False)
    state_on = fields.Datetime("Status since", readonly=True, copy=False)
    sent_on = fields.Date("Sent on", readonly=True, help="The day of the first successful delivery.")
    letter_waits = fields.Boolean("Letter to Post", compute="_compute_letter_waits")
    is_leaving = fields.Boolean(
        "Leaving", compute="_compute_is_leaving", search="_search_is_leaving", help="A delivery was made of it."
    )
    amount_total = fields.Monetary(
        "Demanded",
        currency_field="company_currency_id",
        compute="_compute_amount_total",
        store=True,
        help="Demanded items in company currency.",
    )
    totals = fields.Char("Demanded, by Currency", compute="_compute_totals")
    said = fields.Json("What It Says", readonly=True, copy=False)
    moved = fields.Text(
        "What Has Moved", readonly=True, copy=False, help="What the ledger says otherwise since the draft was edited."
    )
    stale_words = fields.Char(
        compute="_compute_stale_words",
        help="Amounts, dates and invoices in edited words that the notice no longer has.",
    )
    mail_preview = fields.Html(compute="_compute_mail_preview", sanitize=False)
    days_late = fields.Integer(compute="_compute_amount_total", store=True, aggregator="max")

    _to_send = models.Index("(company_id, customer_id) WHERE state = 'queued'")

    @api.depends("highest_level_id.kind")
    def _compute_lower_kinds(self):
        order = ["note", "reminder", "formal"]
        for notice in self:
            kind = notice.highest_level_id.kind or "formal"
            notice.lower_kinds = ["note"] if kind == "note" else order[1 : order.index(kind) + 1]

    @api.depends("line_ids.amount_company", "line_ids.is_demanded", "line_ids.days_late")
    def _compute_amount_total(self):
        for notice in self:
            lines = notice.line_ids.filtered("is_demanded")
            notice.amount_total = sum(lines.mapped("amount_company"))
            notice.days_late = max(lines.mapped("days_late"), default=0)

    @api.depends("delivery_ids.channel", "delivery_ids.state")
    def _compute_letter_waits(self):
        for notice in self:
            notice.letter_waits = any(
                delivery.channel == "letter" and delivery.state == "queued" for delivery in notice.delivery_ids
            )

    @api.depends("delivery_ids.state")
    def _compute_is_leaving(self):
        """What was taken back before it left is no delivery any more."""
        for notice in self:
            notice.is_leaving = any(delivery.state != "cancelled" for delivery in notice.delivery_ids)

    def _search_is_leaving(self, operator, value):
        if operator != "in":
            return NotImplemented
        made = [("state", "!=", "cancelled")]
        return [("delivery_ids", "any" if True in value else "not any", made)]

    @api.depends("line_ids.amount_due", "line_ids.is_demanded", "line_ids.currency_id")
    def _compute_totals(self):
        for notice in self:
            notice.totals = self.env["ar.dunning.wording"]._total_text(notice)

    @api.depends("subject", "text", "closing", "line_ids", "deadline", "lang", "level_id")
    def _compute_mail_preview(self):
        for notice in self:
            saved = notice._origin or notice
            notice.mail_preview = self.env["ar.dunning.print"]._mail_content(saved)["body"] if saved.id else False

    @api.depends("subject", "text", "closing", "said", "is_edited")
    def _compute_stale_words(self):
        for notice in self:
            notice.stale_words = ", ".join(self.env["ar.dunning.wording"]._find_stale_words(notice)) or False

    # === What may be written, and when === #

    def _person_writes(self):
        if self.state == "draft":
            return EDITABLE | {"responsible_id"}
        return {"responsible_id"} if self and self.state != "cancelled" else frozenset()

    def _refuse_person(self, names):
        if EDITABLE & names:
            self._check_draft()
        return super()._refuse_person(names)

    def _refuse_deletion(self):
        self._check_deletable()
        raise UserError(
            self.env._(
                "%s cannot be deleted: the next night would make it again. Cancel it, and say until when.", self[0].name
            )
        )

    def write(self, vals):
        """A person edits a draft; what follows from that is the system's."""
        if is_system() or not EDITABLE.intersection(vals):
            return super().write(vals)
        self.check_access("write")
        self._check_person(vals)
        if vals.get("subject"):
            vals = dict(vals, subject=unbroken(vals["subject"]))
        before = self.env["ar.dunning.wording"]._words_before(self) if FIGURES.intersection(vals) else {}
        self._drop_letter()
        if "line_ids" in vals:
            self._dropped_lines(vals["line_ids"]).sudo()._discard()
        result = super().write({name: value for name, value in vals.items() if name != "line_ids"})
        self._put({"is_edited": True})
        if "partner_id" in vals:
            self.env["ar.dunning.revision"]._follow_recipient(self)
        if "level_id" in vals:
            self.env["ar.dunning.revision"]._lower_level(self, typed=set(vals))
        if "line_ids" in vals:
            self._follow_dropped_lines()
        self.env["ar.dunning.wording"]._follow_words(before, typed=set(vals))
        self.env["ar.dunning.look"]._restate(self)
        return result

    def _dropped_lines(self, commands):
        """The lines that these commands of a person take off; nothing else can be done to the lines of a notice."""
        dropped = self.line_ids.browse()
        for command in commands or ():
            code, key, *values = (*command, None) if isinstance(command, list | tuple) else (Command.LINK, command)
            if code in (Command.DELETE, Command.UNLINK):
                dropped |= self.line_ids.filtered(lambda line, key=key: line.id == key)
            elif code in (Command.CLEAR, Command.SET):
                dropped |= self.line_ids.filtered(lambda line, kept=values[0] or (): line.id not in kept)
            elif code != Command.LINK or key not in self.line_ids.ids:
                raise UserError(self.env._("The lines of a notice follow the ledger. They can only be taken off."))
        return dropped

    def _put(self, vals):
        """Write as the system, without marking the notice as edited by a person."""
        self._check_frozen(vals)
        return super()._put(vals)

    def _add_evidence(self, vals):
        """Write past the freeze what belongs to the letter: the letter itself, and the deadline counted from posting."""
        return super()._put(vals)

    def _check_draft(self):
        for notice in self:
            if notice.state != "draft":
                raise UserError(
                    self.env._("Notice %s is no longer a draft and cannot be changed. Cancel it instead.", notice.name)
                )

    def _check_frozen(self, vals):
        frozen = {name for name in vals if name not in AFTERWARDS and not name.startswith(("message_", "activity_"))}
        left = self.filtered(lambda notice: notice.state == "cancelled" or notice.sent_on)
        if frozen and left:
            raise UserError(
                self.env._(
                    "Notice %(name)s has left and is evidence: %(fields)s cannot be changed any more.",
                    name=left[0].name,
                    fields=", ".join(sorted(self._fields[name].string for name in frozen if name in self._fields)),
                )
            )

    def _check_deletable(self):
        kept = self.filtered(lambda notice: notice.state != "draft")
        if kept:
            raise UserError(
                self.env._("%s cannot be deleted: it is evidence. Cancel it instead.", ", ".join(kept.mapped("name")))
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        self._check_deletable()

    # === One gate for the state === #

    def _update_state(self, allowed, target, **vals):
        """Move the notices that are in an allowed state to `target` and return them; nothing else writes the state."""
        moving = self.filtered(lambda notice: notice.state in allowed)
        if moving:
            # Who approved and when it was sent are fields of their own: no message for each of thousands.
            quiet = target in ("queued", "sent")
            moving.with_context(mail_notrack=quiet)._put({"state": target, "state_on": fields.Datetime.now(), **vals})
            if target == "sent":
                moving._keep_demands()
            elif target == "cancelled":
                moving.line_ids.sudo()._put({"is_cancelled": True})
        return moving

    def _settle(self, plan=True):
        """Derive the state from the deliveries, take the next channel where one failed, and the items' levels.

        :param bool plan: also keep what comes next on the items; a sender of many does that once, afterwards
        """
        notices = self.sudo().filtered(lambda notice: notice.state in ("queued", "failed", "sent"))
        for notice in notices:
            own = notice.delivery_ids.filtered(lambda one: not one.is_copy and one.state != "cancelled")
            landed = own.filtered(lambda delivery: delivery.state in ("sent", "posted", "acknowledged"))
            days = [notice._day_of(delivery) for delivery in landed]
            if landed:
                notice._update_state(("queued", "failed"), "sent", sent_on=min(days), error=False)
                notice._take_back_second_copy(own, landed)
            elif any(delivery.state in ("queued", "claimed", "sending") for delivery in own):
                notice._update_state(("failed", "sent"), "queued")
            elif own and not notice._take_next_channel(own):
                notice._update_state(("queued", "sent"), "failed", error=own[0].failure)
            posted = [delivery.posted_on for delivery in landed if delivery.posted_on]
            if posted and notice.deadline and not landed.filtered(lambda delivery: delivery.channel == "email"):
                # A letter's deadline runs from the day it was posted, never shorter than what is printed.
                notice._add_evidence({"deadline": max(notice.deadline, notice._deadline_from(min(posted)))})
        notices.line_ids.item_id._refresh_progress()
        if plan:
            self.env["ar.dunning.ledger"]._plan_again(notices.customer_id)

    def _deadline_from(self, on):
        self.ensure_one()
        days = self.level_id.deadline_days
        return self.policy_id._calendar(on, self.company_id).next_working(on + timedelta(days=days)) if days else False

    def _day_of(self, delivery):
        return delivery.posted_on or self.company_id._dunning_local(delivery.done_on).date()

    def _take_back_second_copy(self, own, landed):
        """A mail and the letter that stands in for it: one has gone out, so the other is taken back."""
        if any(delivery.channel == "email" for delivery in landed):
            own._waiting_stand_ins()._cancel()
        if any(delivery.stands_in for delivery in landed):
            own.filtered(
                lambda delivery: delivery.channel == "email" and delivery.state in ("queued", "claimed")
            )._cancel()

    def _take_next_channel(self, deliveries):
        """After every mail came back or was refused at its address, bring the same notice by letter. A courtesy note is let go.

        :return: whether there is another channel
        """
        self.ensure_one()
        post = self.env["ar.dunning.address"]._of_notices(self)[self].post
        unreachable = deliveries.filtered(lambda delivery: delivery.state == "bounced" or delivery.is_refused)
        unsure = any(delivery.state not in ("bounced", "cancelled") for delivery in deliveries - unreachable)
        has_letter = any(delivery.channel == "letter" and delivery.state != "cancelled" for delivery in deliveries)
        if not unreachable or unsure or has_letter or self.kind == "note" or not post:
            return False
        self._add_letter(post)
        self._update_state(("failed", "sent"), "queued")
        return True

    def _add_letter(self, post):
        """A letter that stands in for this notice's mails.

        :param post: whose postal address it goes to, of an `Address`
        """
        self.env["ar.dunning.delivery"].sudo()._make(
            {"notice_id": self.id, "channel": "letter", "partner_id": post.party.id, "stands_in": True}
        )

    def _cancel(self, reason, not_before=False):
        """Cancel, newest first: a notice stays while a later one stands on it. Levels are derived anew.

        :param date not_before: what had not left is not made again before this day
        :raise UserError: a later notice of the same item is still valid, or a mail is leaving right now
        """
        items = self.line_ids.item_id
        if not_before:
            self._hold_back(not_before)
        for notice in self.sorted(lambda notice: (notice.sent_on or notice.date, notice.id), reverse=True):
            if notice.state == "cancelled":
                continue
            later = notice._standing_on()
            if later:
                raise UserError(
                    self.env._(
                        "%(name)s cannot be cancelled before the later notice %(later)s. Cancel newest first.",
                        name=notice.name,
                        later=later[0].name,
                    )
                )
            notice.delivery_ids._cancel()
            notice._untouched_after()._update_state(
                ("draft",), "cancelled", cancel_reason=self.env._("The notice before it was cancelled.")
            )
            notice._update_state(("draft", "queued", "sent", "failed"), "cancelled", cancel_reason=reason)
            notice.message_post(body=self.env._("Cancelled: %s", reason))
        items.sudo()._refresh_progress()
        self.env["ar.dunning.ledger"]._plan_again(self.customer_id)
