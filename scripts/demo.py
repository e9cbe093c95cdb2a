"""The demo: a ledger, a night, its mails and letters as files, a summary, and then the web client.

Without ``--ledger`` the ledger is made up, with dates relative to today; with it, a CSV of open items is loaded and the night of
``--as-of`` is played on it. What does not change from one demo to the next is kept in template databases.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import date
from pathlib import Path

import smtp_catchall
from devenv import databases, odoo_conf, paths, postgres
from devenv.steps import SetupError, digest, is_done, lock, once, say

HERE = Path(__file__).resolve().parent
# Which of our files a template's contents depend on.
INGREDIENTS = {
    "base": ("demo_base.py", "demo_build.py", "demo_odoo.py"),
    "ledger": (
        "demo_build.py",
        "demo_odoo.py",
        "demo_customers.py",
        "demo_goods.py",
        "demo_ledger.py",
        "demo_orders.py",
        "demo_promises.py",
    ),
    "load": ("demo_build.py", "demo_odoo.py"),
}
LOGINS = (
    ("accountant", "reviews, edits and sends notices; decides about orders on hold"),
    ("manager", "policies, runs, overrides; may load open items"),
    ("sales", "no accounting rights: sees how a customer stands"),
    ("warehouse", "deliveries only: sees which of them have to wait"),
    ("portal", "a customer with overdue invoices"),
    ("admin", "the administrator"),
)


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--serve", default="1", choices=("0", "1"), help="serve the web client afterwards")
    parser.add_argument("--ledger", type=Path, help="CSV of open items to load instead of the made-up ledger")
    parser.add_argument("--as-of", type=date.fromisoformat, default=date.today(), metavar="DATE")
    parser.add_argument("--map", default="", help="target=column,... where the file's headers do not say it")
    parser.add_argument(
        "--rate", action="append", default=[], metavar="CODE=VALUE", help="exchange rate for a ledger's currency"
    )
    parser.add_argument(
        "--emails",
        default=os.environ.get("EMAILS", "1"),
        choices=("0", "1"),
        help="give customers of a ledger that have no address one at example.invalid, so that mails leave",
    )
    parser.add_argument("--database", help="another name for the demo's database")
    parser.add_argument("--port", type=int, default=os.environ.get("PORT", odoo_conf.HTTP_PORT))
    return parser.parse_args()


# === Databases === #


def template(what: str, source: str, action: str, *arguments: object, key: tuple = ()) -> str:
    """The name of a template made from `source` by ``demo_build.py action``, built if necessary."""
    name = f"tpl_demo_{digest(source, action, *arguments, *key, *(HERE / file for file in INGREDIENTS[action]))}"
    with lock("databases"):
        if is_done(name, name) and not databases.exists(name):
            (paths.STAMPS / name).unlink()
        once(name, name, what, lambda: build(name, source, action, *arguments))
        os.utime(paths.STAMPS / name)
    return name


def build(name: str, source: str, action: str, *arguments: object) -> None:
    """Build under another name: a template exists only if everything succeeded."""
    unfinished = f"{name}_new"
    for left in databases.psql("SELECT datname FROM pg_database WHERE datname LIKE 'tpl\\_demo\\_%\\_new'").split():
        databases.drop(left)  # of a demo that was interrupted
    databases.clone(source, unfinished)
    command = [sys.executable, str(HERE / "demo_build.py"), action, unfinished, *map(str, arguments)]
    if subprocess.run(command, check=False).returncode:
        databases.drop(unfinished)
        raise SetupError(f"{what_failed(action)}; see {paths.LOGS / 'demo.log'}")
    databases.clone(unfinished, name)
    databases.drop(unfinished)


def what_failed(action: str) -> str:
    """In words."""
    return {"load": "the ledger could not be loaded"}.get(action, "the demo's database could not be built")


def prepare(options: argparse.Namespace) -> str:
    """A fresh database with the ledger, before its night; returns its name."""
    addons = databases.addon_template(apart=True)
    base = template("the demo's company, languages and users (about half a minute)", addons, "base")
    if options.ledger:
        ledger = options.ledger.expanduser().resolve()
        if not ledger.is_file():
            raise SetupError(f"there is no file {options.ledger}")
        arguments = (ledger, options.as_of, options.map, options.emails, *options.rate)
        name, source = "ledger", template(f"loading {ledger.name}", base, "load", *arguments, key=(ledger,))
    else:
        name = "demo"
        source = template(f"the demo's ledger of {options.as_of} (about a minute)", base, "ledger", options.as_of)
    name = options.database or name
    databases.clone(source, name)
    address = f"http://127.0.0.1:{options.port}"  # whom the engine of the letters asks for their style
    databases.psql(f"UPDATE ir_config_parameter SET value = '{address}' WHERE key = 'web.base.url'", name)
    return name


def check_port(port: int) -> None:
    """Refuse a port that something else listens on, before the night is played."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise SetupError(
                f"port {port} cannot be used ({error.strerror}). Choose another one: make demo PORT=8070"
            ) from error


# === The night === #


def empty(directory: Path, pattern: str) -> None:
    """Remove what an earlier demo left."""
    directory.mkdir(parents=True, exist_ok=True)
    for file in directory.glob(pattern):
        file.unlink()


def play(database: str, options: argparse.Namespace, server: smtp_catchall.CatchAll) -> str:
    """The night, and its summary. Of a ledger of the user's everything leaves; otherwise the morning's work waits."""
    from demo_morning import Morning
    from demo_night import LETTERS, MAIL, Night
    from demo_odoo import environment, schedule

    empty(LETTERS, "*.pdf")
    with environment(database, "--smtp-port", str(server.port)) as env:
        night = (Night if options.ledger else Morning)(env, options.as_of, server)
        night.play()
        schedule(env, True)
        if options.as_of != date.today():
            env.ref("ar_dunning.ir_cron_night").active = False
        summary = night.report(f"Night of {options.as_of}, database {database}")
    places = f"\nMails are in {relative(MAIL)}, letters in {relative(LETTERS)}."
    return summary + "\n" + places


def relative(path: Path) -> Path:
    """As seen from the repository."""
    return path.relative_to(paths.ROOT)


# === The web client === #


def start_odoo(database: str, options: argparse.Namespace, server: smtp_catchall.CatchAll) -> subprocess.Popen:
    """The web client's server. It starts while the night is played; its scheduled actions rest until then."""
    environment = {**postgres.environment(), "ODOO_RC": str(odoo_conf.ensure())}
    command = [paths.PYTHON, paths.ROOT / "scripts" / "odoo-bin", "-d", database, "--smtp-port", server.port]
    command += ["--http-port", options.port, "--logfile", paths.LOGS / "demo-server.log"]
    with (paths.LOGS / "demo-server.err").open("w") as errors:
        return subprocess.Popen([str(part) for part in command], env=environment, stderr=errors)


def serve(odoo: subprocess.Popen, options: argparse.Namespace, started: float) -> None:
    """Say how to get in, and wait until interrupted; mails keep arriving in the catch-all."""
    wait_for(f"http://127.0.0.1:{options.port}/web/login", odoo)
    print(f"\nOpen http://127.0.0.1:{options.port}  (ready after {time.monotonic() - started:.0f} s; Ctrl-C stops)\n")
    print("  login = password")
    for login, what in LOGINS:
        if login != "portal" or not options.ledger:
            print(f"  {login:<12} {what}")
    if not options.ledger:
        print("\nA morning's work waits for the accountant: README.md, 'A morning in ten minutes'.")
    print("What is sent from there lands in out/mail, too: nothing leaves this machine.", flush=True)
    odoo.wait()


def wait_for(url: str, odoo: subprocess.Popen) -> None:
    """Wait until the page answers.

    :raise SetupError: the server stopped instead
    """
    for _attempt in range(600):
        if odoo.poll() is not None:
            raise SetupError(f"Odoo stopped; see {paths.LOGS / 'demo-server.log'} (is the port taken?)")
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise SetupError(f"{url} does not answer")


def main() -> int:
    """Do it, with errors told in a sentence."""
    started = time.monotonic()
    options = parse()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    odoo = None
    try:
        if options.serve == "1":
            check_port(options.port)
        database = prepare(options)
        empty(paths.OUT / "mail", "*.eml")
        with smtp_catchall.start(paths.OUT / "mail") as server:
            if options.serve == "1":
                odoo = start_odoo(database, options, server)
            print(play(database, options, server))
            print(f"All in {time.monotonic() - started:.1f} s.", flush=True)
            if odoo:
                serve(odoo, options, started)
    except SetupError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        print("stopped")
    finally:
        if odoo:
            odoo.terminate()
            odoo.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
