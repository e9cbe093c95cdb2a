"""A mail server on the loopback interface that keeps every mail it accepts as an .eml file, and can misbehave on request.

As a program: ``smtp_catchall.py [--port 8025] [--dir out/mail]``. As a library, for tests and the demo::

    with start(directory, refuse={"bad@example.com"}, delay=0.2) as server:
        ...                      # server.host, server.port
    server.accepted              # mails, in the order they were accepted
    server.message_ids           # their Message-IDs, with repetitions
"""

from __future__ import annotations

import argparse
import asyncio
import email
import email.policy
import re
import signal
import socket
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

HOST = "127.0.0.1"
SIZE_LIMIT = 64 * 1024 * 1024
REFUSED = "550 5.1.1 no such recipient here"
FULL = "552 5.2.2 mailbox full"
BUSY = "451 4.3.0 try again later"
OK = "250 2.0.0 accepted"


@dataclass(frozen=True)
class Accepted:
    """A mail the server has taken: envelope, text and file."""

    number: int
    sender: str
    recipients: tuple[str, ...]
    content: bytes
    file: Path

    @property
    def message(self) -> EmailMessage:
        """The mail, parsed."""
        return email.message_from_bytes(self.content, policy=email.policy.default)  # type: ignore[return-value]

    @property
    def message_id(self) -> str:
        """Its Message-ID header, without blanks; empty if there is none."""
        return str(self.message["Message-ID"] or "").strip()


@dataclass
class CatchAll:
    """The server. ``refuse``, ``full``, ``silent``, ``delay`` and ``busy`` may be changed while it runs.

    ``refuse``  recipients that get a permanent error: unknown here
    ``full``    recipients that get a permanent error: mailbox full
    ``silent``  recipients whose mails are kept, but before that is answered the line breaks
    ``delay``   seconds between receiving a mail and answering; the mail counts as accepted before the wait, as it would if the
                answer were lost
    ``busy``    answer every mail with a temporary error
    """

    directory: Path
    port: int = 0
    host: str = HOST
    refuse: set[str] = field(default_factory=set)
    full: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    delay: float = 0.0
    busy: bool = False
    accepted: list[Accepted] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.directory = Path(self.directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.refuse = {address.lower() for address in self.refuse}
        self._guard = threading.Lock()
        self._controller: Controller | None = None

    @property
    def message_ids(self) -> list[str]:
        """Message-IDs in the order of acceptance; one that occurs twice was accepted twice."""
        return [mail.message_id for mail in self.accepted]

    def start(self) -> CatchAll:
        """Listen; port 0 takes a free one."""
        if not self.port:
            self.port = free_port(self.host)
        self._controller = Controller(self, hostname=self.host, port=self.port, data_size_limit=SIZE_LIMIT)
        self._controller.start()
        return self

    def stop(self) -> None:
        """Close the port; what was accepted stays readable."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def __enter__(self) -> CatchAll:
        return self if self._controller else self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        """Accept a recipient, unless it is one to be refused."""
        if address.lower() in self.refuse:
            return REFUSED
        if address.lower() in self.full:
            return FULL
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep the mail; answer at once, late, or not."""
        if self.busy:
            return BUSY
        self._keep(envelope.mail_from or "", tuple(envelope.rcpt_tos), envelope.original_content)
        if self.silent.intersection(address.lower() for address in envelope.rcpt_tos):
            server.transport.close()
        if self.delay:
            await asyncio.sleep(self.delay)
        return OK

    def _keep(self, sender: str, recipients: tuple[str, ...], content: bytes) -> None:
        """Write the file first: the list never names a mail that is not on disk."""
        with self._guard:
            number = self._next_number()
            file = self.directory / f"{number:05d}-{file_part(recipients)}.eml"
            header = f"X-Envelope-From: {sender}\r\nX-Envelope-To: {', '.join(recipients)}\r\n".encode()
            file.write_bytes(header + content)
            self.accepted.append(Accepted(number, sender, recipients, content, file))

    def _next_number(self) -> int:
        """One more than the highest in the directory, so that a restarted server overwrites nothing."""
        if self.accepted:
            return self.accepted[-1].number + 1
        numbers = [int(file.name[:5]) for file in self.directory.glob("[0-9][0-9][0-9][0-9][0-9]-*.eml")]
        return max(numbers, default=0) + 1


def start(directory: Path | str, port: int = 0, *, refuse: Iterable[str] = (), delay: float = 0.0) -> CatchAll:
    """Start a server that keeps mails in ``directory``; it is listening when this returns."""
    return CatchAll(Path(directory), port, refuse=set(refuse), delay=delay).start()


def free_port(host: str = HOST) -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def file_part(recipients: tuple[str, ...]) -> str:
    """The first recipient, as a part of a file name.

    >>> file_part(("Ola.Nordmann+a@example.com", "b@example.com"))
    'ola.nordmann_a_example.com'
    """
    return re.sub(r"[^a-z0-9.]+", "_", recipients[0].lower()).strip("._")[:60] if recipients else "nobody"


def main() -> None:
    """Run until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8025)
    parser.add_argument("--dir", type=Path, default=Path(__file__).resolve().parents[1] / "out" / "mail")
    parser.add_argument("--refuse", action="append", default=[], metavar="ADDRESS")
    parser.add_argument("--delay", type=float, default=0.0, metavar="SECONDS")
    options = parser.parse_args()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    server = start(options.dir, options.port, refuse=options.refuse, delay=options.delay)
    print(f"smtp://{server.host}:{server.port} -> {options.dir}", flush=True)
    signal.sigwait({signal.SIGINT, signal.SIGTERM})
    server.stop()


if __name__ == "__main__":
    main()
