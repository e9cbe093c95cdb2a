"""A ledger in a database, copied for each test; processes that are forked from one that has loaded Odoo."""

import os
from multiprocessing import forkserver

import pytest
import system_work
from devenv import databases, odoo_conf, postgres
from system_machine import CruelServer, Machine, forking_context

pytest.register_assert_rewrite("system_checks")


PREFIX = "test_system_"  # and the process that runs the tests


def drop_what_killed_runs_left():
    """Databases of test processes that are no more."""
    for name in databases.psql(f"SELECT datname FROM pg_database WHERE datname LIKE '{PREFIX}%'").splitlines():
        process = name.removeprefix(PREFIX).split("_")[0]
        if not process.isdigit() or not is_alive(int(process)):
            databases.drop(name)


def is_alive(process):
    """Whether a process of this number runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Ledgers:
    """Databases to copy from, each a stage further into the night; built when first asked for."""

    def __init__(self, context, live):
        self.context, self.live, self.kept = context, live, {}

    def machine(self, stage):
        """The live database, replaced by a copy of the one kept at `stage`."""
        if stage not in self.kept:
            self._build(stage)
        databases.clone(self.kept[stage], self.live)
        return Machine(self.context, self.live)

    def _build(self, stage):
        before, work = STAGES[stage]
        machine = self.machine(before) if before else Machine(self.context, self.live)
        machine.do(work)
        name = f"{self.live}_{stage}"
        databases.clone(self.live, name)
        self.kept[stage] = name

    def drop(self):
        for name in (self.live, *self.kept.values()):
            databases.drop(name)


STAGES = {
    "loaded": (None, system_work.build_ledger),
    "prepared": ("loaded", system_work.night),
    "dispatched": ("prepared", system_work.send),
}


@pytest.fixture(scope="session")
def ledgers(tmp_path_factory):
    """One forking server and the stages of its database."""
    postgres.ensure()
    template = os.environ.get("AR_TEMPLATE") or databases.addon_template()
    drop_what_killed_runs_left()
    live = f"{PREFIX}{os.getpid()}"
    saved = dict(os.environ)
    log = tmp_path_factory.mktemp("system") / "odoo.log"
    databases.clone(template, live)
    found = Ledgers(forking_context(live, odoo_conf.ensure(), log), live)
    try:
        yield found
    finally:
        forkserver._forkserver._stop()
        os.environ.clear()
        os.environ.update(saved)
        found.drop()


@pytest.fixture
def machine(ledgers):
    """A fresh ledger: 36 customers, 54 overdue invoices, no notice yet."""
    return ledgers.machine("loaded")


@pytest.fixture
def prepared(ledgers):
    """The same after the night: 36 notices, approved by the policy, none sent."""
    return ledgers.machine("prepared")


@pytest.fixture
def dispatched(ledgers):
    """The same with 34 mails in the queue and 2 letters to be posted."""
    return ledgers.machine("dispatched")


@pytest.fixture
def smtp(tmp_path):
    """A mail server that does what it should, until told otherwise."""
    with CruelServer(tmp_path / "mail") as server:
        yield server
