"""Delivery reports of mail servers (RFC 3464): what became of a mail at each recipient.

Of the actions `failed`, `delayed`, `delivered`, `relayed` and `expanded` only the first means that a mail did not arrive.
"""

from dataclasses import dataclass
from email.message import Message
from email.utils import parseaddr

from .smtp_reply import status_of

# Failures that say nothing about this recipient, by subject and detail of their status (RFC 3463): bad sender; message
# too big; content; policy (the sender is not wanted there). A detail of None stands for all.
OF_OTHERS = {(1, 7), (1, 8), (3, 4), (6, None), (7, None)}


@dataclass(frozen=True, slots=True)
class Report:
    """One recipient's part of a delivery report.

    `address`: as the report names it, lower case, may be empty. `status`: like `5.1.1`, may be empty. `words`: what
    the receiving server said.
    """

    address: str
    action: str
    status: str
    words: str

    @property
    def is_failure(self) -> bool:
        """Whether the mail did not arrive and nobody tries any more.

        A report without an action (old servers) is one by its status: 5 is permanent, 4 is not.
        """
        if self.action:
            return self.action == "failed"
        return not self.status or self.status.startswith("5")

    @property
    def concerns_recipient(self) -> bool:
        """Whether it is this recipient who cannot be reached, not the sender, the message or a policy that failed.

        A permanent failure without a useful status is the recipient's: nobody else will see to it.
        """
        subject, detail = status_of(self.status)
        return not {(subject, detail), (subject, None)} & OF_OTHERS

    @property
    def reason(self) -> str:
        """Status and words, as a person may read them."""
        return " ".join(part for part in (self.status, self.words) if part)


def read_reports(message: Message) -> list[Report]:
    """The parts of a delivery report, one for each recipient; none where the mail is no such report."""
    found = []
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            blocks = part.get_payload()
            # The first block speaks of the mail as a whole; a broken report may have nothing else.
            found += [_read(block) for block in blocks if isinstance(block, Message) and _names_recipient(block)]
    return found


def _names_recipient(block: Message) -> bool:
    return any(block[name] for name in ("Final-Recipient", "Original-Recipient", "Action"))


def _read(block: Message) -> Report:
    words = " ".join(_after_type(block["Diagnostic-Code"]).split())
    return Report(
        address=_address(block["Final-Recipient"]) or _address(block["Original-Recipient"]),
        action=str(block["Action"] or "").strip().lower(),
        status=str(block["Status"] or "").split(" ")[0].strip(),
        words=words,
    )


def _address(value: object) -> str:
    return parseaddr(_after_type(value))[1].strip().lower()


def _after_type(value: object) -> str:
    """Behind `rfc822;` or `smtp;`."""
    text = str(value or "")
    return text.split(";", 1)[-1].strip()
