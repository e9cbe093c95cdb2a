"""Runs all tests, one pytest run for each kind, and fails if one of them fails.

``core``    without Odoo: ``tests/`` (but not its folders), and the doctests of ``ar_dunning/core`` and ``scripts``
``odoo``    Odoo's tests of the addons, in a copy of the template database
``stock``   those of the bridge to deliveries, in a copy of the template with Odoo's stock modules
``tours``   Odoo's own browser tours of what we extend, with all our addons (see ``core_tours.py``)
``system``  whole processes: servers that are killed, mail servers that refuse; they make their own copies (see ``AR_TEMPLATE``)
``upgrade`` databases of a former commit, in use, brought over in every way; skipped where the clone does not have that commit

``-k pattern`` selects, ``--only kind`` runs one kind, ``--smoke`` the core and those of ``SMOKE``; everything after ``--`` goes to pytest.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from core_tours import selection
from devenv import databases, paths, postgres
from devenv.steps import SetupError, say

OUR_PREFIX = "test_odoo_"  # and the process that runs the tests
NO_TESTS = 5  # pytest's exit code
PURE = ("-p", "no:odoo")
# What leans most on libraries: letters, mails, files.
SMOKE = tuple(
    f"ar_dunning/tests/test_{name}.py"
    for name in ("pdf", "letter", "mail_body", "desk_notices", "load", "setup", "diary")
)


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-k", dest="pattern", help="pytest's selection by name")
    parser.add_argument("--only", choices=KINDS, action="append", help="run only this kind of tests")
    parser.add_argument("--smoke", action="store_true", help="only the core, letters, mails and files")
    parser.add_argument("pytest", nargs="*", help="arguments for pytest, after --")
    return parser.parse_args()


def core(arguments: list[str]) -> int:
    """Tests and doctests that know nothing of Odoo: those of the addons' core, and of these scripts."""
    places = [
        name
        for name in ("tests", *(f"{addon}/core" for addon in paths.ADDONS), "scripts")
        if (paths.ROOT / name).is_dir()
    ]
    apart = ("--ignore=tests/system", "--ignore=tests/upgrade")
    return pytest(*PURE, "--doctest-modules", *apart, *places, *arguments)


def odoo(arguments: list[str]) -> int:
    """Tests of the addons inside Odoo; browser tours included."""
    return inside_odoo(paths.our_addons(apart=False), False, arguments)


def smoke(arguments: list[str]) -> int:
    """Those tests inside Odoo that lean most on libraries."""
    return inside_odoo(paths.our_addons(apart=False), False, arguments, SMOKE)


def stock(arguments: list[str]) -> int:
    """The same for the addons that need more of Odoo."""
    return inside_odoo(sorted(paths.APART), True, arguments)


def tours(arguments: list[str]) -> int:
    """Odoo's own tours, with all our addons."""
    return inside_odoo([], True, arguments, tuple(selection()))


def inside_odoo(addons: list[str], apart: bool, arguments: list[str], only: tuple[str, ...] = ()) -> int:
    """The tests of these addons (or those `only`), in a copy of their template."""
    places = list(only) or [f"{addon}/tests" for addon in addons if (paths.ROOT / addon / "tests").is_dir()]
    if not places:
        return NO_TESTS
    name = f"{OUR_PREFIX}{os.getpid()}"
    sweep()
    databases.clone(databases.addon_template(apart), name)
    try:
        return pytest(f"--odoo-database={name}", "--odoo-http", *places, *arguments)
    finally:
        databases.drop(name)


def sweep() -> None:
    """Drop the databases of test runs that were killed."""
    names = databases.psql(f"SELECT datname FROM pg_database WHERE datname ~ '^{OUR_PREFIX}[0-9]+$'").split()
    for name in names:
        if not Path(f"/proc/{name.removeprefix(OUR_PREFIX)}").exists():
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


def pytest(*arguments: str, **variables: str) -> int:
    """Run pytest; return its exit code."""
    environment = {**os.environ, **variables}
    if PURE[1] in arguments:
        environment.pop("ODOO_RC", None)
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=paths.ROOT, env=environment).returncode


def attempt(kind: str, arguments: list[str]) -> int:
    """Run one kind; what keeps it from running (an addon that does not install, say) is a failure of this kind only."""
    try:
        postgres.ensure()
        return (KINDS | SMOKE_KINDS)[kind](arguments)
    except SetupError as error:
        say(str(error))
        return 1


def main() -> int:
    """Run the kinds one after the other and sum up."""
    options = parse()
    extra = (["-k", options.pattern] if options.pattern else []) + options.pytest
    results = {}
    for kind in options.only or (SMOKE_KINDS if options.smoke else KINDS):
        started = time.monotonic()
        say(f"tests: {kind}")
        results[kind] = attempt(kind, extra), time.monotonic() - started
    for kind, (code, seconds) in results.items():
        word = {0: "passed", NO_TESTS: "none selected"}.get(code, f"FAILED ({code})")
        say(f"tests: {kind:7} {word:14} {seconds:6.1f} s")
    codes = [code for code, _seconds in results.values()]
    if all(code == NO_TESTS for code in codes):
        return NO_TESTS
    return int(any(code not in (0, NO_TESTS) for code in codes))


if __name__ == "__main__":
    sys.exit(main())
