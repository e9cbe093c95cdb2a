"""The few apt packages that are installed on the machine, from its own release.

Everything else stays below ``.env/``. wkhtmltopdf is Odoo's PDF engine and has too many libraries to be unpacked privately; DejaVu is
the font of the letters. libcairo2 draws bar codes where Python is too new for the package that does it otherwise.
"""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from . import paths
from .steps import SetupError, as_root, run, say

OLDEST_PYTHON = (3, 10)
ROOM = 3_000_000_000  # bytes that a complete environment needs, with some room for databases
# Under which of these names Odoo's browser tests look for it.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def check_python() -> None:
    """Refuse a Python that Odoo 19 does not run on."""
    if sys.version_info < OLDEST_PYTHON:
        raise SetupError(f"Python 3.10 or newer is needed, this is {sys.version.split()[0]} (set PYTHON=...)")


def check_room() -> None:
    """Refuse to begin where the disk is too small, before anything is downloaded."""
    paths.ENV.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(paths.ENV).free
    if free < ROOM and not (paths.STAMPS / "tpl_base").exists():
        raise SetupError(f"{free / 1e9:.1f} GB are free in {paths.ENV}; about {ROOM / 1e9:.0f} GB are needed")


def missing_packages(extra: tuple[str, ...] = ()) -> list[str]:
    """The apt packages that are needed and not there."""
    there = {
        "wkhtmltopdf": shutil.which("wkhtmltopdf") is not None,
        "fonts-dejavu-core": Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf").exists(),
        "fonts-liberation": bool(
            list(Path("/usr/share/fonts/truetype").glob("liberation*/LiberationSans-Regular.ttf"))
        ),
        "poppler-utils": shutil.which("pdftotext") is not None,  # the tests read letters with it
        "python3-venv": importlib.util.find_spec("ensurepip") is not None,
        "libcairo2": sys.version_info < (3, 13) or any(Path("/usr/lib").glob("**/libcairo.so.2")),
        "chromium": "chromium" not in extra or any(map(shutil.which, BROWSERS)),
    }
    return [name for name, present in there.items() if not present]


def install_missing(extra: tuple[str, ...] = ()) -> None:
    """Install what is missing, refreshing apt's lists only if that is necessary."""
    names = missing_packages(extra)
    if not names:
        return
    if shutil.which("apt-get") is None:
        raise SetupError(f"please install: {' '.join(names)} (there is no apt-get here)")
    if os.geteuid() != 0 and shutil.which("sudo") is None:
        raise SetupError(
            f"please have an administrator install: {' '.join(names)} (this is not root, and there is no sudo)"
        )
    say(f"apt: installing {' '.join(names)}")
    apt = as_root("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q")
    install = (*apt, "install", "-y", "--no-install-recommends", *names)
    try:
        run(*install, log=paths.LOGS / "apt-install.log")
    except SetupError:
        say("apt: refreshing the package lists")
        run(*apt, "update", log=paths.LOGS / "apt-lists.log")
        run(*install, log=paths.LOGS / "apt-install.log")
