"""The whole server as it is installed: its scheduler runs the night, sends the notices and the mails, and is killed in between."""

import os
import subprocess
import time
from contextlib import contextmanager

import smtp_catchall
from devenv import databases, odoo_conf, paths, postgres
from system_checks import check_end, check_mails

PATIENCE = 180


@contextmanager
def server(machine, smtp, log):
    """Odoo with its scheduler; killed at the end, if not before."""
    command = [paths.PYTHON, paths.ROOT / "scripts" / "odoo-bin", "-d", machine.database, "--max-cron-threads=2"]
    command += ["--http-port", smtp_catchall.free_port(), "--smtp-port", smtp.port, "--logfile", log]
    environment = {**postgres.environment(), "ODOO_RC": str(odoo_conf.ensure())}
    process = subprocess.Popen([str(part) for part in command], env=environment, stderr=subprocess.DEVNULL)
    smtp.client = process.pid
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wake(machine):
    """What Odoo does where something triggers a scheduled action; what is due is done at once."""
    databases.psql(
        "UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'utc' - interval '1 minute' WHERE id IN (SELECT c.id FROM ir_cron c"
        " JOIN ir_act_server a ON a.id = c.ir_actions_server_id WHERE a.name->>'en_US' LIKE 'Dunning: %' FOR UPDATE OF c SKIP LOCKED)",
        machine.database,
    )
    databases.psql(f"NOTIFY cron_trigger, '{machine.database}'")


def serve_until(machine, smtp, log, condition):
    """Start the server, wait for the condition, kill it with -9."""
    with server(machine, smtp, log) as process:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert process.poll() in (None, -9) and time.monotonic() < end, log.read_text()[-3000:]
            if process.poll() is not None:
                return
            wake(machine)
            time.sleep(0.2)


def test_a_server_killed_at_every_stage(machine, smtp, tmp_path):
    """While it prepares, hands over and sends; by us and by the mail server."""
    log = tmp_path / "odoo.log"
    smtp.delay = 0.02
    smtp.kill_between = {12}
    stages = [
        lambda: machine.count("ar_dunning_notice") > 0,
        lambda: machine.count("ar_dunning_delivery") > 0,
        lambda: smtp.offered > 3,
        lambda: smtp.kills == 1,
    ]
    for stage in stages:
        serve_until(machine, smtp, log, stage)
        check_mails_so_far(machine, smtp, len(stages))
    serve_until(machine, smtp, log, machine.is_quiet)
    check_end(machine, smtp, killed=len(stages))
    assert machine.count("ar_dunning_delivery", "state = 'unconfirmed'") >= 1
    assert os.path.getsize(log) > 0


def check_mails_so_far(machine, smtp, killed):
    if machine.count("mail_mail", "id IN (SELECT mail_id FROM ar_dunning_delivery)"):
        check_mails(machine, smtp, killed)
