"""Where Odoo comes from on a machine: one pure decision, so that every machine can be tried in a table.

>>> choose(Machine("debian", frozenset({"bookworm"}), frozenset({"apt-get", "dpkg-deb"}))).kind
'debian'
>>> choose(Machine("ubuntu", frozenset({"noble"}), frozenset({"apt-get", "dpkg-deb", "git"}))).kind
'git'
"""

from dataclasses import dataclass

SERIES = "19.0"
PUBLIC_GIT = "https://github.com/odoo/odoo.git"
TOOLS = ("apt-get", "dpkg-deb", "git")


@dataclass(frozen=True, slots=True)
class Machine:
    """What the decision rests on.

    ``system``: ``ID`` of os-release; ``suites``: the releases whose section *main* apt is configured for; ``tools``: which of
    ``TOOLS`` are there; ``odoo_home``, ``git_address``: what the user has set, or empty; ``packaged``: the version of Debian's
    package, once its list was read: empty if there is none, None while nobody has looked.
    """

    system: str
    suites: frozenset[str] = frozenset()
    tools: frozenset[str] = frozenset()
    odoo_home: str = ""
    git_address: str = ""
    packaged: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """``kind``: *yours*, *debian*, *git* or *none*; ``place``: the directory or the address; ``why``: in a sentence."""

    kind: str
    place: str
    why: str


def choose(machine: Machine) -> Source:
    """The first way that is open: what the user has set, then Debian's package on Debian, then git."""
    if machine.odoo_home:
        return Source("yours", machine.odoo_home, "ODOO_HOME is set")
    if machine.git_address:
        return _by_git(machine, "ODOO_GIT is set")
    against = _against_debian(machine)
    return _by_git(machine, against) if against else Source("debian", "odoo-19", "this is Debian")


def _against_debian(machine: Machine) -> str:
    """Why Debian's package cannot be used here; empty where it can."""
    if machine.system != "debian":
        return f"this is {machine.system or 'an unknown system'}, not Debian"
    if not {"apt-get", "dpkg-deb"} <= machine.tools:
        return "apt-get or dpkg-deb is missing"
    if not machine.suites:
        return "apt is not configured for a mirror of Debian"
    if machine.packaged is not None and not machine.packaged.startswith(f"{SERIES}."):
        return f"Debian carries Odoo {machine.packaged or 'no more'}, not {SERIES}"
    return ""


def _by_git(machine: Machine, why: str) -> Source:
    address = machine.git_address or PUBLIC_GIT
    if "git" in machine.tools:
        return Source("git", address, why)
    advice = f"Install git, or set ODOO_HOME to a checkout of Odoo {SERIES}"
    return Source("none", "", f"Odoo cannot be fetched: {why}, and there is no git. {advice}.")
