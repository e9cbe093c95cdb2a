"""The Python packages, in a virtual environment below ``.env/``."""

import shutil
import sys

from . import paths
from .steps import digest, once, run

RUNTIME = ("requirements.txt",)
DEVELOPMENT = (*RUNTIME, "requirements-test.txt", "requirements-lint.txt")


def ensure(files: tuple[str, ...] = DEVELOPMENT) -> None:
    """Create the virtual environment and install the pinned packages, once per content of the files."""
    python = digest(sys.version, sys.base_prefix, str(paths.VENV))
    once("venv", python, "creating the Python environment", _create_venv)
    key = digest(python, *(paths.ROOT / name for name in files))
    once("packages", key, f"installing Python packages ({', '.join(files)})", lambda: _install(files))


def site_packages():
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
