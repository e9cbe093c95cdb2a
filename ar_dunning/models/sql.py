"""What every reader of the ledger says alike: which journal items are open, since when they are due, which are held.

Fragments for a journal item `l`, its account `a` and its entry `m`. Python says the same in `ar.dunning.item` and
`account.move` (`is_open`, the due date of a term).
"""

from odoo.tools import SQL

# Open in its own currency; a zero residual there can still be "unreconciled" in the company's.
OPEN_LINE = SQL("l.parent_state = 'posted' AND l.reconciled IS NOT TRUE AND l.amount_residual_currency > 0")

# A receivable from trade.
TRADE = SQL("a.account_type = 'asset_receivable' AND a.non_trade IS NOT TRUE")

# The day on which an open item is due: without a maturity (an opening balance, an entry) that of its own booking.
DUE = SQL("COALESCE(l.date_maturity, l.date)")

# What a bank returned is booked as a payment to the customer while the payment that came before still settles an
# invoice: the debt is back. Where the one that came is unmatched, too, the two are netted instead.
RETURNED = SQL(
    """
    EXISTS (SELECT FROM account_payment x
              JOIN account_payment y ON y.partner_id = x.partner_id AND y.currency_id = x.currency_id
                   AND y.amount = x.amount AND y.company_id = x.company_id AND y.payment_type = 'inbound'
                   AND y.date <= x.date AND y.state IN ('in_process', 'paid')
             WHERE x.id = l.payment_id AND x.payment_type = 'outbound' AND x.partner_type = 'customer'
            HAVING bool_and(y.is_reconciled) AND count(*) > 0)
    """
)

# A debt, and not a payment or bank line: those are money that came or was paid back.
CLAIM = SQL("(l.payment_id IS NULL AND l.statement_line_id IS NULL OR l.payment_id IS NOT NULL AND %s)", RETURNED)


# Names written without separators, in capitals (`incoming_facts.squeezed` in Python); the indexes of `account.move` say the same.
SQUEEZED = "upper(regexp_replace(%s, '[^0-9A-Za-z]', '', 'g'))"
NAMED = (
    "state = 'posted' AND move_type = 'out_invoice' AND payment_state NOT IN ('paid', 'reversed', 'invoicing_legacy')"
)


def squeezed(column):
    """The column without separators, in capitals."""
    return SQL(SQUEEZED, SQL(column))


def overdue(on):
    """The condition that the open item `l` is overdue on the day `on`."""
    return SQL("%s < %s", DUE, on)


def held(on):
    """The condition that nobody claims `l` on the day `on`: excluded, blocked, disputed, paused by invoice or frozen."""
    return SQL(
        """
        (l.no_followup IS TRUE OR m.payment_state = 'blocked'
         OR EXISTS (SELECT FROM ar_dunning_item d
                      JOIN ar_dunning_arrangement_item_rel x ON x.item_id = d.id
                      JOIN ar_dunning_arrangement r ON r.id = x.arrangement_id
                     WHERE d.move_line_id = l.id AND r.kind = 'dispute' AND r.state = 'open'
                       AND COALESCE(r.disputed_amount, 0) = 0)
         OR EXISTS (SELECT FROM ar_dunning_arrangement r
                      LEFT JOIN ar_dunning_customer k ON k.id = r.customer_id
                     WHERE r.state = 'active' AND r.date_start <= %(on)s
                       AND (r.date_end IS NULL OR r.date_end >= %(on)s)
                       AND (r.move_id = m.id
                            OR r.move_id IS NULL AND k.partner_id = l.partner_id AND k.company_id = l.company_id
                               AND r.freeze_before > LEAST(COALESCE(m.invoice_date, m.date), %(due)s))))
        """,
        on=on,
        due=DUE,
    )


def fingerprint(parts, *more):
    """A number that tells one version of a row from another: what it rests on, as a list of columns.

    A row's `xmin` and `ctid` are others whenever somebody has written it, by whatever way, and both also within one
    transaction. Where a database is copied or compacted, all are: then everybody counts as changed, once. The sum of
    many is that of all rows.

    :param parts: columns as they stand in the statement
    :param more: fragments with values
    """
    return SQL("hashtextextended(ROW(%s)::text, 0)", SQL(", ").join([SQL(parts), *more]))
