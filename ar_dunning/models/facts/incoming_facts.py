"""Money on its way as read for a batch of customers: plain values."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from ...core.allocation import ZERO, Allocation, Credit, Debt
from ...core.plan import Blocker, Code

SEPARATOR = re.compile(r"[^0-9A-Za-z]")
# A word shorter than this names nothing; a reference is written in at most so many groups.
SHORTEST, GROUPS = 5, 8
# Kind of a row that only says: look at this customer's debts, an early-payment discount may have been taken.
DISCOUNT = "discount"

# A bank line that quotes nothing is the same money as a payment entered so long before or after it; a customer who pays
# the same amount every month is further apart.
SAME_MONEY = timedelta(days=14)


@lru_cache(maxsize=1 << 14)
def reference_words(label):
    """The words of a payment's text, neighbours written together, and the whole of it: each as `squeezed`.

    Kept, since each batch of a night reads all texts that nobody has matched once more.
    """
    words = [word for part in re.split(r"[\s,;]+", label or "") if (word := squeezed(part))]
    joined = {"".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, min(i + GROUPS, len(words)) + 1)}
    return frozenset(joined | {squeezed(label or "")})


@lru_cache(maxsize=1 << 14)
def squeezed(text):
    """Without separators, in capitals; `sql.SQUEEZED` is its twin.

    >>> squeezed("inv/2026/00012")
    'INV202600012'
    """
    return SEPARATOR.sub("", text).upper()


@dataclass(slots=True)
class Row:
    """Money of a customer that nobody has matched: below zero, it was paid back to him.

    `kind`: in the books as a 'note' (credit note, entry), a 'posted' or an 'announced' payment, which no bank line
    confirms yet; 'promised'
    (a payment without an entry, a transaction under way); a line of the 'bank'; a 'draft' credit note. `own`: its
    amount in company currency where it is in the books. `moves`: invoices it is linked with. `spread`: whether what
    those leave pays other debts. `sure`: not only a click on a payment page, or an amount that happens to fit.
    """

    partner_id: int | None
    currency_id: int
    amount: Decimal
    own: Decimal
    day: date
    words: frozenset[str]
    moves: tuple[int, ...]
    kind: str
    payment_id: int | None
    transaction_id: int | None
    sure: bool = True
    owner: int | None = None
    spread: bool = True
    owners: frozenset[int] = frozenset()  # of unknown origin: whose invoices it names, where these are several
    order_id: int | None = None  # the order that it names, where sales are installed

    @property
    def may_name_others(self):
        """Whether it pays an invoice of another customer that it names: money, not set aside, and not a booking."""
        return self.amount > ZERO and self.spread and self.kind in ("posted", "announced", "promised", "bank")

    @property
    def in_ledger(self):
        """Whether the books show it as a credit of the customer's."""
        return self.kind in ("note", "posted", "announced")

    def as_credit(self):
        """The row for the calculation."""
        cash = self.kind != "note"
        return Credit(self.currency_id, self.amount, self.moves, self.day, self.owner, self.spread, cash)

    def as_returned(self, number):
        """What was paid back, as the calculation knows it."""
        key = ("returned", number)
        return Debt(key, self.currency_id, self.day, -self.amount, owner=self.owner, returned=True)


@dataclass(slots=True)
class Entered:
    """A payment that somebody has entered, matched with invoices or not, and that no line of the bank confirms yet.

    `moves`: the invoices that it paid; `names`: what a bank line quotes to mean it.
    """

    payment_id: int
    owner: int | None
    currency_id: int
    amount: Decimal
    day: date
    moves: frozenset[int]
    names: frozenset[str]

    def is_quoted(self, row):
        """Whether the line says that it is this payment, or brings it."""
        return bool(row.words & self.names)

    def is_likely(self, row):
        """Whether the line is, or brings, this payment as far as one can tell: of the same customer, and for no other invoice."""
        other = row.moves and self.moves and self.moves.isdisjoint(row.moves)
        return row.owner == self.owner and not other and abs(row.day - self.day) <= SAME_MONEY


@dataclass(slots=True)
class OpenLine:
    """An open receivable with what may name it, in its own currency and (`residual_company`) the company's.

    `names`: all that its own customer may quote; `issued`: those of them that we gave it, which mean it whoever quotes them.
    """

    id: int
    partner_id: int
    currency_id: int
    due: date
    booked: date
    residual: Decimal
    residual_company: Decimal
    move_id: int
    names: tuple[str, ...]
    issued: tuple[str, ...]
    held: bool
    discount: Decimal
    discount_until: date | None
    owner: int

    def as_debt(self):
        """The line for the calculation."""
        return Debt(
            self.id,
            self.currency_id,
            self.due,
            self.residual,
            self.move_id,
            self.owner,
            self.held,
            discount=self.discount,
            discount_until=self.discount_until,
        )


@dataclass(slots=True)
class Family:
    """Whose money may pay whose debts: contacts below a customer (`owner_of`), who pays for whom, who named whose invoice."""

    owner_of: dict[int, int]
    payers: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    debtors: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    named: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def link(self, owners):
        """Keep that money links these owners: it names invoices of theirs."""
        for owner in owners if len(owners) > 1 else ():
            self.named[owner] |= owners - {owner}

    def reach(self, owner):
        """Whose invoices his money may pay by any name: his own, and those of whom he pays for."""
        return {owner} | self.debtors.get(owner, set())

    def owners(self, partner_ids):
        """Who owes what stands under these partners."""
        return {self.owner_of[partner] for partner in partner_ids}

    def contacts(self, owners):
        """The ids under which journal items of these owners may stand."""
        return [partner for partner, owner in self.owner_of.items() if owner in owners]

    def clusters(self, owners):
        """These owners in groups that money may link."""
        left, groups = set(owners), []
        while left:
            todo, group = [left.pop()], set()
            while todo:
                owner = todo.pop()
                group.add(owner)
                near = (links.get(owner, set()) for links in (self.payers, self.debtors, self.named))
                todo.extend(set().union(*near) - group)
            left -= group
            groups.append(group)
        return groups


@dataclass(slots=True)
class Incoming:
    """What is on its way for a batch of customers, by journal item; `unused` by owner and currency."""

    family: Family
    rows: list[Row] = field(default_factory=list)
    lines: dict[int, OpenLine] = field(default_factory=dict)
    found: Allocation = field(default_factory=lambda: Allocation({}, {}, {}))
    held: dict[int, list[Blocker]] = field(default_factory=lambda: defaultdict(list))

    def covered(self, line_id):
        """What need not be paid any more of a journal item."""
        return self.found.covered(line_id)

    @property
    def credits(self):
        """The rows that bring money: what the calculation was given, in its order."""
        return [row for row in self.rows if row.amount > ZERO]

    def kept(self):
        """`[(row, what of it was not paid back)]` of the rows that bring money."""
        back = self.found.given_back
        return [(row, row.amount - back.get(place, ZERO)) for place, row in enumerate(self.credits)]

    def parts(self, line_id):
        """What holds a part of a journal item until a person has looked: blockers with their amounts."""
        return tuple(self.held.get(line_id, ()))

    def covered_in_company(self, line_id):
        """What need not be paid any more of a journal item, foreign credit included, in company currency."""
        if line_id not in self.lines:
            return ZERO
        foreign = sum(part.amount for part in self.parts(line_id) if part.code == Code.FOREIGN_CREDIT)
        return self.in_company(line_id, self.covered(line_id) + foreign)

    def open(self, line):
        """What is left of an open line."""
        return line.residual - self.covered(line.id)

    def in_company(self, line_id, amount):
        """`amount` of a line's own currency at the rate at which it stands in the books, in company currency."""
        line = self.lines[line_id]
        return amount * line.residual_company / line.residual if line.residual else ZERO
