"""The rows that a credit status rests on, as SQL, by commercial partner: `ar.dunning.standing` looks for what has changed."""

# What a status rests on, by commercial partner: each row with its version, and with where its dates stand to the day.
LEDGER = """
    SELECT p.commercial_partner_id AS partner_id, %(of_line)s AS mark
      FROM account_move_line l
      JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
      JOIN account_move m ON m.id = l.move_id
      JOIN res_partner p ON p.id = l.partner_id
      LEFT JOIN ar_dunning_item i ON i.move_line_id = l.id
     WHERE l.company_id = ANY(%(tree)s) AND l.parent_state = 'posted' AND l.reconciled IS NOT TRUE
"""
MONEY = """
    SELECT p.commercial_partner_id, %(of_payment)s
      FROM account_payment x JOIN res_partner p ON p.id = x.partner_id
     WHERE x.company_id = ANY(%(tree)s) AND x.partner_type = 'customer'
       AND (x.state = 'in_process' OR x.state = 'paid' AND x.is_matched IS NOT TRUE)
     UNION ALL
    SELECT p.commercial_partner_id, %(of_bank)s
      FROM account_bank_statement_line x
      LEFT JOIN LATERAL (
            SELECT k.partner_id FROM res_partner_bank k
             WHERE x.partner_id IS NULL
               AND k.sanitized_acc_number = upper(regexp_replace(x.account_number, '\\W+', '', 'g'))
               AND k.active ORDER BY k.id LIMIT 1) account ON TRUE
      JOIN res_partner p ON p.id = COALESCE(x.partner_id, account.partner_id)
     WHERE x.company_id = ANY(%(tree)s) AND x.is_reconciled IS NOT TRUE
     UNION ALL
    SELECT p.commercial_partner_id, %(of_transaction)s
      FROM payment_transaction x JOIN res_partner p ON p.id = x.partner_id
     WHERE x.company_id = ANY(%(tree)s)
       AND (x.state IN ('authorized', 'pending') OR x.state = 'done' AND x.is_post_processed IS NOT TRUE)
     UNION ALL
    SELECT m.commercial_partner_id, %(of_draft)s
      FROM account_move m
     WHERE m.state = 'draft' AND m.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
       AND m.company_id = ANY(%(tree)s)
"""
PEOPLE = """
    SELECT p.id, %(of_partner)s
      FROM res_partner p
     WHERE p.id IN (SELECT partner_id FROM ar_dunning_customer WHERE company_id = ANY(%(tree)s))
     UNION ALL
    SELECT c.partner_id, %(of_customer)s FROM ar_dunning_customer c WHERE c.company_id = ANY(%(tree)s)
     UNION ALL
    SELECT c.partner_id, %(of_check)s
      FROM ar_dunning_solvency_check x JOIN ar_dunning_customer c ON c.id = x.customer_id
     WHERE c.company_id = ANY(%(tree)s)
     UNION ALL
    SELECT COALESCE(m.commercial_partner_id, c.partner_id), %(of_arrangement)s
      FROM ar_dunning_arrangement x
      LEFT JOIN ar_dunning_customer c ON c.id = x.customer_id
      LEFT JOIN account_move m ON m.id = x.move_id
     WHERE x.company_id = ANY(%(tree)s) AND x.state IN ('active', 'open')
     UNION ALL
    SELECT p.commercial_partner_id, %(of_day)s
      FROM ar_dunning_customer c JOIN res_partner p ON p.id IN (c.partner_id, c.payer_id)
     WHERE c.payer_id IS NOT NULL AND c.company_id = ANY(%(tree)s)
"""
NAMED = """
    SELECT p.commercial_partner_id AS partner_id, n.name
      FROM account_move m
      JOIN res_partner p ON p.id = m.partner_id
     CROSS JOIN LATERAL (VALUES (m.name), (m.payment_reference), (m.ref)) AS n (name)
     WHERE m.company_id = ANY(%(tree)s) AND m.state = 'posted' AND m.payment_state IN ('not_paid', 'partial', 'blocked')
"""
# Money that nobody has matched, as text, with who sent it.
TEXTS = """
    SELECT x.payment_ref, hashtextextended(ROW('u', x.id, x.xmin, x.ctid)::text, 0), p.commercial_partner_id
      FROM account_bank_statement_line x LEFT JOIN res_partner p ON p.id = x.partner_id
     WHERE x.is_reconciled IS NOT TRUE AND x.company_id = ANY(%(tree)s)
     UNION ALL
    SELECT concat_ws(' ', l.name, m.ref, x.memo, x.payment_reference),
           hashtextextended(ROW('v', l.id, l.xmin, l.ctid)::text, 0), p.commercial_partner_id
      FROM account_move_line l
      JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
      JOIN account_move m ON m.id = l.move_id
      JOIN res_partner p ON p.id = l.partner_id
      LEFT JOIN account_payment x ON x.id = l.payment_id
     WHERE l.company_id = ANY(%(tree)s) AND l.parent_state = 'posted' AND l.reconciled IS NOT TRUE
       AND l.amount_residual_currency < 0 AND (l.payment_id IS NOT NULL OR l.statement_line_id IS NOT NULL)
     UNION ALL
    SELECT concat_ws(' ', x.memo, x.payment_reference), hashtextextended(ROW('w', x.id, x.xmin, x.ctid)::text, 0),
           p.commercial_partner_id
      FROM account_payment x JOIN res_partner p ON p.id = x.partner_id
     WHERE x.state = 'in_process' AND x.move_id IS NULL AND x.partner_type = 'customer' AND x.company_id = ANY(%(tree)s)
"""
MEANT = """
    SELECT pair.id, w.mark + (%(on)s::date - '2000-01-01'::date)
      FROM (%(named)s) n
      JOIN unnest(%(names)s, %(marks)s::bigint[], %(senders)s::int[]) AS w (word, mark, sender)
        ON w.word = regexp_replace(upper(n.name), '[^0-9A-Z]', '', 'g') AND n.partner_id IS DISTINCT FROM w.sender
     CROSS JOIN LATERAL (VALUES (n.partner_id), (w.sender)) AS pair (id)
     WHERE pair.id IS NOT NULL
"""
# Payments and transactions that are linked with an invoice of somebody else.
LINKED = """
    SELECT pair.id, linked.id + (%(on)s::date - '2000-01-01'::date)
      FROM (SELECT x.id, x.partner_id, r.invoice_id, x.company_id
              FROM account_payment x JOIN account_move__account_payment r ON r.payment_id = x.id
             WHERE x.state = 'in_process' OR x.state = 'paid' AND x.is_matched IS NOT TRUE
             UNION ALL
            SELECT x.id, x.partner_id, r.invoice_id, x.company_id
              FROM payment_transaction x JOIN account_invoice_transaction_rel r ON r.transaction_id = x.id
             WHERE x.state IN ('authorized', 'pending') OR x.state = 'done' AND x.is_post_processed IS NOT TRUE) linked
      JOIN res_partner p ON p.id = linked.partner_id
      JOIN account_move m ON m.id = linked.invoice_id AND m.commercial_partner_id <> p.commercial_partner_id
     CROSS JOIN LATERAL (VALUES (m.commercial_partner_id), (p.commercial_partner_id)) AS pair (id)
     WHERE linked.company_id = ANY(%(tree)s)
"""
# What of a customer's own record counts. Of amounts abroad and of money of somebody who pays for others, each day is news.
OWN = """
    'c', c.id, c.temporary_limit, c.temporary_limit_until, c.insured_amount, c.insured_until, c.manual_hold,
    c.hold_reason, c.hold_until, c.hold_user_id, c.hold_on, c.legal_case, c.grade
"""
