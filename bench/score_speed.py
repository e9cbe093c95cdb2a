"""How long the night needs to judge 20,000 customers with 400,000 invoices of history.

    python bench/score_speed.py DATABASE            a scratch database with the addon on it, filled and measured
    python bench/score_speed.py DATABASE --again    measured again, without filling

Invoices and payments are copies, by ``INSERT ... SELECT``, of one that Odoo itself made: nineteen of twenty are paid,
with lateness that depends on the customer; the rest is open. Prints seconds, statements and the grades.
"""

import argparse
import sys
import time
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

from ledger import columns_of

import odoo
from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry

CUSTOMERS, INVOICES = 20_000, 400_000
ON = date(2026, 6, 30)

PARTNERS = {
    "id": "%(partner)s + 1 + g",
    "name": "'Customer ' || g",
    "complete_name": "'Customer ' || g",
    "commercial_partner_id": "%(partner)s + 1 + g",
}
WHO = "(g %% %(customers)s)"
DAY = "%(on)s::date - 1000 + (g %% 971)::int"
DUE = f"({DAY} + 30)"
# A habit of each customer between -10 and 29, and up to 20 days more for each invoice.
PAID = f"({DUE} + ((hashint4({WHO}::int) & 1023) %% 40 - 10 + (hashint4(g::int) & 1023) %% 20)::int)"
IS_PAID = f"(g %% 20 > 0 AND {PAID} <= %(on)s::date)"
MOVES = {
    "id": "%(move)s + g",
    "name": "'SPEED/' || g",
    "sequence_number": "g",
    "partner_id": f"%(partner)s + 1 + {WHO}",
    "commercial_partner_id": f"%(partner)s + 1 + {WHO}",
    "partner_shipping_id": f"%(partner)s + 1 + {WHO}",
    "date": DAY,
    "invoice_date": DAY,
    "invoice_date_due": DUE,
    "payment_state": f"CASE WHEN {IS_PAID} THEN 'paid' ELSE 'not_paid' END",
    "access_token": "NULL",
}
LINES = {
    "id": "nextval('account_move_line_id_seq')",
    "move_id": "%(move)s + g",
    "partner_id": f"%(partner)s + 1 + {WHO}",
    "date": DAY,
    "invoice_date": DAY,
    "date_maturity": f"CASE WHEN t.date_maturity IS NOT NULL THEN {DUE} END",
}
TERMS = {
    **LINES,
    "id": "%(line)s + g",
    "reconciled": IS_PAID,
    "amount_residual": f"CASE WHEN {IS_PAID} THEN 0 ELSE t.balance END",
    "amount_residual_currency": f"CASE WHEN {IS_PAID} THEN 0 ELSE t.balance END",
}
MONEY_MOVES = {
    **{key: MOVES[key] for key in ("partner_id", "commercial_partner_id", "sequence_number")},
    "id": "%(move)s + %(count)s + g",
    "name": "'MONEY/' || g",
    "date": PAID,
    "origin_payment_id": "NULL",
    "access_token": "NULL",
}
MONEY = {
    "id": "%(line)s + %(count)s + g",
    "move_id": "%(move)s + %(count)s + g",
    "partner_id": LINES["partner_id"],
    "date": PAID,
}
PARTIALS = {
    "id": "nextval('account_partial_reconcile_id_seq')",
    "debit_move_id": "%(line)s + g",
    "credit_move_id": "%(line)s + %(count)s + g",
    "max_date": PAID,
    "full_reconcile_id": "NULL",
    "exchange_move_id": "NULL",
}


def fill(env):
    """Twenty invoices for each customer over three years."""
    partner = env["res.partner"].create({"name": "Customer", "is_company": True})
    invoice = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": ON - timedelta(days=100),
            "invoice_line_ids": [(0, 0, {"name": "Goods", "quantity": 1, "price_unit": 420.0, "tax_ids": []})],
        }
    )
    invoice.action_post()
    term = invoice.line_ids.filtered("date_maturity")
    env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create(
        {"payment_date": ON - timedelta(days=50)}
    )._create_payments()
    partial = term.matched_credit_ids
    money = partial.credit_move_id
    env.flush_all()
    params = {"on": ON, "count": INVOICES, "customers": CUSTOMERS}
    params["partner"] = reserve(env, "res_partner", CUSTOMERS)
    params["move"] = reserve(env, "account_move", 2 * INVOICES)
    params["line"] = reserve(env, "account_move_line", 2 * INVOICES)
    env.cr.execute("SET session_replication_role = replica")  # the rows are copies of valid ones
    copy(env, "res_partner", PARTNERS, partner.id, "TRUE", params, CUSTOMERS)
    copy(env, "account_move", MOVES, invoice.id, "TRUE", params, INVOICES)
    copy(env, "account_move_line", TERMS, term.id, "TRUE", params, INVOICES)
    copy(env, "account_move", MONEY_MOVES, money.move_id.id, IS_PAID, params, INVOICES)
    copy(env, "account_move_line", MONEY, money.id, IS_PAID, params, INVOICES)
    copy(env, "account_partial_reconcile", PARTIALS, partial.id, IS_PAID, params, INVOICES)
    env.cr.execute("SET session_replication_role = DEFAULT")
    env.cr.commit()
    env.cr._cnx.autocommit = True
    for table in ("account_move", "account_move_line", "account_partial_reconcile", "res_partner"):
        env.cr.execute(f"VACUUM ANALYZE {table}")
    env.cr._cnx.autocommit = False
    env["ar.dunning.item"]._sync(env.company)
    env.cr.commit()
    env.cr.execute("ANALYZE ar_dunning_item; ANALYZE ar_dunning_customer")
    env.cr.commit()


def reserve(env, table, count):
    """The last id in use; the next ``count`` are taken."""
    env.cr.execute(f"SELECT max(id) FROM {table}")
    last = env.cr.fetchone()[0]
    env.cr.execute(f"SELECT setval('{table}_id_seq', %s)", [last + count + 1])
    return last


def copy(env, table, changed, template, where, params, count):
    """Insert a copy of the template row for each number that fits, with these columns changed."""
    names, values = columns_of(env, table, changed)
    first = 0 if table == "res_partner" else 1
    env.cr.execute(
        f"WITH t AS MATERIALIZED (SELECT * FROM {table} WHERE id = %(template)s)"
        f" INSERT INTO {table} ({names}) SELECT {values} FROM generate_series({first}, %(last)s) g, t WHERE {where}",
        {**params, "template": template, "last": count - 1 + first},
    )
    print(f"{env.cr.rowcount:>9,} {table}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database")
    parser.add_argument("--again", action="store_true")
    arguments = parser.parse_args()
    odoo.tools.config.parse_config(["-d", arguments.database, "--no-http", "--log-level=error"])
    with Registry(arguments.database).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        if not arguments.again:
            fill(env)
        statements, start = sql_db.sql_counter, time.perf_counter()
        env["ar.dunning.customer"]._refresh_scores(env.company, ON)
        cr.commit()
        print(f"refresh: {time.perf_counter() - start:.1f} s, {sql_db.sql_counter - statements} statements")
        start = time.perf_counter()
        env["ar.dunning.score.rule"].new({"company_id": env.company.id, "punctuality": 50})._effect()
        print(f"effect of a rule: {time.perf_counter() - start:.1f} s")
        cr.execute("SELECT grade, count(*), round(avg(score)) FROM ar_dunning_customer GROUP BY 1 ORDER BY 1")
        print("grades:", ", ".join(f"{grade} {count:,}" for grade, count, _score in cr.fetchall()))


if __name__ == "__main__":
    main()
