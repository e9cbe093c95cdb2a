"""Template databases and their copies.

``template``        build what is missing; print the name of the template with our addons as they are now
``template --base`` the same for the template with Odoo's modules only
``clone A B``       make B a copy of A; ``clone B`` copies the template with our addons
``drop B ...``      remove databases with their filestores
``list``            the databases there are
"""

import argparse
import sys

from devenv import databases, postgres
from devenv.steps import SetupError, say


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("template").add_argument("--base", action="store_true")
    actions.add_parser("clone").add_argument("names", nargs="+", metavar="NAME")
    actions.add_parser("drop").add_argument("names", nargs="+", metavar="NAME")
    actions.add_parser("list")
    return parser.parse_args()


def do(arguments: argparse.Namespace) -> None:
    """Do what the command line says."""
    if arguments.action == "template":
        print(databases.base_template() if arguments.base else databases.addon_template())
    elif arguments.action == "clone":
        *source, target = arguments.names
        databases.clone(source[0] if source else databases.addon_template(), target)
    elif arguments.action == "drop":
        for name in arguments.names:
            databases.drop(name)
    else:
        print(databases.psql("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1"))


def main() -> int:
    """Run, with errors told in a sentence."""
    arguments = parse()
    try:
        postgres.ensure()
        do(arguments)
    except SetupError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
