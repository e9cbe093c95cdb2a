from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..tools.mail_header import addresses_in, mailbox
from ..tools.screen import say
from .facts.notice_facts import Difference

# A delivery in one of these states has reached the customer, or may do so by itself.
UNDER_WAY = ("queued", "claimed", "sending", "sent", "posted", "acknowledged")


class ArDunningNotice(models.Model):
    """What an accountant does with a notice at the desk: let it go or take it back, test it, bring it another way, keep the
    customer in review."""

    _inherit = "ar.dunning.notice"

    letter_preview = fields.Html(compute="_compute_letter_preview", sanitize=False)
    always_review = fields.Boolean(related="customer_id.always_review")
    other_channel = fields.Selection(
        [("email", "E-mail"), ("letter", "Letter")],
        compute="_compute_other_channel",
        help="How this notice can still be brought after it failed, or while its mail waits for a server in trouble.",
    )
    can_resend = fields.Boolean(compute="_compute_can_resend")
    is_unconfirmed = fields.Boolean(compute="_compute_can_resend")

    @api.depends(
        *("subject", "text", "closing", "line_ids", "deadline", "lang", "level_id", "partner_id"),
    )
    def _compute_letter_preview(self):
        """The letter as a page of its own; drawn only where the level sends letters."""
        # Forms are read with `bin_size`, under which a logo and a style sheet are so many bytes.
        Report = self.env["ir.actions.report"].with_context(bin_size=False)
        for notice in self:
            saved = notice._origin
            if not saved or not (notice.level_id.channel_letter or notice.letter_waits):
                notice.letter_preview = False
                continue
            saved = saved.with_context(lang=notice.lang, bin_size=False)
            html = Report._render_qweb_html("ar_dunning.report_notice", saved.ids, data={"report_type": "pdf"})[0]
            notice.letter_preview = Markup(Report._letter_page(html, saved, screen=True))

    @api.depends(
        *("state", "delivery_ids.state", "delivery_ids.channel", "delivery_ids.wait_until"),
        *("partner_id.email", "partner_id.street"),
    )
    def _compute_other_channel(self):
        for notice in self:
            own = notice.delivery_ids.filtered(lambda one: not one.is_copy and one.state != "cancelled")
            waiting_letter = own.filtered(lambda delivery: delivery._is_letter_to_post())
            notice.other_channel = False
            if not own or notice.state not in ("queued", "failed"):
                continue
            if waiting_letter and all(delivery.state not in UNDER_WAY for delivery in own - waiting_letter):
                notice.other_channel = "email"
            elif all(delivery._is_held_up() for delivery in own):
                notice.other_channel = "letter"
            elif notice.state == "failed":
                letter = any(delivery.channel == "letter" for delivery in own)
                notice.other_channel = "email" if letter else "letter"

    @api.depends("delivery_ids.state", "delivery_ids.channel", "delivery_ids.is_copy")
    def _compute_can_resend(self):
        for notice in self:
            stuck = notice._stuck_mails()
            notice.can_resend = bool(stuck)
            notice.is_unconfirmed = any(delivery.state == "unconfirmed" for delivery in stuck)

    def _stuck_mails(self):
        """The customer's mails that failed, or of which nobody knows whether they left."""
        return self.delivery_ids.filtered(
            lambda delivery: (
                delivery.channel == "email" and not delivery.is_copy and delivery.state in ("failed", "unconfirmed")
            )
        )

    def action_send_again(self):
        """Send the stuck mail of this notice once more: the same message with the same Message-ID."""
        self.ensure_one()
        self._check_not_lapsed()
        self._stuck_mails().action_resend()
        return say(self.env._("The mail is on its way again."))

    def action_was_sent(self):
        """A person found out that the unconfirmed mail of this notice did arrive."""
        self._stuck_mails().filtered(lambda delivery: delivery.state == "unconfirmed").action_was_sent()

    # === Letting it go, taking it back === #

    def action_send(self):
        """Approve these drafts; they leave within the minute, after a last look at the ledger."""
        self.check_access("write")
        drafts = self.filtered(lambda notice: notice.state == "draft")
        if not drafts:
            raise UserError(self.env._("Only drafts can be sent. Choose notices in the state Draft."))
        empty = drafts.filtered(lambda notice: not any(notice.line_ids.mapped("is_demanded")))
        if empty:
            raise UserError(self.env._("%s demands nothing: every item was dropped. Cancel it instead.", empty[0].name))
        questions = drafts._questions()
        asked = drafts.filtered(lambda notice: questions.get(notice))
        if len(drafts) == 1 and asked:
            return self.env["ar.dunning.send.wizard"]._ask(asked)
        (drafts - asked)._approve()
        return self._tell_sent(drafts - asked, {notice: questions[notice] for notice in asked})

    def _tell_sent(self, sent, left):
        """How many are on their way, and which were left out and why.

        :param dict left: the questions to each notice that was left out
        """
        message = (
            self.env._("%s notices are on their way.", len(sent))
            if len(sent) != 1
            else self.env._("The notice is on its way.")
        )
        for notice, questions in left.items():
            told = " ".join(question.text for question in questions)
            message += "\n" + self.env._("Left out, %(notice)s: %(reason)s", notice=notice.name, reason=told)
        return say(message, "warning" if left else "success", {"type": "ir.actions.act_window_close"})

    def _questions(self):
        """What a person must decide about these drafts before they leave: `{notice: [Difference]}`.

        Differences with the ledger are asked of edited drafts only: the others are made anew before they leave.
        """
        edited, looks = self.filtered("is_edited"), self.env["ar.dunning.look"]
        moved = {}
        for company, notices in edited.sudo().grouped("company_id").items():
            moved |= {one.id: found for one, found in looks._still_true(notices, company._dunning_today()).items()}
        found = {}
        for notice in self:
            questions = [question for question in moved.get(notice.id, ()) if question.text]
            if notice.stale_words:
                text = self.env._("These words no longer fit: %s.", notice.stale_words)
                questions.append(Difference("stale", text))
            if notice.date > notice.company_id._dunning_today():
                text = self.env._("It is for %s, which has not come.", format_date(self.env, notice.date))
                questions.append(Difference("early", text))
            if questions:
                found[notice] = questions
        return found

    def _approve(self):
        """Approve these drafts; one for a later day leaves on that day."""
        drafts, approved = self.filtered(lambda notice: notice.state == "draft"), self.browse()
        drafts.sudo()._forget_stale_words()
        seen = {
            "approved_by_id": self.env.uid,
            "approved_on": fields.Datetime.now(),
            "is_outdated": False,
            "moved": False,
        }
        for (day, policy, company), group in drafts.grouped(
            lambda one: (one.date, one.policy_id, one.company_id)
        ).items():
            leaves = fields.Datetime.now()
            if day > company._dunning_today():
                leaves = policy.sudo()._window_on(day, company)
            approved |= group._update_state(("draft",), "queued", send_after=leaves, **seen)
        self.env.ref("ar_dunning.ir_cron_send").sudo()._trigger()
        return approved

    def _keep_escalation(self, reason):
        """A manager lets these go to the next level before the last deadline is over: kept here, and told."""
        self._put({"escalation_reason": reason})
        for notice in self:
            notice.message_post(
                body=self.env._("Next level before the last deadline is over, or soon after it: %s", reason),
                author_id=self.env.user.partner_id.id,
            )

    def action_retry(self):
        """Try again what failed before anything left, once the address or the letter has been put right."""
        self.check_access("write")
        failed = self.filtered(lambda notice: notice.state == "failed" and not notice.sudo().is_leaving)
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
            if notice.state != "queued" or notice.is_leaving:
                raise UserError(
                    self.env._("Notice %s is already leaving. It can no longer be taken back.", notice.name)
                )
        self._update_state(("queued",), "draft", send_after=False, approved_by_id=False)

    def _is_unsent(self):
        """Whether it waits, so that the next night would make it again once it is cancelled."""
        self.ensure_one()
        return not self.sent_on and self.state in ("draft", "queued", "failed")

    def _hold_back(self, not_before):
        """Keep what these demand from being demanded again before a day, as far as they have not left."""
        waiting = self.filtered(lambda notice: notice._is_unsent())
        items = waiting.line_ids.filtered("is_demanded").item_id.sudo()
        items._put({"not_before": not_before, "next_date": False})
        for notice in waiting:
            day = format_date(self.env, not_before)
            notice.message_post(body=self.env._("It is not made again before %s.", day))

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

    def action_update(self):
        """Give an edited draft the figures of today; the words of its author stay, the figures in them follow."""
        self.ensure_one()
        self.check_access("write")
        self._check_draft()
        notice = self.sudo().with_company(self.company_id)
        (look,) = notice.env["ar.dunning.look"]._look(notice, self.company_id._dunning_today())
        if not look.making:
            raise UserError(self.env._("Nothing of it is due any more. Cancel it.\n%s", look.told))
        self._drop_letter()
        notice.env["ar.dunning.revision"]._follow_ledger(notice, look)
        return True

    # === A test to myself === #

    def action_test(self):
        """Send this mail to the person at the desk, marked as a test; the notice stays as it is."""
        self.ensure_one()
        self.check_access("read")
        user = self.env.user
        addresses = addresses_in(user.email)
        if not addresses:
            raise UserError(self.env._("You have no e-mail address. Enter one in your preferences."))
        if not self._with_sound_letter():
            return self._broken_letter_warning()
        self.env["mail.mail"].sudo().create(self._test_mail_vals(user, addresses[0]))
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
        return say(self.env._("A test is on its way to %s.", addresses[0]))

    def _test_mail_vals(self, user, address):
        """The mail that the customer would get, to somebody else and without a trace on the notice."""
        content = self.env["ar.dunning.print"]._mail_content(self.sudo())
        Dispatch = self.env["ar.dunning.dispatch"].sudo()
        vals = Dispatch._mail_vals(self.sudo(), user.partner_id, address, True, content, False)
        return vals | {
            "subject": self.env._("[Test] %s", vals["subject"]),
            "reply_to": mailbox(user.name, address),
            "auto_delete": True,
        }

    def action_arrange(self):
        """The customer answers this notice with a promise or a dispute."""
        self.ensure_one()
        items = self.line_ids.filtered("is_demanded").item_id.filtered("is_open")
        return self.customer_id._ask_what_was_said(items)

    # === Another channel === #

    def action_send_letter_instead(self):
        """Bring a failed notice by letter: another delivery of the same notice, with the same figures."""
        self._check_other_channel("letter")
        if not self._with_sound_letter():
            return self._broken_letter_warning()
        post = self.env["ar.dunning.address"]._of_notices(self)[self].post
        if not post:
            raise UserError(self.env._("%s has no postal address. Add it first.", self.partner_id.display_name))
        self._add_letter(post)
        self._settle()
        self.env.ref("ar_dunning.ir_cron_send").sudo()._trigger()
        return say(self.env._("The letter will wait under Letters to Post."))

    def action_send_email_instead(self):
        """Bring a failed notice, or one whose letter waits, by e-mail to the address of now."""
        self._check_other_channel("email")
        if not self._with_sound_letter():
            return self._broken_letter_warning()
        mail = self.env["ar.dunning.address"]._of_notices(self)[self].mail
        if not mail:
            raise UserError(self.env._("%s has no usable e-mail address. Add it first.", self.partner_id.display_name))
        partner = self.partner_id.browse(mail.party.id)
        addresses = addresses_in(partner.email)
        again = self.delivery_ids.filtered(
            lambda delivery: delivery.address in addresses and delivery.state in ("failed", "unconfirmed")
        )
        if again:
            raise UserError(
                self.env._(
                    "A mail to %s is on file already. Press Send again on its delivery instead.", again[0].address
                )
            )
        self.delivery_ids.filtered(lambda delivery: delivery._is_letter_to_post())._cancel()
        notice = self.sudo()
        mails = notice.env["ar.dunning.dispatch"]._create_mails(
            [(notice, partner, address, False) for address in addresses]
        )
        notice.env["ar.dunning.delivery"]._make(mails)
        self._settle()
        return say(self.env._("The notice is on its way to %s.", ", ".join(addresses)))

    def _check_other_channel(self, channel):
        self.ensure_one()
        self.check_access("write")
        if self.other_channel != channel:
            raise UserError(self.env._("Notice %s cannot be brought this way now.", self.name))
        self._check_not_lapsed()

    def _check_not_lapsed(self):
        """The same message is brought once more: who is asked for what must still hold, words and addresses need not."""
        company = self.company_id
        found = self.env["ar.dunning.look"]._still_true(self.sudo(), company._dunning_today())
        told = [one.text for differences in found.values() for one in differences if one.owed and one.text]
        if told:
            raise UserError(
                self.env._(
                    "%(notice)s no longer holds, cancel it instead:\n%(reasons)s",
                    notice=self.name,
                    reasons="\n".join(told),
                )
            )

    # === Undo === #

    def _undo_part(self):
        """How far this notice got, for the undo of its run."""
        self.ensure_one()
        own = self.sudo().delivery_ids.filtered(
            lambda delivery: delivery.state not in ("cancelled", "bounced", "failed")
        )
        if any(delivery.state not in ("queued", "claimed") for delivery in own):
            return "delivered"
        if any(delivery.channel == "letter" for delivery in own):
            return "letters"
        return self.state if self.state in ("draft", "failed") else "queued"

    def _later(self):
        """Later notices that take these notices' items further."""
        found = self.browse()
        for line in self.line_ids.filtered("is_step"):
            found |= line.item_id.line_ids.filtered(
                lambda other, line=line: (
                    other.is_step and not other.is_cancelled and other.notice_id.id > line.notice_id.id
                )
            ).notice_id
        return found - self

    def _standing_on(self):
        """Later notices that must go first: sent, on their way, or drafts that a person has edited."""
        return self._later().filtered(
            lambda notice: notice.state in ("sent", "queued") or (notice.state == "draft" and notice.is_edited)
        )

    def _untouched_after(self):
        """Drafts whose level builds on these notices and that nobody has touched."""
        return self._later().filtered(lambda notice: notice.state == "draft" and not notice.is_edited)
