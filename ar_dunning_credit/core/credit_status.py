"""Credit status: may this customer buy, why (not), and what would change it.

Facts about one customer go in; the status and *every* reason come out, each with its own effect and with
what unlocks it. The strictest effect is the status: ok < watch < hold < blocked.

* *watch*: nothing is stopped, people are told.
* *hold*: an order waits for the unlock, or for somebody who may override it with a written reason.
* *blocked*: nothing new until the block itself is lifted; an override does not pass it.

All amounts are in the company's currency. Exposure is what the customer owes net of his credits, plus what
he has ordered and not yet been invoiced (plus drafts, where the company counts them), plus `extra`: the
order or invoice that is being decided. An insured or guaranteed part raises the limit for as long as it is
valid; a temporary limit replaces the ordinary one until its last day. No limit (None) is not a limit of zero.

>>> facts = Facts(exposure=Exposure(receivables=Decimal(900), extra=Decimal(300)), limits=Limits(ordinary=Decimal(1000)))
>>> state = assess(facts, Switches(limit=Status.HOLD), date(2026, 3, 2))
>>> state.status.value, state.excess, state.reasons[0].unlock.amount
('hold', Decimal('200'), Decimal('200'))
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from types import MappingProxyType

ZERO = Decimal(0)
HUNDRED = Decimal(100)
Value = Decimal | date | int | str | None


class Status(str, Enum):
    """From free to stopped; compare by `rank`."""

    OK = "ok"
    WATCH = "watch"
    HOLD = "hold"
    BLOCKED = "blocked"

    @property
    def rank(self) -> int:
        """0 for ok, 3 for blocked."""
        return list(Status).index(self)


class Code:
    """Why; the model turns each into a sentence. Codes are plain strings: a member of the family brings its own in `Facts.further`."""

    OVER_LIMIT = "over_limit"
    OVERDUE = "overdue"
    LEVEL = "level"
    GRADE = "grade"
    CAUTION = "caution"
    BAD = "bad"
    INSOLVENT = "insolvent"
    CHECK_EXPIRED = "check_expired"
    MANUAL = "manual"
    LEGAL_CASE = "legal_case"
    RULE = "rule"


class Way(str, Enum):
    """The way out of a reason."""

    PAY = "pay"  # `amount` of the items `names`
    PREPAY = "prepay"  # the whole order is paid before it is confirmed
    REVIEW = "review"  # a new solvency check; due on `day`
    LIFT = "lift"  # somebody lifts it by hand; by itself on `day`, where one is given
    WAIT = "wait"  # better payment behaviour; nothing that could be done today


class Result(str, Enum):
    """What a solvency check found."""

    GOOD = "good"
    CAUTION = "caution"
    BAD = "bad"
    INSOLVENT = "insolvent"


@dataclass(frozen=True, slots=True)
class Exposure:
    """Parts of what is at risk, in company currency; `receivables` is net of credits and may be negative."""

    receivables: Decimal = ZERO
    orders: Decimal = ZERO
    drafts: Decimal = ZERO
    extra: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """The sum of the parts."""
        return self.receivables + self.orders + self.drafts + self.extra


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits in company currency; None is no limit. Last days are inclusive; no last day is for ever."""

    ordinary: Decimal | None = None
    temporary: Decimal | None = None
    temporary_until: date | None = None
    insured: Decimal = ZERO
    insured_until: date | None = None

    def own(self, on: date) -> Decimal | None:
        """The limit for our own risk on the day `on`."""
        if self.temporary is not None and _valid(self.temporary_until, on):
            return self.temporary
        return self.ordinary

    def insured_on(self, on: date) -> Decimal:
        """The part that somebody else bears on the day `on`."""
        return self.insured if self.insured > ZERO and _valid(self.insured_until, on) else ZERO

    def total(self, on: date) -> Decimal | None:
        """Own risk and insured part together; None without a limit."""
        own = self.own(on)
        return None if own is None else own + self.insured_on(on)


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An open receivable item, `amount` > 0 in company currency. `on_hold`: its dunning level holds credit.

    `covered`: what money on its way pays of it.
    """

    name: str
    due: date
    amount: Decimal
    on_hold: bool = False
    level: str = ""
    disputed: bool = False
    covered: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Check:
    """The solvency check that counts. `valid_until` is its last day; None is until the next check."""

    result: Result
    source: str
    on: date
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class ManualHold:
    """A hold set by a person; it ends by itself after `until`."""

    reason: str
    by: str
    since: date | None
    until: date | None = None
    effect: Status = Status.HOLD


@dataclass(frozen=True, slots=True)
class RuleHit:
    """A rule of the company's own whose condition holds."""

    name: str
    effect: Status
    message: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a customer on the day of the decision. `debts` oldest first.

    `holds`: those that people have set on the customer, in the root company and its branches. `further`: reasons that
    others have found, each with an effect and a way out of its own.
    """

    exposure: Exposure = Exposure()
    limits: Limits = Limits()
    debts: tuple[OpenItem, ...] = ()
    grade: str | None = None
    check: Check | None = None
    holds: tuple[ManualHold, ...] = ()
    legal_case: bool = False
    rules: tuple[RuleHit, ...] = ()
    further: tuple["Reason", ...] = ()


@dataclass(frozen=True, slots=True)
class Switches:
    """What the company reacts to, and how; None switches a condition off.

    :param limit_percent: the limit is reached at this percentage of it (90 warns before it is used up)
    :param overdue_days: items count once they are more days late than this
    :param overdue_amount: and only if together they are more than this, in company currency
    :param grade_from: this payment grade and worse ones
    """

    limit: Status | None = None
    limit_percent: Decimal = HUNDRED
    overdue: Status | None = None
    overdue_days: int = 30
    overdue_amount: Decimal = ZERO
    level: Status | None = None
    grade: Status | None = None
    grade_from: str = "d"


@dataclass(frozen=True, slots=True)
class Unlock:
    """What ends a reason. `amount` in company currency; `names` are the items to pay, oldest first."""

    way: Way
    amount: Decimal | None = None
    names: tuple[str, ...] = ()
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason with the figures of its sentence; keys of `values` depend on the code."""

    code: str
    effect: Status
    unlock: Unlock
    values: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class CreditState:
    """The answer. `limit` and `available` are None without a limit; `excess` is 0 unless the limit is exceeded.

    `prepayment_only`: a solvency check says insolvent; what is paid in advance may be sold all the same.
    """

    on: date
    status: Status
    reasons: tuple[Reason, ...]
    exposure: Exposure
    limit: Decimal | None
    insured: Decimal
    used: Decimal
    available: Decimal | None
    excess: Decimal
    prepayment_only: bool = False

    @property
    def stops(self) -> bool:
        """Whether an order may not be confirmed as it is."""
        return self.status in (Status.HOLD, Status.BLOCKED)

    @property
    def may_override(self) -> bool:
        """Whether *Credit override* passes it: a hold, never a block."""
        return self.status is Status.HOLD


def assess(facts: Facts, switches: Switches, on: date) -> CreditState:
    """The status on the day `on`, with every reason, the strictest first."""
    limit, used = facts.limits.total(on), facts.exposure.total
    found = [reason for source in SOURCES for reason in source(facts, switches, on)]
    reasons = tuple(sorted(found, key=lambda reason: -reason.effect.rank))
    return CreditState(
        on=on,
        status=reasons[0].effect if reasons else Status.OK,
        reasons=reasons,
        exposure=facts.exposure,
        limit=limit,
        insured=facts.limits.insured_on(on),
        used=used,
        available=None if limit is None else limit - used,
        excess=ZERO if limit is None else max(used - limit, ZERO),
        prepayment_only=any(reason.code == Code.INSOLVENT for reason in reasons),
    )


def pay_first(debts: tuple[OpenItem, ...], amount: Decimal) -> tuple[str, ...]:
    """The names of the oldest debts that together reach `amount`; all of them where they do not."""
    names: list[str] = []
    for debt in debts:
        if amount <= ZERO:
            break
        names.append(debt.name)
        amount -= debt.amount
    return tuple(dict.fromkeys(names))


def left_of(debts: tuple[OpenItem, ...]) -> tuple[OpenItem, ...]:
    """What money on its way leaves of the debts."""
    return tuple(
        replace(debt, amount=debt.amount - debt.covered, covered=ZERO) for debt in debts if debt.amount > debt.covered
    )


# === One function a reason === #


def _over_limit(facts: Facts, switches: Switches, on: date) -> Iterator[Reason]:
    limit, used = facts.limits.total(on), facts.exposure.total
    if switches.limit is None or limit is None:
        return
    threshold = limit * switches.limit_percent / HUNDRED
    if used <= threshold:
        return
    due = used - threshold
    values: dict[str, Value] = {
        "used": used,
        "limit": limit,
        "extra": facts.exposure.extra,
        "insured": facts.limits.insured_on(on),
    }
    unlock = Unlock(Way.PAY, due, pay_first(left_of(facts.debts), due))
    yield Reason(Code.OVER_LIMIT, switches.limit, unlock, values)


def _overdue(facts: Facts, switches: Switches, on: date) -> Iterator[Reason]:
    if switches.overdue is None:
        return
    late = tuple(
        debt for debt in left_of(facts.debts) if not debt.disputed and (on - debt.due).days > switches.overdue_days
    )
    amount = sum((debt.amount for debt in late), ZERO)
    if amount <= switches.overdue_amount:
        return
    due = amount - switches.overdue_amount
    values: dict[str, Value] = {"amount": amount, "days": (on - late[0].due).days, "count": len(late)}
    yield Reason(Code.OVERDUE, switches.overdue, Unlock(Way.PAY, due, pay_first(late, due)), values)


def _level(facts: Facts, switches: Switches, on: date) -> Iterator[Reason]:
    held = tuple(debt for debt in left_of(facts.debts) if debt.on_hold)
    if switches.level is None or not held:
        return
    amount = sum((debt.amount for debt in held), ZERO)
    unlock = Unlock(Way.PAY, amount, pay_first(held, amount))
    yield Reason(Code.LEVEL, switches.level, unlock, {"level": held[0].level, "amount": amount})


def _grade(facts: Facts, switches: Switches, on: date) -> Iterator[Reason]:
    grade = (facts.grade or "").lower()
    if switches.grade is not None and len(grade) == 1 and grade >= switches.grade_from.lower():
        yield Reason(Code.GRADE, switches.grade, Unlock(Way.WAIT), {"grade": grade.upper()})


def _solvency(facts: Facts, switches: Switches, on: date) -> Iterator[Reason]:
    """An insolvency does not expire: it stands until somebody checks again."""
    check = facts.check
    if check is None:
        return
    values: dict[str, Value] = {"source": check.source, "on": check.on, "valid_until": check.valid_until}
    if check.result is Result.INSOLVENT:
        yield Reason(Code.INSOLVENT, Status.HOLD, Unlock(Way.PREPAY), values)
    elif not _valid(check.valid_until, on):
        yield Reason(Code.CHECK_EXPIRED, Status.WATCH, Unlock(Way.REVIEW, day=check.valid_until), values)
    elif check.result is Result.BAD:
        yield Reason(Code.BAD, Status.HOLD, Unlock(Way.REVIEW, day=check.valid_until), values)
    elif check.result is Result.CAUTION:
        yield Reason(Code.CAUTION, Status.WATCH, Unlock(Way.REVIEW, day=check.valid_until), values)


def _by_hand(facts: Facts, switches: Switches, on: date) -> Iterator[Reason]:
    for hold in facts.holds:
        if _valid(hold.until, on):
            values: dict[str, Value] = {"reason": hold.reason, "by": hold.by, "since": hold.since}
            yield Reason(Code.MANUAL, hold.effect, Unlock(Way.LIFT, day=hold.until), values)
    if facts.legal_case:
        yield Reason(Code.LEGAL_CASE, Status.BLOCKED, Unlock(Way.LIFT), {})


def _rules(facts: Facts, switches: Switches, on: date) -> Iterator[Reason]:
    for rule in facts.rules:
        yield Reason(Code.RULE, rule.effect, Unlock(Way.LIFT), {"rule": rule.name, "message": rule.message})


def _further(facts: Facts, switches: Switches, on: date) -> Iterator[Reason]:
    yield from facts.further


SOURCES = (_over_limit, _overdue, _level, _grade, _solvency, _by_hand, _rules, _further)


def _valid(until: date | None, on: date) -> bool:
    return until is None or on <= until
