"""The scheduled actions of outgoing servers, in Odoo's own processes: side by side, and under its default limits."""

import os
import re
import subprocess
import time
from collections import Counter
from contextlib import contextmanager, suppress

import pytest
import smtp_catchall
import system_work as work
from devenv import databases, odoo_conf, paths, postgres
from system_machine import CruelServer

PATIENCE = 900  # seconds; the machine may be busy


@contextmanager
def odoo(machine, log, *options):
    """Odoo with its scheduler and nothing else to do."""
    command = [paths.PYTHON, paths.ROOT / "scripts" / "odoo-bin", "-d", machine.database, "--logfile", log, *options]
    command += ["--http-port", smtp_catchall.free_port(), "--gevent-port", smtp_catchall.free_port()]
    environment = {**postgres.environment(), "ODOO_RC": str(odoo_conf.ensure())}
    process = subprocess.Popen([str(part) for part in command], env=environment, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(60)
        process.kill()
        process.wait()


def wait_for(condition, process, log):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert process.poll() is None and time.monotonic() < end, log.read_text()[-3000:]
        time.sleep(0.5)


def wake(machine):
    """What Odoo does where something triggers a scheduled action."""
    databases.psql(
        "UPDATE ir_cron SET active = active AND id IN (SELECT cron_id FROM ar_dunning_mail_server);"
        " UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'utc' - interval '1 minute' WHERE active",
        machine.database,
    )
    databases.psql(f"NOTIFY cron_trigger, '{machine.database}'")


def states(machine, server):
    return dict(
        machine.rows(
            "SELECT d.state, count(*) FROM ar_dunning_delivery d JOIN ar_dunning_mail_server s ON s.id = d.server_id"
            f" JOIN ir_mail_server m ON m.id = s.mail_server_id WHERE m.name = '{server}' GROUP BY 1"
        )
    )


@pytest.fixture
def three(tmp_path):
    """A server that hangs after every mail, one that takes ten a minute, one that works."""
    with (
        CruelServer(tmp_path / "hung") as hung,
        CruelServer(tmp_path / "slow") as slow,
        CruelServer(tmp_path / "sound") as sound,
    ):
        hung.hang = True
        yield {"hung": hung, "slow": slow, "sound": sound}


def test_servers_side_by_side(dispatched, three, tmp_path):
    """300 mails: the sound server's are out while the hung one is still being waited for; nobody exceeds its limit."""
    dispatched.do(work.multiply, 300)
    limits = {"slow": 10}
    dispatched.do(work.make_servers, [(name, one.port, limits.get(name, 0), 0) for name, one in three.items()])
    dispatched.do(work.spread, list(three))
    log, begin = tmp_path / "odoo.log", time.monotonic()
    with odoo(dispatched, log, "--max-cron-threads=3", "--limit-time-real=120") as process:
        wake(dispatched)
        wait_for(lambda: len(three["sound"].accepted) == 100, process, log)
        assert len(three["slow"].accepted) <= 10 * (1 + int(time.monotonic() - begin) // 60)
        assert len(three["hung"].accepted) <= 2
        wait_for(lambda: dispatched.count("ar_dunning_mail_server", "is_down") == 1, process, log)
        wait_for(lambda: states(dispatched, "sound") == {"sent": "100"}, process, log)
    hung, slow = states(dispatched, "hung"), states(dispatched, "slow")
    assert set(hung) <= {"queued", "unconfirmed"} and int(hung["unconfirmed"]) == len(three["hung"].accepted) <= 2
    assert set(slow) <= {"queued", "sent"} and int(slow["sent"]) == len(three["slow"].accepted) >= 10
    for server in three.values():
        assert max(Counter(server.message_ids).values()) == 1


def test_two_thousand_mails_under_the_default_limits(dispatched, smtp, tmp_path):
    """A worker has 120 seconds: the sender stops long before, goes on by itself, and leaves nothing unconfirmed."""
    dispatched.do(work.multiply, 2000)
    dispatched.do(work.spread, [])
    log = tmp_path / "odoo.log"
    limits = ("--limit-time-real=120", "--limit-time-cpu=60", "--limit-time-real-cron=-1")
    with odoo(dispatched, log, "--workers=2", "--max-cron-threads=1", "--smtp-port", smtp.port, *limits) as process:
        wake(dispatched)
        wait_for(lambda: len(smtp.accepted) == 2000, process, log)
        wait_for(lambda: not dispatched.count("ar_dunning_delivery", UNDER_WAY), process, log)
    sent = "SELECT state, count(*) FROM ar_dunning_delivery WHERE channel = 'email' GROUP BY 1"
    assert dispatched.rows(sent) == [("sent", "2000")]
    assert max(Counter(smtp.message_ids).values()) == 1
    assert not re.search("timeout|Worker .* exited|limit reached", log.read_text())
    assert dispatched.value("SELECT sum(done) FROM ir_cron_progress") >= 2000 - 50, "progress is told"
    assert dispatched.value("SELECT max(failure_count) FROM ir_cron") == 0
    assert os.path.getsize(log) > 0


UNDER_WAY = "channel = 'email' AND state IN ('queued', 'claimed', 'sending')"
