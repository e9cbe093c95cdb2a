"""Former databases, each upgraded once in each way; the tests read what came of it."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
import upgrade_facts
import upgrade_old
from devenv import databases, paths

PREFIX = "test_upgrade_"  # and the process that runs the tests
# Kind of the former database, and the way it is upgraded. Without sales nothing depends on what the addon is divided into, and
# updating everything does to it what updating it alone does.
CASES = [("sale", "addon"), ("sale", "all"), ("sale", "button"), ("alone", "addon"), ("alone", "button")]


@dataclass
class Upgrade:
    """A former database that was upgraded, before and after."""

    kind: str
    database: str
    log: Path
    before: upgrade_facts.Facts
    after: upgrade_facts.Facts

    def trouble(self):
        """The lines of the upgrade's log that nobody should have to read."""
        return upgrade_facts.trouble(self.log)


@pytest.fixture(scope="session", autouse=True)
def known_commit():
    """No former addons, no test."""
    if not upgrade_old.is_known():
        pytest.skip(f"commit {upgrade_old.COMMIT} is not in this clone (fetch its whole history to test upgrades)")


@pytest.fixture(scope="session", params=CASES, ids="-".join)
def upgrade(request, known_commit):
    """The case's database, upgraded."""
    kind, way = request.param
    template = upgrade_old.template(kind)
    database = f"{PREFIX}{os.getpid()}"
    databases.clone(template, database)
    before = upgrade_facts.read(database)
    log = do(way, database)
    yield Upgrade(kind, database, log, before, upgrade_facts.read(database))
    databases.drop(database)


def do(way, database):
    """Upgrade, and return the log."""
    if way == "button":
        return upgrade_old.work("button", database)
    what = {"addon": "ar_dunning", "all": "all"}[way]
    log = f"upgrade_{way}_{database}.log"
    databases.odoo("-d", database, "-u", what, "--stop-after-init", "--no-http", log=log)
    return paths.LOGS / log


@pytest.fixture(scope="session")
def night(upgrade):
    """The log of the night after the upgrade."""
    return upgrade_old.work("night", upgrade.database)
