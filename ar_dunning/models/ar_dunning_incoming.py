import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ..core.credit import Credit, Debt, allocate

# A transfer that was announced on the payment page but never arrived stops counting after a month.
PENDING_TRANSACTION_DAYS = 30
NOT_SEPARATOR = re.compile(r"[^0-9A-Z]")
# Key of a debt of the same customer that another branch holds: it takes its share of the credit.
ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class _MoveDebt(Debt):
    move_id: int = 0


@dataclass(frozen=True, slots=True)
class CreditFound:
    """Covered amount per item, customers with credit in a foreign currency, partners with draft credit notes."""

    paid: dict
    foreign: set
    drafts: set


class ArDunningIncoming(models.AbstractModel):
    """Money on its way: what reduces a debt although no invoice shows it yet.

    Unmatched payments and credit notes, payments and transactions under way, and bank lines nobody
    has matched; spread over the open items of the whole company tree, oldest first, never across currencies.
    """

    _name = "ar.dunning.incoming"
    _description = "Dunning Incoming Money"

    @api.model
    def _read(self, facts, items, company, on):
        """What is on its way for these customers of one company (`CreditFound`), in a constant number of statements."""
        partners = defaultdict(list)
        for customer in facts.values():
            partners[customer.partner_id].append(customer.id)
        tree = company._dunning_tree().ids
        credits = defaultdict(list)
        for partner_id, *credit in self._unmatched_credits(list(partners), tree):
            credits[partner_id].append(Credit(*credit))
        for partner_id, *credit in self._pending_payments(list(partners), tree, on):
            credits[partner_id].append(Credit(*credit))
        for partner_id, credit in self._bank_lines(facts, items, tree):
            credits[partner_id].append(credit)
        drafts = self._draft_credit_notes(list(partners), tree)
        paid, foreign = {}, set()
        if credits:
            debts = self._debts(items, facts, credits, tree)
            for partner_id, found in credits.items():
                result = allocate(debts[partner_id], self._aim(found, debts[partner_id]))
                paid.update(result.paid)
                currencies = {debt.currency for debt in debts[partner_id]}
                if set(result.unused) - currencies:
                    foreign.update(partners[partner_id])
        return CreditFound(paid, foreign, drafts)

    @api.model
    def _aim(self, credits, debts):
        """Turn credits that name invoices into credits that name the items of those invoices."""
        by_move = defaultdict(list)
        for debt in debts:
            by_move[debt.move_id].append(debt.key)
        return [
            Credit(c.currency, c.amount, tuple(key for move_id in c.targets for key in by_move.get(move_id, ())))
            for c in credits
        ]

    @api.model
    def _debts(self, items, facts, credits, tree):
        debts = defaultdict(list)
        for item in items:
            partner_id = facts[item.customer_id].partner_id
            if partner_id in credits:
                debts[partner_id].append(
                    _MoveDebt(item.id, item.currency_id, item.due, Decimal(repr(item.residual)), item.move_id)
                )
        if len(tree) > 1:
            self.env.cr.execute(
                SQL(
                    """
                    SELECT c.partner_id, i.id, l.currency_id, i.due_date, l.amount_residual_currency, l.move_id
                      FROM ar_dunning_customer c
                      JOIN ar_dunning_item i ON i.customer_id = c.id
                      JOIN account_move_line l ON l.id = i.move_line_id
                     WHERE c.partner_id = ANY(%(partners)s) AND c.company_id = ANY(%(tree)s)
                       AND NOT c.id = ANY(%(known)s) AND l.parent_state = 'posted'
                       AND l.reconciled IS NOT TRUE AND l.amount_residual_currency > 0
                    """,
                    partners=list(credits),
                    tree=tree,
                    known=list(facts),
                )
            )
            for partner_id, item_id, currency_id, due, residual, move_id in self.env.cr.fetchall():
                debts[partner_id].append(
                    _MoveDebt((ELSEWHERE, item_id), currency_id, due, Decimal(repr(residual)), move_id)
                )
        return debts

    @api.model
    def _unmatched_credits(self, partner_ids, tree):
        """Posted payments and credit notes that are not matched with an invoice: (partner, currency, amount)."""
        self.env.cr.execute(
            SQL(
                """
                SELECT l.partner_id, l.currency_id, -sum(l.amount_residual_currency)
                  FROM account_move_line l
                  JOIN account_account a ON a.id = l.account_id
                 WHERE l.partner_id = ANY(%(partners)s) AND l.company_id = ANY(%(tree)s)
                   AND l.parent_state = 'posted' AND l.reconciled IS NOT TRUE AND l.amount_residual_currency < 0
                   AND a.account_type = 'asset_receivable' AND a.non_trade IS NOT TRUE
                 GROUP BY l.partner_id, l.currency_id
                """,
                partners=partner_ids,
                tree=tree,
            )
        )
        for partner_id, currency_id, amount in self.env.cr.fetchall():
            yield partner_id, currency_id, Decimal(repr(amount))

    @api.model
    def _pending_payments(self, partner_ids, tree, on):
        """Payments without an entry yet, and payment transactions under way: (partner, currency, amount, invoices)."""
        self.env.cr.execute(
            SQL(
                """
                SELECT pp.commercial_partner_id, p.currency_id, p.amount,
                       ARRAY(SELECT r.invoice_id FROM account_move__account_payment r WHERE r.payment_id = p.id)
                  FROM account_payment p
                  JOIN res_partner pp ON pp.id = p.partner_id
                 WHERE p.state = 'in_process' AND p.move_id IS NULL AND p.payment_type = 'inbound'
                   AND p.partner_type = 'customer' AND pp.commercial_partner_id = ANY(%(partners)s)
                   AND p.company_id = ANY(%(tree)s)
                UNION ALL
                SELECT tp.commercial_partner_id, t.currency_id, t.amount,
                       ARRAY(SELECT r.invoice_id FROM account_invoice_transaction_rel r WHERE r.transaction_id = t.id)
                  FROM payment_transaction t
                  JOIN res_partner tp ON tp.id = t.partner_id
                 WHERE tp.commercial_partner_id = ANY(%(partners)s) AND t.company_id = ANY(%(tree)s)
                   AND t.operation IS DISTINCT FROM 'refund'
                   AND (t.state = 'authorized'
                        OR t.state = 'pending' AND t.last_state_change >= %(since)s
                        OR t.state = 'done' AND t.payment_id IS NULL AND t.is_post_processed IS NOT TRUE)
                """,
                partners=partner_ids,
                tree=tree,
                since=on - timedelta(days=PENDING_TRANSACTION_DAYS),
            )
        )
        for partner_id, currency_id, amount, invoice_ids in self.env.cr.fetchall():
            yield partner_id, currency_id, Decimal(repr(amount)), tuple(invoice_ids)

    @api.model
    def _bank_lines(self, facts, items, tree):
        """Incoming bank lines that nobody has matched yet, found by partner, account, reference or amount.

        A line that fits several customers by its amount alone counts for each of them: better one
        reminder too few than one to somebody who has paid.
        """
        partners = {customer.partner_id for customer in facts.values()}
        self.env.cr.execute(
            SQL(
                """
                SELECT COALESCE(b.foreign_currency_id, b.currency_id),
                       CASE WHEN b.foreign_currency_id IS NULL THEN b.amount ELSE b.amount_currency END,
                       bp.commercial_partner_id, account.partner_id, b.payment_ref
                  FROM account_bank_statement_line b
                  JOIN account_move m ON m.id = b.move_id AND m.state = 'posted'
                  LEFT JOIN res_partner bp ON bp.id = b.partner_id
                  LEFT JOIN LATERAL (
                        SELECT ap.commercial_partner_id AS partner_id FROM res_partner_bank k
                          JOIN res_partner ap ON ap.id = k.partner_id
                         WHERE k.sanitized_acc_number = upper(regexp_replace(b.account_number, '\\W+', '', 'g'))
                           AND k.active ORDER BY k.id LIMIT 1) account ON TRUE
                 WHERE b.is_reconciled IS NOT TRUE AND b.amount > 0 AND b.company_id = ANY(%s)
                """,
                tree,
            )
        )
        rows = [
            (currency_id, amount, partner_id or account_partner_id, self._reference_words(label))
            for currency_id, amount, partner_id, account_partner_id, label in self.env.cr.fetchall()
        ]
        if not rows:
            return
        by_reference, by_amount = self._meant(rows, items, facts)
        for currency_id, amount, known, words in rows:
            named = set().union(*(by_reference.get(word, ()) for word in words))
            found = Decimal(repr(amount))
            if known:
                if known in partners:
                    targets = tuple(move_id for owner, move_id in named if owner == known)
                    yield known, Credit(currency_id, found, targets)
            else:
                for owner, move_id in named or by_amount.get((currency_id, amount), ()):
                    yield owner, Credit(currency_id, found, (move_id,))

    @api.model
    def _meant(self, rows, items, facts):
        """The invoices that these bank lines may mean: `{reference: {(partner, invoice)}}`, likewise by amount.

        Bank lines are few and items many, so an item is only compared, never indexed.
        """
        quoted = set().union(*(words for _currency_id, _amount, _known, words in rows))
        amounts = {(currency_id, amount) for currency_id, amount, known, _words in rows if not known}
        by_reference, by_amount = defaultdict(set), defaultdict(set)
        for item in items:
            target = facts[item.customer_id].partner_id, item.move_id
            for reference in {item.move_name, item.reference}:
                word = NOT_SEPARATOR.sub("", (reference or "").upper())
                if len(word) >= 5 and word in quoted:
                    by_reference[word].add(target)
            if (item.currency_id, item.residual) in amounts:
                by_amount[item.currency_id, item.residual].add(target)
        return by_reference, by_amount

    @api.model
    def _reference_words(self, label):
        """The words of a bank line's label, and the whole label, without separators and in capitals."""
        text = (label or "").upper()
        words = {NOT_SEPARATOR.sub("", word) for word in re.split(r"[\s,;]+", text)}
        return words | {NOT_SEPARATOR.sub("", text)}

    @api.model
    def _draft_credit_notes(self, partner_ids, tree):
        self.env.cr.execute(
            SQL(
                """
                SELECT DISTINCT commercial_partner_id FROM account_move
                 WHERE move_type = 'out_refund' AND state = 'draft'
                   AND commercial_partner_id = ANY(%(partners)s) AND company_id = ANY(%(tree)s)
                """,
                partners=partner_ids,
                tree=tree,
            )
        )
        return {row[0] for row in self.env.cr.fetchall()}
