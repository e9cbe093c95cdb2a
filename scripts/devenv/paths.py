"""Where everything is. Nothing outside ``ENV`` and ``OUT`` is written."""

import ast
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENV = ROOT / ".env"
OUT = ROOT / "out"

# ``STACK=official``: an environment with the versions that Odoo's own requirements name, beside the usual one.
STACK = os.environ.get("STACK", "")
VENV = ENV / (f"venv-{STACK}" if STACK else "venv")
PYTHON = VENV / "bin" / "python"
DOWNLOADS = ENV / "downloads"
APT = ENV / "apt"
STAMPS = ENV / "stamps"
LOGS = ENV / "logs"
DATA = ENV / "data"  # Odoo's data_dir: filestore and sessions
PGDATA = ENV / "pgdata"
ODOO_CONF = ENV / "odoo.conf"

UNPACKED = ENV / "odoo"  # root of the unpacked Debian packages
DEBIAN_ODOO = UNPACKED / "usr" / "lib" / "python3" / "dist-packages"
GIT_ODOO = ENV / "odoo-git"  # where there is no such package: a checkout, made once

PEER = ENV / "peer"  # the addon the benchmark compares with
PEER_ADDONS = PEER / "odoo" / "addons"

ADDONS = ("ar_dunning", "ar_dunning_charge", "ar_dunning_credit", "ar_dunning_sale", "ar_dunning_sale_stock")
APART = {"ar_dunning_sale_stock"}  # brings much of Odoo along: the others are tested without it


def odoo_home() -> Path:
    """The directory that holds the ``odoo`` package: yours, the checkout made here, or the unpacked one."""
    home = os.environ.get("ODOO_HOME")
    if home:
        return Path(home).expanduser().resolve()
    return GIT_ODOO if (GIT_ODOO / "odoo" / "release.py").exists() else DEBIAN_ODOO


def our_addons(apart: bool = True) -> list[str]:
    """Names of the addons of this project that exist; without ``apart``, those that need few of Odoo's modules."""
    return [name for name in ADDONS if (apart or name not in APART) and (ROOT / name / "__manifest__.py").exists()]


def stands_on(addon: str) -> list[str]:
    """The addons of this project that one of them depends on, itself included and last."""
    manifest = ast.literal_eval((ROOT / addon / "__manifest__.py").read_text(encoding="utf-8"))
    found = [one for name in manifest["depends"] if name in ADDONS for one in stands_on(name)]
    return [*dict.fromkeys(found), addon]
