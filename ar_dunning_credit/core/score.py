"""How a customer pays, as a score from 0 to 100 and a grade from A to E, every point of it explained.

A hundred points, less what each factor costs. A factor costs a share of its weight, between nothing and all of it;
the shares come from short tables with straight lines between their points. So later payment never improves a score:
every factor rises with lateness, and the trend may at most cost what lateness itself costs. Too little history is a
grade of its own, *new*: neither good nor bad.

What weighs most is how likely the next invoice is paid late (`forecast`), because that is what the past is asked for.
The tables are this addon's own judgement, measured by ``bench/score.py``; the company may change weights and grades.

>>> score(History()).grade.value
'new'
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum

ZERO = Decimal(0)
Table = Sequence[tuple[int, str]]

# Days late on average (or the worst ever) -> share of the weight that is lost.
LATENESS: Table = ((0, "0"), (5, "0.15"), (15, "0.40"), (30, "0.70"), (60, "1"))
WORST: Table = ((10, "0"), (30, "0.3"), (60, "0.7"), (120, "1"))
# Days that the oldest open invoice is overdue -> share of the weight.
OVERDUE: Table = ((0, "0"), (10, "0.20"), (30, "0.60"), (60, "0.85"), (90, "1"))
EVENTS: Table = ((0, "0"), (1, "0.5"), (2, "1"))
MONTHS: Table = ((6, "0"), (36, "1"))


class Grade(str, Enum):
    A = "a"
    B = "b"
    C = "c"
    D = "d"
    E = "e"
    NEW = "new"


class Factor(str, Enum):
    PUNCTUALITY = "punctuality"
    LATENESS = "lateness"
    AMOUNT = "amount"
    TREND = "trend"
    WORST = "worst"
    OVERDUE = "overdue"
    PROMISES = "promises"
    RETURNED = "returned"
    LOYALTY = "loyalty"


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a customer on a day. Days count from the due date; negative is early.

    :param invoices: paid ones, and unpaid ones past their due date
    :param days_late: their mean; unpaid ones with their days so far
    :param days_late_weighted: the same, weighted by amount
    :param on_time: share of `invoices` paid on or before the due date, 0 to 1
    :param late_ahead: probability that the next invoice is late (`forecast.outlook`), 0 to 1; None: 1 - `on_time`
    :param recent_days_late: mean of the last six months, None without invoices in them
    :param earlier_days_late: mean of the time before, None without invoices then
    :param overdue_share: overdue amount over what an average month brought in invoices
    :param overdue_days: days of the oldest overdue invoice
    """

    invoices: int = 0
    days_late: Decimal = ZERO
    days_late_weighted: Decimal = ZERO
    on_time: Decimal = Decimal(1)
    late_ahead: Decimal | None = None
    recent_days_late: Decimal | None = None
    earlier_days_late: Decimal | None = None
    worst: int = 0
    overdue_share: Decimal = ZERO
    overdue_days: int = 0
    broken_promises: int = 0
    returned_payments: int = 0
    months: int = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """Weights in points, the lowest score of each grade, and how much history a grade needs.

    :raises ValueError: where grades are not in order, a weight is negative, or the trend outweighs lateness
    """

    punctuality: int = 55
    lateness: int = 10
    amount: int = 5
    trend: int = 5
    worst: int = 3
    overdue: int = 20
    promises: int = 10
    returned: int = 10
    loyalty: int = 3
    grade_a: int = 85
    grade_b: int = 70
    grade_c: int = 50
    grade_d: int = 30
    minimum: int = 3

    def __post_init__(self) -> None:
        if min(getattr(self, factor.value) for factor in Factor) < 0:
            raise ValueError("negative weight")
        if self.trend > self.lateness:
            raise ValueError("trend outweighs lateness")
        if not 100 >= self.grade_a > self.grade_b > self.grade_c > self.grade_d > 0:
            raise ValueError("grades not in order")
        if self.minimum < 1:
            raise ValueError("no history needed")


@dataclass(frozen=True, slots=True)
class Points:
    """What one factor costs (negative) or adds, unrounded, and the figure it comes from."""

    factor: Factor
    points: Decimal
    value: Decimal
    count: int = 0


@dataclass(frozen=True, slots=True)
class Score:
    """The score is None for a new customer; its factors are told all the same."""

    score: int | None
    grade: Grade
    factors: tuple[Points, ...]


def score(history: History, rules: Rules | None = None) -> Score:
    """The customer's score, grade and what made it."""
    rules = rules or Rules()
    factors = tuple(_factors(history, rules))
    if history.invoices < rules.minimum:
        return Score(None, Grade.NEW, factors)
    total = sum((factor.points for factor in factors), Decimal(100))
    whole = int(max(ZERO, min(Decimal(100), total)).to_integral_value(ROUND_HALF_UP))
    return Score(whole, grade(whole, rules), factors)


def grade(points: int, rules: Rules) -> Grade:
    """The grade of a score."""
    floors = ((rules.grade_a, Grade.A), (rules.grade_b, Grade.B), (rules.grade_c, Grade.C), (rules.grade_d, Grade.D))
    return next((name for floor, name in floors if points >= floor), Grade.E)


def share(table: Table, value: Decimal) -> Decimal:
    """The table's share for this value: straight lines between its points, level outside of them."""
    (low, found), *rest = table
    if value <= low:
        return Decimal(found)
    for high, reached in rest:
        if value <= high:
            return Decimal(found) + (Decimal(reached) - Decimal(found)) * (value - low) / (high - low)
        low, found = high, reached
    return Decimal(found)


def _factors(history: History, rules: Rules) -> list[Points]:
    late = 1 - history.on_time if history.late_ahead is None else history.late_ahead
    usual = share(LATENESS, history.days_late)
    return [
        _cost(Factor.PUNCTUALITY, rules.punctuality, late, history.on_time, history.invoices),
        _cost(Factor.LATENESS, rules.lateness, usual, history.days_late, history.invoices),
        _cost(Factor.AMOUNT, rules.amount, share(LATENESS, history.days_late_weighted), history.days_late_weighted),
        _trend(history, rules, usual),
        _cost(Factor.WORST, rules.worst, share(WORST, Decimal(history.worst)), Decimal(history.worst)),
        _overdue(history, rules),
        _events(Factor.PROMISES, rules.promises, history.broken_promises),
        _events(Factor.RETURNED, rules.returned, history.returned_payments),
        _cost(Factor.LOYALTY, -rules.loyalty, share(MONTHS, Decimal(history.months)), Decimal(history.months)),
    ]


def _cost(factor: Factor, weight: int, lost: Decimal, value: Decimal, count: int = 0) -> Points:
    return Points(factor, -weight * lost + ZERO, value, count)


def _trend(history: History, rules: Rules, usual: Decimal) -> Points:
    """Costs where the last six months are worse than all the time together; improving costs nothing.

    At most what lateness itself costs: otherwise an old invoice paid later could improve the score.
    """
    recent, earlier = history.recent_days_late, history.earlier_days_late
    if recent is None or earlier is None:
        return _cost(Factor.TREND, 0, ZERO, ZERO)
    worse = max(ZERO, share(LATENESS, recent) - usual)
    return _cost(Factor.TREND, rules.trend, worse, recent - earlier)


def _overdue(history: History, rules: Rules) -> Points:
    """By age, as far as the amount matters: a forgotten remainder is no reason to lose a customer's grade."""
    lost = share(OVERDUE, Decimal(history.overdue_days)) * max(ZERO, min(Decimal(1), history.overdue_share))
    return _cost(Factor.OVERDUE, rules.overdue, lost, Decimal(history.overdue_days))


def _events(factor: Factor, weight: int, count: int) -> Points:
    return _cost(factor, weight, share(EVENTS, Decimal(count)), Decimal(count), count)
