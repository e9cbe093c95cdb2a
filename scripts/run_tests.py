"""Runs all tests, one pytest run for each kind, as many side by side as ``--jobs`` says, and fails if one of them fails.

``core``    without Odoo: ``tests/`` (but not its folders), the examples of the addons' cores among them, and the doctests of ``scripts``
``odoo``    Odoo's tests of the addons, in a copy of the template database
``stock``   those of the bridge to deliveries, in a copy of the template with Odoo's stock modules
``tours``   Odoo's own browser tours of what we extend, with all our addons (see ``core_tours.py``)
``system``  whole processes: servers that are killed, mail servers that refuse; they make their own copies (see ``AR_TEMPLATE``)
``upgrade`` databases of a former commit, in use, brought over in every way; skipped where the clone does not have that commit

With ``--family`` the walls are tried as well: the tests of each addon where only what it depends on is installed.

``alone``   those of ``ar_dunning`` by itself
``charge``  those of late fees and interest; ``credit`` those of scores and limits; ``sale`` those of orders

``-k pattern`` selects, ``--only kind`` runs one kind, ``--smoke`` the core and those of ``SMOKE``; everything after ``--`` goes to pytest.
"""

import argparse
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from core_tours import selection
from devenv import databases, odoo_conf, paths, postgres
from devenv.steps import SetupError, say

OUR_PREFIX = "test_odoo_"  # and the process that runs the tests
NO_TESTS = 5  # pytest's exit code
PURE = ("-p", "no:odoo")
PEPPOL = "ar_dunning/tests/test_einvoice.py"  # needs a module that installs itself in some countries only
LONG = ("odoo", "system", "alone")  # begun first
lane = threading.local()  # where the kind of this thread prints to
PRINTING = threading.Lock()
# What leans most on libraries: letters, mails, files.
SMOKE = tuple(
    f"ar_dunning/tests/test_{name}.py"
    for name in ("pdf", "letter", "mail_body", "desk_notices", "load", "setup", "rehearsal", "diary")
)


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-k", dest="pattern", help="pytest's selection by name")
    parser.add_argument("--only", choices=KINDS | FAMILY, action="append", help="run only this kind of tests")
    parser.add_argument(
        "--family", action="store_true", help="each addon where only what it depends on is installed, too"
    )
    parser.add_argument("--jobs", type=int, default=min(os.cpu_count() or 1, 2), help="how many kinds side by side")
    parser.add_argument("--smoke", action="store_true", help="only the core, letters, mails and files")
    parser.add_argument("pytest", nargs="*", help="arguments for pytest, after --")
    return parser.parse_args()


def core(arguments: list[str]) -> int:
    """Tests and doctests that know nothing of Odoo: those of the addons' core, and of these scripts."""
    apart = ("--ignore=tests/system", "--ignore=tests/upgrade")
    return pytest(*PURE, "--doctest-modules", *apart, "tests", "scripts", *arguments)


def odoo(arguments: list[str]) -> int:
    """Tests of the addons inside Odoo; browser tours included."""
    return inside_odoo("odoo", databases.addon_template(), paths.our_addons(apart=False), arguments)


def smoke(arguments: list[str]) -> int:
    """Those tests inside Odoo that lean most on libraries."""
    return inside_odoo("smoke", databases.addon_template(), [], arguments, SMOKE)


def stock(arguments: list[str]) -> int:
    """The same for the addons that need more of Odoo."""
    places = (*(f"{addon}/tests" for addon in sorted(paths.APART)), PEPPOL)
    return inside_odoo("stock", databases.addon_template(apart=True), [], arguments, places)


def tours(arguments: list[str]) -> int:
    """Odoo's own tours, with all our addons."""
    return inside_odoo("tours", databases.addon_template(apart=True), [], arguments, tuple(selection()))


def member(addon: str) -> Callable[[list[str]], int]:
    """The kind of tests of one addon, where only what it depends on is installed."""
    kind = addon.removeprefix("ar_dunning").lstrip("_") or "alone"
    return lambda arguments: inside_odoo(kind, databases.member_template(addon), [addon], arguments)


def inside_odoo(kind: str, template: str, addons: list[str], arguments: list[str], only: tuple[str, ...] = ()) -> int:
    """The tests of these addons (or those `only`), in a copy of a template, with a port of their own."""
    places = list(only) or [f"{addon}/tests" for addon in addons if (paths.ROOT / addon / "tests").is_dir()]
    if not places:
        return NO_TESTS
    name = f"{OUR_PREFIX}{os.getpid()}_{kind}"
    sweep()
    databases.clone(template, name)
    try:
        return pytest(f"--odoo-database={name}", "--odoo-http", *places, *arguments, ODOO_RC=str(own_port(kind)))
    finally:
        databases.drop(name)


def own_port(kind: str) -> Path:
    """Odoo's configuration with a port that no other kind has."""
    text = odoo_conf.ensure().read_text()
    places = [*(KINDS | SMOKE_KINDS | FAMILY)]
    port = int(odoo_conf.options()["http_port"]) + 1 + places.index(kind)
    own = paths.ODOO_CONF.with_name(f"odoo_{kind}.conf")
    own.touch(mode=0o600)
    own.write_text(re.sub(r"^http_port = .*$", f"http_port = {port}", text, flags=re.MULTILINE))
    return own


def sweep() -> None:
    """Drop the databases of test runs that were killed."""
    names = databases.psql(f"SELECT datname FROM pg_database WHERE datname ~ '^{OUR_PREFIX}[0-9]+'").split()
    for name in names:
        if not Path(f"/proc/{name.removeprefix(OUR_PREFIX).split('_')[0]}").exists():
            databases.drop(name)


def system(arguments: list[str]) -> int:
    """Tests of whole processes."""
    if not (paths.ROOT / "tests" / "system").is_dir():
        return NO_TESTS
    template = databases.addon_template()
    return pytest(*PURE, "tests/system", *arguments, AR_TEMPLATE=template)


def upgrade(arguments: list[str]) -> int:
    """Former databases, upgraded."""
    if not (paths.ROOT / "tests" / "upgrade").is_dir():
        return NO_TESTS
    return pytest(*PURE, "tests/upgrade", *arguments)


KINDS = {"core": core, "odoo": odoo, "stock": stock, "tours": tours, "system": system, "upgrade": upgrade}
SMOKE_KINDS = {"core": core, "smoke": smoke}
FAMILY = {
    addon.removeprefix("ar_dunning").lstrip("_") or "alone": member(addon) for addon in paths.our_addons(apart=False)
}


def pytest(*arguments: str, **variables: str) -> int:
    """Run pytest; return its exit code."""
    environment = {**os.environ, **variables}
    if PURE[1] in arguments:
        environment.pop("ODOO_RC", None)
    output = getattr(lane, "output", None)
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=paths.ROOT, env=environment, stdout=output, stderr=output).returncode


def attempt(kind: str, arguments: list[str]) -> int:
    """Run one kind; what keeps it from running (an addon that does not install, say) is a failure of this kind only."""
    try:
        postgres.ensure()
        return (KINDS | SMOKE_KINDS | FAMILY)[kind](arguments)
    except SetupError as error:
        say(str(error))
        return 1


def apart(kind: str, arguments: list[str]) -> tuple[int, float]:
    """Run one kind beside others: what it prints is kept, and printed in one piece when it is done."""
    started = time.monotonic()
    say(f"tests: {kind} begins")
    log = paths.LOGS / f"tests_{kind}.log"
    with log.open("w+", errors="replace") as lane.output:
        code = attempt(kind, arguments)
        lane.output.seek(0)
        with PRINTING:
            say(f"tests: {kind}")
            print(lane.output.read(), flush=True)
    return code, time.monotonic() - started


def run(kinds: list[str], arguments: list[str], jobs: int) -> dict[str, tuple[int, float]]:
    """Exit code and seconds of each kind."""
    if jobs < 2 or len(kinds) < 2:
        results = {}
        for kind in kinds:
            started = time.monotonic()
            say(f"tests: {kind}")
            results[kind] = attempt(kind, arguments), time.monotonic() - started
        return results
    with ThreadPoolExecutor(jobs) as lanes:
        return dict(zip(kinds, lanes.map(lambda kind: apart(kind, arguments), kinds), strict=True))


def main() -> int:
    """Run the kinds and sum up."""
    options = parse()
    extra = (["-k", options.pattern] if options.pattern else []) + options.pytest
    kinds = list(options.only or (SMOKE_KINDS if options.smoke else KINDS))
    kinds += [kind for kind in FAMILY if options.family and kind not in kinds]
    kinds.sort(key=lambda kind: kind not in LONG)
    results = run(kinds, extra, options.jobs)
    for kind, (code, seconds) in results.items():
        word = {0: "passed", NO_TESTS: "none selected"}.get(code, f"FAILED ({code})")
        say(f"tests: {kind:7} {word:14} {seconds:6.1f} s")
    codes = [code for code, _seconds in results.values()]
    if all(code == NO_TESTS for code in codes):
        return NO_TESTS
    return int(any(code not in (0, NO_TESTS) for code in codes))


if __name__ == "__main__":
    sys.exit(main())
