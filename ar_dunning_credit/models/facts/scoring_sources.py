"""What a score is read from, as SQL, and the columns that it is stored in: for `ar.dunning.scoring`."""

# What one refresh writes, with the types of the columns.
COLUMNS = {
    "score": "int4",
    "grade": "varchar",
    "late_ahead": "float8",
    "history_count": "int4",
    "days_late_mean": "float8",
    "days_late_weighted": "float8",
    "days_late_recent": "float8",
    "days_late_trend": "float8",
    "days_late_worst": "int4",
    "on_time_share": "float8",
    "broken_promises": "int4",
    "returned_payments": "int4",
    "score_overdue": "numeric",
    "overdue_days": "int4",
    "customer_months": "int4",
    "score_facts": "jsonb",
}
# What says when a customer must be judged again.
TYPES = COLUMNS | {"score_mark": "varchar", "score_next_on": "date"}

# What a customer's history is read from (`ar.dunning.behaviour`), each row with its version and with where its dates
# stand to the day: what is open and late by its days, a payment by whether it is among the recent ones.
SOURCES = """
    WITH line AS (
        SELECT l.id, ROW(l.xmin, l.ctid, m.xmin, m.ctid) AS version, c.id AS customer_id, %(due)s AS due, l.reconciled
          FROM account_move_line l
          JOIN account_account a ON a.id = l.account_id
          JOIN account_move m ON m.id = l.move_id
          JOIN ar_dunning_customer c ON c.partner_id = l.partner_id AND c.company_id = l.company_id
         WHERE l.company_id = %(company)s AND l.parent_state = 'posted' AND l.balance > 0 AND l.date <= %(on)s
           AND %(due)s > %(since)s AND %(trade)s
    )
    SELECT line.customer_id, %(of_line)s AS mark
      FROM line LEFT JOIN ar_dunning_item i ON i.move_line_id = line.id
     UNION ALL
    SELECT line.customer_id, %(of_payment)s
      FROM line JOIN account_partial_reconcile r ON r.debit_move_id = line.id
     UNION ALL
    SELECT i.customer_id, %(of_item)s
      FROM ar_dunning_item i
     WHERE i.company_id = %(company)s AND i.collection_failed AND i.due_date > %(on)s - %(events)s
     UNION ALL
    SELECT c.id, %(of_refused)s
      FROM payment_transaction x
      JOIN res_partner p ON p.id = x.partner_id
      JOIN ar_dunning_customer c ON c.partner_id = p.commercial_partner_id AND c.company_id = x.company_id
     WHERE x.company_id = %(company)s AND x.state = 'error' AND x.operation = 'offline'
       AND x.create_date BETWEEN %(on)s - %(events)s AND %(on)s + 1
     UNION ALL
    SELECT c.id, %(of_rejected)s
      FROM account_payment x
      JOIN res_partner p ON p.id = x.partner_id
      JOIN ar_dunning_customer c ON c.partner_id = p.commercial_partner_id AND c.company_id = x.company_id
     WHERE x.company_id = %(company)s AND x.state = 'rejected' AND x.date BETWEEN %(on)s - %(events)s AND %(on)s
     UNION ALL
    SELECT p.customer_id, %(of_promise)s
      FROM ar_dunning_arrangement p
     WHERE p.company_id = %(company)s AND p.state = 'broken' AND p.date_start > %(on)s - %(events)s
"""
