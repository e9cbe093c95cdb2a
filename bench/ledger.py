"""Makes a ledger of overdue invoices quickly.

Three invoices, one per currency, are made and posted by Odoo itself; the rest are copies of their
rows by ``INSERT ... SELECT``, so that every column holds what Odoo would have written. Each invoice
has a number, a customer and a due date of its own; every customer has five of them.
"""

from datetime import timedelta

INVOICES_PER_CUSTOMER = 5
# Days late run from 15 to 104: past the first step of either addon, whatever the day of the month.
LEAST_DAYS_LATE, SPREAD = 15, 90

CUSTOMERS = {
    "id": "%(first_partner)s + g",
    "name": "'Customer ' || g",
    "complete_name": "'Customer ' || g",
    "commercial_partner_id": "%(first_partner)s + g",
    "commercial_company_name": "'Customer ' || g",
    "email": "CASE WHEN g %% 10 < 9 THEN 'customer' || g || '@example.com' END",
    "email_normalized": "CASE WHEN g %% 10 < 9 THEN 'customer' || g || '@example.com' END",
    "street": "g || ' Main Street'",
}
DUE = "%(on)s::date - %(least)s - (g %% %(spread)s)::int"
MOVES = {
    "id": "%(first_move)s + g",
    "name": "'BENCH/' || lpad(g::text, 7, '0')",
    "payment_reference": "'BENCH/' || lpad(g::text, 7, '0')",
    "sequence_prefix": "'BENCH/'",
    "sequence_number": "g",
    "partner_id": "%(first_partner)s + (g %% %(customers)s)",
    "commercial_partner_id": "%(first_partner)s + (g %% %(customers)s)",
    "partner_shipping_id": "%(first_partner)s + (g %% %(customers)s)",
    "invoice_partner_display_name": "'Customer ' || (g %% %(customers)s)",
    "invoice_date": f"{DUE} - 30",
    "date": f"{DUE} - 30",
    "invoice_date_due": DUE,
    "is_move_sent": "TRUE",
    "access_token": "NULL",
}
LINES = {
    "id": "nextval('account_move_line_id_seq')",
    "move_id": "%(first_move)s + g",
    "move_name": MOVES["name"],
    "partner_id": MOVES["partner_id"],
    "date": f"{DUE} - 30",
    "invoice_date": f"{DUE} - 30",
    "date_maturity": f"CASE WHEN t.date_maturity IS NOT NULL THEN {DUE} END",
}
# Of twenty invoices, sixteen are in the company's currency, three in the second and one in the third.
TEMPLATE = "(%(templates)s::int[])[CASE WHEN g %% 20 = 0 THEN 3 WHEN g %% 20 < 4 THEN 2 ELSE 1 END]"


def seed(env, count, on):
    """Fill the company of ``env`` with ``count`` overdue invoices as of day ``on``."""
    currencies = env.company.currency_id | _currencies(env)
    _work_every_day(env)
    _bank_line(env, on)
    partner = _customer(env)
    invoices = [_invoice(env, partner, currency, on) for currency in currencies]
    env.cr.commit()
    params = {
        "on": on,
        "least": LEAST_DAYS_LATE,
        "spread": SPREAD,
        "count": count,
        "customers": max(count // INVOICES_PER_CUSTOMER, 1),
        "templates": [invoice.id for invoice in invoices],
    }
    params["first_partner"] = _reserve(env, "res_partner", params["customers"])
    params["first_move"] = _reserve(env, "account_move", count)
    # Planned when the tables were all but empty, the checks of foreign keys would scan them for each row.
    env.cr.execute("DISCARD PLANS; SET enable_seqscan = off")
    each_customer, each_invoice = "generate_series(0, %(customers)s - 1) g", "generate_series(1, %(count)s) g"
    _copy(env, "res_partner", CUSTOMERS, f"id = {partner.id}", "TRUE", each_customer, params)
    _copy(env, "account_move", MOVES, "id = ANY(%(templates)s)", f"t.id = {TEMPLATE}", each_invoice, params)
    _copy(
        env, "account_move_line", LINES, "move_id = ANY(%(templates)s)", f"t.move_id = {TEMPLATE}", each_invoice, params
    )
    _drop_templates(env, invoices)
    env.cr.commit()
    env.cr._cnx.autocommit = True
    env.cr.execute("RESET enable_seqscan")
    env.cr.execute("VACUUM ANALYZE")


def columns_of(env, table, changed):
    """The columns of a table and what a copy of a row ``t`` has in them, each as SQL, with these changed."""
    env.cr.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'",
        [table],
    )
    columns = [name for (name,) in env.cr.fetchall()]
    values = ", ".join(changed.get(name, f't."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    return names, values


def _copy(env, table, changed, templates, where, series, params):
    """Insert a copy of the template row that fits for each ``g`` of the series, with these columns changed."""
    names, values = columns_of(env, table, changed)
    # The few template rows apart: the planner would otherwise scan the growing table for each copy.
    template = f"WITH t AS MATERIALIZED (SELECT * FROM {table} t WHERE {templates})"
    insert = f"INSERT INTO {table} ({names}) {template} SELECT {values} FROM {series}, t WHERE {where}"
    env.cr.execute(insert, params)


def _reserve(env, table, count):
    """The first of ``count`` free ids."""
    env.cr.execute(f"SELECT max(id) + 1 FROM {table}")
    first = env.cr.fetchone()[0]
    env.cr.execute(f"SELECT setval('{table}_id_seq', %s)", [first + count + 1])
    return first


def _currencies(env):
    """Two foreign currencies with a rate."""
    currencies = env["res.currency"].with_context(active_test=False).search([("name", "in", ["EUR", "GBP", "USD"])])
    currencies = (currencies - env.company.currency_id)[:2]
    currencies.active = True
    for currency, rate in zip(currencies, (0.9, 0.8), strict=True):
        env["res.currency.rate"].create({"currency_id": currency.id, "name": "2020-01-01", "rate": rate})
    return currencies


def _work_every_day(env):
    """A working schedule without days off, so that the benchmark does the same work on a Sunday."""
    schedule = env.company.resource_calendar_id
    for day in ("5", "6"):
        schedule.attendance_ids[0].copy({"dayofweek": day, "calendar_id": schedule.id})


def _bank_line(env, on):
    """A bank line that nobody has matched, as there always is one: it makes every night look for whose it is."""
    journal = env["account.journal"].search([("type", "=", "bank")], limit=1)
    line = {"journal_id": journal.id, "date": on, "payment_ref": "Transfer 17", "amount": 123.45}
    env["account.bank.statement.line"].create(line)


def _customer(env):
    return env["res.partner"].create(
        {
            "name": "Customer",
            "is_company": True,
            "email": "customer@example.com",
            "street": "1 Main Street",
            "zip": "10001",
            "city": "Springfield",
            "country_id": env.ref("base.us").id,
            "lang": "en_US",
        }
    )


def _invoice(env, partner, currency, on):
    day = on - timedelta(days=LEAST_DAYS_LATE + 60)
    invoice = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "currency_id": currency.id,
            "invoice_date": day,
            "invoice_date_due": day + timedelta(days=30),
            "invoice_user_id": False,
            "invoice_line_ids": [(0, 0, {"name": "Goods", "quantity": 1, "price_unit": 420.0})],
        }
    )
    invoice.action_post()
    return invoice


def _drop_templates(env, invoices):
    """The templates were only models: the ledger holds exactly the copies."""
    ids = [invoice.id for invoice in invoices]
    env.cr.execute("DELETE FROM account_move_line WHERE move_id = ANY(%s)", [ids])
    env.cr.execute("DELETE FROM account_move WHERE id = ANY(%s)", [ids])
    env.invalidate_all(flush=False)
