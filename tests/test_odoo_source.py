"""Where Odoo comes from, machine by machine."""

import pytest
from devenv.odoo_source import PUBLIC_GIT, Machine, choose

APT = frozenset({"apt-get", "dpkg-deb"})
ALL = APT | {"git"}
BOOKWORM = frozenset({"bookworm", "bookworm-updates"})
NOBLE = frozenset({"noble", "noble-updates"})
MINE = "file:///srv/odoo.git"


@pytest.mark.parametrize(
    ("machine", "kind", "place"),
    [
        (Machine("debian", BOOKWORM, ALL), "debian", "odoo-19"),
        (Machine("debian", BOOKWORM, APT), "debian", "odoo-19"),
        (Machine("debian", BOOKWORM, ALL, packaged="19.0.0+dfsg-1"), "debian", "odoo-19"),
        # what the user says comes first
        (Machine("debian", BOOKWORM, ALL, odoo_home="/srv/odoo"), "yours", "/srv/odoo"),
        (Machine("fedora", odoo_home="/srv/odoo", git_address=MINE), "yours", "/srv/odoo"),
        (Machine("debian", BOOKWORM, ALL, git_address=MINE), "git", MINE),
        # Debian's sid belongs to Debian only
        (Machine("ubuntu", NOBLE, ALL), "git", PUBLIC_GIT),
        (Machine("ubuntu", NOBLE, APT), "none", ""),
        (Machine("linuxmint", NOBLE, ALL), "git", PUBLIC_GIT),
        (Machine("fedora", frozenset(), frozenset({"git"})), "git", PUBLIC_GIT),
        (Machine("", frozenset(), frozenset()), "none", ""),
        # a Debian whose apt knows no mirror, or that has no apt
        (Machine("debian", frozenset(), ALL), "git", PUBLIC_GIT),
        (Machine("debian", BOOKWORM, frozenset({"git"})), "git", PUBLIC_GIT),
        # one day sid carries another Odoo, or none
        (Machine("debian", BOOKWORM, ALL, packaged="20.0.0+dfsg-1"), "git", PUBLIC_GIT),
        (Machine("debian", BOOKWORM, ALL, packaged="19.1.0"), "git", PUBLIC_GIT),
        (Machine("debian", BOOKWORM, ALL, packaged=""), "git", PUBLIC_GIT),
        (Machine("debian", BOOKWORM, APT, packaged=""), "none", ""),
        (Machine("debian", BOOKWORM, APT, git_address=MINE), "none", ""),
    ],
)
def test_where_odoo_comes_from(machine, kind, place):
    source = choose(machine)
    assert (source.kind, source.place) == (kind, place)


def test_where_there_is_no_way_the_sentence_says_what_to_set():
    assert choose(Machine("ubuntu", NOBLE, APT)).why == (
        "Odoo cannot be fetched: this is ubuntu, not Debian, and there is no git. "
        "Install git, or set ODOO_HOME to a checkout of Odoo 19.0."
    )
