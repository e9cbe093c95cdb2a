"""Deposits: what of an order is paid first, what has come in for it, and whether the order may go on.

A rule asks for a share of the order and at least for an amount, never for more than the order; every condition that it
names must hold. Of several rules that fit, the one that asks for most counts, for each stage by itself: what is due
before confirmation does not lower what is due before delivery and invoicing.

Rules think in company currency; money and what is missing of it are in the order's own. What has come in for the order
itself is certain; money without a name is spare: it covers one order only, so an order says how much of it it relies on.

A hold and a missing deposit stop an order until a person releases it (see `release`). A block stops it for everybody.

>>> first = Rule("First order", share=Decimal("0.3"), first_order=True)
>>> careful = Rule("Pays late", share=Decimal("0.1"), amount=Decimal(250), grade_from="d")
>>> facts = OrderFacts(Status.OK, "business", total=Decimal(800), grade="E", first_order=True)
>>> demands = strictest([first, careful], facts)
>>> demands[Stage.CONFIRM].rule, demands[Stage.CONFIRM].amount, demands[Stage.INVOICE].amount
('Pays late', Decimal('250'), Decimal('0'))
>>> money = Money(named=Decimal(100), spare=Decimal(400))
>>> deposit = ask(money, demands, Size(Decimal(800), Decimal(1600), coin=Decimal("0.01")))
>>> deposit.required, deposit.missing, money.relied(deposit.required)
(Decimal('500.00'), Decimal('0.00'), Decimal('400'))
>>> judge((), deposit, charged=Decimal(1600)).stops
False
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum

from odoo.addons.ar_dunning_credit.core.credit_status import Reason, Status, Way

ZERO = Decimal(0)
ONE = Decimal(1)


class Stage(str, Enum):
    """When the deposit must be there."""

    CONFIRM = "confirm"
    INVOICE = "invoice"


@dataclass(frozen=True, slots=True)
class Money:
    """What has come in for an order, in the order's currency, by the way it came.

    `online`: payment transactions; `invoices`: money that paid its invoices; `named`: unmatched payments and bank
    lines that name the order; `spare`: other unmatched payments of the customer, after everything he owes. `booked`
    is the part of `named` that is already a credit in the ledger.
    """

    online: Decimal = ZERO
    invoices: Decimal = ZERO
    named: Decimal = ZERO
    booked: Decimal = ZERO
    spare: Decimal = ZERO

    @property
    def certain(self) -> Decimal:
        """What is this order's without doubt."""
        return self.online + self.invoices + self.named

    @property
    def total(self) -> Decimal:
        """All of it."""
        return self.certain + self.spare

    def relied(self, needed: Decimal) -> Decimal:
        """How much of the spare money it takes to cover `needed`."""
        return min(self.spare, max(needed - self.certain, ZERO))

    def without(self, taken: Decimal) -> "Money":
        """The same where others rely on `taken` of the spare money."""
        return replace(self, spare=max(self.spare - taken, ZERO))


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What a rule looks at. `total` in company currency, taxes included, without free lines.

    `categories`: the paths of its products' categories, from the root down, each with its own id last ("1/7/").
    """

    status: Status
    audience: str
    total: Decimal
    grade: str | None = None
    first_order: bool = False
    categories: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """A share of the order (0 to 1) and at least `amount` of company currency, from whom every condition names.

    `grade_from`: this payment grade and worse ones; `ungraded`: or no grade at all. `category`: the path of a product
    category; one at or below it must be in the order.
    """

    name: str
    stage: Stage = Stage.CONFIRM
    share: Decimal = ZERO
    amount: Decimal = ZERO
    releases_hold: bool = False
    grade_from: str | None = None
    ungraded: bool = False
    status_from: Status = Status.OK
    audience: str | None = None
    first_order: bool = False
    amount_from: Decimal = ZERO
    category: str | None = None

    def fits(self, facts: OrderFacts) -> bool:
        """Whether every condition holds."""
        return (
            self._grades(facts.grade)
            and facts.status.rank >= self.status_from.rank
            and self.audience in (None, facts.audience)
            and (facts.first_order or not self.first_order)
            and facts.total >= self.amount_from
            and (self.category is None or any(path.startswith(self.category) for path in facts.categories))
        )

    def _grades(self, grade: str | None) -> bool:
        if not grade:
            return self.ungraded or not self.grade_from
        return grade.lower() >= self.grade_from if self.grade_from else not self.ungraded

    def asks(self, total: Decimal) -> Decimal:
        """How much of an order of this total, in company currency."""
        return min(max(total * self.share, self.amount), total)


@dataclass(frozen=True, slots=True)
class Demand:
    """The strictest deposit of one stage: `amount` in company currency and the name of the rule that asks for it."""

    amount: Decimal = ZERO
    rule: str = ""
    releases_hold: bool = False


def strictest(rules: Iterable[Rule], facts: OrderFacts) -> dict[Stage, Demand]:
    """For each stage the demand of the rule that asks for most; of equals, the first."""
    found = dict.fromkeys(Stage, Demand())
    for rule in rules:
        amount = rule.asks(facts.total) if rule.fits(facts) else ZERO
        if amount > found[rule.stage].amount:
            found[rule.stage] = Demand(amount, rule.name, rule.releases_hold)
    return found


@dataclass(frozen=True, slots=True)
class Size:
    """The total of an order, free lines included: in company currency and in its own, whose smallest coin is `coin`."""

    company: Decimal
    own: Decimal
    coin: Decimal

    def share(self, amount: Decimal) -> Decimal:
        """Which part of the order an amount of company currency is: 0 to 1."""
        return min(amount / self.company, ONE) if amount and self.company > ZERO else ZERO

    def of_share(self, share: Decimal) -> Decimal:
        """This part of the order, in its own currency."""
        return rounded(self.own * share, self.coin)


@dataclass(frozen=True, slots=True)
class Deposit:
    """What must be paid first (`share` of the order) and what has come in, in the order's currency.

    `later` is due before delivery and invoicing.
    """

    money: Money = Money()
    required: Decimal = ZERO
    share: Decimal = ZERO
    rule: str = ""
    later: Decimal = ZERO
    later_rule: str = ""
    releases_hold: bool = False

    @property
    def missing(self) -> Decimal:
        """What is missing before confirmation."""
        return max(self.required - self.money.total, ZERO)

    @property
    def later_missing(self) -> Decimal:
        """What is missing before delivery and invoicing."""
        return max(self.later - self.money.total, ZERO)


def ask(money: Money, demands: Mapping[Stage, Demand], size: Size) -> Deposit:
    """The deposit of an order of this size: what the demands are in its own currency."""
    confirm, later = demands.get(Stage.CONFIRM, Demand()), demands.get(Stage.INVOICE, Demand())
    share = size.share(confirm.amount)
    return Deposit(
        money=money,
        required=size.of_share(share),
        share=share,
        rule=confirm.rule,
        later=size.of_share(size.share(later.amount)),
        later_rule=later.rule,
        releases_hold=confirm.releases_hold,
    )


Held = tuple[Hashable, Reason]  # a reason, and the customer whose it is


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why an order is (not) confirmed. `reasons`: those that still hold, each with its customer and its way out."""

    status: Status
    reasons: tuple[Held, ...]
    deposit: Deposit
    released: bool = False

    @property
    def stopping(self) -> frozenset[str]:
        """What a person passes by a release: the kinds of the holds, by customer, and a missing deposit."""
        held = [(party, reason) for party, reason in self.reasons if reason.effect is Status.HOLD]
        kinds = {f"{party} {reason.code} {reason.values.get('rule') or ''}".strip() for party, reason in held}
        return frozenset(kinds | ({"deposit"} if self.deposit.missing else set()))

    @property
    def blocked(self) -> bool:
        """Stopped for everybody: no release passes a block."""
        return self.status is Status.BLOCKED

    @property
    def stops(self) -> bool:
        """Whether the order may not be confirmed as it is."""
        return self.blocked or (not self.released and self.needs_release)

    @property
    def needs_release(self) -> bool:
        """Whether it takes an approval or an override."""
        return self.status.rank >= Status.HOLD.rank or self.deposit.missing > ZERO

    @property
    def waits(self) -> bool:
        """Whether nothing of the confirmed order may be delivered or invoiced before a deposit or a release."""
        return not self.released and self.deposit.later_missing > ZERO


def judge(reasons: Iterable[Held], deposit: Deposit, charged: Decimal) -> Verdict:
    """The verdict before anybody has released anything; `charged` is what the order costs, in its currency.

    What is paid in advance in full has no need of a customer who is good for it; and a complete deposit ends a hold where
    its rule says so.
    """
    paid = deposit.money.total >= charged
    left = tuple(pair for pair in reasons if not (paid and pair[1].unlock.way is Way.PREPAY))
    status = max((reason.effect for _party, reason in left), key=lambda effect: effect.rank, default=Status.OK)
    if status is Status.HOLD and deposit.releases_hold and not deposit.missing:
        status = Status.WATCH
    return Verdict(status, left, deposit)


def rounded(amount: Decimal, coin: Decimal) -> Decimal:
    """To the nearest coin, halves away from zero.

    >>> rounded(Decimal("0.125"), Decimal("0.01")), rounded(Decimal("-7.525"), Decimal("0.05"))
    (Decimal('0.13'), Decimal('-7.55'))
    """
    return (amount / coin).quantize(ONE, ROUND_HALF_UP) * coin
