"""Exports the texts of the addons to ``<addon>/i18n/<addon>.pot``, from a copy of the template database with all of them installed."""

import sys

from devenv import databases, paths, postgres
from devenv.steps import SetupError, say


def main() -> int:
    """Export every addon of this project."""
    name = "pot_export"
    try:
        postgres.ensure()
        databases.clone(databases.addon_template(apart=True), name)
        databases.odoo("i18n", "export", "-c", paths.ODOO_CONF, "-d", name, *paths.our_addons(), log="pot.log")
        say(f"wrote {', '.join(f'{addon}/i18n/{addon}.pot' for addon in paths.our_addons())}")
        databases.drop(name)
    except SetupError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
