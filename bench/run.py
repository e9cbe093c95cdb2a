"""Speed of the dunning night, side by side with plain SQL and with a peer addon, on the same ledger.

    make bench                      2,000 and 20,000 invoices, a few minutes
    make bench N="2000 100000"      sizes of your choice
    make bench BIG=1                100,000 invoices too (the peer alone takes minutes there)

For each size a ledger is made on Odoo's own modules and copied twice: this addon is installed on one
copy, the peer on the other. Every figure comes from a process of its own; memory is the peak above that
process before the measured work. Prints Markdown; figures go to ``out/bench.json`` as well.
"""

import json
import os
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "scripts"))

from devenv import databases, odoo_conf, paths  # noqa: E402
from devenv.steps import say  # noqa: E402
from table import MAILS, render  # noqa: E402

SIZES = (2_000, 20_000)
BIG = 100_000
PEER = "account_credit_control"
# Its grouping costs lines times communications; two sizes show the growth.
PEER_CUSTOMERS = (100, 400)
# How many mails wait; two lengths show whether the cost of one grows with the queue.
MAIL_QUEUES = (100, 2_000)


def sizes():
    """The ledgers' sizes, from the environment: make puts its arguments there."""
    chosen = [int(size) for size in os.environ.get("N", "").replace(",", " ").split()] or list(SIZES)
    if os.environ.get("BIG") and BIG not in chosen:
        chosen.append(BIG)
    return sorted(chosen)


class Bench:
    """Measures in one database after the other and keeps the figures: ``figures[size][name]``."""

    def __init__(self, on):
        self.on, self.figures = on, {}
        self.peer_addons = ",".join([*odoo_conf.addons_path(), str(paths.PEER_ADDONS)])

    def measure(self, size, database, name, label=None, **settings):
        """Take one measurement and say so."""
        addons = ["--addons", self.peer_addons] if name.startswith("peer.") else []
        with tempfile.TemporaryDirectory() as directory:
            result = Path(directory) / "result.json"
            pairs = [f"{key}={value}" for key, value in {"on": self.on, **settings}.items()]
            command = [paths.PYTHON, HERE / "measure.py", database, name, result, *addons, *pairs]
            subprocess.run([str(part) for part in command], check=True, cwd=HERE)
            figures = json.loads(result.read_text())
        self.figures.setdefault(size, {})[label or name] = figures
        say(f"{size:>7} {label or name:<28} {figures['wall']:9.2f} s  {figures['sql']:>7} SQL")

    def ledger(self, size):
        """The ledger, and copies of it with this addon and with the peer."""
        names = [f"bench_{size}{suffix}" for suffix in ("", "_ours", "_peer")]
        databases.clone(databases.base_template(), names[0])
        self.measure(size, names[0], "ours.seed", count=size)
        for name in names[1:]:
            databases.clone(names[0], name)
        databases.odoo("-d", names[1], "-i", "ar_dunning", "--stop-after-init", "--no-http", log="bench_ours.log")
        install = ("-d", names[2], "-i", PEER, "--stop-after-init", "--no-http", f"--addons-path={self.peer_addons}")
        databases.odoo(*install, log="bench_peer.log")
        return names

    def ours(self, size, ledger, ours):
        """Floor and ours; notices and letters on a copy, so that the first night finds an untouched ledger."""
        self.measure(size, ledger, "ours.floor")
        self.measure(size, ours, "ours.sync")
        databases.clone(ours, ledger)
        self.measure(size, ours, "ours.decide")
        self.measure(size, ours, "ours.decide", "ours.decide by 1000", batch=1000)
        self.measure(size, ledger, "ours.claims")
        self.measure(size, ledger, "ours.notices")
        if size == min(sizes()):
            self.measure(size, ledger, "ours.letters")
        # The last look compares the settings of the levels, too: they must not change between the night and the sending.
        self.measure(size, ours, "ours.mail_only")
        self.measure(size, ours, "ours.night")
        self.measure(size, ours, "ours.night_after", "ours.night again", days=0)
        self.measure(size, ours, "ours.send")
        self.measure(size, ours, "ours.finish")
        self.measure(size, ours, "ours.night_after", "ours.night looking at all", days=1)
        self.measure(size, ours, "ours.night_after", "ours.night with nothing to do", days=2)

    def peer(self, size, database):
        """The peer's steps."""
        self.measure(size, database, "peer.decide")
        for customers in PEER_CUSTOMERS:
            self.measure(size, database, "peer.communications", f"peer.communications {customers}", customers=customers)
        self.measure(size, database, "peer.mails")
        if size == min(sizes()):
            self.measure(size, database, "peer.letters")

    def mails(self):
        """Handing over the same mails to the same server, by us and by Odoo's own queue."""
        names = [f"bench_mail{suffix}" for suffix in ("", "_one")]
        databases.clone(databases.base_template(), names[0])
        try:
            self.measure(MAILS, names[0], "ours.seed", count=max(MAIL_QUEUES) * 6)
            databases.odoo("-d", names[0], "-i", "ar_dunning", "--stop-after-init", "--no-http", log="bench_mail.log")
            self.measure(MAILS, names[0], "ours.sync")
            self.measure(MAILS, names[0], "mail.prepare", count=max(MAIL_QUEUES))
            for count in MAIL_QUEUES:
                for whose in ("ours", "odoos"):
                    databases.clone(*names)
                    self.measure(MAILS, names[1], f"mail.{whose}", f"mail.{whose} {count}", count=count)
        finally:
            for name in names:
                databases.drop(name)


def main():
    bench = Bench(date.today())
    bench.mails()
    for size in sizes():
        names = bench.ledger(size)
        try:
            bench.ours(size, *names[:2])
            bench.peer(size, names[2])
        finally:
            for name in names:
                databases.drop(name)
    paths.OUT.mkdir(exist_ok=True)
    (paths.OUT / "bench.json").write_text(json.dumps(bench.figures, indent=1))
    print(render(bench.figures))
    subprocess.run([str(paths.PYTHON), str(HERE / "interest.py")], check=True)


if __name__ == "__main__":
    main()
