from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..tools.screen import say
from .facts.notice_facts import Difference


class ArDunningNotice(models.Model):
    """What a person does to let a notice go, or to take it back."""

    _inherit = "ar.dunning.notice"

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
        edited = self.filtered("is_edited")
        moved = {}
        for company, notices in edited.sudo().grouped("company_id").items():
            moved |= {look.id: found for look, found in notices._still_true(company._dunning_today()).items()}
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
        seen = {"approved_by_id": self.env.uid, "is_outdated": False, "moved": False}
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
