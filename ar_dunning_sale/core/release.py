"""A release: what a person lets pass although credit control stops it.

It is for one customer, one currency and up to one amount, and for the kinds of reasons there were: what grew, or what
came up since, needs a new one. It holds until its last day, where it has one. A release from before kinds were kept
(`kinds` None) passes them all.

What stops new orders only takes nothing away from one that was confirmed under its release: neither a new reason nor
the last day.

>>> case = Case(7, "EUR", Decimal(1000))
>>> release = Release(case, frozenset({"7 overdue"}), until=date(2026, 3, 31))
>>> release.passes(case, {"7 overdue"}, date(2026, 3, 31))
True
>>> release.passes(case, {"7 overdue", "deposit"}, date(2026, 3, 31)), release.passes(case, set(), date(2026, 4, 1))
(False, False)
>>> release.covers(Case(7, "EUR", Decimal("1000.01")))
False
"""

from collections.abc import Hashable, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be released: who owes, in which currency, what is charged; and whether the order is confirmed."""

    party: Hashable
    currency: Hashable
    amount: Decimal
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Release:
    """A decision that lets `case` pass; `case.confirmed` says that the order was confirmed before it was made."""

    case: Case
    kinds: frozenset[str] | None = None
    until: date | None = None

    def covers(self, case: Case) -> bool:
        """Whether it is for this customer, this currency and (at least) this amount."""
        same = (self.case.party, self.case.currency) == (case.party, case.currency)
        return same and case.amount <= self.case.amount

    def passes(self, case: Case, stops: Set[str], on: date) -> bool:
        """Whether the order passes on the day `on`, stopped by these kinds of reasons."""
        if not self.covers(case):
            return False
        over = self.until is not None and on > self.until
        if case.confirmed:
            return not (over and self.case.confirmed)
        return not over and (self.kinds is None or stops <= self.kinds)
