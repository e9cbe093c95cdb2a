"""What forbids a fee altogether on a day, with every reason and the day on which it ends (see `fees`)."""

import calendar
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum

from .fee_rules import FeeItem, Kind, Limits, Past, Rule, Scope
from .sheet import ZERO


class Reason(str, Enum):
    """Why a fee is withheld (up to SPACING) or cut (the rest)."""

    NOTHING_OWED = "nothing_owed"
    NO_CONVERSION = "no_conversion"
    ALREADY_CLAIMED = "already_claimed"
    NOT_AGREED = "not_agreed"
    NOT_IN_DEFAULT = "not_in_default"
    TOO_EARLY = "too_early"
    FREE_REMINDER = "free_reminder"
    WAITING_PERIOD = "waiting_period"
    NO_MISSED_DEADLINE = "no_missed_deadline"
    MAX_COUNT = "max_count"
    SPACING = "spacing"
    CEILING = "ceiling"
    OFFSET = "offset"
    TOTAL_CEILING = "total_ceiling"
    SHARE_CEILING = "share_ceiling"


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason with its values.

    `limit`: what the law or the rule allows (days, number of fees, amount), `actual`: what is the case. `until`: first day
    on which the reason no longer holds, None if that is not a matter of time. `amount`: what a cut took away.
    `subject`: the currency without a rate.
    """

    reason: Reason
    limit: Decimal | int | None = None
    actual: Decimal | int | None = None
    until: date | None = None
    amount: Decimal = ZERO
    subject: Hashable = None


def charged(debts: Iterable[FeeItem]) -> list[Past]:
    """Each charge once, however many of the debts it belongs to."""
    return list({past.charge: past for debt in debts for past in debt.past}.values())


def forbidding(rule: Rule, debt: FeeItem, group: Sequence[FeeItem], on: date) -> Iterator[Finding]:
    """Every reason why the debt bears no fee at all."""
    past = charged(group) if rule.scope == Scope.INVOICE else list(debt.past)
    if debt.principal <= ZERO:
        yield Finding(Reason.NOTHING_OWED, actual=debt.principal)
    if any(_same(rule, debt, one) for one in past):
        yield Finding(Reason.ALREADY_CLAIMED)
    yield from _by_debt(rule.limits, debt, on)
    yield from _by_letters(rule.limits, debt, on)
    yield from _by_history(rule, debt, past, on)


def _same(rule: Rule, debt: FeeItem, past: Past) -> bool:
    """Was this very fee claimed before? A compensation is claimed once per invoice, whatever rule it came from."""
    if rule.kind == past.kind == Kind.COMPENSATION and rule.scope == Scope.INVOICE:
        return True
    if past.rule != rule.key or rule.scope == Scope.NOTICE:
        return False
    return rule.scope == Scope.INVOICE or past.level == debt.level


def _by_debt(limits: Limits, debt: FeeItem, on: date) -> Iterator[Finding]:
    if limits.needs_agreement and not debt.agreed:
        yield Finding(Reason.NOT_AGREED)
    if limits.needs_default and (debt.default is None or on <= debt.default):
        yield Finding(Reason.NOT_IN_DEFAULT, until=debt.default and debt.default + timedelta(days=1))
    if limits.days_after_due is not None:
        first = debt.due + timedelta(days=limits.days_after_due)
        if on < first:
            yield Finding(Reason.TOO_EARLY, limits.days_after_due, (on - debt.due).days, first)


def _by_letters(limits: Limits, debt: FeeItem, on: date) -> Iterator[Finding]:
    before = [letter for letter in debt.letters if debt.due < letter.sent < on]
    if len(before) < limits.free_reminders:
        yield Finding(Reason.FREE_REMINDER, limits.free_reminders, len(before))
    if limits.days_after_reminder is not None:
        received = min((one.received for one in before if one.starts_waiting and one.received), default=None)
        free = received and received + timedelta(days=limits.days_after_reminder + 1)
        if free is None or on < free:
            days = (on - received).days if received else None
            yield Finding(Reason.WAITING_PERIOD, limits.days_after_reminder, days, free)


def _by_history(rule: Rule, debt: FeeItem, past: Sequence[Past], on: date) -> Iterator[Finding]:
    limits = rule.limits
    # A fee that was set off to nothing was not borne by its letter.
    borne = [one.on for one in past if one.amount and one.kind == rule.kind and one.counter == rule.counter]
    chain = _chain(borne, on, limits)
    if not chain:
        return
    if limits.max_count is not None and len(chain) >= limits.max_count:
        reset = limits.reset_months and _months_later(chain[0], limits.reset_months) + timedelta(days=1)
        yield Finding(Reason.MAX_COUNT, limits.max_count, len(chain), reset or None)
    if limits.spacing_days is not None:
        free = chain[0] + timedelta(days=limits.spacing_days)
        if on < free:
            yield Finding(Reason.SPACING, limits.spacing_days, (on - chain[0]).days, free)
    if limits.missed_deadline_days is not None:
        ends = [
            letter.deadline + timedelta(days=1)
            for letter in debt.letters
            if letter.deadline and letter.granted >= limits.missed_deadline_days and chain[-1] <= letter.sent < on
        ]
        if not any(end <= on for end in ends):
            yield Finding(Reason.NO_MISSED_DEADLINE, limits.missed_deadline_days, until=min(ends, default=None))


def _chain(days: Iterable[date], on: date, limits: Limits) -> list[date]:
    """The days of the fees that count, latest first: back to the first pause after which the count began anew."""
    chain: list[date] = []
    later = on
    for day in sorted(days, reverse=True):
        if limits.reset_months and later > _months_later(day, limits.reset_months):
            break
        chain.append(day)
        later = day
    return chain


def _months_later(day: date, months: int) -> date:
    """The same day of the month, or the month's last."""
    years, month = divmod(day.month - 1 + months, 12)
    last = calendar.monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))
