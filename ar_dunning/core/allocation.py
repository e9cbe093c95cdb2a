"""Money on its way counts against the debt: what it pays, and what it settles with an early-payment discount.

Each credit pays, in this order,

1. what was paid back to the customer: money that came and went pays nothing,
2. the invoices that it names, whoever owes them,
3. without a name: the one invoice whose open amount it is, or that amount less the early-payment discount,
4. the oldest debts that are claimed, and last those that are held (disputed, paused, excluded).

Money never crosses currencies, and only by name pays another owner's debt; what finds no debt is returned per owner
and currency, so that a person can look at it. A discount is taken once money dated in time reaches the open amount
less the discount; the rest is then covered, too. A credit that pays several debts takes the discounts that it needs.

>>> from datetime import date
>>> debts = [Debt("new", "EUR", date(2026, 2, 1), Decimal(50)),
...          Debt("old", "EUR", date(2026, 1, 1), Decimal(100)),
...          Debt("disputed", "EUR", date(2025, 1, 1), Decimal(30), held=True)]
>>> allocate(debts, [Credit("EUR", Decimal(120))]).paid == {"old": 100, "new": 20}
True
>>> allocate(debts, [Credit("EUR", Decimal(120), ("new",))]).paid == {"new": 50, "old": 70}
True
>>> invoice = Debt("INV", "EUR", date(2026, 3, 2), Decimal(1000), discount=Decimal(20), discount_until=date(2026, 2, 11))
>>> allocate([invoice], [Credit("EUR", Decimal(980), on=date(2026, 2, 9))]).covered("INV")
Decimal('1000')
>>> allocate([invoice], [Credit("EUR", Decimal(980), on=date(2026, 2, 12))]).covered("INV")
Decimal('980')
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import partial

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Movement:
    """A change of the open amount on a day: the debt first, payments, credits and write-offs negative."""

    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Debt:
    """An open item: `amount` > 0 in `currency`, one of the instalments of `invoice` (None: stands for itself).

    `held`: nobody claims it now. `returned`: money paid back, whose day is `due`. `discount`: so much less settles it
    with money dated `discount_until` at the latest.
    """

    key: Hashable
    currency: Hashable
    due: date
    amount: Decimal
    invoice: Hashable = None
    owner: Hashable = None
    held: bool = False
    returned: bool = False
    discount: Decimal = ZERO
    discount_until: date | None = None

    @property
    def name(self) -> Hashable:
        """What a credit names to mean this debt."""
        return self.key if self.invoice is None else self.invoice


@dataclass(frozen=True, slots=True)
class Credit:
    """Money of `owner` not yet matched, dated `on`; `targets` are the invoices it names, if any.

    `spread`: what its targets leave pays other debts, too. Without, it is meant for something else. `cash`: it came
    from the customer; a credit note or an entry did not.
    """

    currency: Hashable
    amount: Decimal
    targets: tuple[Hashable, ...] = ()
    on: date | None = None
    owner: Hashable = None
    spread: bool = True
    cash: bool = True


@dataclass(frozen=True, slots=True)
class Allocation:
    """`paid` and `discount` per debt key; `unused`: what is left per owner and currency.

    Of cash that is meant for nothing else: `cash` is its part of `unused`, `free` its part of `paid`. `given_back`: by
    the credits' places, what of each was paid back. `lent`: per owner and currency, what his money paid of others' debts,
    less what others' money paid of his.
    """

    paid: dict[Hashable, Decimal]
    discount: dict[Hashable, Decimal]
    unused: dict[tuple[Hashable, Hashable], Decimal]
    cash: dict[tuple[Hashable, Hashable], Decimal] = field(default_factory=dict)
    free: dict[Hashable, Decimal] = field(default_factory=dict)
    given_back: dict[int, Decimal] = field(default_factory=dict)
    lent: dict[tuple[Hashable, Hashable], Decimal] = field(default_factory=dict)

    def covered(self, key: Hashable) -> Decimal:
        """What need not be paid any more of a debt: what came, and the discount that it earned."""
        return self.paid.get(key, ZERO) + self.discount.get(key, ZERO)


def allocate(debts: Iterable[Debt], credits: Iterable[Credit]) -> Allocation:
    """Spread credits over debts; earlier credits first, debts by their due date (stable for equal dates)."""
    books = _Books(sorted(debts, key=lambda debt: (debt.held, debt.due)))
    purses = [_Purse(credit, credit.amount, place) for place, credit in enumerate(credits)]
    purses.sort(key=lambda purse: purse.credit.on or date.min)
    books.give_back(purses)
    books.pay_named(purses)
    books.pay_fitting(purses)
    books.spread(purses)
    return books.result(purses)


def over_time(
    debts: Sequence[Debt], credits: Sequence[Credit], opened: Mapping[Hashable, Sequence[Movement]]
) -> dict[Hashable, tuple[Movement, ...]]:
    """What is open of each debt as the days go by: its movements in `opened`, and the credits from their days on.

    On every day the credits that had come cover what was open then; a credit is set free again where its debt is
    paid otherwise. Nothing changes in the books.
    """
    begin = min((credit.on for credit in credits if credit.on), default=date.max)
    if any(debt.discount > ZERO for debt in debts):  # what was matched in time may have earned it
        begin = date.min
    days = {movement.on for debt in debts for movement in opened[debt.key]} | {c.on for c in credits if c.on}
    changes: dict[Hashable, list[Movement]] = {debt.key: [] for debt in debts}
    before: dict[Hashable, Decimal] = {}
    states = {debt.key: _Balance(opened[debt.key]) for debt in debts}
    for day in sorted(day for day in days if day >= begin):
        standing = [replace(debt, amount=states[debt.key].on(day)) for debt in debts]
        standing = [debt for debt in standing if debt.amount > ZERO]
        found = allocate(standing, [credit for credit in credits if credit.on and credit.on <= day])
        for key, change in changes.items():
            covered = found.covered(key)
            if covered != before.get(key, ZERO):
                change.append(Movement(day, before.get(key, ZERO) - covered))
                before[key] = covered
    return {key: tuple(sorted((*opened[key], *change), key=lambda m: m.on)) for key, change in changes.items()}


def cover(parts: Iterable[tuple[Hashable, Decimal]], amount: Decimal) -> dict[Hashable, Decimal]:
    """What `amount` could cover of these parts, one after the other.

    >>> cover([("a", Decimal(70)), ("b", Decimal(50))], Decimal(100))
    {'a': Decimal('70'), 'b': Decimal('30')}
    """
    found = {}
    for key, part in parts:
        if min(part, amount) > ZERO:
            found[key] = min(part, amount)
            amount -= found[key]
    return found


@dataclass(slots=True)
class _Balance:
    """The running balance of a debt; the days asked for must ascend."""

    movements: Sequence[Movement]
    amount: Decimal = ZERO
    seen: int = 0

    def on(self, day: date) -> Decimal:
        while self.seen < len(self.movements) and self.movements[self.seen].on <= day:
            self.amount += self.movements[self.seen].amount
            self.seen += 1
        return self.amount


@dataclass(slots=True)
class _Purse:
    """A credit and what is left of it."""

    credit: Credit
    rest: Decimal
    place: int

    @property
    def pool(self) -> tuple[Hashable, Hashable]:
        return self.credit.owner, self.credit.currency

    def is_in_time(self, debt: Debt) -> bool:
        until, day = debt.discount_until, self.credit.on
        return bool(debt.discount > ZERO and until and day and day <= until)


def _less_likely(debt: Debt, purse: _Purse) -> tuple[bool, bool, bool]:
    """The order in which credits are what was paid back with `debt`."""
    return purse.rest != debt.amount, not purse.credit.spread, bool(purse.credit.targets)


@dataclass(slots=True)
class _Books:
    """What is open of each debt while credits are spread; `debts` in the order in which they are paid."""

    debts: list[Debt]
    open: dict[Hashable, Decimal] = field(init=False)
    paid: dict[Hashable, Decimal] = field(init=False)
    free: dict[Hashable, Decimal] = field(init=False)
    given_back: dict[int, Decimal] = field(init=False)
    lent: dict[tuple[Hashable, Hashable], Decimal] = field(init=False)
    in_time: dict[Hashable, Decimal] = field(init=False)
    by_name: dict[Hashable, list[Debt]] = field(init=False)
    returned: list[Debt] = field(init=False)

    def __post_init__(self) -> None:
        self.open = {debt.key: debt.amount for debt in self.debts}
        self.paid, self.free, self.given_back, self.in_time = {}, {}, {}, {}
        self.lent = defaultdict(Decimal)
        self.by_name = defaultdict(list)
        self.returned = [debt for debt in self.debts if debt.returned]
        for debt in self.debts:
            if not debt.returned:
                self.by_name[debt.name].append(debt)

    def result(self, purses: Sequence[_Purse]) -> Allocation:
        unused: dict[tuple[Hashable, Hashable], Decimal] = {}
        cash: dict[tuple[Hashable, Hashable], Decimal] = {}
        for purse in purses:
            if purse.credit.spread and purse.rest > ZERO:
                unused[purse.pool] = unused.get(purse.pool, ZERO) + purse.rest
                if purse.credit.cash:
                    cash[purse.pool] = cash.get(purse.pool, ZERO) + purse.rest
        taken = {debt.key: self.open[debt.key] for debt in self.debts if self._takes_discount(debt)}
        return Allocation(self.paid, taken, unused, cash, self.free, self.given_back, dict(self.lent))

    def _takes_discount(self, debt: Debt) -> bool:
        left = self.open[debt.key]
        return debt.discount > ZERO and left > ZERO and self._needed(debt) == ZERO

    def _needed(self, debt: Debt) -> Decimal:
        """What money dated in time must still reach for the discount."""
        return max(debt.amount - debt.discount - self.in_time.get(debt.key, ZERO), ZERO)

    def pay(self, purse: _Purse, debt: Debt, most: Decimal) -> None:
        part = min(purse.rest, self.open[debt.key], most)
        if part <= ZERO:
            return
        purse.rest -= part
        self.open[debt.key] -= part
        self.paid[debt.key] = self.paid.get(debt.key, ZERO) + part
        if purse.credit.spread and purse.credit.cash:
            self.free[debt.key] = self.free.get(debt.key, ZERO) + part
        if debt.returned:
            self.given_back[purse.place] = self.given_back.get(purse.place, ZERO) + part
        if purse.credit.owner != debt.owner:
            self.lent[purse.pool] += part
            self.lent[debt.owner, debt.currency] -= part
        if purse.is_in_time(debt):
            self.in_time[debt.key] = self.in_time.get(debt.key, ZERO) + part

    def settle(self, purse: _Purse, debts: Sequence[Debt]) -> None:
        """Pay these debts in their order; where the money does not pay them in full, the discounts are taken first."""
        taken = [debt for debt in debts if purse.is_in_time(debt) and self.open[debt.key] > ZERO]
        if taken and purse.rest < sum((self.open[debt.key] for debt in debts), ZERO):
            for debt in debts:
                self.pay(purse, debt, self._needed(debt) if debt in taken else self.open[debt.key])
            debts = [debt for debt in debts if not self._takes_discount(debt)] + taken
        for debt in debts:
            if purse.rest <= ZERO:
                break
            self.pay(purse, debt, self.open[debt.key])

    # === The four steps === #

    def give_back(self, purses: Sequence[_Purse]) -> None:
        """What was paid back uses up a credit of the same amount, else the latest, those that name nothing first."""
        for debt in self.returned:
            own = [purse for purse in purses if purse.pool == (debt.owner, debt.currency) and purse.rest > ZERO]
            own.reverse()
            for purse in sorted(own, key=partial(_less_likely, debt)):
                self.pay(purse, debt, debt.amount)

    def pay_named(self, purses: Sequence[_Purse]) -> None:
        for purse in purses:
            found = [debt for name in dict.fromkeys(purse.credit.targets) for debt in self.by_name.get(name, ())]
            found = [debt for debt in found if debt.currency == purse.credit.currency]
            if found and purse.rest > ZERO:
                self.settle(purse, sorted(found, key=lambda debt: (debt.held, debt.due)))

    def pay_fitting(self, purses: Sequence[_Purse]) -> None:
        whole = [purse for purse in purses if purse.credit.spread and purse.rest == purse.credit.amount > ZERO]
        if not whole:
            return
        index = self._by_amount()
        for purse in whole:
            names = index.get((*purse.pool, purse.rest), ())
            fitting = [found for name in names if (found := self._fitting(name, purse))]
            if len(fitting) == 1:
                self.settle(purse, fitting[0])

    def _by_amount(self) -> dict[tuple[Hashable, Hashable, Decimal], dict[Hashable, None]]:
        """The names that an amount may mean, by owner, currency and amount; asked again as debts are paid."""
        found: dict[tuple[Hashable, Hashable, Decimal], dict[Hashable, None]] = defaultdict(dict)
        for name, debts in self.by_name.items():
            for part in [debts] if len(debts) == 1 else [debts, *([debt] for debt in debts)]:
                whole = sum((self.open[debt.key] for debt in part), ZERO)
                less = sum((debt.discount for debt in part), ZERO)
                for amount in {whole, whole - less}:
                    found[part[0].owner, part[0].currency, amount][name] = None
        return found

    def _fitting(self, name: Hashable, purse: _Purse) -> list[Debt]:
        """The debts under this name that the purse pays exactly now: all together, else the first alone."""
        debts = [debt for debt in self.by_name[name] if self.open[debt.key] > ZERO]
        for part in [debts, *([debt] for debt in debts)]:
            whole = sum((self.open[debt.key] for debt in part), ZERO)
            less = sum((debt.discount for debt in part if purse.is_in_time(debt)), ZERO)
            if part and purse.rest in (whole, whole - less):
                return part
        return []

    def spread(self, purses: Sequence[_Purse]) -> None:
        queues: dict[tuple[Hashable, Hashable], list[Debt]] = defaultdict(list)
        for debt in self.debts:
            if not debt.returned:
                queues[debt.owner, debt.currency].append(debt)
        for purse in purses:
            if purse.credit.spread and purse.rest > ZERO:
                left = [debt for debt in queues[purse.pool] if self.open[debt.key] > ZERO]
                left = [debt for debt in left if not self._takes_discount(debt)]
                self._spread_one(purse, left)
                queues[purse.pool] = left

    def _spread_one(self, purse: _Purse, debts: Sequence[Debt]) -> None:
        """First over what is claimed, then over what is held."""
        for held in (False, True):
            self.settle(purse, [debt for debt in debts if debt.held is held])
