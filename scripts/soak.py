"""Tries the properties of the core on fresh examples, and plays nights of made-up ledgers against the oracle.

The suite tries each property on the same examples every time. Here every round has a seed of its own, which is told: the seed of a round
that fails brings the same examples again (``--seed``). What fails is kept beside its property as an ``@example``. Rounds follow each other
until one fails or the time is up; then the nights: 120 in each of three time zones, for each of ten seeds (``--nights``, ``--ledgers``).
"""

import argparse
import os
import random
import subprocess
import sys
import time

import run_tests
from devenv import databases, paths
from devenv.steps import say


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10, help="begin no round after this time (default: 10)")
    parser.add_argument("--seed", type=int, help="one round with this seed")
    parser.add_argument("--nights", type=int, default=120, help="nights of each ledger (default: 120; 0: none)")
    parser.add_argument("--ledgers", type=int, default=10, help="made-up ledgers (default: 10)")
    parser.add_argument("-k", dest="pattern", help="pytest's selection by name")
    return parser.parse_args()


def properties(seed: int, pattern: str | None) -> int:
    """One round over all properties of the core; pytest's exit code."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:odoo",
        "--ignore=tests/system",
        "--ignore=tests/upgrade",
        "-m",
        "hypothesis",
        "tests",
    ]
    command += ["--hypothesis-profile=soak", f"--hypothesis-seed={seed}"]
    return subprocess.run(command + (["-k", pattern] if pattern else []), cwd=paths.ROOT).returncode


def nights(seed: int, count: int, ledgers: int) -> int:
    """Play the nights inside Odoo; pytest's exit code."""
    os.environ["SOAK_SEEDS"] = ",".join(str((seed + number) % 2**32) for number in range(ledgers))
    os.environ["SOAK_DAYS"] = str(count)
    say(f"soak: {count} nights of the ledgers {os.environ['SOAK_SEEDS']}")
    return run_tests.inside_odoo("odoo", databases.addon_template(), [], ["-q"], ("ar_dunning/tests/test_soak.py",))


def main() -> int:
    """Rounds until the time is up; the exit code of the first that failed."""
    options, started, rounds = parse(), time.monotonic(), 0
    while True:
        seed = random.randrange(2**32) if options.seed is None else options.seed
        say(f"soak: properties of the core, seed {seed}")
        code = properties(seed, options.pattern)
        rounds += 1
        if code or options.seed is not None or time.monotonic() - started > 60 * options.minutes:
            say(f"soak: {rounds} rounds, {'seed %d FAILED' % seed if code else 'nothing found'}")
            return code or (
                nights(seed, options.nights, options.ledgers) if options.nights and not options.pattern else 0
            )


if __name__ == "__main__":
    sys.exit(main())
