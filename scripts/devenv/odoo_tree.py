"""Odoo 19: a checkout of yours (``ODOO_HOME``), or Debian's packages, unpacked and never installed.

``odoo-19`` is in Debian's suite sid. It is fetched with apt under a private configuration: own lists, own cache, own sources, and the
mirror the machine itself uses. Its JavaScript and font packages are unpacked into the same root, because the package points into them
with relative symbolic links. Font Awesome comes from the machine's own release: sid's version 7 lacks the files of 4.7.
"""

import hashlib
import platform
import shutil
import subprocess
from pathlib import Path

from . import packages, paths
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
    if paths.odoo_home() == paths.DEBIAN_ODOO:
        key = digest(FROM_SID, FROM_OWN_RELEASE, STUB)
        once("odoo", key, "downloading and unpacking Odoo 19 (about 130 MB)", _fetch)
    _check(paths.odoo_home())
    home = paths.odoo_home()
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


def _own_release() -> str:
    """The code name of the Debian release this machine runs."""
    release = platform.freedesktop_os_release().get("VERSION_CODENAME")
    if not release:
        raise SetupError("cannot tell which Debian release this is; set ODOO_HOME to an Odoo 19 checkout")
    return release


def _mirror(release: str) -> str:
    """The address of the Debian mirror this machine is configured for."""
    targets = output_of("apt-get", "indextargets", "--no-release-info", "--format", "$(SITE)|$(RELEASE)|$(COMPONENT)")
    rows = [line.split("|") for line in targets.splitlines()]
    mirrors = {suite: site for site, suite, component in rows if component == "main"}
    for suite in (release, "stable", "testing", "sid", "unstable"):
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
    """Download what is not there or broken, then unpack all of it."""
    _download()
    _unpack()


def _download() -> None:
    """Fetch the packages. apt continues a broken file, but takes one of the right size for good: so the hashes are checked here."""
    release = _own_release()
    mirror = _mirror(release)
    options = _apt_options()
    signed = f"[signed-by={KEYRING}] " if KEYRING.exists() else ""
    lines = [f"deb {signed}{mirror} {suite} main\n" for suite in dict.fromkeys(("sid", release))]
    (paths.APT / "sources.list").write_text("".join(lines))
    paths.DOWNLOADS.mkdir(parents=True, exist_ok=True)
    run("apt-get", *options, "update", log=paths.LOGS / "apt-update.log")
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
