from odoo import api, models
from odoo.exceptions import UserError

from .facts.notice_facts import line_values

# What a line keeps when its notice follows the ledger: which item it is about, and in which way.
KEPT = frozenset({"item_id", "move_id", "level_id", "kind", "is_demanded", "is_step"})


class ArDunningRevision(models.AbstractModel):
    """What becomes of a notice when something about it has changed: after a last look it follows the ledger, goes back to
    a person, or is cancelled; with its recipient or its level, language, words and warnings follow."""

    _name = "ar.dunning.revision"
    _description = "Revision of Notices"

    # === At night === #

    @api.model
    def _flag_moved(self, notices, on):
        """Say on these edited drafts what the ledger says otherwise since."""
        for look in self.env["ar.dunning.look"]._look(notices, on, as_said=True):
            moved = look.told or False
            if (look.notice.is_outdated, look.notice.moved) != (bool(moved), moved):
                look.notice._put({"is_outdated": bool(moved), "moved": moved})

    # === Before it leaves === #

    @api.model
    def _pass_look(self, notice, look, anew):
        """Bring this approved notice up to date, or keep it back.

        What nobody edited is made anew at the level of what remains. What a person edited goes back to him with the
        differences, and with the day's date and charges only leaves.

        :param list anew: takes what is to be made anew, all at once: `(notice, making, values)`
        :return: whether it may leave
        """
        notice.ensure_one()
        if notice.date > look.on or (look.decision.bank_stale and not notice.approved_by_id):
            return False
        if not look.making:
            notice._update_state(("queued",), "cancelled", cancel_reason=look.told)
            return False
        if notice.is_edited:
            return self._pass_edited(notice, look)
        if look.differences or notice.date != look.on:
            anew.append((notice, look.making, look.vals))
        return True

    @api.model
    def _pass_edited(self, notice, look):
        if look.told:
            self._back_to_person(notice, look.told)
            return False
        if look.differences or notice.date != look.on:
            self._follow_ledger(notice, look)
        if notice.stale_words:
            self._back_to_person(notice, self.env._("These words no longer fit: %s", notice.stale_words))
            return False
        return True

    @api.model
    def _back_to_person(self, notice, differences):
        """Back to the person who edited or approved it, with what no longer holds."""
        approver = notice.approved_by_id
        notice._update_state(
            ("queued",), "draft", send_after=False, approved_by_id=False, is_outdated=True, moved=differences
        )
        notice.sudo().activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("%s was not sent: the ledger has moved", notice.name),
            note=differences,
            user_id=notice.company_id._dunning_person(approver, notice.responsible_id).id,
        )

    # === While its mail waits === #

    @api.model
    def _hold_mails(self, notices):
        """Look once more, at all at once, while the mails of these notices wait.

        :return: the notices whose mails must not leave, because what they say no longer holds
        """
        held = notices.browse()
        for look in self._look_today(notices):
            if look.differences:
                self._hold_mail(look.notice, look)
                held |= look.notice
        return held

    @api.model
    def _hold_mail(self, notice, look):
        """Take the waiting mails of this notice back; what is still due is made anew, the rest cancelled."""
        notice.ensure_one()
        own = notice.delivery_ids.filtered(lambda delivery: delivery.state != "cancelled")
        if look.making and all(delivery.state == "queued" for delivery in own):
            own._cancel()
            if notice.is_edited and look.told:
                self._back_to_person(notice, look.told)
            else:  # it is made anew by the next round of sending
                self.env.ref("ar_dunning.ir_cron_send").sudo()._trigger()
        elif all(delivery.state != "sending" for delivery in own):
            notice._cancel(look.told or self.env._("What it says no longer holds."))

    @api.model
    def _hold_letters(self, notices):
        """Look once more before the letters of these notices are printed; none of them has left in another way.

        Only what a person would be told counts: until when payments are recorded, yesterday's letter may say of yesterday.

        :return: `{notice: why its letter is not printed}`
        """
        held = {}
        for look in self._look_today(notices):
            if look.told:
                self._hold_mail(look.notice, look)
                held[look.notice] = look.told
        return held

    @api.model
    def _look_today(self, notices):
        """Looks at these notices as they were said, each as of its company's day."""
        for company, group in notices.grouped("company_id").items():
            yield from self.env["ar.dunning.look"]._look(group, company._dunning_today(), as_said=True)

    # === Following the ledger === #

    @api.model
    def _follow_ledger(self, notice, look):
        """Take over the figures of day `look.on`, and who it goes to where nobody chose; words of a person stay."""
        notice.ensure_one()
        on = look.on
        before = self.env["ar.dunning.wording"]._words_before(notice)
        own_deadline = notice.deadline if notice.deadline != notice._deadline_from(notice.date) else False
        chosen = notice.partner_id.id != ((notice.said or {}).get("base") or {}).get("recipient")
        self._update_lines(notice, look)
        vals = self.env["ar.dunning.builder"]._notice_values(look.making, on)
        names = {"recorded_until", "bank_id", "responsible_id"} | (set() if chosen else {"partner_id", "lang"})
        letter = notice.letter_id
        notice._put(
            {name: vals[name] for name in names}
            | {"date": on, "letter_id": False, "letter_sha256": False, "is_outdated": False, "moved": False}
        )
        letter._discard_of(notice)
        self._lower_to_lines(notice)
        notice._put({"deadline": own_deadline or notice._deadline_from(on)})
        notice._follow_figures(on)
        was = ((notice.said or {}).get("base") or {}).get("was", [])
        vals["said"]["base"]["was"] = was
        if chosen:
            vals["said"]["base"]["recipient"] = 0
        notice._put({"said": vals["said"]})
        self.env["ar.dunning.look"]._restate(notice)
        self.env["ar.dunning.wording"]._follow_words(before)

    @api.model
    def _update_lines(self, notice, look):
        """Drop the lines of what is no longer demanded or open, and give the others their figures."""
        items = look.making.items
        gone = notice.line_ids.filtered(lambda line: line.id in look.lost or line.item_id.id not in items)
        gone.sudo()._discard()
        for line in notice.line_ids:
            values = line_values(items[line.item_id.id], look.on)
            line.sudo()._put({name: values[name] for name in values.keys() - KEPT})

    @api.model
    def _lower_to_lines(self, notice):
        """The level of what remains, where the item that led is gone."""
        levels = notice.line_ids.filtered("is_demanded").level_id
        lead = max(levels, key=lambda level: (level.kind == "formal", level.days))
        if lead.days < notice.level_id.days:
            notice._put({"level_id": lead.id, "highest_level_id": lead.id})

    # === Another recipient, another level === #

    @api.model
    def _redirect(self, notice, partner):
        """Send this notice, which has not left, to somebody else."""
        notice.ensure_one()
        before = self.env["ar.dunning.wording"]._words_before(notice)
        notice._drop_letter()
        notice._put({"partner_id": partner.id})
        self._follow_recipient(notice)
        self.env["ar.dunning.wording"]._follow_words(before)

    @api.model
    def _follow_recipient(self, notices):
        """Language, words and warnings follow the recipient of these notices."""
        for notice, address in self.env["ar.dunning.address"]._of_notices(notices).items():
            lang = self.env["ar.dunning.builder"]._lang_of(address)
            is_foreign = lang != notice.lang
            notice._put({"lang": lang, "warning": self.env["ar.dunning.builder"]._present_warning(notice, address)})
            if is_foreign:
                notice._follow_figures(notice.date)

    @api.model
    def _leave_archived(self, notice, address):
        """Where the recipient was archived since somebody approved the notice, the next in line is written to."""
        notice.ensure_one()
        partner = notice.partner_id
        if partner.active or address.recipient_id == partner.id:
            return
        self._redirect(notice, partner.browse(address.recipient_id))

    @api.model
    def _lower_level(self, notices, typed=()):
        """A person chose a lower level: texts and deadline follow; no line takes a level above it or twice.

        :param typed: names of what he has just written himself, which stays
        """
        for notice in notices:
            level = notice.level_id
            if notice.highest_level_id and level.days > notice.highest_level_id.days:
                raise UserError(
                    self.env._(
                        "%(level)s is above what is due. The highest level possible here is %(highest)s.",
                        level=level.name,
                        highest=notice.highest_level_id.name,
                    )
                )
            self._lower_lines(notice, level)
            if "deadline" not in typed:
                notice._put({"deadline": notice._deadline_from(notice.date)})
            notice._follow_figures(notice.date)
            texts = self.env["ar.dunning.wording"]._text_values(notice)
            notice._put({name: texts[name] for name in texts.keys() - set(typed)})

    @api.model
    def _lower_lines(self, notice, level):
        for line in notice.line_ids.filtered("is_demanded"):
            own = line.level_id if line.level_id.days <= level.days else level
            taken = line.item_id.line_ids.filtered(
                lambda other, line=line: other != line and other.is_step and not other.is_cancelled
            )
            step = not notice.is_repeat and own not in taken.level_id
            line._put({"level_id": own.id, "is_step": step})
