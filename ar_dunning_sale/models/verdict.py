"""The answer to *may this order be confirmed?*, and the refusal."""

from dataclasses import dataclass

from odoo.exceptions import UserError

from odoo.addons.ar_dunning_credit.core.credit_status import Reason, Status

from .sale_order_money import Money

NOTHING = 1e-6  # less than any currency's smallest coin: what sums of floats leave over


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


@dataclass(frozen=True, slots=True)
class Deposit:
    """What must be paid first (`share` of the order) and what has come in, in the order's currency.

    `later` is due before delivery and invoicing.
    """

    money: Money
    required: float = 0.0
    share: float = 0.0
    rule: str = ""
    later: float = 0.0
    later_rule: str = ""
    releases_hold: bool = False

    @property
    def missing(self):
        """What is missing before confirmation."""
        return self._beyond_money(self.required)

    @property
    def later_missing(self):
        """What is missing before delivery and invoicing."""
        return self._beyond_money(self.later)

    def _beyond_money(self, amount):
        missing = amount - self.money.total
        return missing if missing > NOTHING else 0.0


def stopping(reasons, deposit):
    """What a person passes by a release, as strings: the kinds of these holds, by customer, and a missing deposit."""
    held = [pair for pair in reasons if pair[1].effect is Status.HOLD]
    kinds = {f"{party} {reason.code} {reason.values.get('rule') or ''}".strip() for party, reason in held}
    return frozenset(kinds | ({"deposit"} if deposit.missing else set()))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why an order is (not) confirmed. `reasons`: (customer id, reason) pairs that still hold, with way out."""

    status: Status
    reasons: tuple[tuple[int, Reason], ...]
    deposit: Deposit
    released: bool

    @property
    def blocked(self):
        """Stopped for everybody: no release passes a block."""
        return self.status is Status.BLOCKED

    @property
    def stops(self):
        """Whether the order may not be confirmed as it is."""
        return self.blocked or (not self.released and self.needs_release)

    @property
    def needs_release(self):
        """Whether it takes an approval or an override."""
        return self.status.rank >= Status.HOLD.rank or self.deposit.missing > 0

    @property
    def waits(self):
        """Whether nothing of the confirmed order may be delivered or invoiced before a deposit or a release."""
        return not self.released and self.deposit.later_missing > 0
