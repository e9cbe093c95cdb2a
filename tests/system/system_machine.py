"""A database with its processes, and a mail server that can be cruel."""

import asyncio
import multiprocessing
import os
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import smtp_catchall
import system_work
from devenv import databases

HERE = Path(__file__).parent
KILLED = object()
PATIENCE = 180  # seconds a process may take


class Job:
    """A process under way."""

    def __init__(self, context, work, arguments, smtp, fuse):
        self.name = work.__name__
        self.outcome, theirs = context.Pipe(duplex=False)
        port = smtp.port if smtp else 0
        self.process = context.Process(target=system_work.child, args=(theirs, work, arguments, port, fuse))
        self.process.start()
        theirs.close()
        if smtp is not None:
            smtp.client = self.process.pid

    def kill(self):
        """`kill -9`."""
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)

    def wait(self, seconds=PATIENCE):
        """What the work returned, or `KILLED`."""
        self.process.join(seconds)
        if self.process.exitcode is None:
            self.kill()
            raise AssertionError(f"{self.name} did not end within {seconds} seconds")
        try:
            word, value = self.outcome.recv()
        except EOFError:
            assert self.process.exitcode == -signal.SIGKILL, f"{self.name} ended with {self.process.exitcode}"
            return KILLED
        assert word == "ok", f"{self.name} failed:\n{value}"
        return value


class Machine:
    """One database and the processes working on it."""

    def __init__(self, context, database):
        self._context, self.database = context, database

    def start(self, work, *arguments, smtp=None, fuse=None):
        """Begin a piece of work in a process of its own; without `smtp` nobody answers on the mail port."""
        return Job(self._context, work, arguments, smtp, fuse)

    def do(self, work, *arguments, smtp=None, fuse=None):
        """The same, to its end."""
        return self.start(work, *arguments, smtp=smtp, fuse=fuse).wait()

    def rows(self, query):
        """Rows of texts."""
        text = databases.psql(query, self.database)
        return [tuple(line.split("|")) for line in text.splitlines()]

    def value(self, query):
        """The one value of the one row, as a number where it is one."""
        ((value,),) = self.rows(query)
        return int(value) if value.lstrip("-").isdigit() else value

    def count(self, table, condition="true"):
        """How many rows."""
        return self.value(f"SELECT count(*) FROM {table} WHERE {condition}")

    def finish(self, smtp, limit=12):
        """Let the scheduled actions come round until nothing is left to do."""
        for _round in range(limit):
            self.do(system_work.night, smtp=smtp)
            self.do(system_work.send, smtp=smtp)
            self.do(system_work.mail, smtp=smtp)
            if self.is_quiet():
                return
        raise AssertionError(f"still work after {limit} rounds: {self.rows(DELIVERIES)}")

    def is_quiet(self):
        """Whether every run is done, every notice handed over, every e-mail's fate known and told to its notice."""
        return not (
            self.count("ar_dunning_run", "state <> 'done'")
            or self.count("ar_dunning_delivery", "channel = 'email' AND state IN ('queued', 'claimed', 'sending')")
            or self.count("ar_dunning_notice n", f"state = 'queued' AND NOT EXISTS ({DELIVERED})")
            or self.count("ar_dunning_notice n", f"state = 'queued' AND EXISTS ({DELIVERED} AND {FATE_KNOWN})")
        )


DELIVERED = "SELECT 1 FROM ar_dunning_delivery d WHERE d.notice_id = n.id"
FATE_KNOWN = "d.channel = 'email' AND NOT d.is_copy AND d.state IN ('sent', 'unconfirmed')"
DELIVERIES = "SELECT channel, state, count(*) FROM ar_dunning_delivery GROUP BY 1, 2 ORDER BY 1, 2"


@dataclass
class CruelServer(smtp_catchall.CatchAll):
    """Kills its client or hangs up, at the mails whose numbers are given (the first is 1; accepted or not, all count).

    ``kill_before``  when the mail has arrived and is not yet accepted
    ``kill_between`` when it is accepted and the answer has not left
    ``kill_after``   this many seconds after the answer has left
    ``hang_up``      accept the mail and close the connection without an answer
    ``hang_up_at_recipient``  close the connection when one of these is named, before any mail
    ``refuse_data``  take the recipient, then refuse the mail for good because there is no such recipient
    ``refuse_content``  take the recipient, then refuse the mail for good
    ``answers``      what to answer instead of yes, by phase: ``mail``, ``rcpt``, ``data`` (the last: the mail is not accepted)
    ``garble``       accept the mail and answer with a line that is none
    ``hang``         accept the mail and never answer
    """

    kill_before: set[int] = field(default_factory=set)
    kill_between: set[int] = field(default_factory=set)
    kill_after: dict[int, float] = field(default_factory=dict)
    hang_up: set[int] = field(default_factory=set)
    hang_up_at_recipient: set[str] = field(default_factory=set)
    refuse_data: set[str] = field(default_factory=set)
    refuse_content: set[str] = field(default_factory=set)
    answers: dict[str, str] = field(default_factory=dict)
    garble: bool = False
    hang: bool = False
    client: int = 0
    offered: int = 0
    kills: int = 0

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        if "mail" in self.answers:
            return self.answers["mail"]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.hang_up_at_recipient:
            server.transport.abort()
        if "rcpt" in self.answers:
            return self.answers["rcpt"]
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.offered += 1
        number = self.offered
        if number in self.kill_before:
            self._kill()
            return smtp_catchall.BUSY
        if self.refuse_data & set(envelope.rcpt_tos):
            return smtp_catchall.REFUSED
        if self.refuse_content & set(envelope.rcpt_tos):
            return "554 5.7.1 looks like spam"
        if "data" in self.answers:
            return self.answers["data"]
        answer = await super().handle_DATA(server, session, envelope)
        if number in self.kill_between:
            self._kill()
        elif number in self.kill_after:
            asyncio.get_running_loop().call_later(self.kill_after[number], self._kill)
        elif number in self.hang_up:
            server.transport.abort()
        if self.hang:
            await asyncio.sleep(PATIENCE)
        return "What?" if self.garble else answer

    def _kill(self):
        with suppress(ProcessLookupError):
            os.kill(self.client, signal.SIGKILL)
            self.kills += 1

    def behave(self):
        """Do what a mail server should, from now on."""
        self.garble = self.hang = False
        for whims in (
            *(self.kill_before, self.kill_between, self.kill_after),
            *(self.hang_up, self.hang_up_at_recipient, self.answers),
        ):
            whims.clear()

    def mails_to(self, address):
        """What was accepted for an address."""
        return [mail for mail in self.accepted if address in mail.recipients]


def forking_context(database, conf, log):
    """Processes forked from a server that has loaded Odoo with the registry of `database`."""
    os.environ.update(
        AR_SYSTEM_DB=database,
        AR_SYSTEM_RC=str(conf),
        AR_SYSTEM_LOG=str(log),
        PYTHONPATH=os.pathsep.join(filter(None, (str(HERE), os.environ.get("PYTHONPATH")))),
    )
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["system_boot"])
    return context
