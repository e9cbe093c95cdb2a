"""Former databases: built with the addons of a commit of this repository, filled, and kept as templates."""

import ast
import io
import subprocess
import tarfile
import tempfile
from pathlib import Path

import smtp_catchall
from devenv import databases, odoo_conf, paths, postgres
from devenv.steps import digest, is_done, lock, once, run

COMMIT = "6ff47c9"
HERE = Path(__file__).parent
FORMER = paths.ENV / "cache" / f"old_{COMMIT}"
SEEDS = ("upgrade_process.py", "upgrade_seed.py", "upgrade_seed_sale.py")
# What is installed in each kind of former database.
KINDS = {"alone": ("ar_dunning",), "sale": ("ar_dunning", "ar_dunning_sale")}


def is_known() -> bool:
    """Whether this clone has the commit: one of the last commits only (`--depth`) has not."""
    command = ("git", "-C", str(paths.ROOT), "cat-file", "-e", f"{COMMIT}^{{commit}}")
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def version(addon: str) -> str:
    """The version in an addon's manifest."""
    return ast.literal_eval((paths.ROOT / addon / "__manifest__.py").read_text())["version"]


def divided() -> list[str]:
    """The addons into which a migration divides `ar_dunning`, by the list that it goes by; none yet where there is no list."""
    lists = (paths.ROOT / "ar_dunning" / "migrations").glob("*/family.txt")
    return sorted({line.strip("[]\n").split()[0] for file in lists for line in file.open() if line.startswith("[")})


def former_addons() -> str:
    """The addons path with the former addons, taken out of the repository if necessary."""
    if not FORMER.exists():
        command = ("git", "-C", str(paths.ROOT), "archive", COMMIT, *KINDS["sale"])
        archive = subprocess.run(command, check=True, capture_output=True).stdout
        FORMER.parent.mkdir(parents=True, exist_ok=True)
        unfinished = tempfile.mkdtemp(dir=FORMER.parent)
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(unfinished, filter="data")
        Path(unfinished).rename(FORMER)
    return ",".join([*odoo_conf.addons_path()[:-1], str(FORMER)])


def template(kind: str) -> str:
    """The name of the filled former database of that kind, built if necessary."""
    base = databases.base_template()
    key = digest(COMMIT, kind, (paths.STAMPS / base).read_text(), *(HERE / name for name in SEEDS))
    name = f"tpl_upgrade_{kind}_{key}"
    with lock("databases"):
        if is_done(name, name) and not databases.exists(name):
            (paths.STAMPS / name).unlink()
        once(name, name, f"building {name} with the addons of {COMMIT} (half a minute)", lambda: _build(kind, name))
    (paths.STAMPS / name).touch()
    return name


def _build(kind: str, name: str) -> None:
    """Install and fill on a copy under another name: a template exists only if everything succeeded."""
    unfinished = f"{name}_new"
    databases.clone(databases.BASE, unfinished)
    addons = former_addons()
    install = ("-d", unfinished, "-i", ",".join(KINDS[kind]), "--skip-auto-install", "--stop-after-init", "--no-http")
    databases.odoo(*install, f"--addons-path={addons}", log=f"{name}.log")
    with tempfile.TemporaryDirectory() as mails, smtp_catchall.start(Path(mails)) as server:
        work("seed", unfinished, addons, server.port)
    databases.clone(unfinished, name)
    databases.drop(unfinished)


def work(what: str, database: str, addons: str | None = None, smtp_port: int = 9) -> Path:
    """Do a work of `upgrade_process` in a database; by default with the addons of now. Returns its log."""
    log = paths.LOGS / f"upgrade_{what}_{database}.log"
    environment = {**postgres.environment(), "ODOO_RC": str(odoo_conf.ensure())}
    addons = addons or ",".join(odoo_conf.addons_path())
    run(paths.PYTHON, HERE / "upgrade_process.py", what, database, addons, smtp_port, env=environment, log=log)
    return log
