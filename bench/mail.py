"""Handing mails over: ours, which is exactly once, against Odoo's own queue, with the same messages to the same server."""

import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import psutil

from odoo import fields
from odoo.tools import config

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"


def prepare(env, meter, on, count):
    """Not measured work: reminders of so many customers, approved, their mails in the queue."""
    from ours import mail_only

    mail_only(env, meter, on)
    customers = env["ar.dunning.customer"].search(
        [("company_id", "=", env.company.id), ("partner_id.email", "!=", False)], limit=int(count)
    )
    run = env["ar.dunning.run"]._make({"date": on, "kind": "manual", "company_id": env.company.id})
    env.cr.commit()
    with meter.running():
        for first in range(0, len(customers), 50):
            run._prepare(customers[first : first + 50].ids)
            env.cr.commit()
        run.notice_ids._approve()
        env.cr.commit()
        env["ar.dunning.dispatch"]._cron_send()
        env.cr.execute("ANALYZE mail_mail; ANALYZE mail_message; ANALYZE ar_dunning_delivery")
        env.cr.commit()
    meter.note(mails=env["ar.dunning.delivery"].search_count([("state", "=", "queued")]))


def ours(env, meter, on, count):
    """By the sender of the server, as its scheduled action does it."""
    waiting = env["ar.dunning.delivery"].search([("state", "=", "queued")], order="id")
    chosen, rest = waiting[: int(count)], waiting[int(count) :]
    rest._put({"wait_until": fields.Datetime.add(fields.Datetime.now(), days=1)})
    server = chosen.server_id
    env.cr.commit()
    with listening(), as_scheduled_action(env, server.cron_id) as scheduled, all_backends(env, meter):
        while server.with_env(scheduled)._count(server._due()):
            server.with_env(scheduled)._hand_over()
    states = set(chosen.mapped("state"))
    assert states == {"sent"}, states
    meter.note(mails=len(chosen))


def odoos(env, meter, on, count):
    """The same messages as plain mails of Odoo's, by its queue."""
    waiting = env["ar.dunning.delivery"].search([], order="id", limit=int(count))
    copies = env["mail.mail"].concat(
        *(
            mail.copy({"state": "outgoing", "message_id": f"<copy-{mail.id}@bench.example>", "headers": mail.headers})
            for mail in waiting.mail_id
        )
    )
    env.cr.commit()
    action = env.ref("mail.ir_cron_mail_scheduler_action")
    with listening(), as_scheduled_action(env, action) as scheduled, all_backends(env, meter):
        while scheduled["mail.mail"].search_count([("id", "in", copies.ids), ("state", "=", "outgoing")]):
            scheduled["mail.mail"].process_email_queue()
    states = set(copies.mapped("state"))
    assert states == {"sent"}, states
    meter.note(mails=len(copies))


@contextmanager
def listening():
    """A mail server of its own process, whose work is not measured."""
    sys.path.insert(0, str(SCRIPTS))
    from smtp_catchall import free_port

    with tempfile.TemporaryDirectory() as directory:
        port = free_port()
        command = [sys.executable, SCRIPTS / "smtp_catchall.py", "--port", port, "--dir", directory]
        process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE)
        try:
            process.stdout.readline()
            config["smtp_port"] = port
            yield
        finally:
            process.terminate()
            process.wait()


@contextmanager
def as_scheduled_action(env, action):
    """An environment like that of a scheduled action under way, so that both tell their progress."""
    progress = env["ir.cron.progress"].create({"cron_id": action.id, "remaining": 0, "done": 0})
    env.cr.commit()
    yield env(
        context={"cron_id": action.id, "ir_cron_progress_id": progress.id, "cron_end_time": time.monotonic() + 3600}
    )


@contextmanager
def all_backends(env, meter):
    """Measure the block, with the CPU of every server process that this process talks to."""
    env.invalidate_all()
    env.cr.commit()
    before = backends(env)
    with meter.running():
        yield
    meter.result["server"] = sum(seconds - before.get(pid, 0.0) for pid, seconds in backends(env).items())


def backends(env):
    """`{process of the database server: CPU seconds}` for the connections of this process."""
    env.cr.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
    found = {}
    for (pid,) in env.cr.fetchall():
        if psutil.pid_exists(pid):
            found[pid] = int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    env.cr.commit()
    return found
