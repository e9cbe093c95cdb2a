from odoo import models
from odoo.exceptions import UserError

# What a line keeps when its notice follows the ledger: which item it is about, and in which way.
KEPT = frozenset({"item_id", "move_id", "level_id", "kind", "is_demanded", "is_step"})


class ArDunningNotice(models.Model):
    """What becomes of a notice after a last look: it follows the ledger, goes back to a person, or is cancelled."""

    _inherit = "ar.dunning.notice"

    # === At night === #

    def _flag_moved(self, on):
        """Say on these edited drafts what the ledger says otherwise since."""
        for look in self._look(on, as_said=True):
            moved = look.told or False
            if (look.notice.is_outdated, look.notice.moved) != (bool(moved), moved):
                look.notice._put({"is_outdated": bool(moved), "moved": moved})

    def _cancel_with_reasons(self, decisions, on):
        """Cancel these drafts, of which nothing is due any more, each with its reasons."""
        for notice in self:
            items = {item.id: item for item in decisions[notice.customer_id.id].items}
            reasons = [
                reason
                for line in notice.line_ids.filtered("is_demanded")
                for reason in notice._objections(line, items.get(line.item_id.id), on)
            ]
            reason = "\n".join(dict.fromkeys(reasons)) or self.env._("Nothing of it is due any more.")
            notice._update_state(("draft",), "cancelled", cancel_reason=reason)

    # === Before it leaves === #

    def _pass_look(self, look, anew):
        """Bring this approved notice up to date, or keep it back.

        What nobody edited is made anew at the level of what remains. What a person edited goes back to him with the
        differences, and with the day's date and charges only leaves.

        :param list anew: takes what is to be made anew, all at once: `(notice, making, values)`
        :return: whether it may leave
        """
        self.ensure_one()
        if self.date > look.on or (look.decision.bank_stale and not self.approved_by_id):
            return False
        if not look.making:
            self._update_state(("queued",), "cancelled", cancel_reason=look.told)
            return False
        if self.is_edited:
            return self._pass_edited(look)
        if look.differences or self.date != look.on:
            anew.append((self, look.making, look.vals))
        return True

    def _pass_edited(self, look):
        if look.told:
            self._give_back(look.told)
            return False
        if look.differences or self.date != look.on:
            self._follow_ledger(look)
        if self.stale_words:
            self._give_back(self.env._("These words no longer fit: %s", self.stale_words))
            return False
        return True

    def _give_back(self, differences):
        """Back to the person who edited or approved it, with what no longer holds."""
        approver = self.approved_by_id
        self._update_state(
            ("queued",), "draft", send_after=False, approved_by_id=False, is_outdated=True, moved=differences
        )
        self.sudo().activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("%s was not sent: the ledger has moved", self.name),
            note=differences,
            user_id=self.company_id._dunning_person(approver, self.responsible_id).id,
        )

    # === While its mail waits === #

    def _hold_mails(self):
        """Look once more, at all at once, while the mails of these notices wait.

        :return: the notices whose mails must not leave, because what they say no longer holds
        """
        held = self.browse()
        for company, group in self.grouped("company_id").items():
            for look in group.with_company(company)._look(company._dunning_today(), as_said=True):
                if look.differences:
                    look.notice._hold_mail(look)
                    held |= look.notice
        return held

    def _hold_mail(self, look):
        """Take the waiting mails of this notice back; what is still due is made anew, the rest cancelled."""
        self.ensure_one()
        own = self.delivery_ids.filtered(lambda delivery: delivery.state != "cancelled")
        if look.making and all(delivery.state == "queued" for delivery in own):
            own._cancel()
            if self.is_edited and look.told:
                self._give_back(look.told)
            else:  # it is made anew by the next round of sending
                self.env.ref("ar_dunning.ir_cron_send").sudo()._trigger()
        elif all(delivery.state != "sending" for delivery in own):
            self._cancel(look.told or self.env._("What it says no longer holds."))

    def _hold_letters(self):
        """Look once more before the letters of these notices are printed; none of them has left in another way.

        Only what a person would be told counts: until when payments are recorded, yesterday's letter may say of yesterday.

        :return: `{notice: why its letter is not printed}`
        """
        held = {}
        for company, group in self.grouped("company_id").items():
            for look in group.with_company(company)._look(company._dunning_today(), as_said=True):
                if look.told:
                    look.notice._hold_mail(look)
                    held[look.notice] = look.told
        return held

    # === A draft in a person's hands === #

    def action_update(self):
        """Give an edited draft the figures of today; the words of its author stay, the figures in them follow."""
        self.ensure_one()
        self.check_access("write")
        self._check_draft()
        company = self.company_id
        (look,) = self.sudo().with_company(company)._look(company._dunning_today())
        if not look.making:
            raise UserError(self.env._("Nothing of it is due any more. Cancel it.\n%s", look.told))
        self._drop_letter()
        self.sudo()._follow_ledger(look)
        return True

    def _follow_ledger(self, look):
        """Take over the figures of day `look.on`, and who it goes to where nobody chose; words of a person stay."""
        self.ensure_one()
        on = look.on
        before = self._words_before()
        own_deadline = self.deadline if self.deadline != self._deadline_from(self.date) else False
        chosen = self.partner_id.id != ((self.said or {}).get("base") or {}).get("recipient")
        self._follow_lines(look)
        vals = self._notice_values(look.making, on)
        names = {"recorded_until", "bank_id", "responsible_id"} | (set() if chosen else {"partner_id", "lang"})
        letter = self.letter_id
        self._put(
            {name: vals[name] for name in names}
            | {"date": on, "letter_id": False, "letter_sha256": False, "is_outdated": False, "moved": False}
        )
        letter._discard_of(self)
        self._lower_to_lines()
        self._put({"deadline": own_deadline or self._deadline_from(on)})
        self._follow_figures(on)
        was = ((self.said or {}).get("base") or {}).get("was", [])
        vals["said"]["base"]["was"] = was
        if chosen:
            vals["said"]["base"]["recipient"] = 0
        self._put({"said": vals["said"]})
        self._restate()
        self._follow_words(before)

    def _follow_lines(self, look):
        """Drop the lines of what is no longer demanded or open, and give the others their figures."""
        items = look.making.items
        gone = self.line_ids.filtered(lambda line: line.id in look.lost or line.item_id.id not in items)
        gone.sudo()._discard()
        for line in self.line_ids:
            values = self._line_values(items[line.item_id.id], look.on)
            line.sudo()._put({name: values[name] for name in values.keys() - KEPT})

    def _lower_to_lines(self):
        """The level of what remains, where the item that led is gone."""
        levels = self.line_ids.filtered("is_demanded").level_id
        lead = max(levels, key=lambda level: (level.kind == "formal", level.days))
        if lead.days < self.level_id.days:
            self._put({"level_id": lead.id, "highest_level_id": lead.id})
