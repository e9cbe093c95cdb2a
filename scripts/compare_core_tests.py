"""Runs the test-suites of Odoo's account and sale without our addons and with them, and compares which tests fail.

Debian's package alone fails some (files are left out, services are out of reach), so not the number counts but the difference: the run
is good if every test that fails with our addons also fails without them, and every test that starts without them starts with them.
The two runs go side by side. Their logs and the lists stay in ``.env/logs/core-*``.
"""

import argparse
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from devenv import databases, odoo_conf, paths, postgres
from devenv.steps import SetupError, say

STARTED = re.compile(r" INFO \S+ odoo\.addons\.([\w.]+): Starting (\S+) \.\.\.")
FAILED = re.compile(r" ERROR \S+ odoo\.addons\.([\w.]+): (?:FAIL|ERROR): (?:Subtest )?(\S+)")
BROKEN_CLASS = re.compile(r" ERROR \S+ \S+: ERROR: (setUp\w+|tearDown\w+) \((?:odoo\.addons\.)?([\w.]+)\)")


@dataclass(frozen=True)
class Outcome:
    """What a run's log says: names of the tests that started, and of those that failed."""

    started: frozenset[str]
    failed: frozenset[str]


def outcome(log: str) -> Outcome:
    """Read a log.

    >>> text = '''... INFO db odoo.addons.sale.tests.test_a: Starting TestA.test_one ...
    ... ... ERROR db odoo.addons.sale.tests.test_a: FAIL: Subtest TestA.test_one (x=1)
    ... ... ERROR db odoo.tests.suite: ERROR: setUpClass (odoo.addons.sale.tests.test_b.TestB)'''
    >>> sorted(outcome(text).failed)
    ['sale.tests.test_a.TestA.test_one', 'sale.tests.test_b.TestB.setUpClass']
    """
    started = {f"{module}.{test}" for module, test in STARTED.findall(log)}
    failed = {f"{module}.{test}" for module, test in FAILED.findall(log) if not test.startswith(("setUp", "tearDown"))}
    failed |= {f"{name}.{phase}" for phase, name in BROKEN_CLASS.findall(log)}
    return Outcome(frozenset(started), frozenset(failed))


def begin(label: str, template: str, modules: str, tags: str, port: int) -> tuple[subprocess.Popen, Path]:
    """Start Odoo's test run on a copy of the template."""
    name = f"core_{label}"
    databases.clone(template, name)
    log = paths.LOGS / f"core-{label}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [paths.PYTHON, paths.ROOT / "scripts" / "odoo-bin", "-d", name, "-u", modules, "--test-enable"]
    command += ["--test-tags", tags, "--stop-after-init", "--http-port", str(port), "--max-cron-threads", "0"]
    environment = {**postgres.environment(), "ODOO_RC": str(odoo_conf.ensure())}
    say(f"tests of {tags} {label} our addons: log in {log.relative_to(paths.ROOT)}")
    with log.open("w") as stream:
        return subprocess.Popen(command, stdout=stream, stderr=subprocess.STDOUT, env=environment), log


def compare(without: Outcome, having: Outcome) -> list[str]:
    """What is worse with our addons, one line each."""
    worse = [f"fails only with the addon: {name}" for name in sorted(having.failed - without.failed)]
    missing = sorted(without.started - having.started)
    worse += [f"does not start with the addon: {name}" for name in missing]
    return worse or ([] if without.started else ["no test was run"])


def run(tags: str, modules: str, parallel: bool) -> tuple[Outcome, Outcome]:
    """Both runs, side by side or one after the other."""
    plans = [("without", databases.base_template(), 8171), ("with", databases.addon_template(), 8172)]
    running = []
    for label, template, port in plans:
        process, log = begin(label, template, modules, tags, port)
        running.append((label, process, log))
        if not parallel:
            process.wait()
    outcomes = []
    for label, process, log in running:
        process.wait()
        outcomes.append(outcome(log.read_text(errors="replace")))
        (paths.LOGS / f"core-{label}-failed.txt").write_text("\n".join(sorted(outcomes[-1].failed)) + "\n")
        databases.drop(f"core_{label}")
    return outcomes[0], outcomes[1]


def main() -> int:
    """Run, compare, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tags", default="/account,/sale", help="Odoo's --test-tags")
    parser.add_argument("--modules", default="account,sale", help="modules to update, which makes their tests run")
    parser.add_argument("--serial", action="store_true", help="one run after the other")
    options = parser.parse_args()
    try:
        postgres.ensure()
        without, having = run(options.tags, options.modules, not options.serial)
    except SetupError as error:
        say(str(error))
        return 1
    print(f"without the addon: {len(without.started)} tests, {len(without.failed)} fail")
    print(f"with the addon:    {len(having.started)} tests, {len(having.failed)} fail")
    worse = compare(without, having)
    print("\n".join(worse) if worse else "No test fails only with the addon.")
    return int(bool(worse))


if __name__ == "__main__":
    sys.exit(main())
