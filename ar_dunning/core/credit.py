"""Money already on its way counts against the debt.

A credit that names its debts (a pending payment of one invoice, a bank line that
quotes a reference) pays those first; what remains, and every credit that names
none, pays the oldest debt first. A credit never crosses currencies: credit that
finds no debt in its own currency is returned per currency, so that a person can
look at it.

>>> from datetime import date
>>> debts = [Debt("new", "EUR", date(2026, 2, 1), Decimal(50)),
...          Debt("old", "EUR", date(2026, 1, 1), Decimal(100))]
>>> allocate(debts, [Credit("EUR", Decimal(120))]).paid == {"old": 100, "new": 20}
True
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Debt:
    """An open item: `amount` > 0 in `currency`."""

    key: Hashable
    currency: Hashable
    due: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Credit:
    """Money of the customer not yet matched; `targets` are the debts it names, if any."""

    currency: Hashable
    amount: Decimal
    targets: tuple[Hashable, ...] = ()


@dataclass(frozen=True, slots=True)
class Allocation:
    """`paid`: amount covered per debt key; `unused`: what is left per currency."""

    paid: dict[Hashable, Decimal]
    unused: dict[Hashable, Decimal]


def allocate(debts: Iterable[Debt], credits: Sequence[Credit]) -> Allocation:
    """Spread credits over debts, named debts first, then oldest first (stable for equal dates)."""
    ordered = sorted(debts, key=lambda debt: debt.due)
    open_amounts = {debt.key: debt.amount for debt in ordered}
    paid: dict[Hashable, Decimal] = {}
    pool: dict[Hashable, Decimal] = {}

    def pay(key: Hashable, amount: Decimal) -> Decimal:
        part = min(amount, open_amounts[key])
        if part > ZERO:
            open_amounts[key] -= part
            paid[key] = paid.get(key, ZERO) + part
        return amount - max(part, ZERO)

    for credit in credits:
        rest = credit.amount
        for debt in ordered:
            if debt.key in credit.targets and debt.currency == credit.currency:
                rest = pay(debt.key, rest)
        pool[credit.currency] = pool.get(credit.currency, ZERO) + rest
    for debt in ordered:
        if pool.get(debt.currency, ZERO) > ZERO:
            pool[debt.currency] = pay(debt.key, pool[debt.currency])
    return Allocation(paid, {currency: rest for currency, rest in pool.items() if rest > ZERO})
