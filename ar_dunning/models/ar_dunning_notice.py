import hashlib
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, html2plaintext
from odoo.tools.misc import format_amount

from ..core.plan import Code

# What may stand in the way of preparing a notice today, but not of sending one that was approved.
TIMING_AT_SEND = frozenset({Code.CONTACT_GAP, Code.NON_WORKING_DAY, Code.BANK_STALE, Code.NO_CHANNEL})
# What a person may change in a draft. Anything else on a notice is written by the system.
EDITABLE = {"subject", "text", "closing", "level_id", "line_ids", "deadline", "partner_id"}
# What the texts speak of: when a person changes one of these, texts nobody edited follow.
FIGURES = {"line_ids", "deadline", "partner_id"}
# A subject line names at most so many invoices.
NAMES_IN_TEXT = 4
# What may still change once a notice has left.
AFTERWARDS = {"state", "message_main_attachment_id", "sent_on", "error", "cancel_reason", "responsible_id"}


class ArDunningNotice(models.Model):
    """One communication to one customer of one company: courtesy note, reminder or formal notice.

    A draft follows the ledger every night until somebody edits it. Once it has left, texts,
    figures, letter and the letter's SHA-256 are frozen: it is evidence.
    """

    _name = "ar.dunning.notice"
    _description = "Dunning Notice"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

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
    warning = fields.Char(readonly=True)
    error = fields.Char("Failure", readonly=True)
    cancel_reason = fields.Char(readonly=True)
    send_after = fields.Datetime(readonly=True, index="btree_not_null")
    approved_by_id = fields.Many2one("res.users", string="Approved by", readonly=True)
    sent_on = fields.Date("Sent on", readonly=True, help="The day of the first successful delivery.")
    letter_id = fields.Many2one("ir.attachment", readonly=True, ondelete="restrict")
    letter_sha256 = fields.Char("SHA-256 of the Letter", readonly=True)
    letter_waits = fields.Boolean("Letter to Post", compute="_compute_letter_waits")
    invoice_attachment_ids = fields.Many2many("ir.attachment", string="Invoices Enclosed", readonly=True)
    amount_total = fields.Monetary(
        "Demanded",
        currency_field="company_currency_id",
        compute="_compute_amount_total",
        store=True,
        help="Demanded items in company currency.",
    )
    totals = fields.Char("Demanded, by Currency", compute="_compute_totals")
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

    @api.depends("line_ids.amount_due", "line_ids.is_demanded", "line_ids.currency_id")
    def _compute_totals(self):
        for notice in self:
            notice.totals = notice._total_text()

    @api.depends("subject", "text", "closing", "line_ids", "deadline", "lang", "level_id")
    def _compute_mail_preview(self):
        for notice in self:
            saved = notice._origin or notice
            notice.mail_preview = saved._mail_content()["body"] if saved.id else False

    # === What may be written, and when === #

    def write(self, vals):
        if EDITABLE & set(vals):
            self._check_draft()
            self._drop_letter()
            vals = dict(vals, is_edited=True)
        self._check_frozen(vals)
        # Words that still say what the figures said follow the figures; words of a person stay.
        following = {notice: notice._following_texts() for notice in self} if FIGURES & set(vals) else {}
        result = super().write(vals)
        if "level_id" in vals:
            self._lower_level()
        for notice, names in following.items():
            fresh = notice._text_values()
            notice._put({name: fresh[name] for name in names - set(vals)})
        return result

    def _following_texts(self):
        """Names of the texts that still are those that the level gives for the notice's figures."""
        self.ensure_one()
        return {
            name
            for name, text in self._text_values().items()
            if html2plaintext(self[name] or "") == html2plaintext(text or "")
        }

    def _drop_letter(self):
        """Forget letters drawn before a change: what was approved and taken back must be drawn anew."""
        letters = self.letter_id.sudo()
        if letters:
            self._add_evidence({"letter_id": False, "letter_sha256": False})
            letters.unlink()

    def _put(self, vals):
        """Write as the system, without marking the notice as edited by a person."""
        self._check_frozen(vals)
        return super().write(vals)

    def _add_evidence(self, vals):
        """Write past the freeze what belongs to the letter: the letter itself, and the deadline counted from posting."""
        return super().write(vals)

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

    def _lower_level(self):
        """A person chose a lower level: texts and deadline follow; no line takes a level above it or twice."""
        for notice in self:
            level = notice.level_id
            if notice.highest_level_id and level.days > notice.highest_level_id.days:
                raise UserError(
                    self.env._(
                        "%(level)s is above what is due. The highest level possible here is %(highest)s.",
                        level=level.name,
                        highest=notice.highest_level_id.name,
                    )
                )
            for line in notice.line_ids.filtered("is_demanded"):
                own = line.level_id if line.level_id.days <= level.days else level
                taken = line.item_id.line_ids.filtered(
                    lambda other, line=line: other != line and other.is_step and not other.is_cancelled
                )
                line.write({"level_id": own.id, "is_step": own not in taken.level_id})
            notice._put({"deadline": notice._deadline_from(notice.date)})
            notice._put(notice._text_values())

    # === One gate for the state === #

    def _update_state(self, allowed, target, **vals):
        """Move the notices that are in an allowed state to `target` and return them; nothing else writes the state."""
        moving = self.filtered(lambda notice: notice.state in allowed)
        if moving:
            # Who approved and when it was sent are fields of their own: no message for each of thousands.
            quiet = target in ("queued", "sent")
            moving.with_context(mail_notrack=quiet)._put({"state": target, **vals})
            if target == "cancelled":
                moving.line_ids.sudo().write({"is_cancelled": True})
        return moving

    def _settle(self, plan=True):
        """Derive the state from the deliveries, take the next channel where one failed, and the items' levels.

        :param bool plan: also keep what comes next on the items; a sender of many does that once, afterwards
        """
        notices = self.sudo().filtered(lambda notice: notice.state in ("queued", "failed", "sent"))
        for notice in notices:
            own = notice.delivery_ids.filtered(lambda delivery: not delivery.is_copy)
            landed = own.filtered(lambda delivery: delivery.state in ("sent", "posted", "acknowledged"))
            days = [notice._day_of(delivery) for delivery in landed]
            if landed:
                notice._update_state(("queued", "failed"), "sent", sent_on=min(days), error=False)
            elif any(delivery.state in ("queued", "sending") for delivery in own):
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

    def _day_of(self, delivery):
        return delivery.posted_on or self.company_id._dunning_local(delivery.done_on).date()

    def _take_next_channel(self, deliveries):
        """After a mail bounced or was refused, bring the same notice by letter. A courtesy note is let go.

        :return: whether there is another channel
        """
        self.ensure_one()
        partner = self.partner_id
        unsure = any(delivery.state == "unconfirmed" for delivery in deliveries)
        tried_letter = any(delivery.channel == "letter" for delivery in deliveries)
        if unsure or tried_letter or self.kind == "note" or not (partner.street and partner.city):
            return False
        self.env["ar.dunning.delivery"].create({"notice_id": self.id, "channel": "letter", "partner_id": partner.id})
        self._update_state(("failed", "sent"), "queued")
        return True

    def _message_receive_bounce(self, email, partner):
        """A bounce reached one of our notices: the step does not count, the next channel is taken."""
        result = super()._message_receive_bounce(email, partner)
        for notice in self:
            self.env["ar.dunning.delivery"].sudo()._bounced(notice, email)
        return result

    # === Actions of a person === #

    def action_send(self):
        """Approve these drafts; they leave within the minute, after a last look at the ledger."""
        self.check_access("write")
        drafts = self.filtered(lambda notice: notice.state == "draft")
        if not drafts:
            raise UserError(self.env._("Only drafts can be sent. Choose notices in the state Draft."))
        empty = drafts.filtered(lambda notice: not any(notice.line_ids.mapped("is_demanded")))
        if empty:
            raise UserError(self.env._("%s demands nothing: every item was dropped. Cancel it instead.", empty[0].name))
        drafts._approve()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%s notices are on their way.", len(drafts))
                if len(drafts) > 1
                else self.env._("The notice is on its way."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _approve(self):
        approved = self._update_state(
            ("draft",), "queued", send_after=fields.Datetime.now(), approved_by_id=self.env.uid, is_outdated=False
        )
        self.env.ref("ar_dunning.ir_cron_send").sudo()._trigger()
        return approved

    def action_retry(self):
        """Try again what failed before anything left, once the address or the letter has been put right."""
        self.check_access("write")
        failed = self.filtered(lambda notice: notice.state == "failed" and not notice.sudo().delivery_ids)
        if not failed:
            raise UserError(
                self.env._("Nothing of this can be tried again here. Failed mails are sent again under Deliveries.")
            )
        failed._update_state(("failed",), "queued", error=False, send_after=fields.Datetime.now())
        self.env.ref("ar_dunning.ir_cron_send").sudo()._trigger()

    def action_back_to_draft(self):
        """Take a notice back that has not left yet."""
        self.check_access("write")
        for notice in self:
            if notice.state != "queued" or notice.delivery_ids:
                raise UserError(
                    self.env._("Notice %s is already leaving. It can no longer be taken back.", notice.name)
                )
        self._update_state(("queued",), "draft", send_after=False, approved_by_id=False)

    def action_cancel(self):
        """Ask for the reason; cancelling is for managers once something has left."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancel notice"),
            "res_model": "ar.dunning.cancel.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_notice_ids": self.ids},
        }

    def _cancel(self, reason):
        """Cancel, newest first: a notice stays while a later one stands on it. Levels are derived anew.

        :raise UserError: a later notice of the same item is still valid, or a mail is leaving right now
        """
        items = self.line_ids.item_id
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

    def action_print(self):
        """The letter: the frozen one, or a draft's as it would be."""
        if len(self) == 1 and self.letter_id:
            return {
                "type": "ir.actions.act_url",
                "url": f"/web/content/{self.letter_id.id}?download=true",
                "target": "download",
            }
        return self.env.ref("ar_dunning.action_report_notice").report_action(self)

    def action_mark_posted(self):
        """Ask for day and tracking number of the letters."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Mark as posted"),
            "res_model": "ar.dunning.post.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_notice_ids": self.ids},
        }

    # === Building from decisions === #

    @api.model
    def _build(self, decisions, on, run=None):
        """Turn decisions into notices, reusing untouched drafts of the same customer.

        Drafts for which nothing is due any more are cancelled with the reason. One `create` for
        all notices of the batch.

        :param decisions: `{customer id: Decision}` as decided ignoring untouched drafts
        :return: the notices made or rebuilt
        """
        drafts = self._untouched_drafts(list(decisions))
        creating, rebuilding, gone = [], [], self.browse()
        self._read_names(decision for decision in decisions.values() if decision.notices)
        for customer_id, decision in decisions.items():
            former = list(drafts.get(customer_id, ()))
            for composition in decision.notices:
                vals = self._notice_values(decision, composition, on, run)
                same = next((notice for notice in former if notice._is_about(composition, decision)), None)
                if same:
                    former.remove(same)
                    rebuilding.append((same, vals))
                else:
                    creating.append(vals)
            gone = gone.union(*former)
        gone._update_state(("draft",), "cancelled", cancel_reason=self.env._("Nothing of it is due any more."))
        return self._rebuild(rebuilding) | self._create_silently(creating)

    @api.model
    def _read_names(self, decisions):
        """Have the names that texts use in the cache, in one statement and not one for each customer."""
        customers = [decision.customer for decision in decisions]
        ids = {key for customer in customers for key in (customer.partner_id, customer.recipient_id)}
        self.env["res.partner"].browse(ids).fetch(["name"])

    @api.model
    def _create_silently(self, vals_list):
        if not vals_list:
            return self.browse()
        names = self._next_names(len(vals_list))
        for vals, name in zip(vals_list, names, strict=True):
            vals["name"] = name
            vals.update(self._with_reference(vals, name))
        quiet = self.with_context(
            tracking_disable=True, mail_create_nolog=True, mail_create_nosubscribe=True, mail_notrack=True
        )
        notices = quiet.create([{name: vals[name] for name in vals.keys() - {"line_ids"}} for vals in vals_list])
        self._insert_lines(zip(notices, vals_list, strict=True))
        return notices.with_env(self.env)

    @api.model
    def _insert_lines(self, pairs):
        """Give each notice of these `(notice, values)` its lines, all in one statement."""
        lines = [dict(line, notice_id=notice.id) for notice, vals in pairs for _command, _id, line in vals["line_ids"]]
        self.env["ar.dunning.notice.line"]._insert(lines)

    @api.model
    def _next_names(self, count):
        """`count` numbers of the notice sequence in one statement."""
        sequence = self.env.ref("ar_dunning.sequence_notice").sudo()
        self.env.cr.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [f"ir_sequence_{sequence.id:03d}", count])
        return [sequence.get_next_char(number) for (number,) in self.env.cr.fetchall()]

    @api.model
    def _untouched_drafts(self, customer_ids):
        drafts = self.search([("customer_id", "in", customer_ids), ("state", "=", "draft"), ("is_edited", "=", False)])
        return drafts.grouped(lambda notice: notice.customer_id.id)

    def _is_about(self, composition, decision):
        """Whether this draft is the one to rebuild for `composition`."""
        if decision.policy.grouping == "customer":
            return True
        keys = {key for key, _level in composition.demanded}
        return bool(keys & set(self.line_ids.item_id.ids))

    @api.model
    def _rebuild(self, pairs):
        """Give notices today's figures, `pairs` of notice and values; their letters no longer fit and go."""
        notices = self.browse([notice.id for notice, _vals in pairs])
        letters = notices.letter_id
        notices.line_ids.sudo().unlink()
        for notice, vals in pairs:
            kept = {name: vals[name] for name in vals.keys() - {"name", "state", "send_after", "run_id", "line_ids"}}
            kept.update(self._with_reference(vals, notice.name))
            notice._put(dict(kept, letter_id=False, letter_sha256=False))
        self._insert_lines(pairs)
        letters.sudo().unlink()
        return notices

    @api.model
    def _with_reference(self, vals, reference):
        """Texts are written before the notice has its number; put it where they ask for it."""
        return {name: vals[name].replace("{reference}", reference) for name in ("subject", "text", "closing")}

    @api.model
    def _notice_values(self, decision, composition, on, run):
        customer, policy = decision.customer, decision.policy
        level = self.env["ar.dunning.level"].sudo().browse(composition.level.key)
        items = {item.id: item for item in decision.items}
        lang = customer.lang or self.env.lang or "en_US"
        days = timedelta(days=level.deadline_days)
        deadline = decision.calendar.next_working(on + days) if days else False
        lines = [self._line_values(items[key], on, own) for key, own in composition.demanded]
        lines += [self._line_values(items[key], on) for key in composition.listed]
        demanded = [items[key] for key, _own in composition.demanded]
        automatic = policy.mode == "automatic" and not customer.always_review
        record = self.env["ar.dunning.customer"].browse(customer.id)
        salesperson = next((item.salesperson_id for item in demanded if item.salesperson_id), False)
        vals = {
            "customer_id": customer.id,
            "company_id": customer.company_id,
            "partner_id": customer.recipient_id,
            "policy_id": policy.id,
            "level_id": level.id,
            "highest_level_id": level.id,
            "kind": level.kind,
            "date": on,
            "deadline": deadline,
            "recorded_until": decision.recorded_until,
            "lang": lang,
            "run_id": run.id if run else False,
            "bank_id": next((item.bank_id for item in demanded if item.bank_id), False),
            "responsible_id": record.responsible_id.id,
            "salesperson_id": salesperson,
            "state": "queued" if automatic else "draft",
            "send_after": policy._next_window(fields.Datetime.now()) if automatic else False,
            "warning": decision.bank_stale
            and self.env._(
                "The last bank line is of %s: the customer may have paid already.",
                format_date(self.env, decision.recorded_until),
            ),
            "line_ids": [(0, 0, line) for line in lines],
        }
        vals.update(self._texts(level, lang, self._placeholder_values(vals, record, lines)))
        return vals

    @api.model
    def _line_values(self, item, on, level=None):
        due = float(Decimal(repr(item.residual)) - item.credit)
        return {
            "item_id": item.id,
            "level_id": level.key if level else None,
            "kind": level.kind.value if level else None,
            "is_demanded": bool(level),
            "is_step": bool(level),
            "move_id": item.move_id,
            "move_name": item.move_name,
            "reference": item.reference,
            "invoice_date": item.invoice_date,
            "due_date": item.due,
            "days_late": max((on - item.due).days, 0),
            "currency_id": item.currency_id,
            "amount_original": item.original,
            "amount_residual": item.residual,
            "amount_credit": float(item.credit),
            "amount_due": due,
            "amount_company": round(item.residual_company * due / item.residual, 4),
        }

    # === Words === #

    @api.model
    def _texts(self, level, lang, values):
        """Subject, text and closing of `level` in `lang` with the placeholders filled."""
        level = level.with_context(lang=lang)
        return {
            "subject": level._fill(level.subject, values, html=False),
            "text": level._fill(level.text, values),
            "closing": level._fill(level.closing, values),
        }

    @api.model
    def _placeholder_values(self, vals, customer, lines):
        """The words that may replace placeholders, in the notice's language."""
        lang = vals["lang"]
        demanded = [line for line in lines if line["is_demanded"]]
        totals = defaultdict(float)
        for line in demanded:
            totals[line["currency_id"]] += line["amount_due"]
        recipient = self.env["res.partner"].browse(vals["partner_id"])
        company = self.env["res.company"].browse(vals["company_id"])
        responsible = self.env["res.users"].browse(vals["responsible_id"])
        return {
            "company": company.name,
            "customer": customer.partner_id.name or "",
            "contact": recipient.name or customer.partner_id.name or "",
            "count": str(len(demanded)),
            "deadline": format_date(self.env, vals["deadline"], lang_code=lang) if vals["deadline"] else "",
            "invoices": self._names_text([line["move_name"] or "" for line in demanded], lang),
            "oldest_due_date": format_date(self.env, min(line["due_date"] for line in demanded), lang_code=lang)
            if demanded
            else "",
            "reference": vals.get("name") or "{reference}",
            "responsible": responsible.name or company.name,
            "total": self._amounts_text(totals, lang),
        }

    @api.model
    def _names_text(self, names, lang):
        """Invoice numbers for a sentence or a subject line: the first ones, and how many there are besides."""
        names = list(dict.fromkeys(names))
        if len(names) <= NAMES_IN_TEXT:
            return ", ".join(names)
        shown = names[: NAMES_IN_TEXT - 1]
        return self.with_context(lang=lang).env._(
            "%(names)s and %(count)s more", names=", ".join(shown), count=len(names) - len(shown)
        )

    @api.model
    def _amounts_text(self, totals, lang):
        """Amounts per currency as one text, e.g. '1 200,00 EUR + 300,00 NOK'."""
        currencies = self.env["res.currency"].browse(totals)
        return " + ".join(
            format_amount(self.env, totals[currency.id], currency, lang_code=lang) for currency in currencies
        )

    def _total_text(self, lang=None):
        """The demanded total per currency, as one text."""
        self.ensure_one()
        totals = defaultdict(float)
        for line in self.line_ids.filtered("is_demanded"):
            totals[line.currency_id.id] += line.amount_due
        return self._amounts_text(totals, lang or self.env.lang)

    def _text_values(self):
        """The texts of the notice's level with its present figures."""
        self.ensure_one()
        lines = [
            {
                "is_demanded": line.is_demanded,
                "currency_id": line.currency_id.id,
                "amount_due": line.amount_due,
                "move_name": line.move_name,
                "due_date": line.due_date,
            }
            for line in self.line_ids
        ]
        vals = {
            "lang": self.lang,
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "responsible_id": self.responsible_id.id,
            "deadline": self.deadline,
            "name": self.name,
        }
        return self._texts(self.level_id, self.lang, self._placeholder_values(vals, self.customer_id, lines))

    def _deadline_from(self, on):
        self.ensure_one()
        days = self.level_id.deadline_days
        return self.policy_id._calendar(on).next_working(on + timedelta(days=days)) if days else False

    def _freeze_letter(self, pdf):
        """Keep the rendered letter and its SHA-256 with the notice, once.

        A notice that has left by e-mail may still get its letter, when the mail came back.
        """
        self.ensure_one()
        if self.letter_id:
            raise UserError(self.env._("The letter of %s is frozen already.", self.name))
        letter = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": f"{self.name.replace('/', '-')}.pdf",
                    "raw": pdf,
                    "mimetype": "application/pdf",
                    "res_model": self._name,
                    "res_id": self.id,
                }
            )
        )
        self._add_evidence({"letter_id": letter.id, "letter_sha256": hashlib.sha256(pdf).hexdigest()})
