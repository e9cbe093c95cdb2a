from collections import defaultdict
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.ar_dunning.tools.figures import as_decimal

from ..core import fees
from ..core.breaks import lowered, without
from ..core.default import Letter, Transit, presume
from ..core.interest import Basis, Movement, Slice
from .facts.claim_facts import DebtFacts

# A mail is presumed received on the next working day, a letter on the third (as Belgian law counts, WER XIX.2).
TRANSITS = {"email": Transit(1), "letter": Transit(3)}


class ArDunningArrears(models.AbstractModel):
    """What claims are worked out from, read for a batch of items in a constant number of statements."""

    _name = "ar.dunning.arrears"
    _description = "What Claims Are Worked out From"

    @api.model
    def _read(self, item_ids, company, on):
        """The facts of these items of one company: `{item id: DebtFacts}`."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT i.id, c.id, c.partner_id, p.country_id, c.audience, COALESCE(p.is_company, FALSE), p.vat,
                       p.industry_id, c.interest_rule_id, l.id, m.id, m.name, i.company_id, l.currency_id,
                       l.amount_currency, l.balance, l.amount_residual_currency, COALESCE(m.invoice_date, m.date),
                       i.due_date, COALESCE(m.is_move_sent, FALSE) OR COALESCE(i.is_loaded, FALSE),
                       m.ar_dunning_mention IS NOT NULL, i.default_date, i.default_ground, i.default_notice_id,
                       COALESCE(i.opening_rank, 0) > 0, i.opening_claimed_until
                  FROM ar_dunning_item i
                  JOIN ar_dunning_customer c ON c.id = i.customer_id
                  JOIN res_partner p ON p.id = c.partner_id
                  JOIN account_move_line l ON l.id = i.move_line_id
                  JOIN account_move m ON m.id = l.move_id
                 WHERE i.id = ANY(%s) AND l.amount_currency > 0
                """,
                list(item_ids),
            )
        )
        debts = {row[0]: DebtFacts(*row) for row in self.env.cr.fetchall()}
        if debts:
            self._add_audience(debts)
            self._add_movements(debts, company, on)
            self._add_letters(debts, company)
            self._add_earlier(debts)
            self._add_breaks(debts)
            self._add_disputes(debts)
        return debts

    @api.model
    def _add_audience(self, debts):
        """Business, consumer or public body; unknown where a person must confirm it: the law is not guessed."""
        Customer = self.env["ar.dunning.customer"]
        for debt in debts.values():
            audience, unclear = Customer._audience_of(debt.chosen_audience, debt.is_company, debt.vat, debt.industry_id)
            debt.audience = None if unclear else audience

    # === Principal over time === #

    @api.model
    def _add_movements(self, debts, company, on):
        """The debt, and each payment, credit or write-off on the date of its own journal item.

        Exchange differences move no amount in the item's currency and are no payments.
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT p.debit_move_id, k.date, sum(p.debit_amount_currency)
                  FROM account_partial_reconcile p
                  JOIN account_move_line k ON k.id = p.credit_move_id
                  JOIN account_move m ON m.id = k.move_id
                  JOIN res_company c ON c.id = m.company_id
                 WHERE p.debit_move_id = ANY(%s) AND p.debit_amount_currency <> 0
                   AND m.journal_id IS DISTINCT FROM c.currency_exchange_journal_id
                 GROUP BY p.debit_move_id, k.date ORDER BY k.date
                """,
                [debt.line_id for debt in debts.values()],
            )
        )
        payments = defaultdict(list)
        for line_id, day, amount in self.env.cr.fetchall():
            payments[line_id].append(Movement(day, -as_decimal(amount)))
        for debt in debts.values():
            paid = payments[debt.line_id]
            arose = min([debt.invoice_date, debt.due, *(movement.on for movement in paid)])
            debt.movements = (Movement(arose, as_decimal(debt.original)), *paid)
        self._add_unapplied(debts, company, on)

    @api.model
    def _add_unapplied(self, debts, company, on):
        """Let money on its way reduce the debts from the day on which it came, as dunning does."""
        found = self.env["ar.dunning.incoming"]._read_over_time(
            {debt.partner_id for debt in debts.values()},
            company,
            on,
            {debt.line_id: debt.movements for debt in debts.values()},
        )
        for debt in debts.values():
            debt.movements = found.get(debt.line_id, debt.movements)

    # === What happened before === #

    @api.model
    def _add_letters(self, debts, company):
        """The reminders and notices that demanded each item and did not bounce, with their presumed receipt."""
        self.env.cr.execute(
            SQL(
                """
                SELECT d.item_id, n.id, n.sent_on, n.deadline, n.kind, v.legal_effect,
                       (SELECT min(k.channel) FROM ar_dunning_delivery k
                         WHERE k.notice_id = n.id AND k.state IN ('sent', 'posted', 'acknowledged')
                           AND k.is_copy IS NOT TRUE AND k.channel IN ('email', 'letter'))
                  FROM ar_dunning_notice_line d
                  JOIN ar_dunning_notice n ON n.id = d.notice_id
                  JOIN ar_dunning_level v ON v.id = n.level_id
                 WHERE d.item_id = ANY(%s) AND d.is_demanded AND d.is_cancelled IS NOT TRUE
                   AND n.state = 'sent' AND n.sent_on IS NOT NULL AND n.kind <> 'note'
                 ORDER BY n.sent_on, n.id
                """,
                list(debts),
            )
        )
        letters = defaultdict(list)
        for item_id, notice_id, sent, deadline, kind, effect, channel in self.env.cr.fetchall():
            demand = kind == "formal" or effect != "none"
            letters[item_id].append(Letter(notice_id, sent, channel or "", None, deadline, demand, effect == "waiting"))
        if letters:
            calendar = company._dunning_calendar(min(found[0].sent for found in letters.values()))
            for item_id, found in letters.items():
                debts[item_id].letters = presume(found, TRANSITS, calendar)

    @api.model
    def _add_earlier(self, debts):
        """What was claimed on each item before and not reversed: fees, compensation and periods of interest."""
        self.env.cr.execute(
            SQL(
                """
                SELECT c.id, c.item_id, c.kind, c.date, c.amount, c.gross, c.level_id, c.rule_key, c.stage,
                       c.document_id, i.move_id
                  FROM ar_dunning_charge c
                  JOIN ar_dunning_item i ON i.id = c.item_id
                 WHERE c.stage IN ('announced', 'booked', 'waived')
                   AND (c.item_id = ANY(%(items)s) OR i.move_id = ANY(%(moves)s))
                 ORDER BY c.date, c.id
                """,
                items=list(debts),
                moves=[debt.move_id for debt in debts.values()],
            )
        )
        rows = self.env.cr.fetchall()
        by_item, by_move, interest = defaultdict(list), defaultdict(list), {}
        for charge_id, item_id, kind, day, amount, gross, level_id, rule_key, stage, _document, move_id in rows:
            past = _past(charge_id, kind, day, amount, gross, level_id, rule_key)
            by_item[item_id].append(past)
            by_move[move_id].append(past)
            if kind == "interest":
                interest[charge_id] = item_id, rule_key, stage == "waived"
        slices = self._read_slices(interest)
        for debt in debts.values():
            # The compensation is for the invoice, whichever of its instalments it was claimed on.
            own, charges = by_item[debt.id], {past.charge for past in by_item[debt.id]}
            debt.past = (*own, *(past for past in by_move[debt.move_id] if past.charge not in charges))
            debt.earlier = tuple((rule_key, piece) for rule_key, _is_waived, piece in slices[debt.id])
            debt.waived = tuple(piece for _rule_key, is_waived, piece in slices[debt.id] if is_waived)
            debt.fee_levels = frozenset(past.level for past in own if past.kind == fees.Kind.FEE)
        self._add_interest_paid(debts, interest)

    @api.model
    def _add_interest_paid(self, debts, interest):
        """When interest claimed before was paid: where it joins the principal, it bears interest only until then."""
        if not interest:
            return
        self.env.cr.execute(
            SQL(
                """
                SELECT c.item_id, max(k.date), c.amount
                  FROM ar_dunning_charge c
                  JOIN account_move_line l ON l.move_id = c.document_id AND l.reconciled
                  JOIN account_partial_reconcile p ON p.debit_move_id = l.id
                  JOIN account_move_line k ON k.id = p.credit_move_id
                 WHERE c.id = ANY(%s) AND c.stage = 'booked'
                 GROUP BY c.id
                """,
                list(interest),
            )
        )
        for item_id, day, amount in self.env.cr.fetchall():
            if item_id in debts:
                paid = Movement(day, -as_decimal(amount))
                debts[item_id].interest_paid = (*debts[item_id].interest_paid, paid)

    @api.model
    def _read_slices(self, interest):
        """The periods of these interest charges, `{charge id: (item id, rule key, waived)}`: by item, with both."""
        found = defaultdict(list)
        if interest:
            self.env.cr.execute(
                SQL(
                    """
                    SELECT charge_id, date_from, date_to, days, principal, rate, source, basis, exact, amount
                      FROM ar_dunning_charge_slice WHERE charge_id = ANY(%s) ORDER BY date_from, id
                    """,
                    list(interest),
                )
            )
            for charge_id, first, last, days, principal, rate, source, basis, exact, amount in self.env.cr.fetchall():
                piece = Slice(
                    first,
                    last,
                    days,
                    as_decimal(principal),
                    as_decimal(rate),
                    source or "",
                    Basis(basis),
                    Decimal(exact),
                    as_decimal(amount),
                )
                item_id, *told = interest[charge_id]
                found[item_id].append((*told, piece))
        return found

    @api.model
    def _add_breaks(self, debts):
        """Periods without charges: pauses whose reason forbids them (a moratorium, an insolvency)."""
        self.env.cr.execute(
            SQL(
                """
                SELECT a.customer_id, a.move_id, a.freeze_before, a.date_start,
                       CASE WHEN a.state = 'ended'
                            THEN LEAST(COALESCE(a.date_end, a.ended_on), COALESCE(a.ended_on, a.date_end, a.date_start))
                            ELSE a.date_end END
                  FROM ar_dunning_arrangement a
                  JOIN ar_dunning_reason r ON r.id = a.reason_id AND r.no_charges
                 WHERE a.customer_id = ANY(%s) AND a.lost_invoice IS NULL AND a.kind = 'pause'
                 ORDER BY a.date_start, a.id
                """,
                list({debt.customer_id for debt in debts.values()}),
            )
        )
        for customer_id, move_id, freeze_before, start, end in self.env.cr.fetchall():
            for debt in debts.values():
                arose = min(debt.invoice_date, debt.due)
                if (
                    debt.customer_id == customer_id
                    and (not move_id or move_id == debt.move_id)
                    and (not freeze_before or arose < freeze_before)
                ):
                    debt.breaks = (*debt.breaks, (start, end))
                    debt.movements = without(debt.movements, start, end)

    @api.model
    def _add_disputes(self, debts):
        """Periods in which all of a debt, or a part of it, is disputed for a reason that forbids charges.

        Such a dispute that was rejected, or withdrawn, forbids nothing: the debt was due all the time.
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT x.item_id, a.date_start, a.ended_on, COALESCE(a.disputed_amount, 0)
                  FROM ar_dunning_arrangement a
                  JOIN ar_dunning_arrangement_item_rel x ON x.arrangement_id = a.id
                  JOIN ar_dunning_reason r ON r.id = a.reason_id AND r.no_charges
                 WHERE x.item_id = ANY(%s) AND a.kind = 'dispute'
                   AND (a.state = 'open' OR a.state = 'settled' AND a.outcome <> 'rejected')
                 ORDER BY a.date_start, a.id
                """,
                list(debts),
            )
        )
        for item_id, start, end, part in self.env.cr.fetchall():
            debt = debts[item_id]
            if part:
                debt.movements = lowered(debt.movements, start, end, as_decimal(part))
            else:
                debt.breaks = (*debt.breaks, (start, end))
                debt.movements = without(debt.movements, start, end)


def _past(charge_id, kind, day, amount, gross, level_id, rule_key):
    """What a charge claimed before was, as the rules of fees count it."""
    gross = None if gross is None else as_decimal(gross)
    return fees.Past(charge_id, rule_key, fees.Kind(kind), day, as_decimal(amount), level_id, kind, gross)
