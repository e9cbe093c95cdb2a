import re
from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ..core.allocation import ZERO
from ..tools.figures import as_decimal
from . import sql
from .facts.incoming_facts import (
    DISCOUNT,
    SAME_MONEY,
    SHORTEST,
    Entered,
    Family,
    OpenLine,
    Row,
    reference_words,
    squeezed,
)

# A transfer that was announced on the payment page but never arrived stops counting after a month.
PENDING_TRANSACTION_DAYS = 30
# A credit note that nobody has posted for so long holds nothing: it is a finding of the set-up.
DRAFT_DAYS = 60
# Money in the books or announced, of these partners and of others. What may concern them is found by its own index each,
# and told what it is at once.
MONEY = """
    SELECT l.partner_id, l.currency_id, -l.amount_residual_currency, -l.amount_residual, l.date,
           concat_ws(' ', l.name, m.ref, p.memo, p.payment_reference, b.payment_ref),
           CASE WHEN m.reversed_entry_id IS NOT NULL THEN ARRAY[m.reversed_entry_id]
                ELSE ARRAY(SELECT r.invoice_id FROM account_move__account_payment r
                            WHERE r.payment_id = p.id) END,
           CASE WHEN p.id IS NULL AND b.id IS NULL THEN 'note'
                WHEN p.is_matched IS FALSE THEN 'announced' ELSE 'posted' END,
           p.id, p.payment_transaction_id, TRUE
      FROM (SELECT l.* FROM account_move_line l
             WHERE l.partner_id = ANY(%(partners)s) AND l.company_id = ANY(%(tree)s)
               AND l.parent_state = 'posted' AND l.reconciled IS NOT TRUE
               AND (l.amount_residual_currency < 0 OR l.amount_residual_currency > 0 AND NOT %(claim)s)
             UNION ALL
            SELECT l.* FROM account_move_line l
             WHERE l.amount_residual_currency < 0 AND (l.payment_id IS NOT NULL OR l.statement_line_id IS NOT NULL)
               AND l.parent_state = 'posted' AND l.reconciled IS NOT TRUE
               AND l.company_id = ANY(%(tree)s) AND l.partner_id <> ALL(%(partners)s)) l
      JOIN account_account a ON a.id = l.account_id AND %(trade)s
      JOIN account_move m ON m.id = l.move_id
      LEFT JOIN account_payment p ON p.id = l.payment_id
      LEFT JOIN account_bank_statement_line b ON b.id = l.statement_line_id
    UNION ALL
    SELECT p.partner_id, p.currency_id, CASE p.payment_type WHEN 'inbound' THEN 1 ELSE -1 END * p.amount, 0,
           p.date, concat_ws(' ', p.memo, p.payment_reference),
           ARRAY(SELECT r.invoice_id FROM account_move__account_payment r WHERE r.payment_id = p.id),
           'promised', p.id, p.payment_transaction_id, TRUE
      FROM account_payment p
     WHERE p.state = 'in_process' AND p.move_id IS NULL AND p.partner_type = 'customer'
       AND (p.payment_type = 'inbound' OR p.partner_id = ANY(%(partners)s)) AND p.company_id = ANY(%(tree)s)
    UNION ALL
    SELECT t.partner_id, t.currency_id, t.amount, 0, t.last_state_change::date, NULL,
           ARRAY(SELECT r.invoice_id FROM account_invoice_transaction_rel r WHERE r.transaction_id = t.id),
           'promised', NULL, t.id, t.state <> 'pending'
      FROM payment_transaction t
     WHERE t.id IN (SELECT id FROM payment_transaction WHERE partner_id = ANY(%(partners)s)
                     UNION ALL
                    SELECT r.transaction_id FROM account_move_line l
                      JOIN account_invoice_transaction_rel r ON r.invoice_id = l.move_id
                     WHERE l.partner_id = ANY(%(partners)s) AND %(open)s)
       AND t.company_id = ANY(%(tree)s)
       AND t.operation IS DISTINCT FROM 'refund'
       AND (t.state = 'authorized'
            OR t.state = 'pending' AND t.last_state_change >= %(since)s
            OR t.state = 'done' AND t.payment_id IS NULL AND t.is_post_processed IS NOT TRUE)
"""
DIGIT = re.compile("[0-9]")


class ArDunningIncoming(models.AbstractModel):
    """What is read of the ledger and the bank, in eight statements for a batch; five of them only where money is on its way."""

    _inherit = "ar.dunning.incoming"

    @api.model
    def _family(self, partner_ids, tree_ids):
        """These partners, whoever pays for them, and whom else those pay for; each with the contacts below."""
        self.env.cr.execute(
            SQL(
                """
                WITH asked AS (
                    SELECT DISTINCT commercial_partner_id AS id FROM res_partner WHERE id = ANY(%(partners)s)
                ), pairs AS (
                    SELECT d.commercial_partner_id AS debtor, p.commercial_partner_id AS payer
                      FROM ar_dunning_customer c
                      JOIN res_partner d ON d.id = c.partner_id
                      JOIN res_partner p ON p.id = c.payer_id
                     WHERE c.payer_id IS NOT NULL AND c.company_id = ANY(%(tree)s)
                       AND d.commercial_partner_id <> p.commercial_partner_id
                ), near AS (
                    SELECT payer AS id FROM pairs WHERE debtor IN (SELECT id FROM asked)
                    UNION SELECT id FROM asked
                ), linked AS (
                    SELECT debtor, payer FROM pairs WHERE payer IN (SELECT id FROM near)
                )
                SELECT r.id, r.commercial_partner_id, NULL FROM res_partner r
                 WHERE r.commercial_partner_id IN (SELECT id FROM near UNION SELECT debtor FROM linked)
                UNION ALL
                SELECT debtor, NULL, payer FROM linked
                """,
                partners=partner_ids,
                tree=tree_ids,
            )
        )
        family = Family({})
        for partner_id, owner, payer in self.env.cr.fetchall():
            if payer:
                family.payers[partner_id].add(payer)
                family.debtors[payer].add(partner_id)
            else:
                family.owner_of[partner_id] = owner
        return family

    @api.model
    def _read_rows(self, family, tree_ids, on):
        """`(rows of this family, rows of the bank, rows of others)`, in one statement: planning it costs more than reading.

        Money of others is what says what it is for, or is linked with the family's invoices.
        """
        partner_ids = list(family.owner_of)
        parts = (self._money(partner_ids, tree_ids, on), self._waiting(partner_ids, tree_ids, on), self._bank(tree_ids))
        self.env.cr.execute(SQL(" UNION ALL ").join(parts))
        own, bank, others = [], [], []
        for found in self.env.cr.fetchall():
            row = self._as_row(found)
            if row.kind == "bank":
                bank.append(row)
            elif row.partner_id in family.owner_of:
                own.append(row)
            elif row.partner_id and (row.moves or DIGIT.search(found[5] or "")):
                others.append(row)
        return own, bank, others

    @api.model
    def _money(self, partner_ids, tree_ids, on):
        """Everything of these partners that is in the books or announced, paid-back money below zero; and money of others."""
        return SQL(
            MONEY,
            partners=partner_ids,
            tree=tree_ids,
            trade=sql.TRADE,
            claim=sql.CLAIM,
            open=sql.OPEN_LINE,
            since=on - timedelta(days=PENDING_TRANSACTION_DAYS),
        )

    @api.model
    def _waiting(self, partner_ids, tree_ids, on):
        """Draft credit notes of these partners, and their open items from which an early-payment discount may have been taken."""
        return SQL(
            """
            SELECT m.partner_id, m.currency_id, m.amount_total, 0, COALESCE(m.invoice_date, m.date), m.ref,
                   ARRAY_REMOVE(ARRAY[m.reversed_entry_id], NULL), 'draft', NULL::int, NULL::int, TRUE
              FROM account_move m
             WHERE m.move_type = 'out_refund' AND m.state = 'draft' AND m.amount_total > 0
               AND m.partner_id = ANY(%(partners)s) AND m.company_id = ANY(%(tree)s)
               AND COALESCE(m.invoice_date, m.date) >= %(drafted)s
            UNION ALL
            SELECT l.partner_id, l.currency_id, 0, 0, l.date, NULL, ARRAY[]::int[], %(discount)s, NULL, NULL, TRUE
              FROM account_move_line l
             WHERE l.partner_id = ANY(%(partners)s) AND l.company_id = ANY(%(tree)s) AND %(open)s
               AND l.discount_date IS NOT NULL
               AND l.amount_residual_currency <= l.amount_currency - l.discount_amount_currency
            """,
            partners=partner_ids,
            tree=tree_ids,
            open=sql.OPEN_LINE,
            drafted=on - timedelta(days=DRAFT_DAYS),
            discount=DISCOUNT,
        )

    @api.model
    def _owners_meant(self, family, unknown, others, tree_ids, also=()):
        """Who of these owes something that rows of unknown origin, or of others, may mean: everybody whom `_aim` and `_naming`
        would find if they knew all lines.

        :param unknown: rows of which nobody knows whose they are: they quote an invoice, or have its amount
        :param others: rows of others: they quote an invoice, or are linked with it
        """
        if not (unknown or others):
            return set()
        words = [word for row in (*unknown, *others) for word in row.words if len(word) >= SHORTEST]
        self.env.cr.execute(
            SQL(
                """
                WITH said AS MATERIALIZED (SELECT unnest(%(words)s::text[]) AS word)
                SELECT DISTINCT l.partner_id
                  FROM account_move_line l
                  JOIN account_move m ON m.id = l.move_id
                 WHERE l.partner_id = ANY(%(partners)s) AND l.company_id = ANY(%(tree)s)
                   AND (%(open)s OR l.id = ANY(%(also)s))
                   AND (round(l.amount_residual_currency, 6) = ANY(%(amounts)s::numeric[])
                        OR l.discount_date >= %(since)s OR l.move_id = ANY(%(moves)s) OR l.move_id IN (%(called)s)
                        OR m.ref IS NOT NULL AND %(ref)s IN (SELECT word FROM said)
                        OR %(named)s IS NOT TRUE AND (%(name)s IN (SELECT word FROM said)
                                                      OR %(reference)s IN (SELECT word FROM said)))
                """,
                partners=list(family.owner_of),
                tree=tree_ids,
                open=sql.OPEN_LINE,
                also=list(also),
                amounts=list({row.amount for row in unknown}),
                since=min((row.day for row in unknown), default=None),
                moves=list({move for row in others for move in row.moves}),
                called=self._called(words, tree_ids),
                named=SQL("(%s)", SQL(sql.NAMED)),
                name=sql.squeezed("m.name"),
                reference=sql.squeezed("m.payment_reference"),
                ref=sql.squeezed("m.ref"),
                words=words,
            )
        )
        return family.owners(partner_id for (partner_id,) in self.env.cr.fetchall())

    @api.model
    def _moves_called(self, words, tree_ids):
        """Open invoices of anybody whose number or payment reference is one of these words."""
        words = [word for word in words if len(word) >= SHORTEST]
        if not words:
            return set()
        self.env.cr.execute(self._called(words, tree_ids))
        return {move_id for (move_id,) in self.env.cr.fetchall()}

    @api.model
    def _called(self, words, tree_ids):
        """The statement behind `_moves_called`."""
        return SQL(
            """
            SELECT id FROM account_move
             WHERE %(named)s AND company_id = ANY(%(tree)s)
               AND (%(name)s = ANY(%(words)s) OR %(reference)s = ANY(%(words)s))
            """,
            named=SQL(sql.NAMED),
            tree=tree_ids,
            name=sql.squeezed("name"),
            reference=sql.squeezed("payment_reference"),
            words=words,
        )

    @api.model
    def _named_debtors(self, moves):
        """Ids of the debtors of whose invoices these payments and bank lines quote the numbers."""
        money = moves.filtered(lambda move: move.origin_payment_id or move.statement_line_id)
        texts = [move.ref for move in money] + money.statement_line_id.mapped("payment_ref")
        words = {word for text in texts if text for word in reference_words(text)}
        found = self._moves_called(words, money.company_id._dunning_tree().ids) if words else ()
        return self.env["account.move"].browse(found).commercial_partner_id.ids

    @api.model
    def _as_row(self, row):
        partner_id, currency_id, amount, own, day, label, moves, *rest = row
        words = reference_words(label) if label else frozenset()
        return Row(partner_id, currency_id, as_decimal(amount), as_decimal(own), day, words, tuple(moves or ()), *rest)

    @api.model
    def _bank(self, tree_ids):
        """Bank lines that nobody has matched, with the partner that they or their account tell, if any."""
        return SQL(
            """
            SELECT COALESCE(b.partner_id, account.partner_id), COALESCE(b.foreign_currency_id, b.currency_id),
                   CASE WHEN b.foreign_currency_id IS NULL THEN b.amount ELSE b.amount_currency END,
                   0, m.date, b.payment_ref, NULL::int[], 'bank', NULL::int, NULL::int, TRUE
              FROM account_bank_statement_line b
              JOIN account_move m ON m.id = b.move_id AND m.state = 'posted'
              LEFT JOIN LATERAL (
                    SELECT k.partner_id FROM res_partner_bank k
                     WHERE b.partner_id IS NULL
                       AND k.sanitized_acc_number = upper(regexp_replace(b.account_number, '\\W+', '', 'g'))
                       AND k.active ORDER BY k.id LIMIT 1) account ON TRUE
             WHERE b.is_reconciled IS NOT TRUE AND b.amount <> 0 AND b.company_id = ANY(%s)
               AND (b.amount > 0 OR b.partner_id IS NOT NULL OR account.partner_id IS NOT NULL)
            """,
            tree_ids,
        )

    @api.model
    def _entered_payments(self, bank, family, tree_ids):
        """Payments that no bank line confirms yet, of an amount that one of the lines `bank` has, or entered near its day."""
        if not bank:
            return []
        self.env.cr.execute(
            SQL(
                """
                SELECT p.id, p.partner_id, p.currency_id, signed.amount, p.date,
                       ARRAY_AGG(i.id) FILTER (WHERE i.id IS NOT NULL),
                       ARRAY[p.name, p.memo, p.payment_reference]
                       || ARRAY_AGG(i.name) FILTER (WHERE i.id IS NOT NULL)
                       || ARRAY_AGG(i.payment_reference) FILTER (WHERE i.id IS NOT NULL)
                  FROM account_payment p
                  CROSS JOIN LATERAL (
                        SELECT CASE p.payment_type WHEN 'inbound' THEN 1 ELSE -1 END * p.amount AS amount) signed
                  LEFT JOIN account_move_line l ON l.move_id = p.move_id
                  LEFT JOIN account_partial_reconcile r ON r.credit_move_id = l.id
                  LEFT JOIN account_move_line k ON k.id = r.debit_move_id
                  LEFT JOIN account_move i ON i.id = k.move_id AND i.move_type <> 'entry'
                 WHERE p.move_id IS NOT NULL AND p.state IN ('in_process', 'paid') AND p.is_matched IS NOT TRUE
                   AND p.partner_type = 'customer' AND p.company_id = ANY(%s)
                   AND (signed.amount = ANY(%s) OR EXISTS (
                        SELECT FROM unnest(%s::date[]) day WHERE p.date BETWEEN day - %s AND day + %s))
                 GROUP BY p.id, signed.amount
                 ORDER BY p.date, p.id
                """,
                tree_ids,
                list({row.amount for row in bank}),
                list({row.day for row in bank}),
                SAME_MONEY.days,
                SAME_MONEY.days,
            )
        )
        return [self._as_entered(row, family) for row in self.env.cr.fetchall()]

    @api.model
    def _as_entered(self, row, family):
        payment_id, partner_id, currency_id, amount, day, moves, names = row
        owner = family.owner_of.get(partner_id)
        quoted = (squeezed(name) for name in names if name)
        names = frozenset(name for name in quoted if len(name) >= SHORTEST)
        return Entered(payment_id, owner, currency_id, as_decimal(amount), day, frozenset(moves or ()), names)

    @api.model
    def _open_lines(self, partner_ids, tree_ids, on, also=(), moves=()):
        """The open receivables of these partners, or of these invoices, with the discount left for money dated in time."""
        if not (partner_ids or moves):
            return []
        whose = SQL("l.move_id = ANY(%s)", list(moves)) if moves else SQL("l.partner_id = ANY(%s)", partner_ids)
        self.env.cr.execute(
            SQL(
                """
                SELECT l.id, l.partner_id, o.commercial_partner_id, l.currency_id, %(due)s, l.date,
                       l.amount_residual_currency, l.amount_residual,
                       m.id, m.name, m.payment_reference, m.ref, %(held)s, l.discount_date,
                       CASE WHEN l.discount_date IS NOT NULL THEN l.amount_currency - l.discount_amount_currency - (
                            SELECT COALESCE(sum(r.debit_amount_currency), 0)
                              FROM account_partial_reconcile r
                              JOIN account_move_line k ON k.id = r.credit_move_id
                             WHERE r.debit_move_id = l.id AND k.date > l.discount_date) ELSE 0 END
                  FROM account_move_line l
                  JOIN account_account a ON a.id = l.account_id AND %(trade)s
                  JOIN account_move m ON m.id = l.move_id
                  JOIN res_partner o ON o.id = l.partner_id
                 WHERE %(whose)s AND l.company_id = ANY(%(tree)s)
                   AND (%(open)s OR l.id = ANY(%(also)s)) AND %(claim)s
                 ORDER BY %(due)s, l.id
                """,
                due=sql.DUE,
                held=sql.held(on),
                trade=sql.TRADE,
                open=sql.OPEN_LINE,
                claim=sql.CLAIM,
                whose=whose,
                tree=tree_ids,
                also=list(also),
            )
        )
        return [self._as_open_line(row) for row in self.env.cr.fetchall()]

    @api.model
    def _as_open_line(self, row):
        key, partner_id, owner, currency_id, due, booked, residual, own, move_id, *names, held, until, discount = row
        words = [squeezed(name or "") for name in names]
        words = [word if len(word) >= SHORTEST else "" for word in words]
        return OpenLine(
            key, partner_id, currency_id, due, booked, as_decimal(residual), as_decimal(own), move_id,
            tuple(filter(None, dict.fromkeys(words))), tuple(filter(None, words[:-1])),
            held, max(as_decimal(discount), ZERO), until, owner,
        )  # fmt: skip
