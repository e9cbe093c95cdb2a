"""Builds a database of the demo, in a process of its own so that no connection remains.

``base DB``                                  languages, company and users
``ledger DB DAY``                            the made-up ledger as of a day
``load DB FILE DAY MAP EMAILS [CODE=VALUE]`` a CSV of open items, with exchange rates
"""

import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path

import demo_base
from demo_ledger import Ledger
from demo_odoo import clock, environment, schedule
from devenv import paths
from devenv.steps import say


def base(database: str) -> None:
    """Languages, company and users, and the style sheets and scripts of the web client."""
    with environment(database) as env:
        demo_base.build(env)
        env["ir.qweb"]._pregenerate_assets_bundles()


def ledger(database: str, day: str) -> None:
    """The made-up ledger."""
    with environment(database) as env:
        Ledger(env, date.fromisoformat(day)).build()
        schedule(env, False)


def load(database: str, file: str, day: str, mapping: str, emails: str, *rates: str) -> None:
    """A ledger of the user's, by the addon's own loader. Lines that are not loaded end up in a file."""
    with environment(database) as env:
        content = Path(file).read_bytes()
        columns = dict(pair.split("=", 1) for pair in mapping.split(",") if pair)
        started = time.monotonic()
        with clock(date.fromisoformat(day)):
            _currencies(env, content, columns, rates)
            result = env["ar.dunning.load"]._load(content, columns, progress=_progress)
        say(
            f"{result.loaded} of {result.total} lines loaded: {result.invoices} documents of {result.customers} customers,"
            f" {len(result.bad)} lines refused, {len(result.notes)} notes, {time.monotonic() - started:.0f} s"
        )
        if result.bad:
            paths.OUT.mkdir(exist_ok=True)
            bad = paths.OUT / "ledger-not-loaded.csv"
            bad.write_bytes(result.bad_csv(["Line", "Reason"]))
            say(f"the lines that are not loaded, with reasons: {bad.relative_to(paths.ROOT)}")
        if emails == "1":
            _invent_emails(env)
        _work_on(env, date.fromisoformat(day))
        schedule(env, False)


def _progress(done: int, total: int) -> None:
    say(f"  {done} of {total} lines")


def _currencies(env, content: bytes, mapping: dict[str, str], rates: tuple[str, ...]) -> None:
    """The company keeps its books in the file's most frequent currency; other currencies need a rate from the user."""
    loader = env["ar.dunning.loader"]
    table = loader._as_table(content, None, None)
    position = loader._columns(table, mapping).get("currency")
    codes = Counter(table.column(position) if position is not None else ())
    Currency = env["res.currency"].with_context(active_test=False)
    own = (
        Currency.search([("name", "=", codes.most_common(1)[0][0].upper() if codes else "")]) or env.company.currency_id
    )
    own.active = True
    env["res.currency.rate"].search([]).unlink()
    env.company.currency_id = own
    for code, _equals, value in (rate.partition("=") for rate in rates):
        currency = Currency.search([("name", "=", code.upper())])
        currency.active = True
        env["res.currency.rate"].create({"currency_id": currency.id, "name": date(2000, 1, 1), "rate": float(value)})
    say(f"books in {own.name}" + (f", rates {', '.join(rates)}" if rates else ""))


def _invent_emails(env) -> None:
    """Addresses nobody can have, so that the way of a mail is the real one."""
    partners = (
        env["ar.dunning.customer"].search([]).partner_id.filtered(lambda partner: not (partner.email or partner.street))
    )
    for partner in partners.with_context(tracking_disable=True):
        partner.email = f"{partner.ref}@example.invalid"
    if partners:
        say(
            f"{len(partners)} customers of the file have no address: they get <number>@example.invalid (EMAILS=0: they do not)"
        )


def _work_on(env, day: date) -> None:
    """On a day off the policies would wait for the next working day; the demo does not."""
    if not env.company._dunning_calendar(day).is_working(day):
        env["ar.dunning.policy"].search([]).working_days_only = False
        say(f"{day} is a day off: the policies' rule to wait for a working day is switched off")


def main() -> int:
    """Do what the command line says."""
    from odoo.exceptions import UserError

    action, *arguments = sys.argv[1:]
    try:
        {"base": base, "ledger": ledger, "load": load}[action](*arguments)
    except UserError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
