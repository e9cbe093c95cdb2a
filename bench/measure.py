"""Takes one measurement in a process of its own and writes it down: ``measure.py DATABASE NAME RESULT [key=value ...]``.

One process each, because peak memory is the process's and caches of one must not serve another.
"""

import argparse
import importlib
import json
import sys
import time
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

import odoo
from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry

PROCESS = psutil.Process()
MEGABYTE = 1024 * 1024


class Meter:
    """Collects the figures of one measurement; what it measures is up to the ``with`` block."""

    def __init__(self, cr):
        self.result = {}
        self._server = Path(f"/proc/{cr._cnx.get_backend_pid()}/schedstat")

    @contextmanager
    def running(self, **facts):
        """Time, CPU (this process, and the server's process behind it if it is on this machine), statements
        and peak memory of the block; ``facts`` say how much it did."""
        _reset_peak()
        bare = PROCESS.memory_info().rss
        server = self._server_cpu()
        statements, cpu, wall = sql_db.sql_counter, time.process_time(), time.perf_counter()
        yield
        self.result.update(
            wall=time.perf_counter() - wall,
            cpu=time.process_time() - cpu,
            server=self._server_cpu() - server,
            sql=sql_db.sql_counter - statements,
            memory=max(_peak() - bare, 0) / MEGABYTE,
            bare=bare / MEGABYTE,
        )
        self.result.update(facts)

    def _server_cpu(self):
        """Seconds the database server's process of this connection has computed."""
        return int(self._server.read_text().split()[0]) / 1e9 if self._server.exists() else 0.0

    def note(self, **facts):
        self.result.update(facts)


def _reset_peak():
    """Let the kernel forget the highest memory use so far (start-up needs more than what follows)."""
    Path("/proc/self/clear_refs").write_text("5")


def _peak():
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("this system does not tell the peak memory of a process")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database")
    parser.add_argument("name", help="module.function, e.g. ours.decide")
    parser.add_argument("result", type=Path)
    parser.add_argument("settings", nargs="*", help="key=value, handed to the function")
    parser.add_argument("--addons", help="the addons path, if not the configured one")
    parser.add_argument("--profile", type=Path, help="write a cProfile of the measured block here")
    arguments = parser.parse_intermixed_args()
    options = ["-d", arguments.database, "--no-http", "--log-level=error"]
    odoo.tools.config.parse_config(options + [f"--addons-path={arguments.addons}"] * bool(arguments.addons))
    module, function = arguments.name.split(".")
    measurement = getattr(importlib.import_module(module), function)
    settings = dict(pair.split("=", 1) for pair in arguments.settings)
    settings["on"] = date.fromisoformat(settings["on"])
    with Registry(arguments.database).cursor() as cr:
        meter = Meter(cr)
        env = api.Environment(cr, SUPERUSER_ID, {})
        if arguments.profile:
            import cProfile

            profile = cProfile.Profile()
            profile.runcall(measurement, env, meter, **settings)
            profile.dump_stats(arguments.profile)
        else:
            measurement(env, meter, **settings)
    arguments.result.write_text(json.dumps(meter.result))


if __name__ == "__main__":
    main()
