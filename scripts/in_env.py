"""Runs a program in this environment: ``in_env.py odoo|python|<any program> [arguments]``, or prints the environment: ``in_env.py env``.

PostgreSQL is started if it is not running; the PG* variables, ODOO_RC and PATH are set; then this process becomes the program.
"""

import os
import shlex
import sys

from devenv import odoo_conf, paths, postgres
from devenv.steps import SetupError, say

OURS = ("PGHOST", "PGPORT", "PGUSER", "PATH", "ODOO_RC")


def environment() -> dict[str, str]:
    """The variables programs need here."""
    variables = postgres.environment()
    variables["ODOO_RC"] = str(odoo_conf.ensure())
    variables["PATH"] = f"{paths.VENV / 'bin'}{os.pathsep}{variables['PATH']}"
    return variables


def main() -> int:
    """Become the program that was asked for."""
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        postgres.ensure()
    except SetupError as error:
        say(str(error))
        return 1
    program, arguments = sys.argv[1], sys.argv[2:]
    variables = environment()
    if program == "env":
        print("\n".join(f"export {name}={shlex.quote(variables[name])}" for name in OURS if name in variables))
        return 0
    command = {
        "odoo": [str(paths.PYTHON), str(paths.ROOT / "scripts" / "odoo-bin")],
        "python": [str(paths.PYTHON)],
    }.get(program, [program])
    if program == "psql":
        variables.setdefault("PGDATABASE", "postgres")
    os.environ.update(variables)
    os.execvpe(command[0], [*command, *arguments], variables)


if __name__ == "__main__":
    sys.exit(main())
