"""The plan: which dunning step an item takes on a day, or every reason why none.

Levels with `days` <= 0 are *notes*. A note may go from its day until the next note's
day, the last one on the due date at the latest; then it lapses. Levels with positive
`days` form the *ladder*: an item enters at the first, takes one at a time, never skips
and never replays one. A step waits for

* its level's days after the due date, and for the grace days to have passed,
* the contact gap since the customer's last reminder or formal notice,
* the day after the item's step before, whatever the gap: one step a day,
* the deadline of the item's last notice, plus the days that post and bank need,
* a working day of the sender,
* for a formal notice: enough reminders whose deadline has passed (the formal gate).

What else stands in the way (a pause, money on its way, no address ...) is gathered by
the caller and given as *facts*; a fact has a code and, where known, the first day on
which it no longer holds (from that day on it is ignored). A fact may stop a part of an
item only (`amount`): what is left is demanded, as long as it is not below the tolerance.

>>> from datetime import date
>>> first = Level(key=1, days=5, kind=Kind.REMINDER, deadline_days=7)
>>> policy = Policy(levels=(first,), contact_gap=7)
>>> due = date(2026, 3, 2)
>>> step = plan(policy, Customer(), Item(due=due), date(2026, 3, 6))
>>> step.due, step.level.key, step.first_date
(False, 1, datetime.date(2026, 3, 7))
>>> plan(policy, Customer(), Item(due=due), date(2026, 3, 7)).due
True
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum

from .calendar import EVERY_DAY, Calendar


class Kind(str, Enum):
    """What a level sends."""

    NOTE = "note"
    REMINDER = "reminder"
    FORMAL = "formal"


class Code:
    """Why a step does not go: open texts, to which a member of the family adds its own. The model has a sentence for each."""

    NOT_DUE_YET = "not_due_yet"
    NON_WORKING_DAY = "non_working_day"
    CONTACT_GAP = "contact_gap"
    DEADLINE_RUNNING = "deadline_running"
    NOTICE_PENDING = "notice_pending"
    CUSTOMER_OVERDUE = "customer_overdue"
    PUNCTUAL = "punctual"
    SMALL_BALANCE = "small_balance"
    MONEY_COMING = "money_coming"
    FOREIGN_CREDIT = "foreign_credit"
    PAYER_CREDIT = "payer_credit"
    DRAFT_CREDIT_NOTE = "draft_credit_note"
    BANK_STALE = "bank_stale"
    NO_FOLLOWUP = "no_followup"
    BLOCKED = "blocked"
    NEVER = "never"
    PAUSED = "paused"
    PROMISED = "promised"
    DISPUTED = "disputed"
    HELD_BACK = "held_back"
    NOT_SENT = "not_sent"
    EINVOICE_REJECTED = "einvoice_rejected"
    WE_COLLECT = "we_collect"
    FACTORED = "factored"
    OWN = "own"
    FORMAL_GATE = "formal_gate"
    DOWN_PAYMENT = "down_payment"
    NO_CHANNEL = "no_channel"
    LADDER_FINISHED = "ladder_finished"
    BEFORE_START = "before_start"
    NO_POLICY = "no_policy"
    NOT_POSTED = "not_posted"
    CAP = "cap"
    ACCESSORY = "charge"


CODES = tuple(code for name, code in vars(Code).items() if name.isupper())

# Reasons that are nothing but time: where only these stand, the step is on its way.
WAITING = frozenset({Code.NOT_DUE_YET, Code.NON_WORKING_DAY, Code.CONTACT_GAP, Code.DEADLINE_RUNNING})

# Reasons that pass by themselves: the item stays overdue and may be listed beside others.
LISTABLE = frozenset(
    {
        Code.NOT_DUE_YET,
        Code.NON_WORKING_DAY,
        Code.CONTACT_GAP,
        Code.DEADLINE_RUNNING,
        Code.SMALL_BALANCE,
        Code.FORMAL_GATE,
        Code.DOWN_PAYMENT,
        Code.LADDER_FINISHED,
        Code.ACCESSORY,
    }
)


@dataclass(frozen=True, slots=True)
class Blocker:
    """One reason; `until` is the first day on which it no longer holds, None if unknown.

    `amount`: the part of the item that it stops, in the item's currency; None: the whole item.
    `lists`: whether an item that it stops may be listed beside others; None: as `LISTABLE` says of the base's codes.
    """

    code: str
    until: date | None = None
    amount: Decimal | None = None
    lists: bool | None = None

    @property
    def waiting(self) -> bool:
        """Whether it is nothing but time."""
        return self.code in WAITING

    @property
    def listable(self) -> bool:
        """Whether the item may be listed as also open."""
        return self.code in LISTABLE if self.lists is None else self.lists


@dataclass(frozen=True, slots=True)
class Level:
    """One step; `days` after the due date, `deadline_days` granted by its notice.

    `person`: a call or to-do for a colleague, which needs no address of the customer.
    """

    key: int
    days: int
    kind: Kind
    deadline_days: int = 0
    person: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """Levels in ascending order of `days`, and the pace around them (all in days).

    `notes` and `ladder` are the levels up to the due date and after it, parted once and not for each item.
    """

    levels: tuple[Level, ...]
    contact_gap: int = 0
    transit_days: int = 0
    grace_days: int = 0
    reminders_before_formal: int = 3
    notes: tuple[Level, ...] = field(init=False, repr=False)
    ladder: tuple[Level, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "notes", tuple(level for level in self.levels if level.days <= 0))
        object.__setattr__(self, "ladder", tuple(level for level in self.levels if level.days > 0))


@dataclass(frozen=True, slots=True)
class Customer:
    """What holds for all items of a customer.

    `last_contact`: day of the last reminder or formal notice that was delivered.
    `reachable`: an e-mail or postal address is there; `reachable_formal`: likewise for a
    formal notice, which may also go to an address that refuses ordinary mail.
    """

    last_contact: date | None = None
    overdue: bool = False
    reachable: bool = True
    reachable_formal: bool = True
    facts: tuple[Blocker, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A receivable and how far its dunning went.

    `reached`: key of the last ladder level taken, `rank`: how many ladder levels were taken
    (used where the customer's policy has changed), `taken`: keys of all levels taken, notes
    included; `reminders`: delivered reminders; `deadline`: that of its last delivered notice;
    `last_on`: the day on which the last ladder level was delivered; `open`: what is open of it,
    and `tolerance`: what is too little for a notice, in its currency; None: whatever.
    """

    due: date
    reached: int | None = None
    rank: int = 0
    taken: frozenset[int] = frozenset()
    reminders: int = 0
    deadline: date | None = None
    last_on: date | None = None
    gate_override: bool = False
    open: Decimal | None = None
    tolerance: Decimal = Decimal(0)
    facts: tuple[Blocker, ...] = ()
    note_facts: tuple[Blocker, ...] = ()
    formal_facts: tuple[Blocker, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """The next level of an item and every blocker; it is due if there is none.

    `first_date`: first possible day, None where a blocker's end is unknown.
    `bound`: a day before which the step cannot become due by the passing of time alone.
    `parts`: what stops a part of the item; the rest is demanded.
    """

    level: Level | None
    blockers: tuple[Blocker, ...]
    first_date: date | None
    bound: date
    parts: tuple[Blocker, ...] = ()

    @property
    def due(self) -> bool:
        return not self.blockers

    @property
    def held(self) -> Decimal:
        """How much of the item the step leaves out."""
        return sum((part.amount for part in self.parts if part.amount), Decimal(0))


def _open_levels(policy: Policy, item: Item, on: date) -> Iterator[tuple[Level, date | None]]:
    """The notes that have not lapsed, each with the day on which it does, then the next level of the ladder."""
    if not item.rank and on <= item.due:
        ends = [note.days for note in policy.notes[1:]] + [1]
        for note, end in zip(policy.notes, ends, strict=False):
            lapse = item.due + timedelta(days=end)
            if on < lapse and note.key not in item.taken:
                yield note, lapse
    start = item.rank
    if item.reached is not None:
        keys = [level.key for level in policy.ladder]
        start = keys.index(item.reached) + 1 if item.reached in keys else item.rank
    for level in policy.ladder[start:]:
        if level.key not in item.taken:
            yield level, None
            return


def plan(policy: Policy, customer: Customer, item: Item, on: date, calendar: Calendar = EVERY_DAY) -> Step:
    """The item's step on day `on`: pure, and monotone (a step that is due stays due, facts being equal).

    A note that will have lapsed before it could go is passed over, so that what is announced as next does come.
    """
    for level, lapse in _open_levels(policy, item, on):
        step = _plan_level(policy, customer, item, level, on, calendar)
        if lapse is None or step.bound < lapse:
            return step
    return _plan_level(policy, customer, item, None, on, calendar)


def _plan_level(
    policy: Policy, customer: Customer, item: Item, level: Level | None, on: date, calendar: Calendar
) -> Step:
    blockers = [*item.facts, *customer.facts]
    if level is None:
        blockers.append(Blocker(Code.LADDER_FINISHED))
    else:
        blockers.extend(_timing(policy, customer, item, level, on))
        blockers.extend(_by_kind(policy, customer, item, level, on))
        if not (level.person or (customer.reachable_formal if level.kind == Kind.FORMAL else customer.reachable)):
            blockers.append(Blocker(Code.NO_CHANNEL))
    if level is not None and not calendar.is_working(on):
        blockers.append(Blocker(Code.NON_WORKING_DAY, calendar.next_working(on)))
    standing = [blocker for blocker in blockers if blocker.until is None or on < blocker.until]
    parts = tuple(blocker for blocker in standing if blocker.amount is not None)
    if parts and not _demands_rest(item, parts):
        parts = ()
    elif parts:
        standing = [blocker for blocker in standing if blocker.amount is None]
    if item.open is not None and item.open - sum(part.amount or 0 for part in parts) < item.tolerance:
        standing.append(Blocker(Code.SMALL_BALANCE))
    return _step(level, tuple(standing), on, calendar, parts)


def _demands_rest(item: Item, parts: tuple[Blocker, ...]) -> bool:
    """Whether something is left to demand beside what these stop."""
    return item.open is not None and sum(part.amount or 0 for part in parts) < item.open


def _step(
    level: Level | None, blockers: tuple[Blocker, ...], on: date, calendar: Calendar, parts: tuple[Blocker, ...]
) -> Step:
    bound = on
    for blocker in blockers:
        if blocker.until and blocker.until > bound:
            bound = blocker.until
    if bound > on:
        bound = calendar.next_working(bound)
    known = all(blocker.until for blocker in blockers)
    return Step(level, blockers, bound if known else None, bound, parts)


def _timing(policy: Policy, customer: Customer, item: Item, level: Level, on: date) -> Iterator[Blocker]:
    days = level.days if level.days <= 0 else max(level.days, policy.grace_days + 1)
    earliest = item.due + timedelta(days=days)
    if on < earliest:
        yield Blocker(Code.NOT_DUE_YET, earliest)
    if level.days <= 0:
        return
    free = _after_contact(policy, customer, item)
    if free and on < free:
        yield Blocker(Code.CONTACT_GAP, free)
    if item.deadline:
        free = _after_deadline(policy, item.deadline)
        if on < free:
            yield Blocker(Code.DEADLINE_RUNNING, free)


def _by_kind(policy: Policy, customer: Customer, item: Item, level: Level, on: date) -> Iterator[Blocker]:
    if level.days <= 0:
        yield from item.note_facts
        if customer.overdue:
            yield Blocker(Code.CUSTOMER_OVERDUE)
    elif level.kind == Kind.FORMAL:
        yield from item.formal_facts
        if not item.gate_override:
            yield from _formal_gate(policy, item, on)


def _formal_gate(policy: Policy, item: Item, on: date) -> Iterator[Blocker]:
    needed = policy.reminders_before_formal
    free = _after_deadline(policy, item.deadline) if item.deadline else on
    passed = item.reminders - (1 if item.reminders and on < free else 0)
    if passed < needed:
        yield Blocker(Code.FORMAL_GATE, free if item.reminders >= needed else None)


def _after_contact(policy: Policy, customer: Customer, item: Item) -> date | None:
    """The first day on which the customer may be written to again about the item, as far as former contacts go."""
    gap = customer.last_contact and customer.last_contact + timedelta(days=policy.contact_gap)
    step = item.last_on and item.last_on + timedelta(days=1)
    return max((day for day in (gap, step) if day), default=None)


def _after_deadline(policy: Policy, deadline: date) -> date:
    """The first day on which a payment made on the deadline can no longer be under way."""
    return deadline + timedelta(days=policy.transit_days + 1)
