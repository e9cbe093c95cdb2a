from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ..core import plan as core
from ..core.allocation import ZERO
from ..core.calendar import EVERY_DAY
from ..core.compose import Candidate, compose
from ..core.plan import WAITING, Blocker, Code, Kind
from .ledger_facts import Context, CustomerFacts, Decision, ItemFacts
from .sql import DUE, OPEN_LINE

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
        pauses = self._read_pauses(customers.ids, on)
        partners = {customer.partner_id for customer in facts.values()}
        incoming = self.env["ar.dunning.incoming"]._read(partners, company, on)
        punctual = self._punctual(facts, items, context)
        down_payments = self._down_payments(items)
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
            self._plan_customer(decision, context, progress, pauses, incoming, punctual, down_payments)
        return decisions

    # === Planning one customer, from what was read === #

    @api.model
    def _plan_customer(self, decision, context, progress, pauses, incoming, punctual, down_payments):
        customer = decision.customer
        policy = context.policy_of(customer)
        plan_customer = self._as_customer(decision, policy, pauses, context)
        note_facts = (Blocker(Code.PUNCTUAL),) if customer.id in punctual else ()
        rules = policy.rules if policy else core.Policy(levels=())
        stops = self._item_stops(decision, context, progress, pauses, incoming)
        small = policy and self._is_small(decision, policy, stops, incoming, context.on)
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
                facts=stops[item.id] + incoming.parts(item.line_id),
                note_facts=note_facts,
                formal_facts=(Blocker(Code.DOWN_PAYMENT),) if item.move_id in down_payments else (),
            )
            # A booked charge has no ladder of its own: it follows the invoice that it was claimed on.
            own = core.Policy(levels=()) if item.is_charge else rules
            reachable = decision.address([item]).is_reachable
            item.state = (own, replace(plan_customer, reachable=reachable), plan_item)
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
                and not item.is_charge
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
            (not (item.is_charge or item.is_sent or item.loaded or item.move_type == "entry"), Code.NOT_SENT),
            (item.einvoice_error, Code.EINVOICE_REJECTED),
            (item.method_line_id in context.collecting_methods and not item.failed, Code.WE_COLLECT),
            (item.factored, Code.FACTORED),
            (item.is_charge, Code.CHARGE),
            (context.not_before and item.due < context.not_before, Code.BEFORE_START),
        )
        standing = [Blocker(code) for holds, code in reasons if holds]
        if item.not_before and item.not_before > context.on:
            standing.append(Blocker(Code.HELD_BACK, item.not_before))
        standing += [Blocker(Code.PAUSED, free) for free in self._holding_pauses(item, pauses)]
        return tuple(standing)

    # === Reading === #

    @api.model
    def _context(self, company, on):
        return Context(self.env, company, on)

    @api.model
    def _policy_finder(self, company):
        """A function `(audience, country id) -> policy record or empty` for customers of `company`."""
        policies = self.env["ar.dunning.policy"].sudo().search([("company_id", "parent_of", company.id)])
        # Nearest company first: a branch's own policy wins over its parent's.
        policies = policies.sorted(lambda policy: (-len(policy.company_id.parent_path), policy.sequence, policy.id))
        tree = company.sudo()
        default = tree.ar_dunning_policy_id or tree.root_id.ar_dunning_policy_id
        # What the plan reads of the levels, and not their texts in every language.
        (policies | default).level_ids.fetch(["policy_id", "days", "kind", "deadline_days", "channel_activity"])

        def find(audience, country_id):
            fitting = policies.filtered(lambda policy: policy.audience == audience)
            return (
                fitting.filtered(lambda policy: country_id in policy.country_ids.ids)[:1]
                or fitting.filtered(lambda policy: not policy.country_ids)[:1]
                or default
            )

        return find

    @api.model
    def _read_customers(self, ids):
        """The customer records; whom they are written to says `ar.dunning.address`."""
        self.env.cr.execute(
            SQL(
                """
                SELECT c.id, c.partner_id, c.company_id, c.policy_id, c.audience, COALESCE(c.never, FALSE),
                       COALESCE(c.always_review, FALSE), c.last_contact,
                       p.country_id, COALESCE(p.is_company, FALSE), p.vat, p.industry_id,
                       EXISTS (SELECT FROM res_company o WHERE o.partner_id = p.id)
                       OR EXISTS (SELECT FROM res_users u WHERE u.partner_id = p.id AND u.share IS NOT TRUE)
                  FROM ar_dunning_customer c
                  JOIN res_partner p ON p.id = c.partner_id
                 WHERE c.id = ANY(%(ids)s)
                """,
                ids=list(ids),
            )
        )
        return {row[0]: CustomerFacts(*row) for row in self.env.cr.fetchall()}

    @api.model
    def _read_items(self, customer_ids):
        """The open items of these customers, oldest first."""
        einvoice = SQL("FALSE")
        if "peppol_move_state" in self.env["account.move"]._fields:
            einvoice = SQL("m.peppol_move_state = 'error'")
        self.env.cr.execute(
            SQL(
                """
                SELECT i.id, i.customer_id, l.id, i.level_id, COALESCE(i.rank, 0), COALESCE(i.reminder_count, 0),
                       i.deadline, i.last_date, i.due_date, i.gate_override_reason IS NOT NULL,
                       COALESCE(i.is_factored, FALSE),
                       COALESCE(i.collection_failed, FALSE), COALESCE(i.is_loaded, FALSE), i.warned_level_id,
                       i.next_date, i.next_level_id, i.blocker_codes,
                       l.amount_residual_currency, l.amount_residual, l.amount_currency, l.currency_id,
                       COALESCE(l.no_followup, FALSE), m.id, m.name, m.move_type, COALESCE(m.invoice_date, m.date),
                       m.payment_state, COALESCE(m.is_move_sent, FALSE), m.invoice_user_id,
                       m.preferred_payment_method_line_id, m.payment_reference, COALESCE(%(einvoice)s, FALSE),
                       m.partner_bank_id,
                       EXISTS (SELECT FROM ar_dunning_charge c WHERE c.document_id = m.id OR c.reversal_id = m.id),
                       m.partner_id, i.not_before,
                       CASE WHEN l.discount_date IS NOT NULL
                            THEN l.amount_currency - l.discount_amount_currency ELSE 0 END, l.discount_date
                  FROM ar_dunning_item i
                  JOIN account_move_line l ON l.id = i.move_line_id
                  JOIN account_move m ON m.id = l.move_id
                 WHERE i.customer_id = ANY(%(ids)s) AND %(open)s
                 ORDER BY %(due)s, i.id
                """,
                ids=list(customer_ids),
                einvoice=einvoice,
                open=OPEN_LINE,
                due=DUE,
            )
        )
        return [ItemFacts(*row) for row in self.env.cr.fetchall()]

    @api.model
    def _read_progress(self, customer_ids, ignore_notices, on):
        """`{item id: (keys of levels taken, is a notice about it pending, is one on its way to the customer)}`.

        A courtesy note that never left stops mattering once the due date has passed.
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT d.item_id,
                       array_agg(d.level_id) FILTER (WHERE d.is_step AND n.state = 'sent'),
                       bool_or(n.state IN ('draft', 'queued', 'failed') AND NOT n.id = ANY(%(ignore)s)
                               AND (n.kind <> 'note' OR d.due_date >= %(on)s)),
                       bool_or(n.state IN ('draft', 'queued') AND n.kind <> 'note' AND NOT n.id = ANY(%(ignore)s))
                  FROM ar_dunning_notice n
                  JOIN ar_dunning_notice_line d ON d.notice_id = n.id
                 WHERE n.customer_id = ANY(%(ids)s) AND n.state <> 'cancelled' AND d.is_demanded
                 GROUP BY d.item_id
                """,
                ids=list(customer_ids),
                ignore=list(ignore_notices),
                on=on,
            )
        )
        return {
            item_id: (frozenset(taken or ()), bool(pending), bool(holds))
            for item_id, taken, pending, holds in self.env.cr.fetchall()
        }

    @api.model
    def _read_pauses(self, customer_ids, on):
        """What running arrangements hold: `{"customer" | "move" | "frozen": {id: first free day}}`.

        No day (None) where a pause is open. `frozen` tells for a customer pairs of a day and the first free day:
        what arose before that day is held.
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT customer_id, move_id, freeze_before,
                       CASE WHEN bool_and(date_end IS NOT NULL) THEN max(date_end) END
                  FROM ar_dunning_arrangement
                 WHERE customer_id = ANY(%(ids)s) AND state = 'active'
                   AND date_start <= %(on)s AND (date_end IS NULL OR date_end >= %(on)s)
                 GROUP BY customer_id, move_id, freeze_before
                """,
                ids=list(customer_ids),
                on=on,
            )
        )
        pauses = {"customer": {}, "move": {}, "frozen": defaultdict(list)}
        for customer_id, move_id, freeze_before, end in self.env.cr.fetchall():
            free = end and end + timedelta(days=1)
            if move_id:
                # A day makes no difference to one invoice: the strictest of its pauses holds.
                former = pauses["move"].get(move_id, free)
                pauses["move"][move_id] = former and free and max(former, free)
            elif freeze_before:
                pauses["frozen"][customer_id].append((freeze_before, free))
            else:
                pauses["customer"][customer_id] = free
        return pauses

    @api.model
    def _holding_pauses(self, item, pauses):
        """The first free day of each pause that holds this item but not its whole customer."""
        if item.move_id in pauses["move"]:
            yield pauses["move"][item.move_id]
        arose = min(item.invoice_date or item.due, item.due)
        for day, free in pauses["frozen"].get(item.customer_id, ()):
            if arose < day:
                yield free

    @api.model
    def _punctual(self, facts, items, context):
        """Customers whose last three paid invoices were paid on time, where a policy spares them courtesy notes.

        Asked only where a courtesy note may come at all: something is open that is not overdue yet.
        """
        coming = {item.customer_id for item in items if item.due >= context.on}
        wanted = [
            customer
            for customer in facts.values()
            if customer.id in coming
            and (policy := context.policy_of(customer))
            and policy.record.skip_notes_if_punctual
        ]
        if not wanted:
            return set()
        self.env.cr.execute(
            SQL(
                """
                SELECT c.id FROM ar_dunning_customer c
                 WHERE c.id = ANY(%s) AND (
                       SELECT count(*) = 3 AND bool_and(paid.day <= paid.due) FROM (
                            SELECT l.date_maturity AS due, max(p.max_date) AS day
                              FROM account_move_line l
                              JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
                              JOIN account_partial_reconcile p ON p.debit_move_id = l.id
                             WHERE l.partner_id = c.partner_id AND l.company_id = c.company_id AND l.reconciled
                               AND l.parent_state = 'posted' AND l.date_maturity IS NOT NULL
                             GROUP BY l.id ORDER BY max(p.max_date) DESC, l.id DESC LIMIT 3) paid)
                """,
                [customer.id for customer in wanted],
            )
        )
        return {row[0] for row in self.env.cr.fetchall()}

    @api.model
    def _mark_failed_collections(self, items, context):
        """A direct debit or automatic payment that was refused: the invoice is dunned after all."""
        collected = [item.move_id for item in items if item.method_line_id in context.collecting_methods]
        if not collected:
            return
        self.env.cr.execute(
            SQL(
                """
                SELECT r.invoice_id FROM account_invoice_transaction_rel r
                  JOIN payment_transaction t ON t.id = r.transaction_id
                 WHERE r.invoice_id = ANY(%(moves)s) AND t.state IN ('error', 'cancel')
                UNION
                SELECT r.invoice_id FROM account_move__account_payment r
                  JOIN account_payment p ON p.id = r.payment_id
                 WHERE r.invoice_id = ANY(%(moves)s) AND p.state IN ('rejected', 'canceled')
                """,
                moves=collected,
            )
        )
        failed = {row[0] for row in self.env.cr.fetchall()}
        for item in items:
            item.failed = item.failed or item.move_id in failed

    @api.model
    def _down_payments(self, items):
        """Invoices that bill nothing but down payments (known where sales are installed)."""
        if "sale_line_ids" not in self.env["account.move.line"]._fields:
            return set()
        self.env.cr.execute(
            SQL(
                """
                SELECT l.move_id
                  FROM account_move_line l
                  JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = l.id
                  JOIN sale_order_line s ON s.id = r.order_line_id
                 WHERE l.move_id = ANY(%s)
                 GROUP BY l.move_id HAVING bool_and(s.is_downpayment)
                """,
                [item.move_id for item in items if item.rank],
            )
        )
        return {row[0] for row in self.env.cr.fetchall()}

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
                codes = ",".join(sorted(b.code.value for b in step.blockers if b.code not in WAITING)) or None
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
            return on + FINISHED
        if step.level.kind == Kind.FORMAL and item.warned_level_id != step.level.key:
            return max(step.bound - WARN_DAYS, min(on + timedelta(days=1), step.bound))
        return step.bound
