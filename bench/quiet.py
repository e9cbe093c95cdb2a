"""What a night costs that finds nothing to do, and the calendar of many entries: ``bench/quiet.py [SIZE ...]``.

A ledger of overdue invoices, its first night, and nights after it: nobody sends or pays, so every draft waits. Each night
is a process of its own. Rows are those that PostgreSQL counts as updated, WAL is that of the night's own connection.
"""

import json
import sys
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

TABLES = ("ar_dunning_customer", "ar_dunning_item", "ar_dunning_notice", "ar_dunning_notice_line")
SIZES = (20_000,)
# What a night is called, and how many days after the first one it is.
NIGHTS = (
    ("First: a draft for every customer", 0),
    ("The same day again: nothing has changed", 0),
    ("The next day: every item is a day later", 1),
    ("The same day again", 1),
    ("A Monday: everybody is judged anew", 8),
    ("The same day again ", 8),
    ("Nobody is written to: every draft is cancelled", 9),
    ("The same day again: nothing has changed, nothing waits", 9),
    ("The next day: every item is a day later, nothing waits", 10),
)
HUSHED = 9
MONTH, LIST = "Calendar: its month", "Calendar: the first 80 of its list"


def night(env, meter, on, days=0):
    """A whole night on a day that the company takes for today."""
    Run = env["ar.dunning.run"]
    with _today(env, on + timedelta(days=int(days))) as day:
        env.cr.execute("UPDATE ar_dunning_run SET kind = 'manual'")  # a day has one night
        run = Run._make({"date": day, "kind": "night", "company_id": env.company.id})
        env.cr.commit()
        before, wal = _updated(env), _wal(env)
        with meter.running():
            run._work()
        after = _updated(env)
        meter.note(rows=[after[table] - before[table] for table in TABLES], wal=_wal(env) - wal)
        meter.note(errors=run.error_ids.mapped("reason"), customers=run.customer_count)


def hush(env, meter, on):
    """From now on nobody is written to: what a night costs by itself."""
    with meter.running():
        env.cr.execute("UPDATE ar_dunning_customer SET never = TRUE")
        env.cr.execute("UPDATE ar_dunning_item SET next_date = NULL")
        env.cr.commit()


def month(env, meter, on):
    """The month of the calendar that holds the most, as the browser asks for it."""
    fields = ["display_name", "kind", "date", "color", "responsible_id", "policy_id", "level_id", "amount"]
    fields += ["company_currency_id", "company_id"]
    first = (on + timedelta(days=1)).replace(day=1)
    domain = [("date", ">=", first), ("date", "<=", first + timedelta(days=41))]
    env["ar.dunning.agenda"].search_count([])  # what the registry keeps
    with meter.running():
        found = env["ar.dunning.agenda"].calendar_days(domain, fields)
        text = json.dumps(found, default=str)
    meter.note(bytes=len(text), entries=sum(group["count"] for group in found["groups"]) + len(found["entries"]))


def pages(env, meter, on):
    """The first page of the calendar's list."""
    Agenda = env["ar.dunning.agenda"]
    names = {name: {} for name in ("date", "kind", "name", "amount")}
    Agenda.web_search_read([], names, limit=1)
    env.invalidate_all()
    with meter.running():
        Agenda.web_search_read([], names, limit=80, order="date, id")


@contextmanager
def _today(env, day):
    with patch.object(type(env["res.company"]), "_dunning_today", lambda companies: day):
        yield day


def _updated(env):
    """How often rows were updated so far, by table."""
    env.cr.execute("SELECT pg_stat_force_next_flush()")
    env.cr.commit()
    env.cr.execute("SELECT pg_stat_clear_snapshot()")
    env.cr.execute("SELECT relname, n_tup_upd FROM pg_stat_user_tables WHERE relname = ANY(%s)", [list(TABLES)])
    found = dict(env.cr.fetchall())
    env.cr.commit()
    return found


def _wal(env):
    """Bytes written by this connection; before PostgreSQL 18 nobody counts them by connection: those of the whole server."""
    version = env.cr._cnx.server_version
    own, whole = "SELECT wal_bytes FROM pg_stat_get_backend_wal(pg_backend_pid())", "SELECT wal_bytes FROM pg_stat_wal"
    env.cr.execute(own if version >= 180000 else whole)
    return float(env.cr.fetchone()[0])


def main():
    from devenv import databases
    from run import Bench
    from table import _seconds as seconds

    bench = Bench(date.today())
    for size in [int(size) for size in sys.argv[1:]] or SIZES:
        names = [f"bench_quiet_{size}"]
        databases.clone(databases.base_template(), names[0])
        try:
            bench.measure(size, names[0], "ours.seed", count=size)
            databases.odoo("-d", names[0], "-i", "ar_dunning", "--stop-after-init", "--no-http", log="bench_quiet.log")
            bench.measure(size, names[0], "ours.sync")
            print(f"\n### {size:,} overdue invoices\n")
            print(
                "| night | wall | CPU | SQL | peak memory | rows updated: customers / items / notices / lines | WAL |"
            )
            print("|---|--:|--:|--:|--:|--:|--:|")
            for label, days in NIGHTS:
                if days == HUSHED and "hush" not in bench.figures[size]:
                    bench.measure(size, names[0], "quiet.hush", "hush")
                bench.measure(size, names[0], "quiet.night", label, days=days)
                found = bench.figures[size][label]
                rows = " / ".join(f"{count:,}" for count in found["rows"])
                cells = [
                    label.strip(),
                    seconds(found["wall"]),
                    seconds(found["cpu"] + found["server"]),
                    f"{found['sql']:,}",
                ]
                cells += [f"{found['memory']:.0f} MB", rows, f"{found['wal'] / 1e6:.2f} MB"]
                print("| " + " | ".join(cells) + " |" + (f" {found['errors']}" if found["errors"] else ""))
            for label, name in ((MONTH, "quiet.month"), (LIST, "quiet.pages")):
                bench.measure(size, names[0], name, label)
                found = bench.figures[size][label]
                size_text = f", {found['bytes']:,} bytes for {found['entries']:,} entries" if "bytes" in found else ""
                cpu = seconds(found["cpu"] + found["server"])
                print(f"\n{label}: {seconds(found['wall'])}, CPU {cpu}, {found['sql']} SQL{size_text}")
        finally:
            databases.drop(names[0])


if __name__ == "__main__":
    main()
