"""Tries the properties of the core on fresh examples, round after round, until one fails or the time is up.

The suite tries each property on the same examples every time. Here every round has a seed of its own, which is told: the seed of a round
that fails brings the same examples again (``--seed``). What fails is kept beside its property as an ``@example``.
"""

import argparse
import random
import subprocess
import sys
import time

from devenv import paths
from devenv.steps import say


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10, help="begin no round after this time (default: 10)")
    parser.add_argument("--seed", type=int, help="one round with this seed")
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
        "-m",
        "hypothesis",
        "tests",
    ]
    command += ["--hypothesis-profile=soak", f"--hypothesis-seed={seed}"]
    return subprocess.run(command + (["-k", pattern] if pattern else []), cwd=paths.ROOT).returncode


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
            return code


if __name__ == "__main__":
    sys.exit(main())
