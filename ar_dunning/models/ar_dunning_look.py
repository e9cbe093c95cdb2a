from collections import defaultdict
from dataclasses import replace
from datetime import date

from odoo import api, fields, models
from odoo.tools import format_date, html2plaintext
from odoo.tools.misc import format_amount

from ..core.compose import Candidate, compose
from ..core.plan import WAITING, Code
from .facts.notice_facts import TEXTS, Difference, Look, Making, facts_of_line, plain, with_reference

# What may stand in the way of preparing a notice today, but not of sending one that was approved.
TIMING_AT_SEND = frozenset({Code.CONTACT_GAP, Code.NON_WORKING_DAY, Code.BANK_STALE, Code.NO_CHANNEL})
OWED = frozenset({"bank", "recipient"})  # of what is compared as a whole, what concerns the debt
# The version of the facts that are kept here. Raise it where a fact changes its meaning; a new one needs no new version.
BASE_VERSION = 1
# Settings of a level that are part of what the customer gets, beside its words, which are compared as they are filled.
LEVEL_FACTS = (
    *("name", "kind", "legal_effect", "deadline_days", "attach_invoices", "copy_salesperson"),
    *("channel_email", "channel_letter", "channel_activity"),
)


class ArDunningLook(models.AbstractModel):
    """The last look: before a notice leaves, what it says is compared with what it would have to say now.

    What a notice is made from is kept on it as facts (`said`), by member of the family and with a version, so that a
    difference can be told in words and that a new release does not invalidate what waits.
    """

    _name = "ar.dunning.look"
    _description = "Last Look at Notices"

    # === What is said === #

    @api.model
    def _facts_said(self, making, lines):
        """Seam. What a notice made of `making` says, `{member: {"v": version, fact: value}}`; members add their own.

        Amounts are texts of decimals in the item's currency, days ISO dates.

        :param lines: the values of its lines
        """
        address = making.address
        level = self.env["ar.dunning.level"].sudo().browse(making.composition.level.key).with_context(lang="en_US")
        return {
            "base": {
                "v": BASE_VERSION,
                "items": {str(line["item_id"]): facts_of_line(line) for line in lines},
                "recipient": address.recipient_id,
                "address": [
                    (address.mail and address.mail.party.email) or "",
                    *((address.post.party.street, address.post.party.city) if address.post else ("", "")),
                ],
                "lang": address.lang or "",
                "level": self._facts_of_level(level),
                "template": level.mail_template_id.id,
                "bank": self.env["ar.dunning.builder"]._bank_of(making).id or 0,
                "sender": self.env["ar.dunning.customer"].browse(making.decision.customer.id)._who_answers().id or 0,
                "recorded_until": fields.Date.to_string(making.decision.recorded_until) or "",
            }
        }

    @api.model
    def _said(self, notice):
        """The facts kept on this notice; of one from before they were kept, what its lines say."""
        if notice.said:
            return notice.said
        lines = notice.line_ids.read(
            ["item_id", "move_name", "due_date", "amount_due", "currency_id", "is_demanded"], load=""
        )
        return {"base": {"v": 0, "items": {str(line["item_id"]): facts_of_line(line) for line in lines}}}

    @api.model
    def _restate(self, notices):
        """A person changed these drafts: what he chose is what they say from now on."""
        for notice in notices:
            said = dict(notice.said or {})
            self._restate_facts(notice, said)
            notice._put({"said": said})

    @api.model
    def _restate_facts(self, notice, said):
        """Seam. Bring into `said` what a person may choose on a draft; members see to their own."""
        base = dict(said.get("base") or self._said(notice)["base"])
        level = notice.level_id.sudo().with_context(lang="en_US")
        kept = {str(item_id) for item_id in notice.line_ids.item_id.ids}
        base |= {
            "items": {key: fact for key, fact in base["items"].items() if key in kept},
            "level": self._facts_of_level(level),
            "template": level.mail_template_id.id,
        }
        if notice.partner_id.id != base.get("recipient"):
            base["recipient"] = 0  # a person's choice, which no later answer overrules
        said["base"] = base

    @api.model
    def _facts_of_level(self, level):
        return {name: level[name] for name in LEVEL_FACTS} | {"id": level.id}

    # === Looking === #

    @api.model
    def _still_true(self, notices, on):
        """What these notices say that no longer holds on day `on`: `{notice: [Difference]}`, empty where all holds.

        A constant number of statements for the notices of one company.
        """
        return {look.notice: look.differences for look in self._look(notices, on, as_said=True)}

    @api.model
    def _look(self, notices, on, as_said=False):
        """Decide anew about these notices, as of day `on`: one `Look` for each. Writes nothing on them.

        :param bool as_said: compare with the figures of each notice's own day; without it, that is done for those
            that a person edited, and `Look.vals` of the others are the notice of `on`
        """
        looks = []
        for company, group in notices.grouped("company_id").items():
            here = group.with_company(company)
            looks += here.env["ar.dunning.look"]._look_within(here, on, as_said)
        return looks

    @api.model
    def _look_within(self, notices, on, as_said):
        """As `_look`, at notices of the one company that this environment is of."""
        notices.line_ids.item_id.sudo()._follow_lines()
        decisions = self.env["ar.dunning.ledger"]._decide(notices.customer_id, on, ignore_notices=notices.ids)
        looks = [self._begin_look(notice, decisions[notice.customer_id.id], on) for notice in notices]
        by_day = defaultdict(dict)
        for look in looks:
            if look.making:
                by_day[look.notice.date if as_said or look.notice.is_edited else on][look.notice.id] = look
        builder = self.env["ar.dunning.builder"]
        for day, alive in by_day.items():
            builder._read_build({key: look.making for key, look in alive.items()}, day)
            for look in alive.values():
                look.vals = builder._notice_values(look.making, day)
        for look in looks:
            look.differences = self._differences(look.notice, look)
        return looks

    @api.model
    def _begin_look(self, notice, decision, on):
        """What of this notice may still be demanded."""
        items = {item.id: item for item in decision.items}
        look = Look(notice, decision, on)
        for line in notice.line_ids.filtered("is_demanded"):
            reasons = self._objections(notice, line, items.get(line.item_id.id), on)
            if reasons:
                look.lost[line.id] = reasons
        composition = self._what_remains(notice, look, items)
        if composition:
            steps = frozenset(notice.line_ids.filtered("is_step").item_id.ids)
            look.making = Making(replace(decision, ahead=self._ahead(notice)), composition, notice.lang, steps)
        return look

    @api.model
    def _ahead(self, notice):
        """How a person asked for this notice before its day; None where it came by itself."""
        if notice.is_repeat:
            return "repeat"
        return ("escalated" if notice.escalation_reason else "early") if notice.is_forced else None

    @api.model
    def _what_remains(self, notice, look, items):
        """The composition of what this notice may still demand; None where that is nothing."""
        candidates = []
        for line in notice.line_ids:
            item = items.get(line.item_id.id)
            if not item or line.id in look.lost:
                continue
            step = item.step
            if line.is_demanded:
                step = replace(step, level=self._own_level(notice, line, item), blockers=())
            elif step.due:  # what was only listed is not demanded by a last look
                step = replace(step, level=None)
            candidates.append(Candidate(item.id, step, item.due < look.on))
        composition = compose(candidates)
        if composition and notice.is_edited:  # the level that a person left or chose
            return replace(composition, level=notice.level_id.sudo()._as_level())
        return composition

    @api.model
    def _own_level(self, notice, line, item):
        """The level at which a line demands its item: the one that was approved, or a lower one where that is next."""
        step = item.step.level
        if step and not (notice.is_forced or notice.is_edited) and step.days < line.level_id.days:
            return step
        return line.level_id.sudo()._as_level()

    # === Why an item is not to be demanded any more === #

    @api.model
    def _objections(self, notice, line, item, on):
        """Sentences that say why this notice may no longer demand the item of `line`; none where it may."""
        if item is None:
            return [self._why_gone(notice, line)]
        if line.kind == "note" and on > item.due:
            return [self.env._("%s: the day of the courtesy note has passed.", line.move_name)]
        passing = TIMING_AT_SEND | WAITING if notice.is_forced else TIMING_AT_SEND
        standing = [blocker for blocker in item.step.blockers if blocker.code not in passing]
        if notice.is_repeat:
            standing = [blocker for blocker in standing if blocker.code != Code.FORMAL_GATE]
        early = line.kind != "note" and item.due >= on
        if item.due != line.due_date and (early or standing):
            # A later day is the reason why the step is not due, and tells more than that.
            standing = [blocker for blocker in standing if blocker.code not in WAITING]
            return [
                self._due_text(line, item.due),
                *(self._blocker_text(notice, line, blocker) for blocker in standing),
            ]
        if early:
            return [self.env._("%s is not overdue.", line.move_name)]
        step = item.step.level
        if not standing and step and step.key not in notice.policy_id.sudo().level_ids.ids:
            return [self.env._("Another policy holds for %s now.", notice.customer_id.display_name)]
        if not standing and step and line.is_step and step.days > line.level_id.days and not notice.is_edited:
            return [
                self.env._("%(invoice)s has had %(level)s already.", invoice=line.move_name, level=line.level_id.name)
            ]
        return [self._blocker_text(notice, line, blocker) for blocker in standing]

    @api.model
    def _blocker_text(self, notice, line, blocker):
        if blocker.code == Code.NOTICE_PENDING:
            return self.env._("Another notice to %s waits and goes first.", notice.customer_id.display_name)
        sentence = self.env["ar.dunning.ledger"]._sentence(blocker)
        return self.env._("%(invoice)s: %(reason)s", invoice=line.move_name, reason=sentence)

    @api.model
    def _due_text(self, line, due):
        return self.env._(
            "%(invoice)s is due on %(new)s, no longer on %(old)s.",
            invoice=line.move_name,
            new=format_date(self.env, due),
            old=format_date(self.env, line.due_date),
        )

    @api.model
    def _why_gone(self, notice, line):
        """Why the ledger no longer shows the item of a line among what its customer owes."""
        item = line.item_id.sudo()
        entry = item.move_line_id
        if item.customer_id != notice.customer_id:
            return self.env._(
                "%(invoice)s is owed by %(customer)s now.",
                invoice=line.move_name,
                customer=item.customer_id.display_name,
            )
        if not entry or entry.parent_state != "posted":
            return self.env._("%s is not posted any more.", line.move_name)
        if item.move_id._ar_dunning_is_credited():
            return self.env._("%s was credited.", line.move_name)
        return self.env._("%s is paid.", line.move_name)

    # === Differences === #

    @api.model
    def _differences(self, notice, look):
        """Everything that this notice says and that no longer holds, in words where a person is concerned."""
        found = [Difference("lost", reason, owed=True) for reasons in look.lost.values() for reason in reasons]
        if not look.making:
            return found
        for member, now in look.vals["said"].items():
            then = self._said(notice).get(member)
            if then is None or then.get("v") != now["v"]:
                found.append(Difference("version"))
            if then:
                # Where the version differs, what an edited notice said is compared as far as both know it.
                known = {name: now[name] for name in now.keys() & then.keys() - {"v"}}
                found += self._differences_of(member, then, known, look)
        if not notice.is_edited:
            found += self._differences_of_words(notice, look)
        return found

    @api.model
    def _differences_of(self, member, then, now, look):
        """Seam. The differences between what `member` said and says; `now` has the facts that both know."""
        if member != "base":
            return []
        notice = look.notice
        found = self._differences_of_items(notice, then, now, look) if "items" in now else []
        tells = {
            "level": self._level_text(notice, then, now),
            "template": self.env._("The mail template of %s was changed.", notice.level_id.name),
            "bank": self.env._("The bank account to pay to was changed."),
            "sender": "",
            "recorded_until": "",
        }
        if notice.partner_id.id == look.making.address.recipient_id:
            tells |= {
                "address": self.env._("The address of %s was changed.", notice.partner_id.display_name),
                "lang": self.env._("The language of %s was changed.", notice.partner_id.display_name),
            }
        if notice.partner_id.id == then.get("recipient"):  # chosen by nobody
            recipient = self.env["res.partner"].browse(look.making.address.recipient_id)
            tells["recipient"] = self.env._("The recipient is %s now.", recipient.display_name)
        return found + [
            Difference(name, text, name in OWED)
            for name, text in tells.items()
            if name in now and now[name] != then[name]
        ]

    @api.model
    def _level_text(self, notice, then, now):
        level = now.get("level", {}).get("id")
        if level == then.get("level", {}).get("id"):
            return self.env._("The settings of %s were changed.", notice.level_id.name)
        return self.env._("The level is %s now.", self.env["ar.dunning.level"].sudo().browse(level).name)

    @api.model
    def _differences_of_items(self, notice, then, now, look):
        """What became of the amounts and due dates of the items that still stand on the notice."""
        found = []
        lines = {str(line.item_id.id): line for line in notice.line_ids if line.id not in look.lost}
        for key, line in lines.items():
            former, present = then["items"].get(key), now["items"].get(key)
            if former is None or former == present:
                continue
            if present is None:
                found.append(Difference("items", self.env._("%s is no longer also open.", line.move_name)))
                continue
            if former["due"] != present["due"]:
                found.append(Difference("due", self._due_text(line, date.fromisoformat(present["due"])), owed=True))
            if (former["amount"], former["currency"]) != (present["amount"], present["currency"]):
                found.append(Difference("amount", self._amount_text(former, present), owed=True))
            if former["number"] != present["number"]:
                found.append(Difference("number", self._number_text(former, present)))
        return found

    @api.model
    def _amount_text(self, former, present):
        def amount(fact):
            return format_amount(self.env, float(fact["amount"]), self.env["res.currency"].browse(fact["currency"]))

        return self.env._(
            "%(invoice)s: to pay is %(new)s, no longer %(old)s.",
            invoice=present["number"],
            new=amount(present),
            old=amount(former),
        )

    @api.model
    def _number_text(self, former, present):
        return self.env._("%(old)s is now %(new)s.", old=former["number"], new=present["number"])

    @api.model
    def _differences_of_words(self, notice, look):
        """Words that nobody edited and that the level would give otherwise now."""
        fresh = with_reference(look.vals, notice.name)
        for name in TEXTS:
            said, says = plain(notice[name] or ""), plain(fresh[name] or "")
            if said != says and html2plaintext(said) != html2plaintext(says):
                return [Difference("words", self.env._("The words of %s were changed.", notice.level_id.name))]
        return []
