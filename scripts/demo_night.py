"""One night of the demo: prepare, approve, send, and an account of it."""

import re
import time
from collections import Counter
from datetime import date
from pathlib import Path

import smtp_catchall
from demo_odoo import clock, drawing
from devenv import paths

MAIL = paths.OUT / "mail"
LETTERS = paths.OUT / "letters"
BATCH = 50


class Night:
    """The night of a day, worked, approved and sent whatever the hour; mails and letters end up in files."""

    def __init__(self, env, day: date, server: smtp_catchall.CatchAll) -> None:
        self.env, self.day, self.server = env, day, server
        self.seconds: dict[str, float] = {}
        self.run = env["ar.dunning.run"]
        self.letters: list[Path] = []

    def play(self) -> None:
        """Everything from the first look at the ledger to the last file."""
        with clock(self.day), drawing(self.env):
            self.timed("prepare", self.prepare)
            self.timed("draw and hand over", self.send)
            self.timed("mail", self.deliver)
        self.timed("files", self.write_letters)

    def timed(self, name, action) -> None:
        """Do it, and keep how long it took."""
        started = time.monotonic()
        action()
        self.seconds[name] = time.monotonic() - started

    def prepare(self) -> None:
        """The nightly run."""
        self.run = self.env["ar.dunning.run"]._make(
            {"date": self.day, "kind": "night", "company_id": self.env.company.id}
        )
        if not self.run._work():
            raise RuntimeError("the night was not finished")

    @property
    def notices(self):
        """What the night prepared."""
        return self.run.notice_ids

    def send(self) -> None:
        """Approve as the manager, and hand over to the mail queue and the printer."""
        manager = self.env["res.users"].search([("login", "=", "manager")])
        self.notices.filtered(lambda notice: notice.state == "draft").with_user(manager)._approve()
        self.env.cr.commit()
        self.hand_over()

    def hand_over(self) -> None:
        """What is approved leaves for the mail queue and the printer."""
        ids = self.notices.filtered(lambda notice: notice.state == "queued").ids
        for start in range(0, len(ids), BATCH):
            self.env["ar.dunning.dispatch"]._send(ids[start : start + BATCH], on=self.notices[0].date)
            self.env.cr.commit()
            if len(ids) > 2 * BATCH:
                print(f"  handed over {min(start + BATCH, len(ids))} of {len(ids)} notices", flush=True)

    def deliver(self) -> None:
        """Into the catch-all: what colleagues get, by Odoo's queue; what customers get, by the sender of our mails."""
        self.env["mail.mail"].process_email_queue()
        self.env.cr.commit()
        for server in self.env["ar.dunning.mail.server"].search([]):
            server._hand_over()
        self.env.cr.commit()

    def write_letters(self) -> None:
        """Every letter as a file: `0007-kranich-optik-gmbh.pdf`."""
        self.env.invalidate_all()
        for notice in self.notices.filtered("letter_id"):
            name = re.sub(r"\W+", "-", f"{notice.name}-{notice.commercial_partner_id.name}".lower()).strip("-")
            file = LETTERS / f"{name}.pdf"
            file.write_bytes(notice.letter_id.raw)
            self.letters.append(file)

    # === Account === #

    def report(self, title: str) -> str:
        """The summary table."""
        self.env.invalidate_all()
        lines = [title, "=" * len(title)]
        for heading, pairs in self.blocks():
            lines += self.rows(heading, pairs)
        lines += self.rows("Seconds", [(name, f"{value:.1f}") for name, value in self.seconds.items()])
        return "\n".join(lines)

    def blocks(self):
        """Headings and rows of the summary."""
        yield "Ledger", self.ledger()
        yield "Notices, by level", self.levels(self.notices)
        yield "Notices, by state", self.counted("state")
        yield "Items left alone, by reason", self.reasons()
        yield "Failures", self.failures()
        yield "Left the house", self.departures()

    def rows(self, title, pairs) -> list[str]:
        """A block of the table; none if it is empty."""
        pairs = list(pairs)
        return ["", title, *(f"  {name:<86} {value:>8}" for name, value in pairs)] if pairs else []

    def ledger(self):
        """How much there was to look at."""
        yield "customers in the ledger", self.env["ar.dunning.customer"].search_count([])
        yield "open items", self.env["ar.dunning.item"].search_count([("is_open", "=", True)])
        yield "customers looked at", self.run.customer_count
        yield "items looked at", self.run.item_count
        yield "steps due", self.run.due_count

    def levels(self, notices):
        """Notices by level, gentlest first."""
        order = {level: (level.days > 0, level.kind == "formal", level.days) for level in notices.level_id}
        counts = Counter(notice.level_id.name for notice in notices)
        names = dict.fromkeys(level.name for level in sorted(order, key=order.get))
        return [(name, counts[name]) for name in names]

    def counted(self, name):
        """Notices by a selection field."""
        labels = dict(self.env["ar.dunning.notice"]._fields[name]._description_selection(self.env))
        return [(labels[value], count) for value, count in Counter(self.notices.mapped(name)).most_common()]

    def reasons(self):
        """Why due items were left alone."""
        code = type(next(iter(self.env["ar.dunning.ledger"]._sentences())))
        sentences = self.env["ar.dunning.ledger"]._sentences()
        counts = sorted((self.run.skipped_counts or {}).items(), key=lambda pair: -pair[1])
        return [(sentences[code(name)], count) for name, count in counts]

    def departures(self):
        """Mails and letters."""
        own = self.env.company.alias_domain_id.name or "-"
        inside = sum(all(to.endswith(f"@{own}") for to in mail.recipients) for mail in self.server.accepted)
        yield "e-mails to customers", len(self.server.accepted) - inside
        yield "e-mails to colleagues (tasks, copies)", inside
        yield "letters, of which some also went by e-mail", len(self.letters)

    def failures(self):
        """What went wrong, each with its reason."""
        for line in self.run.error_ids:
            yield f"{line.customer_id.display_name}: {line.reason}"[:86], ""
        for notice in self.notices.filtered("error"):
            yield f"{notice.name} {notice.commercial_partner_id.name}: {notice.error}"[:86], ""
