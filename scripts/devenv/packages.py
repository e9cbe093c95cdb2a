"""The Python packages, in a virtual environment below ``.env/``."""

import shutil
import sys
from pathlib import Path

from . import paths
from .steps import digest, once, run

RUNTIME = (f"requirements-{paths.STACK}.txt",) if paths.STACK else ("requirements.txt",)
DEVELOPMENT = (*RUNTIME, "requirements-test.txt", "requirements-lint.txt")


def ensure(files: tuple[str, ...] = DEVELOPMENT) -> None:
    """Create the virtual environment and install the pinned packages, once per content of the files."""
    python = digest(sys.version, sys.base_prefix, str(paths.VENV))
    once(paths.VENV.name, python, "creating the Python environment", _create_venv)
    key = digest(python, *(paths.ROOT / name for name in files))
    once(f"packages{paths.STACK}", key, f"installing Python packages ({', '.join(files)})", lambda: _install(files))


def ensure_peer() -> None:
    """Have the addon the benchmark compares with, in ``paths.PEER_ADDONS``."""
    wanted = paths.ROOT / "requirements-bench.txt"
    once("peer", digest(wanted), "fetching the peer addon for the benchmark", lambda: _fetch_peer(wanted))


def site_packages() -> Path:
    """The directory the environment's packages are in."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return paths.VENV / "lib" / version / "site-packages"


def _create_venv() -> None:
    shutil.rmtree(paths.VENV, ignore_errors=True)
    run(sys.executable, "-m", "venv", paths.VENV)


def _install(files: tuple[str, ...]) -> None:
    """Install exactly the pinned packages; pip's own cache makes a repeated attempt cheap."""
    wanted = [part for name in files for part in ("-r", paths.ROOT / name)]
    pip = (paths.PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--use-pep517")
    run(*pip, *wanted, log=paths.LOGS / "pip.log")


def _fetch_peer(wanted: Path) -> None:
    """Without its dependency: that would be another Odoo."""
    shutil.rmtree(paths.PEER, ignore_errors=True)
    pip = (paths.PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps")
    run(*pip, "--target", paths.PEER, "-r", wanted, log=paths.LOGS / "pip-peer.log")
