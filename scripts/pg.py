"""The embedded PostgreSQL server: ``start``, ``stop``, ``status``."""

import argparse
import sys

from devenv import postgres
from devenv.steps import SetupError, say


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=("start", "stop", "status"))
    action = parser.parse_args().action
    try:
        if action == "start":
            postgres.ensure()
        elif action == "stop":
            postgres.stop()
    except SetupError as error:
        say(str(error))
        return 1
    running = postgres.is_running()
    where = f"PGHOST={postgres.environment()['PGHOST']}"
    say(f"PostgreSQL {'is running' if running else 'is not running'} ({where})")
    return 0 if running or action == "stop" else 3


if __name__ == "__main__":
    sys.exit(main())
