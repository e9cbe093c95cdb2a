"""When will this invoice be paid? A distribution of days late, the customer's own as far as it is known.

Lateness counts whole days from the due date: 0 on the due date, negative before it. Two things are known of a
customer: its own past, and how far customers of the company stray from their own habit. The forecast is the
predictive distribution of a Dirichlet process whose base is everyone's spread around this customer's habit
(T. S. Ferguson, "A Bayesian analysis of some nonparametric problems", Annals of Statistics 1 (1973)): `own` invoices
of the customer speak for themselves, and `trust` invoices' worth of everyone's spread speak for what it has not shown
yet. The habit is its mean, drawn towards everyone's while its history is thin (empirical Bayes: B. Efron and
C. Morris, JASA 68 (1973)).

Money does not arrive on every day of the week: what is sent on a Saturday is there on Monday, and an invoice due on a
Saturday is paid on Monday by the most punctual. So lateness is kept as the days on which a payment may have been
*ready*, and a forecast is the first bank day from then on. Which days these are is learned from the payments.

>>> everyone = pool([Past.of([0, 2, 4]), Past.of([20, 22, 24])])
>>> habit(Past.of([30, 30, 30, 30, 30]), everyone) > habit(Past.of([30]), everyone)
True
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

# An invoice paid a year ago counts half; everyone's spread counts as ten invoices of the customer's own.
HALF_LIFE = 365
TRUST = Decimal(10)
# Beyond these a figure says more about a forgotten credit note than about paying; medians do not notice.
EARLIEST, LATEST = -120, 400
# How far from the median an invoice pulls on the habit.
STRAY = 30

EVERY_DAY: frozenset[int] = frozenset(range(7))
# With ten payments to be expected on a weekday, their absence says something.
ENOUGH_PAYMENTS = 70


def clip(days: int) -> int:
    """Days late as the forecast counts them: from 120 days early to 400 days late."""
    return max(EARLIEST, min(LATEST, days))


def fading(age: int, half_life: int = HALF_LIFE) -> Decimal:
    """What an invoice paid `age` days ago still counts: 1 today, a half after `half_life` days."""
    return Decimal(2) ** (Decimal(-max(age, 0)) / half_life)


def bank_week(payments: Mapping[int, int]) -> frozenset[int]:
    """The weekdays on which money comes in: those with at least a quarter of an even share of the payments.

    :param payments: number of payments by weekday, Monday is 0
    :return: every day of the week where fewer than 70 payments are known
    """
    known = sum(payments.values())
    if known < ENOUGH_PAYMENTS:
        return EVERY_DAY
    return frozenset(day for day in EVERY_DAY if 4 * 7 * payments.get(day, 0) >= known)


def ready(late: int, weekday: int, week: frozenset[int]) -> range:
    """The days late on which a payment that arrived on this weekday may have been ready, since the bank day before.

    :param late: days late on which it arrived
    """
    first = late
    while (weekday - late + first - 1) % 7 not in week and late - first < 6:
        first -= 1
    return range(first, late + 1)


def arrival(late: int, due: int, week: frozenset[int]) -> int:
    """The days late on which a payment arrives that is ready `late` days after a due date on weekday `due`."""
    while (due + late) % 7 not in week:
        late += 1
    return late


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of one customer: how much weight lies on each number of days late.

    `open_days` are the days so far of what is overdue and unpaid: lower bounds, which count once they exceed
    the customer's habit.
    """

    days: Mapping[int, Decimal] = field(default_factory=dict)
    open_days: Mapping[int, Decimal] = field(default_factory=dict)

    @classmethod
    def of(cls, days: Iterable[int], open_days: Iterable[int] = ()) -> "Past":
        """From lists of days late, each invoice with weight 1."""
        return cls(_count(days), _count(open_days))

    @property
    def weight(self) -> Decimal:
        return sum(self.days.values(), Decimal(0))

    @property
    def total(self) -> Decimal:
        """Days times weight."""
        return sum((weight * day for day, weight in self.days.items()), Decimal(0))


@dataclass(frozen=True, slots=True)
class Pool:
    """What all customers of a company have in common.

    :param mean: days late of an average invoice, customers weighted by what is known of them
    :param strength: how many invoices of its own a customer needs until its mean counts as much as everyone's
    :param spread: how far invoices stray from their customer's habit: shares (together 1) by whole days
    :param size: the weight of all invoices
    :param week: the weekdays on which money comes in (`bank_week`), Monday is 0; not empty
    """

    mean: Decimal = Decimal(0)
    strength: Decimal = Decimal(5)
    spread: tuple[tuple[int, Decimal], ...] = ((0, Decimal(1)),)
    size: Decimal = Decimal(0)
    week: frozenset[int] = EVERY_DAY


@dataclass(frozen=True, slots=True)
class Outlook:
    """The forecast for one invoice; dates are None where everyone paid sooner than it has been waiting.

    `likely` holds the middle half of what may happen, `wide` the middle four fifths.
    """

    expected: date | None
    likely: tuple[date | None, date | None]
    wide: tuple[date | None, date | None]
    late: Decimal  # probability of being paid after the due date, given what is known on the day
    share_own: Decimal  # how much of the forecast rests on the customer's own invoices
    until: date | None = None  # it says the same up to this day while nothing is paid; None: for ever


def tamed(past: Past) -> Past:
    """The same with every invoice at most thirty days from the customer's median: one dispute is not a habit."""
    if not past.days:
        return past
    # Thirds of an invoice add up to a hair less than one, which must not move the median.
    half, seen, median = past.weight / 2 * Decimal("0.999999"), Decimal(0), 0
    for median in sorted(past.days):
        seen += past.days[median]
        if seen >= half:
            break
    days: dict[int, Decimal] = {}
    for day, weight in past.days.items():
        near = max(median - STRAY, min(median + STRAY, day))
        days[near] = days.get(near, Decimal(0)) + weight
    return Past(days, past.open_days)


def habit(past: Past, everyone: Pool) -> Decimal:
    """The customer's usual days late: its (tamed) mean, drawn towards everyone's while its history is thin.

    What is overdue and unpaid counts with its days so far once they exceed that mean.
    """
    calm = tamed(past)
    total, weight = calm.total + everyone.strength * everyone.mean, calm.weight + everyone.strength
    settled = total / weight if weight else Decimal(0)
    for day, open_weight in past.open_days.items():
        if day > settled:
            total += day * open_weight
            weight += open_weight
    return total / weight if weight else Decimal(0)


def distribution(past: Past, everyone: Pool, trust: Decimal = TRUST) -> list[tuple[int, Decimal]]:
    """Weights by days late, in order: the customer's own, and everyone's spread around its habit.

    :param trust: how many invoices everyone's spread counts as
    """
    centre = int(habit(past, everyone).to_integral_value())
    found = dict(past.days)
    for day, part in everyone.spread:
        late = clip(day + centre)
        found[late] = found.get(late, Decimal(0)) + trust * part
    return sorted(found.items())


def late_ahead(past: Past, everyone: Pool, trust: Decimal = TRUST) -> Decimal:
    """Probability that the customer's next invoice, due on any day of the week, is paid after its due date."""
    centre = int(habit(past, everyone).to_integral_value())
    own = sum((weight * _late_share(day, everyone.week) for day, weight in past.days.items()), Decimal(0))
    others = sum((part * _late_share(day + centre, everyone.week) for day, part in everyone.spread), Decimal(0))
    return (own + trust * others) / (past.weight + trust)


@cache
def _late_share(day: int, week: frozenset[int]) -> Decimal:
    """Of seven due dates, one on each weekday, the share that is paid late by who is ready on this day."""
    return Decimal(sum(arrival(day, due, week) > 0 for due in EVERY_DAY)) / 7


def outlook(due: date, on: date, past: Past, everyone: Pool, trust: Decimal = TRUST) -> Outlook:
    """Forecast for an invoice due on `due` that is unpaid on day `on` (it may still be paid that day)."""
    weight = past.weight
    return foresee(due, on, distribution(past, everyone, trust), weight / (weight + trust), everyone.week)


def foresee(
    due: date, on: date, days: list[tuple[int, Decimal]], share_own: Decimal, week: frozenset[int] = EVERY_DAY
) -> Outlook:
    """`outlook` from a `distribution` of days late: for many invoices of one customer."""
    so_far, weekday = (on - due).days, due.weekday()
    arriving = ((arrival(day, weekday, week), weight) for day, weight in days)
    left = [(day, weight) for day, weight in arriving if day >= so_far]
    total = sum((weight for _day, weight in left), Decimal(0))

    def quantile(share: str) -> date | None:
        seen = Decimal(0)
        for day, weight in left:
            seen += weight
            if seen >= Decimal(share) * total:
                return due + timedelta(days=day)
        return None

    late = sum((weight for day, weight in left if day > 0), Decimal(0)) / total if total else Decimal(1)
    return Outlook(
        expected=quantile("0.5"),
        likely=(quantile("0.25"), quantile("0.75")),
        wide=(quantile("0.1"), quantile("0.9")),
        late=Decimal(1) if so_far > 0 else late,
        share_own=share_own,
        until=due + timedelta(days=left[0][0]) if left else None,
    )


def pool(pasts: Iterable[Past], week: frozenset[int] = EVERY_DAY) -> Pool:
    """What these customers have in common; an empty pool says *on the due date*, and hardly insists.

    :param pasts: gone through twice
    :param week: the `bank_week` by which their days were found
    """
    size, rows = Decimal(0), []
    for past in pasts:
        if past.weight:
            size, calm = size + past.weight, tamed(past)
            rows.append((calm.weight, calm.total, _squares(calm)))
    if not rows:
        return Pool(week=week)
    mean, strength = partial_pooling(rows)
    spread: dict[int, Decimal] = {}
    for past in pasts:
        for day, step in stray(past, mean, strength) if past.weight else ():
            spread[step] = spread.get(step, Decimal(0)) + past.days[day]
    return Pool(mean, strength, tuple((step, weight / size) for step, weight in sorted(spread.items())), size, week)


def stray(past: Past, mean: Decimal, strength: Decimal) -> Iterable[tuple[int, int]]:
    """Pairs of days late and of how far that is from what the customer's *other* invoices would have said."""
    calm = tamed(past)
    weight, total = calm.weight, calm.total
    lowest, highest = min(calm.days), max(calm.days)
    for day, own in past.days.items():
        one = min(own, Decimal(1))
        rest = weight - one + strength
        near = max(lowest, min(highest, day))
        usual = (total - one * near + strength * mean) / rest if rest else mean
        yield day, clip(int((day - usual).to_integral_value()))


def partial_pooling(customers: Iterable[tuple[Decimal, Decimal, Decimal]]) -> tuple[Decimal, Decimal]:
    """Mean, and the strength of that mean: variance within customers over variance between them (ANOVA estimate).

    In the mean a customer with n invoices weighs n / (n + strength), the best linear unbiased estimate for customers
    that differ (S. R. Searle, G. Casella, C. E. McCulloch, Variance Components (1992), ch. 3): a new customer is like
    other customers, not like the invoices of the largest.

    :param customers: for each its weight, days times weight, and squared days times weight
    :return: strength between a quarter and 50 invoices; 50 where customers hardly differ
    """
    rows = [row for row in customers if row[0]]
    size = sum((weight for weight, _total, _squared in rows), Decimal(0))
    mean = sum((total for _weight, total, _squared in rows), Decimal(0)) / size
    within = sum((squared - total * total / weight for weight, total, squared in rows), Decimal(0))
    between = sum((weight * (total / weight - mean) ** 2 for weight, total, _squared in rows), Decimal(0))
    count = len(rows)
    freedom = size - count
    spread = size - sum((weight * weight for weight, _total, _squared in rows), Decimal(0)) / size
    strength = Decimal(5)
    if freedom > 0 and spread > 0:
        noise = within / freedom
        difference = (between - (count - 1) * noise) / spread
        strength = max(Decimal("0.25"), min(Decimal(50), noise / difference)) if difference > 0 else Decimal(50)
    parts = [(1 / (weight + strength), weight, total) for weight, total, _squared in rows]
    heaviness = sum((part * weight for part, weight, _total in parts), Decimal(0))
    return sum((part * total for part, _weight, total in parts), Decimal(0)) / heaviness, strength


def _squares(past: Past) -> Decimal:
    return sum((weight * day * day for day, weight in past.days.items()), Decimal(0))


def _count(days: Iterable[int]) -> dict[int, Decimal]:
    found: dict[int, Decimal] = {}
    for day in days:
        found[clip(day)] = found.get(clip(day), Decimal(0)) + 1
    return found
