from collections import defaultdict
from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ..core.plan import Blocker, Code
from ..tools.figures import as_decimal
from .facts.ledger_facts import Context, CustomerFacts, ItemFacts
from .sql import DUE, OPEN_LINE


class ArDunningLedger(models.AbstractModel):
    """What the plan needs, read for a batch of customers: each method is one statement."""

    _inherit = "ar.dunning.ledger"

    @api.model
    def _context(self, company, on):
        return Context(self.env, company, on)

    @api.model
    def _policy_finder(self, company):
        """A function `(audience, country id) -> policy record or empty` for customers of `company`."""
        policies = self.env["ar.dunning.policy"].sudo().search_fetch([("company_id", "parent_of", company.id)])
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
                       COALESCE(m.ar_dunning_accessory, FALSE),
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
    def _read_arrangements(self, items, on):
        """Running promises and disputes: `{("item" | "customer", id): [(code, made, first free day, part)]}`.

        A promise holds until its tolerance is over, and without a known end while the bank is waited for. Of a dispute,
        what was credited since it was made is taken off its part; the part is None where all of the item is disputed.
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT x.item_id, a.customer_id, a.kind, a.date_start, a.date_end + COALESCE(a.tolerance_days, 0) + 1,
                       NULLIF(a.disputed_amount, 0) - COALESCE(credited.amount, 0)
                  FROM ar_dunning_arrangement a
                  LEFT JOIN ar_dunning_arrangement_item_rel x ON x.arrangement_id = a.id
                  LEFT JOIN ar_dunning_reason r ON r.id = a.reason_id
                  LEFT JOIN ar_dunning_item i ON i.id = x.item_id AND a.disputed_amount > 0
                  LEFT JOIN LATERAL (
                        SELECT sum(p.debit_amount_currency) AS amount
                          FROM account_partial_reconcile p
                          JOIN account_move_line k ON k.id = p.credit_move_id AND k.date >= a.date_start
                          JOIN account_move m ON m.id = k.move_id AND m.move_type = 'out_refund'
                         WHERE p.debit_move_id = i.move_line_id) credited ON TRUE
                 WHERE a.customer_id = ANY(%(ids)s) AND a.kind IN ('promise', 'dispute')
                   AND a.state IN ('open', 'waiting') AND a.date_start <= %(on)s
                   AND (x.item_id IS NOT NULL OR a.is_whole)
                   AND (a.kind = 'promise' OR r.blocks_dunning)
                """,
                ids=list({item.customer_id for item in items}),
                on=on,
            )
        )
        found = defaultdict(list)
        for item_id, customer_id, kind, made, free, part in self.env.cr.fetchall():
            key = ("item", item_id) if item_id else ("customer", customer_id)
            known = free if free and free > on else None
            found[key].append((Code.PROMISED if kind == "promise" else Code.DISPUTED, made, known, part))
        return found

    @api.model
    def _holding_arrangements(self, item, standing):
        """What holds this item, or a part of it. Who promised everything meant what had arisen by then."""
        for code, _made, free, part in standing.get(("item", item.id), ()):
            if part is None or as_decimal(part) >= item.open:
                yield Blocker(code, free)
            elif part > 0:
                yield Blocker(code, free, as_decimal(part))
        for code, made, free, _part in standing.get(("customer", item.customer_id), ()):
            if min(item.invoice_date or item.due, item.due) <= made:
                yield Blocker(code, free)

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

    # === Seams === #

    @api.model
    def _facts_of(self, items, on):
        """Seam. What a member knows to stand in the way of these items on the day `on`, beside the base's own table.

        Called once for a batch of customers of one company; a constant number of statements. `Blocker.amount` holds a part
        of the item only: demanded is what is open less what is held.

        :param items: `[ItemFacts]`
        :return: `{item id: [Blocker]}`; a code of its own needs a sentence in `_sentences`
        """
        return {}

    @api.model
    def _formal_facts_of(self, items, on):
        """Seam. The same for what stands in the way of formal notices only."""
        return {}
