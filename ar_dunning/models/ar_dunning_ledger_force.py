from dataclasses import replace

from odoo import api, models

from ..core.plan import WAITING


class ArDunningLedger(models.AbstractModel):
    """*Remind now*: the next notice ahead of its time, because a person says so.

    Only time is set aside (the level's day, the contact gap, a running deadline, a day off), and only for what
    is overdue. Everything else that stops the night stops this, too.
    """

    _inherit = "ar.dunning.ledger"

    @api.model
    def _force(self, decision, on, item_ids=None):
        """Take the steps of overdue items that wait for nothing but time as due, and compose the notices anew.

        :param item_ids: only these items; without it, all of the customer's
        """
        for item in decision.items:
            step = item.step
            wanted = item_ids is None or item.id in item_ids
            if wanted and step.level and item.due < on and {blocker.code for blocker in step.blockers} <= WAITING:
                item.step = replace(step, blockers=(), first_date=on)
        decision.notices = self._compose(decision, on)

    @api.model
    def _remind_now(self, customers, on):
        """Prepare the next notices of these customers of one company as drafts, for a person to read.

        :return: the drafts, and `{customer id: why not}` for those left alone
        """
        locked = customers.sudo().try_lock_for_update(allow_referencing=True)
        busy = self.env._("The night is working on this customer right now. Try again in a minute.")
        refused = dict.fromkeys((customers - locked).ids, busy)
        decisions = self._decide(locked.with_company(customers.company_id), on)
        for customer_id, decision in decisions.items():
            self._force(decision, on)
            if not decision.notices:
                refused[customer_id] = self._why_not(decision, on)
        notices = self.env["ar.dunning.notice"].sudo()._build(decisions, on)
        notices._update_state(("queued",), "draft", send_after=False)
        notices._put({"is_forced": True})
        self._plan_again(notices.customer_id)
        return notices, refused

    @api.model
    def _why_not(self, decision, on):
        """Every reason, other than time, that stops the overdue items of a customer."""
        blockers = {
            blocker.code: blocker
            for item in decision.items
            if item.due < on
            for blocker in item.step.blockers
            if blocker.code not in WAITING
        }
        if not blockers:
            return self.env._("Nothing is overdue.")
        return " ".join(self._sentence(blocker) for blocker in blockers.values())
