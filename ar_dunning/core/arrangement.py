"""What became of an arrangement: a promise to pay, a pause, a dispute, an instalment.

`stand` is the one answer, from the arrangement itself (with what persons did to it, as days), the money that falls to it,
the day, and how far the bank is known:

* A promise is judged by the *date* of payments, not by the day on which they are entered. What is dated from the day it
  was made until its last day plus the tolerance counts, also where it is entered later; what had come before it was made
  does not count (`before`).
* It is *open* until its last day plus the tolerance. Then it is *waiting* until the bank is known up to that day, and
  never broken before. Where no bank lines are recorded, three working days later is as good.
* Once that is known, a share of what was promised makes it *kept*, less of it *partly*, nothing *broken*. Kept it is as soon
  as the money is there.
* What is credited or written off lowers what was promised, on whatever day, and keeps nothing. Where nothing is left of
  the promise, it is *settled*.
* A payment that was returned counts only until that day: a kept promise is open, waiting or broken again.
* Money in another currency does not count.
* What a person decided (*cancelled*, *settled*) stands from that day on.
* Without a promised amount it is *open* until its last day, and *expired* after it; without a last day, open until a
  person decides.

>>> promise = Arrangement("P", date(2026, 3, 2), date(2026, 3, 10), Decimal(1000), "EUR", tolerance_days=2)
>>> bank = Bank(date(2026, 3, 11))
>>> stand(promise, [], date(2026, 3, 12), bank).state
'open'
>>> stand(promise, [], date(2026, 3, 13), bank).state
'waiting'
>>> stand(promise, [], date(2026, 3, 14), Bank(date(2026, 3, 12))).state
'broken'
>>> late_entry = Receipt(date(2026, 3, 12), Decimal(1000), "EUR")
>>> stand(promise, [late_entry], date(2026, 3, 20), Bank(date(2026, 3, 19))).state
'kept'
>>> stand(promise, [Receipt(date(2026, 3, 9), Decimal(400), "EUR")], date(2026, 3, 20), Bank(date(2026, 3, 19)))
Standing(state='partly', promised=Decimal('1000'), received=Decimal('400'))

`share_out` says which money falls to which of several arrangements of one customer: each payment to the items that it pays
or names, what names none to the oldest debts first; of an item that several promised, to the earliest promise first; and
nothing twice.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from .calendar import EVERY_DAY, Calendar

ZERO = Decimal(0)
ONE_DAY = timedelta(days=1)
# A bank journal without a line for so long is not in use any more.
IN_USE = timedelta(days=60)
# Working days after which money must have arrived where nobody records what the bank says.
WITHOUT_BANK = 3


class State:
    """What an arrangement has come to."""

    OPEN = "open"
    WAITING = "waiting"
    KEPT = "kept"
    PARTLY = "partly"
    BROKEN = "broken"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    SETTLED = "settled"


# While it is one of these, what it covers is left alone.
RUNNING = frozenset({State.OPEN, State.WAITING})


@dataclass(frozen=True, slots=True)
class Arrangement:
    """One arrangement of a customer, made on the day `made` and good until the day `until` (None: without an end).

    `amount`: what was promised in `currency`; None: nothing, it only waits. `items`: keys of the debts that it is about;
    None: all. `share`: which part of the amount counts as kept, 0 to 1. `before`: of the money that counts by its date,
    what had come before it was made. `cancelled`, `settled`: the day on which a person decided so.
    """

    key: Hashable
    made: date
    until: date | None
    amount: Decimal | None = None
    currency: Hashable = None
    items: frozenset[Hashable] | None = None
    tolerance_days: int = 0
    share: Decimal = Decimal(1)
    before: Decimal = ZERO
    cancelled: date | None = None
    settled: date | None = None

    @property
    def last(self) -> date | None:
        """The last day whose payments count."""
        return self.until and self.until + timedelta(days=self.tolerance_days)

    def is_about(self, item: Hashable) -> bool:
        """Whether money for `item` is money for this; None stands for money that pays nothing in particular."""
        return self.items is None or item in self.items

    def takes(self, receipt: "Receipt") -> bool:
        """Whether the receipt counts, by its currency and day."""
        if self.amount is None or receipt.currency != self.currency or receipt.on < self.made:
            return False
        return not receipt.cash or self.last is None or receipt.on <= self.last


@dataclass(frozen=True, slots=True)
class Receipt:
    """What lowers a debt: money (`cash`) dated `on`, or a credit note or write-off.

    `item`: the debt that it pays or names; None: the oldest first. `returned`: the day on which the bank took it back.
    """

    on: date
    amount: Decimal
    currency: Hashable
    item: Hashable = None
    cash: bool = True
    returned: date | None = None

    def stands(self, day: date) -> bool:
        """Whether it has come by `day` and was not taken back by then."""
        return self.on <= day and (self.returned is None or day < self.returned)


@dataclass(frozen=True, slots=True)
class Bank:
    """How far the bank is known: all payments dated `known_until` or earlier have been read.

    `recorded`: whether bank lines are recorded at all. Without, waiting for some working days of `calendar` is as good.
    """

    known_until: date | None = None
    recorded: bool = True
    calendar: Calendar = EVERY_DAY

    def knows(self, last: date, on: date) -> bool:
        """Whether on the day `on` every payment dated `last` or earlier is known."""
        if self.known_until and self.known_until >= last:
            return True
        return not self.recorded and on >= working_days_after(last, WITHOUT_BANK, self.calendar)


@dataclass(frozen=True, slots=True)
class Debt:
    """A debt that money without a name may pay: `amount` is open of it now."""

    key: Hashable
    due: date
    amount: Decimal
    currency: Hashable


@dataclass(frozen=True, slots=True)
class Standing:
    """What has become of an arrangement: its `State`, what is still promised after credits, and what came of it."""

    state: str
    promised: Decimal = ZERO
    received: Decimal = ZERO


def working_days_after(day: date, count: int, calendar: Calendar) -> date:
    """The day `count` working days after `day`.

    >>> week = Calendar(frozenset(range(5)))
    >>> working_days_after(date(2026, 3, 6), 3, week)  # a Friday
    datetime.date(2026, 3, 11)
    """
    for _unused in range(count):
        day = calendar.next_working(day + ONE_DAY)
    return day


def known_until(last_lines: Iterable[date], on: date, entered: date | None = None) -> date | None:
    """Until when the bank is known: the earliest of the days of each journal's last line, or what a person `entered`.

    A journal without a line for sixty days is not in use. What a person entered counts where it says more.

    >>> known_until([date(2026, 3, 11), date(2026, 3, 9), date(2025, 1, 1)], date(2026, 3, 12))
    datetime.date(2026, 3, 9)
    """
    used = [day for day in last_lines if on - day <= IN_USE]
    read = min(used, default=None)
    return max((day for day in (read, entered) if day), default=None)


def stand(arrangement: Arrangement, receipts: Iterable[Receipt], on: date, bank: Bank) -> Standing:
    """What has become of `arrangement` on the day `on`: see the module.

    :param receipts: what falls to it, as `share_out` says
    """
    counted = [receipt for receipt in receipts if receipt.stands(on) and arrangement.takes(receipt)]
    credited = sum((receipt.amount for receipt in counted if not receipt.cash), ZERO)
    promised = max((arrangement.amount or ZERO) - credited, ZERO)
    came = sum((receipt.amount for receipt in counted if receipt.cash), ZERO)
    received = max(came - arrangement.before, ZERO)
    return Standing(_state(arrangement, promised, received, on, bank), promised, received)


def _state(arrangement: Arrangement, promised: Decimal, received: Decimal, on: date, bank: Bank) -> str:
    decided = ((arrangement.cancelled, State.CANCELLED), (arrangement.settled, State.SETTLED))
    for day, state in decided:
        if day and day <= on:
            return state
    last = arrangement.last
    if arrangement.amount is None:
        return State.OPEN if last is None or on <= last else State.EXPIRED
    if not promised:
        return State.SETTLED
    if received and received >= promised * arrangement.share:
        return State.KEPT
    if last is None or on <= last:
        return State.OPEN
    if not bank.knows(last, on):
        return State.WAITING
    return State.PARTLY if received else State.BROKEN


def share_out(
    arrangements: Iterable[Arrangement], receipts: Iterable[Receipt], debts: Sequence[Debt], on: date
) -> dict[Hashable, list[Receipt]]:
    """Which money falls to which arrangement of one customer on the day `on`: `{key: [Receipt]}`, nothing twice.

    :param debts: what is open of what money without a name may pay
    """
    waiting = sorted(
        (arrangement for arrangement in arrangements if arrangement.amount is not None),
        key=lambda arrangement: (arrangement.until or date.max, arrangement.made),
    )
    room = {arrangement.key: (arrangement.amount or ZERO) + arrangement.before for arrangement in waiting}
    found: dict[Hashable, list[Receipt]] = {arrangement.key: [] for arrangement in waiting}
    for receipt in _laid_out(receipts, debts, on):
        left = receipt.amount
        for arrangement in waiting:
            part = min(left, room[arrangement.key])
            if part > ZERO and arrangement.is_about(receipt.item) and arrangement.takes(receipt):
                found[arrangement.key].append(replace(receipt, amount=part))
                room[arrangement.key] -= part
                left -= part
    return found


def _laid_out(receipts: Iterable[Receipt], debts: Sequence[Debt], on: date) -> list[Receipt]:
    """The receipts that stand, by date; those that name nothing cut into what each of the oldest debts gets."""
    oldest = sorted(debts, key=lambda debt: debt.due)
    left = {debt.key: debt.amount for debt in oldest}
    pieces = []
    for receipt in sorted(receipts, key=lambda receipt: receipt.on):
        if not receipt.stands(on):
            continue
        rest = receipt.amount
        for debt in oldest if receipt.item is None else ():
            part = min(rest, left[debt.key]) if debt.currency == receipt.currency else ZERO
            if part > ZERO:
                pieces.append(replace(receipt, amount=part, item=debt.key))
                left[debt.key] -= part
                rest -= part
        if rest > ZERO:
            pieces.append(replace(receipt, amount=rest))
    return pieces


def stand_all(
    arrangements: Sequence[Arrangement], receipts: Iterable[Receipt], debts: Sequence[Debt], on: date, bank: Bank
) -> Mapping[Hashable, Standing]:
    """What has become of each arrangement of one customer on the day `on`: `{key: Standing}`."""
    shared = share_out(arrangements, receipts, debts, on)
    return {one.key: stand(one, shared.get(one.key, ()), on, bank) for one in arrangements}
