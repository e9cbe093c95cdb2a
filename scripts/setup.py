"""Sets the whole environment up, as far as it is not: ``python3 scripts/setup.py [part]``.

Parts, each including those before it: ``machine`` (apt packages), ``packages`` (Python), ``odoo`` (tree and configuration),
``postgres`` (a running server), ``base`` (template database with Odoo's modules), ``addons`` (the same with ours; the default).
"""

import argparse
import sys
import time

from devenv import databases, machine, odoo_conf, odoo_tree, packages, postgres
from devenv.steps import SetupError, lock, say


def set_up(part: str = "addons", extra: tuple[str, ...] = ()) -> None:
    """Do every part up to ``part``; those already done take no time."""
    with lock():
        machine.check_python()
        machine.check_room()
        machine.install_missing(extra)
        for name, action in PARTS.items():
            action()
            if name == part:
                return


PARTS = {
    "machine": lambda: None,
    "packages": packages.ensure,
    "odoo": lambda: (odoo_tree.ensure(), odoo_conf.ensure()),
    "postgres": postgres.ensure,
    "base": databases.base_template,
    "addons": databases.addon_template,
}


def main() -> int:
    """Read the command line, set up, and tell how long it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", choices=PARTS, default="addons")
    parser.add_argument("--with-chromium", action="store_true", help="also install Chromium, for browser tests")
    parser.add_argument("--with-peer", action="store_true", help="also fetch the addon the benchmark compares with")
    arguments = parser.parse_args()
    started = time.monotonic()
    try:
        set_up(arguments.part, ("chromium",) if arguments.with_chromium else ())
        if arguments.with_peer:
            packages.ensure_peer()
    except SetupError as error:
        say(f"{error}")
        return 1
    say(f"ready ({time.monotonic() - started:.1f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
