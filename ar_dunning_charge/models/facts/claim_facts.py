"""What working out charges needs to know of items, read once for a batch: plain values."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from odoo import models

from ...core import fees
from ...core.default import Default, Letter
from ...core.interest import Movement, Slice, Terms


@dataclass(frozen=True, slots=True)
class Asked:
    """A notice that demands an item at a level: what it may claim is worked out."""

    group: Hashable  # the notice, or a stand-in while it has no number
    item_id: int
    level: models.BaseModel
    policy: models.BaseModel
    lang: str
    deadline: date | None


@dataclass(slots=True)
class DebtFacts:
    """One item with its debtor, its movements, and what happened to it. Amounts are in the item's currency."""

    id: int
    customer_id: int
    partner_id: int
    country_id: int | None
    chosen_audience: str | None
    is_company: bool
    vat: str | None
    industry_id: int | None
    contract_id: int | None
    line_id: int
    move_id: int
    number: str
    company_id: int
    currency_id: int
    original: float
    original_company: float
    residual: float
    invoice_date: date
    due: date
    is_sent: bool
    mention: bool
    default_date: date | None
    default_ground: str | None
    default_notice_id: int | None
    reminded_before: bool  # by the system before, which may have claimed something
    claimed_before: date | None  # the last day for which that system claimed interest
    movements: tuple[Movement, ...] = ()
    letters: tuple[Letter, ...] = ()
    past: tuple[fees.Past, ...] = ()
    earlier: tuple[tuple[str, Slice], ...] = ()  # with the key of the terms under which it was claimed
    waived: tuple[Slice, ...] = ()  # periods among `earlier` that were waived
    fee_levels: frozenset[int] = frozenset()  # levels (ids) for which a fee on this item stands
    interest_paid: tuple[Movement, ...] = ()
    breaks: tuple[tuple[date, date | None], ...] = ()
    audience: str | None = None
    default: Default | None = None
    in_default: bool = False  # whether that day has come

    @property
    def open(self):
        """What is open on the books now, as a Decimal."""
        return sum((movement.amount for movement in self.movements), Decimal(0))

    def claimed_under(self, key):
        """Periods claimed before: those under the terms of this key, and those under others."""
        same = [piece for terms, piece in self.earlier if terms == key]
        return same, [piece for terms, piece in self.earlier if terms != key]

    def company_amount(self, amount):
        """`amount` in company currency at the rate at which the invoice stands in the books."""
        return float(amount) * self.original_company / self.original


@dataclass(frozen=True, slots=True)
class Governing:
    """The terms of interest on an item, what they follow from in words, and the key of the record that says so."""

    terms: Terms
    text: str
    key: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """Why something is not claimed: a sentence for the accountant."""

    reason: str


@dataclass(slots=True)
class Worked:
    """What one notice claims: values of its charges, and sentences on what it does not claim."""

    charges: list[dict] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)
    defaults: list[DebtFacts] = field(default_factory=list)  # items whose default was found


@dataclass(frozen=True, slots=True)
class Claimed:
    """What was read for a notice to make: new charges worked out, and earlier ones that it repeats."""

    worked: Worked = field(default_factory=Worked)
    earlier: tuple[models.BaseModel, ...] = ()
