"""Template databases, built once, and their copies.

``tpl_base``    Odoo's own modules the addons stand on
``tpl_<hash>``  a copy of it with our addons installed; the hash is that of their source. There are two: with those of our
                addons that need little of Odoo, and with all of them

A copy takes well under a second: PostgreSQL copies files, and the filestore, whose files never change, is linked.
"""

import os
import shutil
import subprocess
from pathlib import Path

from . import odoo_conf, paths, postgres
from .steps import SetupError, digest, is_done, lock, once, run, say

BASE = "tpl_base"
BASE_MODULES = ("account", "account_payment", "account_debit_note", "sale_management")
APART_MODULES = ("stock_picking_batch", "account_peppol")  # what the addons that need more are tested with
TEMPLATES_KEPT = 10
NOT_INSTALLED = {"tests", "__pycache__", "readme", ".pot", ".md"}  # what leaves no trace in a database
# A scheduled action that reports to its vendor, and the addresses of the vendor's services.
KEEP_INSIDE = """
UPDATE ir_cron SET active = false WHERE id IN (
    SELECT res_id FROM ir_model_data WHERE module = 'mail' AND name = 'ir_cron_module_update_notification');
INSERT INTO ir_config_parameter (key, value)
SELECT key, 'http://127.0.0.1:9' FROM unnest(ARRAY['iap.endpoint', 'enrich.endpoint', 'sms.endpoint', 'snailmail.endpoint',
       'iap.partner_autocomplete.endpoint', 'html_editor.media_library_endpoint', 'html_editor.olg_api_endpoint']) key
    ON CONFLICT (key) DO UPDATE SET value = excluded.value;
"""


def psql(statement: str, database: str = "postgres") -> str:
    """Run SQL and return its unadorned output."""
    command = ("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement)
    return run(*command, env=postgres.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout.strip()


def exists(name: str) -> bool:
    """Whether the database is there."""
    return psql(f"SELECT 1 FROM pg_database WHERE datname = '{name}'") == "1"


def filestore(name: str) -> Path:
    """Where Odoo keeps the attachments of a database."""
    return paths.DATA / "filestore" / name


def drop(name: str) -> None:
    """Remove a database, ending its connections, and its filestore."""
    psql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(filestore(name), ignore_errors=True)
    (paths.STAMPS / name).unlink(missing_ok=True)


def clone(source: str, target: str) -> None:
    """Make ``target`` a copy of ``source``, replacing what was there."""
    drop(target)
    psql(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
    if filestore(source).exists():
        shutil.copytree(filestore(source), filestore(target), copy_function=os.link)


def odoo(*arguments: object, log: str) -> None:
    """Run Odoo to its end, its output going to a file of ``.env/logs``."""
    environment = {**postgres.environment(), "ODOO_RC": str(odoo_conf.ensure())}
    run(paths.PYTHON, paths.ROOT / "scripts" / "odoo-bin", *arguments, env=environment, log=paths.LOGS / log)


def base_template() -> str:
    """The name of the template without our addons, built if necessary."""
    key = digest(BASE_MODULES, KEEP_INSIDE, str(paths.odoo_home()), _odoo_version())
    with lock("databases"):
        if is_done(BASE, key) and not exists(BASE):
            (paths.STAMPS / BASE).unlink()
        once(BASE, key, f"building {BASE} ({', '.join(BASE_MODULES)}; about a minute)", _build_base)
    return BASE


def addon_template(apart: bool = False) -> str:
    """The name of the template with our addons as they are now, built if necessary.

    ``apart``: with all of them, and with the modules they are tested with; otherwise with those that need little of Odoo.
    """
    addons = paths.our_addons(apart)
    if not addons:
        return BASE
    if not apart:
        return _template(addons, base_template(), addons)
    return _template(addons, addon_template(), [*paths.APART, *APART_MODULES])


def member_template(addon: str) -> str:
    """The name of the template with one addon of ours and those of ours that it depends on: nothing installs itself."""
    return _template(paths.stands_on(addon), base_template(), [addon], "--skip-auto-install")


def _template(addons: list[str], start: str, new: list[str], *options: str) -> str:
    """The template with these addons of ours, made from ``start`` by installing ``new``."""
    base_key = (paths.STAMPS / BASE).read_text()
    name = f"tpl_{digest(base_key, *new, *options, *_sources(addons))}"
    with lock("databases"):
        if is_done(name, name) and not exists(name):
            (paths.STAMPS / name).unlink()
        told = f"building {name} ({', '.join(addons)})"
        once(name, name, told, lambda: _build_addons(name, start, new, *options))
        os.utime(paths.STAMPS / name)
        _forget_old_templates()
    return name


def _seal(name: str) -> None:
    """Let nobody connect to a finished template: it stays as it is, and copying it is never refused."""
    psql(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false')


def _build_base() -> None:
    drop(BASE)
    odoo("-d", BASE, "-i", ",".join(BASE_MODULES), "--stop-after-init", "--no-http", log=f"{BASE}.log")
    psql(KEEP_INSIDE, BASE)
    psql("VACUUM ANALYZE", BASE)
    _seal(BASE)


def _build_addons(name: str, start: str, addons: list[str], *options: str) -> None:
    """Install on a copy under another name: a template exists only if the installation succeeded."""
    unfinished = f"{name}_new"
    clone(start, unfinished)
    try:
        command = ("-d", unfinished, "-i", ",".join(addons), "--stop-after-init", "--no-http", *options)
        odoo(*command, log="tpl_addons.log")
        _check_log(paths.LOGS / "tpl_addons.log", addons)
    except SetupError:
        drop(unfinished)
        raise
    drop(name)
    psql(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')
    if filestore(unfinished).exists():
        filestore(unfinished).rename(filestore(name))
    _seal(name)


def _check_log(log: Path, addons: list[str]) -> None:
    """Show warnings and errors of the installation; an error that Odoo survives is still one."""
    lines = log.read_text(errors="replace").splitlines()
    for line in [line for line in lines if " WARNING " in line]:
        say(line)
    errors = [line for line in lines if " ERROR " in line or " CRITICAL " in line]
    if errors:
        raise SetupError(f"installing {', '.join(addons)} logged errors (see {log}):\n" + "\n".join(errors[-10:]))


def _sources(addons: list[str]) -> list[object]:
    """Names and contents of the files that make a database with our addons."""
    files = sorted(file for addon in addons for file in (paths.ROOT / addon).rglob("*") if file.is_file())
    wanted = [file for file in files if not NOT_INSTALLED & {*file.relative_to(paths.ROOT).parts, file.suffix}]
    return [part for file in wanted for part in (str(file.relative_to(paths.ROOT)), file)]


def _forget_old_templates() -> None:
    """Keep the templates used last."""
    stamps = [stamp for stamp in paths.STAMPS.glob("tpl_*") if stamp.name != BASE]
    stamps.sort(key=lambda stamp: stamp.stat().st_mtime, reverse=True)
    for stamp in stamps[TEMPLATES_KEPT:]:
        drop(stamp.name)


def _odoo_version() -> str:
    """Which Odoo this is: the unpacked package, or the commit of a checkout (if it is one)."""
    stamp = paths.STAMPS / "odoo"
    home = paths.odoo_home()
    if home == paths.DEBIAN_ODOO and stamp.exists():
        return stamp.read_text()
    where = subprocess.run(
        ("git", "-C", home, "rev-parse", "--show-prefix", "HEAD"), check=False, capture_output=True, text=True
    )
    prefix, _, commit = where.stdout.partition("\n")
    return "" if prefix else commit.strip()  # a folder below another project's checkout says nothing of Odoo
