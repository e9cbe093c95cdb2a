from dataclasses import replace

from odoo import api, models
from odoo.tools import format_date

from ..core.plan import WAITING, Code, Kind

# The customer was reminded only lately: then nothing goes a level further.
RECENT = frozenset({Code.CONTACT_GAP, Code.DEADLINE_RUNNING})
# What stands in the way of the next level, but not of saying once more what was said already.
REPEATABLE = WAITING | {Code.FORMAL_GATE, Code.DOWN_PAYMENT}


class ArDunningRemind(models.AbstractModel):
    """*Remind now*: a notice ahead of its time, because a person says so. The one home of what a person may force.

    Only time is set aside, and only for what is overdue; everything else that stops the night stops this, too.

    * Where only a level's day has not come, the next level goes early.
    * While a deadline is running or the customer was reminded a few days ago, what was sent is said once more: at the
      level reached, without new charges, with a deadline that is never earlier.
    * A manager may let the next level go even then, and writes down why.
    """

    _name = "ar.dunning.remind"
    _description = "Remind Now"

    @api.model
    def _force(self, decision, on, item_ids=None, escalate=False):
        """Take the steps of overdue items that wait for nothing but time as due, and compose the notices anew.

        :param item_ids: only these items; without it, all of the customer's
        :param bool escalate: a manager lets the next level go although the customer was reminded only lately
        """
        wanted = [item for item in decision.items if (item_ids is None or item.id in item_ids) and item.due < on]
        waiting = [item for item in wanted if item.step.level and not item.step.due and self._codes(item) <= WAITING]
        early = [item for item in waiting if escalate or not self._codes(item) & RECENT]
        repeated = []
        if not early and not any(item.step.due for item in decision.items):
            repeated = [item for item in wanted if self._is_repeatable(item)]
        decision.note = self._note_of(early, repeated)
        for item in early:
            item.step = replace(item.step, blockers=(), first_date=on)
        for item in repeated:
            item.step = replace(item.step, level=self._level_reached(item), blockers=(), first_date=on)
        if early:
            decision.ahead = "escalated" if escalate else "early"
        elif repeated:
            decision.ahead = "repeat"
        decision.notices = self.env["ar.dunning.ledger"]._compose(decision, on)

    @api.model
    def _force_again(self, decision, drafts, on):
        """Keep what a person asked for before its day: these drafts follow the ledger, but do not wait for their day."""
        forced = drafts.filtered("is_forced")
        if forced:
            asked = forced.line_ids.filtered("is_demanded").item_id
            self._force(decision, on, asked.ids, escalate=any(forced.mapped("escalation_reason")))

    @api.model
    def _codes(self, item):
        return {blocker.code for blocker in item.step.blockers}

    @api.model
    def _is_repeatable(self, item):
        codes = self._codes(item)
        level = self._level_reached(item)
        return bool(level and level.kind == Kind.REMINDER and codes & RECENT and codes <= REPEATABLE)

    @api.model
    def _level_reached(self, item):
        """The level of the policy that the item has reached, as the plan knows it; None where it is none of it."""
        policy = item.state[0]
        return next((level for level in policy.ladder if level.key == item.level_id), None)

    @api.model
    def _note_of(self, early, repeated):
        """What the reader of the draft should know: it is early, or only repeats what was sent."""
        if repeated:
            running = [item.deadline for item in repeated if item.deadline]
            if running:
                return self.env._(
                    "Repeats what was sent: its deadline of %s is still running.", format_date(self.env, max(running))
                )
            return self.env._("Repeats what was sent only recently.")
        planned = [item.step.first_date for item in early if item.step.first_date]
        if not planned:
            return False
        return self.env._("Ahead of its day: it was planned for %s.", format_date(self.env, min(planned)))

    # === Remind now === #

    @api.model
    def _decide_ahead(self, customers, on, escalate=False):
        """What *Remind now* would do for these customers of one company: `{customer id: Decision}`; writes nothing."""
        decisions = self.env["ar.dunning.ledger"]._decide(customers.with_company(customers.company_id), on)
        for decision in decisions.values():
            decision.stops = self._stops(decision, on)
            self._force(decision, on, escalate=escalate)
        return decisions

    @api.model
    def _remind_now(self, customers, on, escalation=False):
        """Prepare the next notices of these customers of one company as drafts, for a person to read.

        :param escalation: why a manager lets the next level go within a running deadline or contact gap
        :return: the drafts, and `{customer id: why not}` for those left alone
        """
        locked = customers.sudo().try_lock_for_update(allow_referencing=True)
        busy = self.env._("The night is working on this customer right now. Try again in a minute.")
        refused = dict.fromkeys((customers - locked).ids, busy)
        decisions = self._decide_ahead(locked, on, bool(escalation))
        for customer_id, decision in decisions.items():
            if not decision.notices:
                refused[customer_id] = decision.stops or self.env._("Nothing is overdue.")
        notices = self.env["ar.dunning.builder"].sudo()._build(decisions, on)
        notices._update_state(("queued",), "draft", send_after=False)
        notices._put({"is_forced": True})
        if escalation:
            notices._keep_escalation(escalation)
        self.env["ar.dunning.ledger"]._plan_again(notices.customer_id)
        return notices, refused

    @api.model
    def _stops(self, decision, on):
        """Everything that stands in the way of the overdue items of a customer, in words; time counts where the
        customer was reminded only lately."""
        blockers = {
            blocker.code: blocker
            for item in decision.items
            if item.due < on
            for blocker in item.step.blockers
            if blocker.code not in WAITING - RECENT
        }
        return " ".join(self.env["ar.dunning.ledger"]._sentence(blocker) for blocker in blockers.values())
