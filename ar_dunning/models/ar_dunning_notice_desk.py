from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.mail_header import addresses_in, mailbox
from ..tools.screen import say

# A delivery in one of these states has reached the customer, or may do so by itself.
UNDER_WAY = ("queued", "claimed", "sending", "sent", "posted", "acknowledged")


class ArDunningNotice(models.Model):
    """What an accountant does with a notice at the desk: test it, bring it another way, keep the customer in review."""

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

    # === Always review === #

    def action_always_review(self):
        """From now on every notice to this customer waits for a person; what waits unseen comes back."""
        self.check_access("write")
        customers = self.customer_id
        customers.write({"always_review": True})
        unseen = self.search(
            [
                ("customer_id", "in", customers.ids),
                ("state", "=", "queued"),
                ("approved_by_id", "=", False),
                ("is_leaving", "=", False),
            ]
        )
        unseen.action_back_to_draft()

    def action_no_review(self):
        """Let the policy decide again whether notices to this customer wait."""
        self.check_access("write")
        self.customer_id.write({"always_review": False})

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
        found = self.sudo().with_company(company)._still_true(company._dunning_today())
        told = [one.text for differences in found.values() for one in differences if one.owed and one.text]
        if told:
            raise UserError(
                self.env._(
                    "%(notice)s no longer holds, cancel it instead:\n%(reasons)s",
                    notice=self.name,
                    reasons="\n".join(told),
                )
            )

    # === Correction === #

    def _correct(self):
        """Tell those who got the mail of these cancelled notices that it was wrong, each once.

        A correction is a delivery of its own, so it leaves exactly once like every mail of ours; it answers the
        mail it corrects and counts for nothing.

        :return: the deliveries made
        """
        if not self.env.user.has_group("ar_dunning.group_dunning_manager") and not self.env.su:
            raise AccessError(self.env._("Only a dunning manager can send a correction."))
        template = self.env.ref("ar_dunning.mail_template_correction").sudo()
        made = self.env["ar.dunning.delivery"].sudo()
        for notice in self.sudo().filtered(lambda notice: notice.state == "cancelled"):
            for former in notice._to_correct():
                mail = self.env["mail.mail"].sudo().create(notice._correction_vals(template, former))
                made |= made._make(
                    {
                        "notice_id": notice.id,
                        "channel": "email",
                        "is_copy": True,
                        "is_correction": True,
                        "partner_id": former.partner_id.id,
                        "address": former.address,
                        "mail_id": mail.id,
                        "message_id": mail.message_id,
                    }
                )
        return made

    def _to_correct(self):
        """The mails that reached somebody and have no correction yet, one for each address."""
        self.ensure_one()
        mails = self.delivery_ids.filtered(lambda delivery: delivery.channel == "email")
        corrected = set(mails.filtered("is_correction").mapped("address"))
        arrived = mails.filtered(
            lambda delivery: delivery.state in ("sent", "acknowledged") and not delivery.is_correction
        )
        by_address = {delivery.address: delivery for delivery in arrived if delivery.address not in corrected}
        return self.env["ar.dunning.delivery"].concat(*by_address.values()).sorted("id")

    def _render_correction_body(self):
        """The words of the correcting mail, in the customer's language."""
        self.ensure_one()
        notice = self.with_context(lang=self.lang)
        values = {"notice": notice, "day": self.env["ar.dunning.print"]._print_date(self, self.sent_on)}
        return notice.env["ir.qweb"]._render("ar_dunning.notice_mail_correction", values)

    def _correction_vals(self, template, former):
        """A short mail in the customer's language that answers the wrong one."""
        template = template.with_context(lang=self.lang)
        content = {
            "subject": template._render_field("subject", self.ids)[self.id],
            "body": template._render_field("body_html", self.ids, options={"post_process": True})[self.id],
        }
        vals = self.env["ar.dunning.dispatch"]._mail_vals(
            self, former.partner_id, former.address, former.is_copy, content, False
        )
        headers = {"Auto-Submitted": "auto-generated", "In-Reply-To": former.message_id}
        return vals | {
            "body": content["body"],
            "references": former.message_id,
            "headers": repr(headers),
            "attachment_ids": [],
        }

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
