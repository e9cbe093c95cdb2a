"""What the gate before confirmation, delivery and the books of deposits says and knows."""

from dataclasses import dataclass

from odoo.exceptions import UserError

# Context key: the order that these lines or this free period are part of asks the rules itself, once, when it is written.
LATER = "ar_dunning_deposit_later"


class CreditRefusedError(UserError):
    """An order may not be confirmed; the message says why, and the way out."""


@dataclass(frozen=True, slots=True)
class Passed:
    """Context value of orders that have been checked already; no remote caller can make one."""

    ids: frozenset


@dataclass(frozen=True, slots=True)
class Ours:
    """Context value that only this program can set; what a remote caller sends is plain data."""

    @classmethod
    def says(cls, env, key):
        """Whether our own code has put this key into the context."""
        return isinstance(env.context.get(key), cls)
