from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

from odoo import api, models

from ..core import plan as core
from ..core.allocation import ZERO
from ..core.calendar import EVERY_DAY
from ..core.compose import Candidate, compose
from ..core.plan import WAITING, Blocker, Code, Kind
from .facts.ledger_facts import Decision

WARN_DAYS = timedelta(days=2)
FINISHED = timedelta(days=30)
NO_PROGRESS = (frozenset(), False, False)
PENDING = {Code.NOTICE_PENDING}


class ArDunningLedger(models.AbstractModel):
    """Reads the ledger as the plan needs it, for a batch of customers in a constant number of statements.

    `_decide` is the one way to an answer: the night, the preview, the invoice form and the
    customer form all ask it.
    """

    _name = "ar.dunning.ledger"
    _description = "Dunning Ledger"

    @api.model
    def _decide(self, customers, on, ignore_notices=()):
        """The decision for each of these customer records of ONE company on day `on`.

        :param customers: `ar.dunning.customer` records of one company
        :param date on: the day
        :param ignore_notices: ids of notices that do not count as pending (they are being rebuilt or checked)
        :return: `{customer id: Decision}`; writes nothing
        """
        if not customers:
            return {}
        company = customers.company_id
        company.ensure_one()
        self.env.flush_all()
        context = self._context(company, on)
        facts = self._read_customers(customers.ids)
        items = self._read_items(customers.ids)
        named = {item.named_id for item in items}
        addresses = self.env["ar.dunning.address"]._read(customers.ids, on, named)
        progress = self._read_progress(customers.ids, ignore_notices, on)
        pauses = self._read_pauses(customers.ids, on) | {"items": self._read_arrangements(items, on)}
        partners = {customer.partner_id for customer in facts.values()}
        incoming = self.env["ar.dunning.incoming"]._read(partners, company, on)
        punctual = self._punctual(facts, items, context)
        further, formal = self._facts_of(items, on), self._formal_facts_of(items, on)
        self._mark_failed_collections(items, context)
        decisions = {}
        for customer_id, customer in facts.items():
            policy = context.policy_of(customer)
            decisions[customer_id] = Decision(
                customer,
                policy.record if policy else self.env["ar.dunning.policy"],
                addresses,
                recorded_until=context.recorded_until,
                bank_stale=bool(policy) and policy.bank_stale,
                calendar=policy.calendar if policy else EVERY_DAY,
            )
        for item in items:
            decisions[item.customer_id].items.append(item)
        for decision in decisions.values():
            self._plan_customer(decision, context, progress, pauses, incoming, punctual, further, formal)
        return decisions

    # === Planning one customer, from what was read === #

    @api.model
    def _plan_customer(self, decision, context, progress, pauses, incoming, punctual, further, formal):
        customer = decision.customer
        policy = context.policy_of(customer)
        plan_customer = self._as_customer(decision, policy, pauses, context)
        note_facts = (Blocker(Code.PUNCTUAL),) if customer.id in punctual else ()
        rules = policy.rules if policy else core.Policy(levels=())
        stops = self._item_stops(decision, context, progress, pauses, incoming)
        small = policy and self._is_small(decision, policy, stops, incoming, context.on)
        reaching = {True: replace(plan_customer, reachable=True), False: replace(plan_customer, reachable=False)}
        # What books an accessory claim has no ladder of its own: it follows the invoice that it was claimed on.
        ladders = {True: core.Policy(levels=()), False: rules}
        for item in decision.items:
            plan_item = core.Item(
                due=item.due,
                reached=item.level_id,
                rank=item.rank,
                taken=progress.get(item.id, NO_PROGRESS)[0],
                reminders=item.reminders,
                deadline=item.deadline,
                last_on=item.last_on,
                gate_override=item.override,
                open=item.open,
                tolerance=self._tolerance(item, policy) if small else ZERO,
                facts=(*stops[item.id], *further.get(item.id, ()), *incoming.parts(item.line_id)),
                note_facts=note_facts,
                formal_facts=tuple(formal.get(item.id, ())),
            )
            customer = reaching[decision.address([item]).is_reachable]
            item.state = (ladders[item.is_accessory], customer, plan_item)
            item.step = core.plan(*item.state, context.on, decision.calendar)
        if any(item.step.due for item in decision.items):
            decision.notices = self._compose(decision, context.on)

    @api.model
    def _as_customer(self, decision, policy, pauses, context):
        """What holds for all items of a customer."""
        customer = decision.customer
        return core.Customer(
            last_contact=customer.last_contact,
            # What an insolvency froze is no reason to keep courtesy notes about later items back.
            overdue=any(
                item.due < context.on
                and not item.is_accessory
                and not (customer.id in pauses["frozen"] and list(self._holding_pauses(item, pauses)))
                for item in decision.items
            ),
            reachable_formal=decision.address((), formal=True).is_reachable,
            facts=self._customer_facts(customer, policy, decision, pauses),
        )

    @api.model
    def _item_stops(self, decision, context, progress, pauses, incoming):
        """What stops each item whatever its step, money on its way included: `{item id: blockers}`."""
        # One notice at a time: while one waits for approval or delivery, the other items of its group wait too.
        waiting = {
            item.id
            for group in self._groups(decision)
            if any(progress.get(item.id, NO_PROGRESS)[2] for item in group)
            for item in group
        }
        found = {}
        for item in decision.items:
            item.credit = incoming.covered(item.line_id)
            _taken, pending, _holds_customer = progress.get(item.id, NO_PROGRESS)
            found[item.id] = self._item_facts(item, pending or item.id in waiting, pauses, context)
        return found

    @api.model
    def _tolerance(self, item, policy):
        """The policy's tolerance in the item's currency."""
        worth = item.in_company(item.open)
        return policy.tolerance * item.open / worth if worth > 0 else ZERO

    @api.model
    def _is_small(self, decision, policy, stops, incoming, on):
        """Whether what is below the tolerance stays below it even together: else it is demanded like anything else."""
        small = ZERO
        for item in decision.items:
            rest = item.in_company(item.open - sum(part.amount for part in incoming.parts(item.line_id)))
            if item.due < on and 0 < rest < policy.tolerance and {stop.code for stop in stops[item.id]} <= PENDING:
                small += rest
        return small < policy.tolerance

    @api.model
    def _compose(self, decision, on):
        groups = self._groups(decision)
        if decision.policy.grouping == "contact":
            # A formal notice goes to the debtor itself, about all of its items.
            whole = self._compose_group(decision.items, on)
            if whole and whole.level.kind == Kind.FORMAL:
                groups = [decision.items]
        found = (self._compose_group(group, on) for group in groups)
        return [composition for composition in found if composition]

    @api.model
    def _compose_group(self, items, on):
        return compose([Candidate(item.id, item.step, item.due < on) for item in items])

    @api.model
    def _groups(self, decision):
        """The customer's items as its policy parts them into notices: together, by invoice, or by who is written to."""
        keys = {
            "customer": lambda item: None,
            "invoice": lambda item: item.move_id,
            "contact": lambda item: decision.address([item]).recipient_id,
        }
        groups, key = defaultdict(list), keys[decision.policy.grouping or "customer"]
        for item in decision.items:
            groups[key(item)].append(item)
        return list(groups.values())

    @api.model
    def _customer_facts(self, customer, policy, decision, pauses):
        facts = []
        if not policy:
            facts.append(Blocker(Code.NO_POLICY))
        if customer.never:
            facts.append(Blocker(Code.NEVER))
        if customer.own:
            facts.append(Blocker(Code.OWN))
        if customer.id in pauses["customer"]:
            facts.append(Blocker(Code.PAUSED, pauses["customer"][customer.id]))
        if decision.bank_stale and policy.record.mode == "automatic":
            facts.append(Blocker(Code.BANK_STALE))
        return tuple(facts)

    @api.model
    def _item_facts(self, item, pending, pauses, context):
        """What stands in the way of this item whatever its step: a table, so that each reason is one row."""
        reasons = (
            (pending, Code.NOTICE_PENDING),
            (item.no_followup, Code.NO_FOLLOWUP),
            (item.payment_state == "blocked", Code.BLOCKED),
            (item.open <= 0, Code.MONEY_COMING),
            (not (item.is_accessory or item.is_sent or item.loaded or item.move_type == "entry"), Code.NOT_SENT),
            (item.einvoice_error, Code.EINVOICE_REJECTED),
            (item.method_line_id in context.collecting_methods and not item.failed, Code.WE_COLLECT),
            (item.factored, Code.FACTORED),
            (item.is_accessory, Code.ACCESSORY),
            (context.not_before and item.due < context.not_before, Code.BEFORE_START),
        )
        standing = [Blocker(code) for holds, code in reasons if holds]
        if item.not_before and item.not_before > context.on:
            standing.append(Blocker(Code.HELD_BACK, item.not_before))
        standing += [Blocker(Code.PAUSED, free) for free in self._holding_pauses(item, pauses)]
        standing += self._holding_arrangements(item, pauses["items"])
        return tuple(standing)

    # === Keeping === #

    @api.model
    def _plan_again(self, customers):
        """After something happened to these customers: keep on their items what comes next from today on."""
        for company, group in customers.sudo().grouped("company_id").items():
            on = company._dunning_today()
            self._keep_plan(self._decide(group, on), on)
        customers.sudo()._refresh_figures()

    @api.model
    def _keep_plan(self, decisions, on):
        """Keep next level, next date and blockers on the items that changed: one statement for the batch."""
        rows = []
        for decision in decisions.values():
            for item in decision.items:
                step = item.step
                level_id = step.level.key if step.level else None
                bound = self._bound(item, on)
                codes = ",".join(sorted(b.code for b in step.blockers if b.code not in WAITING)) or None
                if (item.next_level_id, item.next_date, item.codes) != (level_id, bound, codes):
                    rows.append((item.id, level_id, bound, codes))
        if not rows:
            return
        self.env.cr.execute_values(
            """
            UPDATE ar_dunning_item i
               SET next_level_id = v.level_id, next_date = v.bound, blocker_codes = v.codes
              FROM (VALUES %s) AS v (id, level_id, bound, codes)
             WHERE i.id = v.id
            """,
            rows,
            template="(%s, %s::int, %s::date, %s)",
        )
        self.env["ar.dunning.item"].invalidate_model(["next_level_id", "next_date", "blocker_codes"])

    @api.model
    def _bound(self, item, on):
        """The day on which the next night must look at the item again; earlier where somebody is to be warned."""
        step = item.step
        if not step.level:
            # Nothing comes by itself any more; whatever changes that (a policy, a cancelled notice) forgets this date.
            waiting = item.next_date if not item.next_level_id else None
            return waiting if waiting and waiting > on else on + FINISHED
        if step.level.kind == Kind.FORMAL and item.warned_level_id != step.level.key:
            return max(step.bound - WARN_DAYS, min(on + timedelta(days=1), step.bound))
        return step.bound
