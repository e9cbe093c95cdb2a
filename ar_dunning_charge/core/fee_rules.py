"""What a fee rule says, and what is known of the debts it is applied to (see `fees`)."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum

from .default import Letter
from .sheet import ZERO, Money
from .tariff import Tariff


class Kind(str, Enum):
    """What is claimed beside the principal."""

    FEE = "fee"
    COMPENSATION = "compensation"
    INTEREST = "interest"


class Scope(str, Enum):
    """One for the notice as a whole, one for each invoice ever, or one for each item and level."""

    NOTICE = "notice"
    INVOICE = "invoice"
    ITEM = "item"


class Basis(str, Enum):
    """What percentages and bands are taken of."""

    PRINCIPAL = "principal"
    WITH_CHARGES = "with_charges"


@dataclass(frozen=True, slots=True)
class Limits:
    """What the law, or the company, allows. All days are counted on the calendar; None and 0 mean no limit.

    `needs_agreement`: only if agreed before the debt arose (SE lag 1981:739 s. 2, CH).
    `needs_default`: the notice that causes the default is free (DE BGB s. 280(2), 286).
    `days_after_due`: lawful from the due date plus so many days (NO inkassoforskriften s. 1-2, FI: 14).
    `free_reminders`: so many reminders must have gone before (BE WER XIX.2: 1).
    `days_after_reminder`: so many whole days must have passed since a waiting letter was received (BE, NL: 14).
    `missed_deadline_days`: from the second fee on, a deadline of at least so many days, set in a letter since the
    first fee, must have been missed (NO inkassoforskriften s. 1-3: 14).
    `max_count`: so many fees of the rule's counter; `reset_months`: the count begins anew when the last one is
    older (NO: 2 and 6). `spacing_days`: at least so many days between two of them (DK renteloven s. 9 b: 3 and 10).
    `ceiling`: the most for one fee; `total`: the most for all fees and compensation on the debt; both are tariffs
    by size of debt. `share`: the most for all charges, interest included, in percent of the principal.
    """

    needs_agreement: bool = False
    needs_default: bool = False
    days_after_due: int | None = None
    free_reminders: int = 0
    days_after_reminder: int | None = None
    missed_deadline_days: int | None = None
    max_count: int | None = None
    reset_months: int | None = None
    spacing_days: int | None = None
    ceiling: tuple[Tariff, ...] = ()
    total: tuple[Tariff, ...] = ()
    share: Decimal | None = None

    def __post_init__(self) -> None:
        days = ("days_after_due", "days_after_reminder", "missed_deadline_days", "spacing_days")
        for name in (*days, "free_reminders", "max_count"):
            if (getattr(self, name) or 0) < 0:
                raise ValueError(f"{name} must not be negative.")
        if self.reset_months is not None and self.reset_months <= 0:
            raise ValueError("The months after which the count begins anew must be above zero.")
        if self.share is not None and self.share < ZERO:
            raise ValueError("The share of the principal must not be negative.")


@dataclass(frozen=True, slots=True)
class Rule:
    """How a fee or compensation is claimed. Raises ValueError without a tariff, or with two in one currency.

    `key` names the rule in what was claimed before. `counter`: rules with the same counter are counted together.
    `offsets`: kinds of charges that it does not stack with; of the two sums only the larger may be claimed
    (NO inkassoforskriften s. 1-5, SE lag 1981:739 s. 4 a).
    """

    key: Hashable
    tariffs: tuple[Tariff, ...]
    kind: Kind = Kind.FEE
    scope: Scope = Scope.ITEM
    basis: Basis = Basis.PRINCIPAL
    limits: Limits = field(default_factory=Limits)
    offsets: frozenset[Kind] = frozenset()
    counter: Hashable = None

    def __post_init__(self) -> None:
        if not self.tariffs:
            raise ValueError("A fee rule needs an amount in at least one currency.")
        for tariffs in (self.tariffs, self.limits.ceiling, self.limits.total):
            if len({tariff.currency for tariff in tariffs}) < len(tariffs):
                raise ValueError("A fee rule has two amounts in the same currency.")


@dataclass(frozen=True, slots=True)
class Past:
    """A charge claimed earlier and not reversed, in the debt's currency; `on`: the day its notice was sent.

    `charge` is its identity: a charge that several debts share is given with each of them. `gross`: what the fee
    was before it was set off against another charge (None: nothing was).
    """

    charge: Hashable
    rule: Hashable
    kind: Kind
    on: date
    amount: Decimal
    level: Hashable = None
    counter: Hashable = None
    gross: Decimal | None = None

    @property
    def full(self) -> Decimal:
        return self.amount if self.gross is None else self.gross


@dataclass(frozen=True, slots=True)
class FeeItem:
    """An item of the notice. `principal`: what is overdue, in `money` (for lump sums by size: the debt as it fell due).

    `invoice` and `level` group and tell apart; `default`: the day of default if there is one; `charges`: open charges,
    counted only where the rule takes them into the basis; `past`: every charge on the item and on its invoice;
    `letters`: the reminders and notices sent before and not bounced, with their day of receipt (those up to the due date
    count for nothing).
    """

    key: Hashable
    money: Money
    principal: Decimal
    due: date
    invoice: Hashable = None
    level: Hashable = None
    default: date | None = None
    agreed: bool = False
    charges: Decimal = ZERO
    past: tuple[Past, ...] = ()
    letters: tuple[Letter, ...] = ()
