"""Odoo 19: a checkout of yours (``ODOO_HOME``), Debian's packages, unpacked and never installed, or a checkout by git.

Which of them, ``odoo_source`` decides. ``odoo-19`` is in Debian's suite sid. It is fetched with apt under a private configuration:
own lists, own cache, own sources, and the mirror the machine itself uses. Its JavaScript and font packages are unpacked into the same
root, because the package points into them with relative symbolic links. Font Awesome comes from the machine's own release: sid's
version 7 lacks the files of 4.7.
"""

import hashlib
import os
import platform
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

from . import odoo_source, packages, paths
from .steps import SetupError, digest, once, output_of, run, say

FROM_SID = (
    "odoo-19",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "fonts-ocr-b",
)
FROM_OWN_RELEASE = ("fonts-font-awesome", "fonts-inconsolata")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# The package leaves out this third-party library but its bundle names the file: every browser tour would stop at the error.
STUB = "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"


def ensure() -> None:
    """Have an Odoo tree, and make the Python environment find it."""
    if not os.environ.get("ODOO_HOME"):
        key = digest(FROM_SID, FROM_OWN_RELEASE, STUB, os.environ.get("ODOO_GIT", ""))
        once("odoo", key, "fetching Odoo 19 (about 130 MB)", _fetch)
    home = paths.odoo_home()
    _check(home)
    _make_importable(home)


def _check(home: Path) -> None:
    """Refuse a tree that is not Odoo 19."""
    release = home / "odoo" / "release.py"
    if not release.exists() or "version_info = (19, 0" not in release.read_text():
        raise SetupError(f"{home} holds no Odoo 19.0 (odoo/release.py)")


def _make_importable(home: Path) -> None:
    """Make ``import odoo`` find the tree in the Python environment."""
    pointer = packages.site_packages() / "odoo-tree.pth"
    if not pointer.exists() or pointer.read_text() != f"{home}\n":
        say(f"using Odoo in {home}")
        pointer.write_text(f"{home}\n")


def machine() -> odoo_source.Machine:
    """This machine, as the decision needs to know it."""
    return odoo_source.Machine(
        system=_os_release().get("ID", ""),
        suites=frozenset(_mirrors()),
        tools=frozenset(name for name in odoo_source.TOOLS if shutil.which(name)),
        git_address=os.environ.get("ODOO_GIT", ""),
    )


def _os_release() -> dict[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}


def _mirrors() -> dict[str, str]:
    """The mirrors this machine is configured for, by release."""
    if not shutil.which("apt-get"):
        return {}
    targets = output_of("apt-get", "indextargets", "--no-release-info", "--format", "$(SITE)|$(RELEASE)|$(COMPONENT)")
    rows = [line.split("|") for line in targets.splitlines()]
    return {suite: site for site, suite, component in rows if component == "main"}


def _mirror(release: str) -> str:
    """The address of the mirror to use: that of the own release, or any."""
    mirrors = _mirrors()
    for suite in (release, "stable", "testing", "sid", "unstable", *mirrors):
        if suite in mirrors:
            return mirrors[suite]
    raise SetupError(f"apt is not configured for {release}/main; set ODOO_HOME to an Odoo 19 checkout")


def _apt_options() -> list[str]:
    """Options that keep apt inside ``.env/apt``."""
    lists = paths.APT / "lists"
    cache = paths.APT / "cache"
    (lists / "partial").mkdir(parents=True, exist_ok=True)
    (cache / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    options = {
        "Dir::Etc::sourcelist": paths.APT / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferences": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "Dir::State::lists": lists,
        "Dir::Cache": cache,
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
        "APT::Sandbox::User": "",
    }
    return [part for name, value in options.items() for part in ("-o", f"{name}={value}")]


def _fetch() -> None:
    """Get it by the first way that is open."""
    here = machine()
    source = odoo_source.choose(here)
    if source.kind == "debian":
        release = _os_release()["VERSION_CODENAME"]
        options = _read_lists(release)
        source = odoo_source.choose(replace(here, packaged=_packaged(options)))
        if source.kind == "debian":
            shutil.rmtree(paths.GIT_ODOO, ignore_errors=True)
            _download(options, release)
            _unpack()
            return
    if source.kind == "none":
        raise SetupError(source.why)
    say(f"Odoo comes by git, because {source.why}")
    _clone(source.place)


def _clone(address: str) -> None:
    """The newest commit of the series, without its history; put in place only when it is complete."""
    fresh = paths.ENV / "odoo-git.new"
    shutil.rmtree(fresh, ignore_errors=True)
    branch = ("--branch", odoo_source.SERIES, "--single-branch", "--depth", "1")
    run("git", "clone", "--quiet", *branch, address, fresh, log=paths.LOGS / "odoo-git.log")
    _check(fresh)
    shutil.rmtree(paths.GIT_ODOO, ignore_errors=True)
    fresh.rename(paths.GIT_ODOO)


def _read_lists(release: str) -> list[str]:
    """Read the lists of sid and of the own release; the options with which apt uses them."""
    mirror, options = _mirror(release), _apt_options()
    signed = f"[signed-by={KEYRING}] " if KEYRING.exists() else ""
    lines = [f"deb {signed}{mirror} {suite} main\n" for suite in dict.fromkeys(("sid", release))]
    (paths.APT / "sources.list").write_text("".join(lines))
    run("apt-get", *options, "update", log=paths.LOGS / "apt-update.log")
    return options


def _packaged(options: list[str]) -> str:
    """The version of Debian's package in sid, or nothing."""
    rows = output_of("apt-cache", *options, "madison", "odoo-19").splitlines()
    return next((row.split("|")[1].strip() for row in rows if " sid/main " in row), "")


def _download(options: list[str], release: str) -> None:
    """Fetch the packages. apt continues a broken file, but takes one of the right size for good: so the hashes are checked here."""
    paths.DOWNLOADS.mkdir(parents=True, exist_ok=True)
    wanted = [f"{name}/sid" for name in FROM_SID] + [f"{name}/{release}" for name in FROM_OWN_RELEASE]
    hashes = _hashes(output_of("apt-get", *options, "download", "--print-uris", *wanted))
    download = ("apt-get", *options, "download", *wanted)
    run(*download, cwd=paths.DOWNLOADS, log=paths.LOGS / "apt-download.log")
    broken = [name for name, expected in hashes.items() if _sha256(paths.DOWNLOADS / name) != expected]
    if broken:
        say(f"wrong content, fetching again: {', '.join(broken)}")
        for name in broken:
            (paths.DOWNLOADS / name).unlink()
        run(*download, cwd=paths.DOWNLOADS, log=paths.LOGS / "apt-download.log")


def _hashes(uris: str) -> dict[str, str]:
    """File names and SHA-256 sums from apt's list of addresses.

    >>> _hashes("'mirror/a_1%3a2_all.deb' a_1%3a2_all.deb 42 SHA256:0f")
    {'a_1%3a2_all.deb': '0f'}
    """
    rows = [line.split() for line in uris.splitlines() if line.startswith("'")]
    return {name: checksum.removeprefix("SHA256:") for _address, name, _size, checksum in rows}


def _sha256(file: Path) -> str:
    """The hash of a file, read in one go: the largest has 123 MB."""
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else ""


def _unpack() -> None:
    """Unpack into a fresh directory, and put it in place only when it is complete."""
    fresh = paths.ENV / "odoo.new"
    shutil.rmtree(fresh, ignore_errors=True)
    for name in (*FROM_SID, *FROM_OWN_RELEASE):
        run("dpkg-deb", "-x", _newest(name), fresh, stderr=subprocess.PIPE)
    stub = fresh / paths.DEBIAN_ODOO.relative_to(paths.UNPACKED) / STUB
    stub.parent.mkdir(parents=True, exist_ok=True)
    stub.write_text("// Left out of the Debian package; nothing here uses it.\n")
    dangling = [link for link in fresh.rglob("*") if link.is_symlink() and not link.exists()]
    if dangling:
        names = "\n".join(f"  {link.relative_to(fresh)} -> {link.readlink()}" for link in dangling[:20])
        raise SetupError(f"the unpacked packages lack files that Odoo points to:\n{names}")
    shutil.rmtree(paths.UNPACKED, ignore_errors=True)
    fresh.rename(paths.UNPACKED)
    say(f"Odoo {_newest('odoo-19').name.split('_')[1]}")


def _newest(name: str) -> Path:
    """The downloaded file of a package."""
    files = sorted(paths.DOWNLOADS.glob(f"{name}_*.deb"), key=lambda file: file.stat().st_mtime)
    if not files:
        raise SetupError(f"{name} was not downloaded")
    return files[-1]
