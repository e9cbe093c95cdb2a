"""What the ledger tells of one customer's paying, as read by `ar.dunning.behaviour`."""

from array import array
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from odoo.addons.ar_dunning.tools.figures import exact

from ...core.forecast import Past, bank_week, clip, fading, ready
from ...core.score import History

MONTH = Decimal("30.4375")


@dataclass
class BehaviourFacts:
    """One row of the statement. Days count from the due date, amounts are in company currency."""

    customer_id: int
    invoices: int = 0
    days_late: Decimal = Decimal(0)
    weighted_days: Decimal | None = None
    punctual: int = 0
    recent: Decimal | None = None
    earlier: Decimal | None = None
    worst: int = 0
    overdue: Decimal = Decimal(0)
    overdue_days: int = 0
    mean_amount: Decimal = Decimal(0)
    first: date | None = None
    paid_days: list = field(default_factory=list)
    paid_ages: list = field(default_factory=list)
    open_days: list = field(default_factory=list)
    broken: int = 0
    returned: int = 0

    def __post_init__(self):
        """The cursor hands numerics over as floats."""
        for name in ("days_late", "weighted_days", "recent", "earlier", "overdue", "mean_amount"):
            value = getattr(self, name)
            setattr(self, name, None if value is None else exact(value) if isinstance(value, float) else value)

    def past(self, on, week):
        """What the forecast needs: recent invoices count more, and fade from week to week (with a half-life of a year
        days are no news); weekends belong to the bank day after them.

        :param on: the day on which the ledger was read
        :param week: weekdays on which money comes in, as `Pasts` or the company's pool knows them
        """
        since = [list(ready(0, weekday, week)) for weekday in range(7)]
        today, days = on.weekday(), {}
        for late, age in zip(self.paid_days or (), self.paid_ages or (), strict=True):
            perhaps = since[(today - age) % 7]
            weight = fading_of(age - today) / len(perhaps)  # as of this week's Monday
            for before in perhaps:
                day = clip(late + before)
                days[day] = days.get(day, Decimal(0)) + weight
        return Past(days, Past.of(self.open_days or ()).days)

    def history(self, on, late_ahead):
        """What the score needs."""
        months = (on - self.first).days / MONTH if self.first else Decimal(0)
        monthly = self.mean_amount * self.invoices / max(months, Decimal(1))
        share = self.overdue / monthly if monthly and self.overdue > 0 else Decimal(0)
        return History(
            invoices=self.invoices,
            days_late=round(self.days_late, 2),
            days_late_weighted=round(self.days_late if self.weighted_days is None else self.weighted_days, 2),
            on_time=round(Decimal(self.punctual) / self.invoices, 4) if self.invoices else Decimal(1),
            late_ahead=round(late_ahead, 4),
            recent_days_late=None if self.recent is None else round(self.recent, 2),
            earlier_days_late=None if self.earlier is None else round(self.earlier, 2),
            worst=self.worst,
            overdue_share=round(share, 4),
            overdue_days=self.overdue_days,
            broken_promises=self.broken,
            returned_payments=self.returned,
            months=int(months),
        )

    def longer_on(self, on):
        """The day after `on` on which it has been a customer for one more month; None without a known invoice."""
        if not self.first:
            return None
        months = int((on - self.first).days / MONTH) + 1
        return self.first + timedelta(days=int((months * MONTH).to_integral_value(ROUND_CEILING)))


class Pasts:
    """The pasts of many customers, as the ledger of day `on` tells them: kept as plain days, worked out as often as they
    are gone through, so that many fit into little memory."""

    def __init__(self, on):
        self._on, self._rows, self._payments = on, [], Counter()

    def add(self, found):
        """More customers.

        :param found: many BehaviourFacts, read on the same day
        """
        for facts in found:
            lists = (facts.paid_days, facts.paid_ages, facts.open_days)
            self._rows.append([array("l", days or ()) for days in lists])
            self._payments.update((self._on - timedelta(days=age)).weekday() for age in facts.paid_ages or ())

    @property
    def week(self):
        """The weekdays on which these customers' money came in."""
        return bank_week(self._payments)

    def __iter__(self):
        week = self.week
        for paid_days, paid_ages, open_days in self._rows:
            facts = BehaviourFacts(0, paid_days=paid_days, paid_ages=paid_ages, open_days=open_days)
            yield facts.past(self._on, week)


_FADING = {}


def fading_of(age):
    """`fading` by whole days, each calculated once."""
    if age not in _FADING:
        _FADING[age] = round(fading(age), 6)
    return _FADING[age]


def as_json(history):
    """A `History` as the customer record keeps it; decimals as text."""
    values = {name: getattr(history, name) for name in History.__slots__}
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()}


def from_json(values):
    """The `History` that was kept; the default one where there is none yet."""
    return History(**{name: Decimal(v) if isinstance(v, str) else v for name, v in (values or {}).items()})
