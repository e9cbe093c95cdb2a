"""What the base's sources of the timeline read, and which of it fills which column: texts of SQL, without the words."""

# An activity or the log of a call; the done call of a log is the same call.
DONE = """
    m.mail_activity_type_id IS NOT NULL
    AND NOT (k.category = 'phonecall' AND m.subtype_id = %(done)s AND EXISTS (
        SELECT FROM mail_message log
         WHERE log.model = 'ar.dunning.customer' AND log.res_id = c.id AND log.create_date = m.create_date
           AND log.mail_activity_type_id = m.mail_activity_type_id AND log.subtype_id <> m.subtype_id))
"""
# What was written on the records of a customer `c`: its own, its notices, its invoices.
OF_CUSTOMER = "JOIN ar_dunning_customer c ON m.model = 'ar.dunning.customer' AND m.res_id = c.id"
OF_NOTICE = """
    JOIN ar_dunning_notice n ON m.model = 'ar.dunning.notice' AND m.res_id = n.id
    JOIN ar_dunning_customer c ON c.id = n.customer_id
"""
OF_INVOICE = """
    JOIN (SELECT DISTINCT move_id, customer_id FROM ar_dunning_item) i ON m.model = 'account.move' AND m.res_id = i.move_id
    JOIN ar_dunning_customer c ON c.id = i.customer_id
"""
NOTICES = """
    FROM ar_dunning_notice n
    JOIN res_company o ON o.id = n.company_id
    JOIN ar_dunning_level v ON v.id = n.level_id
"""
NOTICE = {
    "id": "n.id",
    "amount": "n.amount_total",
    "currency_id": "o.currency_id",
    "customer_id": "n.customer_id",
    "company_id": "n.company_id",
    "notice_id": "n.id",
    "res_model": "'ar.dunning.notice'",
    "res_id": "n.id",
}
PREPARED = {
    "moment": "CASE WHEN n.create_date::date = n.date THEN n.create_date END",  # else it is for another day
    "day": "n.date",
    "user_id": "n.create_uid",
    "amount": "CASE WHEN n.state = 'draft' THEN n.amount_total END",
    "minor": "n.state <> 'draft'",
}
APPROVED = {
    "moment": "COALESCE(n.approved_on, n.send_after)",
    "user_id": "n.approved_by_id",
    "amount": "NULL",
    "detail": "n.escalation_reason",
    "minor": "TRUE",
}
WENT = """
    (SELECT min(d.done_on) FROM ar_dunning_delivery d
      WHERE d.notice_id = n.id AND d.channel = 'email' AND d.state = 'sent'
        AND d.is_copy IS NOT TRUE AND d.is_correction IS NOT TRUE)
"""
DELIVERIES = """
    FROM ar_dunning_delivery d
    JOIN ar_dunning_notice n ON n.id = d.notice_id
    LEFT JOIN res_partner p ON p.id = d.partner_id
"""
DELIVERY = {
    "id": "d.id",
    "customer_id": "n.customer_id",
    "company_id": "n.company_id",
    "notice_id": "n.id",
    "res_model": "'ar.dunning.notice'",
    "res_id": "n.id",
}
BECAME = {
    "moment": """
        CASE WHEN d.state IN ('sent', 'acknowledged') THEN d.done_on
             WHEN d.state = 'posted' AND d.posted_on IS NOT NULL THEN NULL
             ELSE COALESCE(d.state_on, d.write_date) END
    """,
    "day": "d.posted_on",
    "detail": "COALESCE(NULLIF(d.failure, ''), d.tracking_number)",
    "minor": "d.state NOT IN ('bounced', 'failed', 'unconfirmed')",
}
ARRANGEMENTS = "FROM ar_dunning_arrangement a LEFT JOIN ar_dunning_reason q ON q.id = a.reason_id"
ITS_ITEMS = """
    FROM ar_dunning_arrangement_item_rel x JOIN ar_dunning_item i ON i.id = x.item_id WHERE x.arrangement_id = a.id
"""
ARRANGEMENT = {
    "id": "a.id",
    "customer_id": "a.customer_id",
    "company_id": "a.company_id",
    "amount": "COALESCE(NULLIF(a.promised_amount, 0), a.disputed_amount)",
    "currency_id": "a.currency_id",
    "move_ids": f"CASE WHEN a.move_id IS NOT NULL THEN ARRAY[a.move_id] ELSE (SELECT array_agg(i.move_id) {ITS_ITEMS}) END",
    "common": f"a.move_id IS NULL AND a.lost_invoice IS NULL AND NOT EXISTS (SELECT {ITS_ITEMS})",
    "res_model": "'ar.dunning.arrangement'",
    "res_id": "a.id",
}
STATE_CAME = """
    CASE WHEN a.ended_on IS NULL THEN COALESCE(
        (SELECT max(m.date) FROM mail_message m JOIN mail_tracking_value v ON v.mail_message_id = m.id
          WHERE m.model = 'ar.dunning.arrangement' AND m.res_id = a.id AND v.field_id = %s), a.write_date) END
"""
RECEIVED = """
    FROM account_move_line l
    JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
    JOIN account_move m ON m.id = l.move_id
    JOIN ar_dunning_customer c ON c.partner_id = l.partner_id AND c.company_id = l.company_id
   WHERE l.parent_state = 'posted'
"""
LINE = {
    "id": "l.id",
    "parts": {"name": "m.name"},
    "day": "l.date",
    "currency_id": "l.currency_id",
    "user_id": "l.create_uid",
    "customer_id": "c.id",
    "company_id": "c.company_id",
    "move_ids": """
        (SELECT array_agg(d.move_id) FROM account_partial_reconcile r JOIN account_move_line d ON d.id = r.debit_move_id
          WHERE r.credit_move_id = l.id)
    """,
}
MONEY = {
    "amount": "abs(l.amount_currency)",
    "detail": "concat_ws(', ', m.name, NULLIF(m.ref, ''))",
    "res_model": "CASE WHEN l.payment_id IS NULL THEN 'account.move' ELSE 'account.payment' END",
    "res_id": "COALESCE(l.payment_id, l.move_id)",
}
CREDIT_NOTE = {
    "amount": "-l.amount_currency",
    "detail": "NULLIF(m.ref, '')",
    "res_model": "'account.move'",
    "res_id": "l.move_id",
}
MATCHES = """
    FROM account_partial_reconcile r
    JOIN ar_dunning_item i ON i.move_line_id = r.debit_move_id
    JOIN account_move_line l ON l.id = r.debit_move_id
    JOIN account_move_line k ON k.id = r.credit_move_id
"""
MATCH = {
    "id": "r.id",
    "parts": {"invoice": "l.move_name", "name": "k.move_name", "paid_on": "k.date"},
    "moment": "r.create_date",
    "amount": "r.debit_amount_currency",
    "currency_id": "r.debit_currency_id",
    "user_id": "r.create_uid",
    "minor": "TRUE",
    "customer_id": "i.customer_id",
    "company_id": "i.company_id",
    "move_ids": "ARRAY[l.move_id]",
    "res_model": "CASE WHEN k.payment_id IS NULL THEN 'account.move' ELSE 'account.payment' END",
    "res_id": "COALESCE(k.payment_id, k.move_id)",
}
LEVELS = """
    FROM ar_dunning_item i
    LEFT JOIN account_move m ON m.id = i.move_id
    LEFT JOIN ar_dunning_level v ON v.id = i.override_level_id
   WHERE i.override_on IS NOT NULL
"""
LEVEL = {
    "id": "i.id",
    "detail": "i.override_reason",
    "day": "i.override_on",
    "user_id": "i.override_user_id",
    "customer_id": "i.customer_id",
    "company_id": "i.company_id",
    "move_ids": "CASE WHEN i.move_id IS NOT NULL THEN ARRAY[i.move_id] END",
    "res_model": "'ar.dunning.item'",
    "res_id": "i.id",
}
TRACKED = """
    FROM %(table)s t
    JOIN ar_dunning_customer c ON c.id = %(customer)s
    JOIN mail_message m ON m.model = %(model)s AND m.res_id = t.id
    JOIN LATERAL (
         SELECT jsonb_agg(jsonb_build_object(
                    'label', %(label)s, 'type', f.ttype, 'char', v.new_value_char, 'float', v.new_value_float,
                    'integer', v.new_value_integer, 'datetime', v.new_value_datetime, 'currency', v.currency_id)
                    ORDER BY v.id) AS told
           FROM mail_tracking_value v JOIN ir_model_fields f ON f.id = v.field_id
          WHERE v.mail_message_id = m.id AND v.field_id = ANY(%(fields)s) AND %(where)s) changes ON changes.told IS NOT NULL
    LEFT JOIN res_partner w ON w.id = m.author_id
"""
CHANGE = {
    "id": "m.id",
    "parts": {"changes": "changes.told"},
    "moment": "m.date",
    "who": "w.complete_name",
    "customer_id": "c.id",
    "company_id": "c.company_id",
    "res_id": "t.id",
}
