"""What a notice is made from, what it says, and what no longer holds of it: plain values."""

import re
from dataclasses import dataclass, field
from datetime import date

from odoo import models

from ...core.compose import Composition
from .ledger_facts import Decision

# Line breaks and other control characters, which neither a mail's subject nor a heading can hold.
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
# A space in a text of ours or of a person's, however it was written.
SPACE = r"(?:[ \u00a0\u202f]|&nbsp;|&#160;)"


def plain(text):
    """`text` with every kind of space as the usual one."""
    return re.sub(SPACE, " ", text)


def one_line(text):
    """`text` as one line, fit for a subject."""
    return CONTROL.sub(" ", text or "").strip()


TEXTS = ("subject", "text", "closing")


@dataclass(slots=True)
class Making:
    """One notice to make, or to make anew, with everything that was read for it."""

    decision: Decision
    composition: Composition
    lang: str | None = None  # used where nobody in line has one
    steps: frozenset[int] | None = None  # items that take their level; None: all that are demanded
    added: dict = field(default_factory=dict)  # what members have read for it, by member

    @property
    def address(self):
        """Who gets it."""
        return self.decision.address_of(self.composition)

    @property
    def items(self):
        """The open items of the customer by id."""
        return {item.id: item for item in self.decision.items}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a notice says and that no longer holds.

    `text` tells it to a person. Without one it is nothing that somebody who edited the notice must decide about.
    `owed`: it is about what is owed, by whom and where to; what says otherwise is not brought once more.
    """

    name: str
    text: str = ""
    owed: bool = False


@dataclass(slots=True)
class Look:
    """One notice looked at once more: what of it remains, and what no longer holds."""

    notice: models.BaseModel
    decision: Decision
    on: date
    lost: dict[int, list[str]] = field(default_factory=dict)  # by line: why its item is not to be demanded any more
    making: Making | None = None  # None: nothing of it remains
    vals: dict = field(default_factory=dict)  # what it would be, made anew
    differences: list[Difference] = field(default_factory=list)

    @property
    def told(self):
        """The differences that concern a person, in words, one a line."""
        return "\n".join(dict.fromkeys(difference.text for difference in self.differences if difference.text))
