"""What the forked processes do, each piece as Odoo's scheduler would. Odoo is imported inside: pytest's own process has none."""

import os
import signal
import threading
import time
import traceback
from contextlib import contextmanager
from datetime import date, timedelta
from functools import wraps
from pathlib import Path

CUSTOMERS = 36
BATCH = 16  # smaller than in earnest, for several batches of few customers
BY_POST = (7, 30)  # have no e-mail address
WITH_ADDRESS = (*BY_POST, 3, 4)
LEVELS = (
    ("Soon due", -3, "note", 0),
    ("First reminder", 5, "reminder", 7),
    ("Second reminder", 15, "reminder", 7),
    ("Third reminder", 25, "reminder", 7),
    ("Formal notice", 40, "formal", 10),
)


def child(pipe, work, arguments, smtp_port, fuse):
    """Entry point of a process: work, then tell the outcome through `pipe`."""
    try:
        import system_boot  # noqa: F401 - has been imported by the forking server; here its failure would show

        from odoo.tools import config

        config["smtp_port"] = smtp_port or 9
        _use_small_batches()
        with lit(fuse), environment() as env:
            pipe.send(("ok", work(env, *arguments)))
    except BaseException:
        pipe.send(("error", traceback.format_exc()))
        os._exit(1)
    pipe.close()
    os._exit(0)


def _use_small_batches():
    from odoo.addons.ar_dunning.models import ar_dunning_dispatch, ar_dunning_run

    ar_dunning_dispatch.BATCH = ar_dunning_run.BATCH = BATCH


@contextmanager
def environment():
    """The superuser's environment; commits at the end."""
    import system_boot

    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    with Registry(system_boot.DATABASE).cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {})


# === A fuse: the process kills itself, as `kill -9` would, at a chosen event === #


@contextmanager
def lit(fuse):
    """Count SQL statements and both sides of every commit; die at number `fuse` (0: only count, None: neither)."""
    if fuse is None:
        yield
        return
    from odoo.sql_db import Cursor

    def count():
        Events.seen += 1
        if Events.seen == fuse:
            os.kill(os.getpid(), signal.SIGKILL)

    Events.seen = 0
    Cursor.execute = _counting(Cursor.execute, count, after=False)
    Cursor.commit = _counting(Cursor.commit, count, after=True)
    yield


class Events:
    """How many events this process has seen."""

    seen = 0


def _counting(method, count, after):
    @wraps(method)
    def counting(self, *args, **kwargs):
        count()
        result = method(self, *args, **kwargs)
        if after:
            count()
        return result

    return counting


# === The pieces === #


def night(env):
    """The nightly scheduled action; the number of events it took."""
    env["ar.dunning.run"]._cron_night()
    return Events.seen


def run_by_hand(env, run_id):
    """Work on one run."""
    return env["ar.dunning.run"].browse(run_id)._work()


def queue_run(env):
    """A run that waits, on top of whatever there is."""
    return (
        env["ar.dunning.run"]
        ._make({"date": env.company._dunning_today(), "kind": "manual", "company_id": env.company.id})
        .id
    )


def send(env):
    """The scheduled action that sends what is approved."""
    env["ar.dunning.dispatch"]._cron_send()
    return Events.seen


def mail(env, limit=None):
    """The senders of all outgoing servers.

    :param limit: the worker's limit in seconds; an answer of a mail server may take a sixth of it
    """
    from odoo.tools import config

    if limit:
        config["limit_time_real_cron"] = limit
    env["mail.mail"].process_email_queue()
    for server in env["ar.dunning.mail.server"].search([]):
        server._hand_over()
    return Events.seen


def approve(env):
    """A person approves every draft."""
    env["ar.dunning.notice"].search([("state", "=", "draft")]).action_send()


def act(env, model, ids, method):
    """A button."""
    getattr(env[model].browse(ids), method)()


def gateway(env, text):
    """A mail comes in."""
    return env["mail.thread"].message_process(False, text)


def send_when_told(env, go):
    """A sender that is held up just before it locks its first customers, until the file `go` is there."""
    Customer = type(env["ar.dunning.customer"])
    plain = Customer.try_lock_for_update

    def held_up(self, **kwargs):
        Customer.try_lock_for_update = plain
        Path(f"{go}.waiting").touch()
        while not Path(go).exists():
            time.sleep(0.02)
        return plain(self, **kwargs)

    Customer.try_lock_for_update = held_up
    send(env)


def send_and_die_in_a_letter(env, number):
    """A sender that is killed while the PDF engine works on its letter number `number`."""
    Report = type(env["ir.actions.report"])
    plain, letters = Report._run_wkhtmltopdf, []

    def dying(self, *args, **kwargs):
        letters.append(True)
        if len(letters) < number:
            return plain(self, *args, **kwargs)
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGKILL)).start()
        plain(self, *args, **kwargs)
        return os.kill(os.getpid(), signal.SIGKILL)  # the engine was faster than the timer

    Report._run_wkhtmltopdf = dying
    send(env)


def make_servers(env, servers):
    """Outgoing servers on this machine: name, port, most mails a minute and over a connection; each for its domain."""
    for number, (name, port, per_minute, per_connection) in enumerate(servers):
        env["ir.mail_server"].create(
            {
                "name": name,
                "smtp_host": "127.0.0.1",
                "smtp_port": port,
                "sequence": number,
                "from_filter": f"{name}.example" if len(servers) > 1 else False,
                "ar_dunning_per_minute": per_minute,
                "ar_dunning_per_connection": per_connection,
            }
        )


# What of a copied row is its own: table -> {column: expression}.
COPIES = {
    "mail_message": {"message_id": "'<' || %(copy)s || '-' || substr(message_id, 2)"},
    "mail_mail": {
        "mail_message_id": "mail_message_id + %(copy)s * 100000",
        "email_to": "replace(email_to, '@', '+' || %(copy)s || '@')",
    },
    "ar_dunning_delivery": {
        "mail_id": "mail_id + %(copy)s * 100000",
        "message_id": "'<' || %(copy)s || '-' || substr(message_id, 2)",
        "address": "replace(address, '@', '+' || %(copy)s || '@')",
    },
}
COPIED = {
    "mail_message": "id IN (SELECT mail_message_id FROM mail_mail m JOIN ar_dunning_delivery d ON d.mail_id = m.id)",
    "mail_mail": "id IN (SELECT mail_id FROM ar_dunning_delivery)",
    "ar_dunning_delivery": "mail_id IS NOT NULL",
}


def multiply(env, total):
    """Let so many mails wait: copies of those that do, each to an address and under a Message-ID of its own."""
    cr = env.cr
    waiting = env["ar.dunning.delivery"].search_count([("mail_id", "!=", False)])
    for copy in range(1, -(-total // waiting)):
        for table, own in COPIES.items():
            _copy_rows(cr, table, own, copy)
    surplus = env["ar.dunning.delivery"].search([("mail_id", "!=", False)], order="id").ids[total:]
    cr.execute("DELETE FROM ar_dunning_delivery WHERE id = ANY(%s)", [surplus])


def _copy_rows(cr, table, own, copy):
    cr.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
    names = [name for (name,) in cr.fetchall()]
    own = {"id": "id + %(copy)s * 100000", **own}
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(own.get(name, f'"{name}"') for name in names)
    cr.execute(
        f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} WHERE {COPIED[table]} AND id < 100000",
        {"copy": copy},
    )


def spread(env, servers):
    """Let the waiting mails leave through these servers in turn, by the domain of their sender."""
    waiting = env["ar.dunning.delivery"].search([("mail_id", "!=", False)], order="id")
    for number, name in enumerate(servers):
        env.cr.execute(
            "UPDATE mail_message SET email_from = %s WHERE id = ANY(%s)",
            [f"office@{name}.example", waiting[number :: len(servers)].mail_id.mail_message_id.ids],
        )
    env.invalidate_all()
    waiting._assign()


def invoices_of(env, number):
    return env["account.move"].search([("partner_id.name", "=", f"Customer {number:02}"), ("amount_residual", ">", 0)])


def extend_everything(env, number):
    """Everything that a customer owes is due a year later."""
    for invoice in invoices_of(env, number):
        invoice.invoice_date_due += timedelta(days=365)


def pause_everything(env, number):
    """The customer has promised to pay in a month."""
    customer = env["ar.dunning.customer"].search([("partner_id.name", "=", f"Customer {number:02}")])
    today = customer.company_id._dunning_today()
    env["ar.dunning.arrangement"].create(
        {
            "customer_id": customer.id,
            "date_start": today,
            "date_end": today + timedelta(days=30),
            "reason": "Promised",
        }
    )


def pay_everything(env, number):
    """Everything that a customer owes is paid and matched."""
    invoices = invoices_of(env, number)
    wizard = env["account.payment.register"].with_context(active_model="account.move", active_ids=invoices.ids)
    wizard.create({"group_payment": True})._create_payments()


def forget_back_off(env):
    """Time passes: what waits for a later attempt may be tried now."""
    env["ar.dunning.mail.server"].search([]).action_try_now()


# === The ledger === #


def build_ledger(env):
    """Customers of one company, each with overdue invoices; nights begin and notices go by themselves at any hour."""
    env.company.write({"ar_dunning_policy_id": _policy(env).id, "ar_dunning_night_hour": 0.0})
    _leave_out_other_policies(env)
    partners = env["res.partner"].create([_customer(number, env) for number in range(1, CUSTOMERS + 1)])
    moves = env["account.move"].create(
        [
            _invoice(partner, late, 100 * late, env)
            for number, partner in enumerate(partners, start=1)
            for late in ((20,), (20, 60))[number % 2]
        ]
    )
    moves.action_post()
    moves.with_context(skip_invoice_sync=True, tracking_disable=True).write({"is_move_sent": True})


def _policy(env):
    return env["ar.dunning.policy"].create(
        {
            "name": "Plain",
            "audience": "business",
            "mode": "automatic",
            "window_start": 0.0,
            "window_end": 24.0,
            "contact_gap": 7,
            "working_days_only": False,
            "bank_max_age": 0,
            "level_ids": [
                (
                    0,
                    0,
                    {
                        "name": name,
                        "days": days,
                        "kind": kind,
                        "deadline_days": deadline,
                        "attach_invoices": "none",
                        "subject": name + ": {invoices}",
                        "text": "<p>Dear {contact}, {total} until {deadline}.</p>",
                    },
                )
                for name, days, kind, deadline in LEVELS
            ],
        }
    )


def _leave_out_other_policies(env):
    others = env["ar.dunning.policy"].search([("company_id", "=", env.company.id)]) - env.company.ar_dunning_policy_id
    others.write({"active": False})


def _customer(number, env):
    values = {"name": f"Customer {number:02}", "is_company": True, "country_id": env.ref("base.no").id, "lang": "en_US"}
    if number not in BY_POST:
        values["email"] = f"c{number:02}@example.com"
    if number in WITH_ADDRESS:
        values |= {"street": f"Storgata {number}", "zip": "0155", "city": "Oslo"}
    return values


def _invoice(partner, late, amount, env):
    due = date.today() - timedelta(days=late)
    return {
        "move_type": "out_invoice",
        "partner_id": partner.id,
        "invoice_date": due - timedelta(days=14),
        "invoice_date_due": due,
        "invoice_payment_term_id": False,
        "invoice_line_ids": [(0, 0, {"name": "Work", "quantity": 1, "price_unit": amount, "tax_ids": [(5, 0, 0)]})],
    }
