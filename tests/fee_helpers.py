"""Published tariffs, as data for the tests of amounts and of claims."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from odoo.addons.ar_dunning_charge.core.fees import FeeItem, Kind, Limits, Past, Rule, claim
from odoo.addons.ar_dunning_charge.core.sheet import Money
from odoo.addons.ar_dunning_charge.core.tariff import Tier, bands, fixed, marginal

D = Decimal
EUR, GBP, NOK, SEK, PLN, JPY = (
    Money("EUR"),
    Money("GBP"),
    Money("NOK"),
    Money("SEK"),
    Money("PLN"),
    Money("JPY", 0),
)


@dataclass(frozen=True)
class Value:
    rate: Decimal
    source: str = ""


class MissingValueError(Exception):
    pass


@dataclass(frozen=True)
class Amounts:
    """A published series for tests: (first day, amount), ascending."""

    values: tuple[tuple[date, Decimal], ...]

    def on(self, day):
        found = [Value(amount, "forskrift %s" % start.year) for start, amount in self.values if start <= day]
        if not found:
            raise MissingValueError(day)
        return found[-1]


INKASSOSATS = Amounts(((date(2020, 10, 1), D(700)), (date(2026, 1, 1), D(750))))
GB = bands(
    "GBP",
    (Tier(D(1000), fixed=D(40), exclusive=True), Tier(D(10000), fixed=D(70), exclusive=True), Tier(fixed=D(100))),
)
IE = bands("EUR", (Tier(D(1000), fixed=D(40)), Tier(D(10000), fixed=D(70)), Tier(fixed=D(100))))
PL = bands(
    "EUR",
    (Tier(D(5000), fixed=D(40)), Tier(D(50000), fixed=D(70), exclusive=True), Tier(fixed=D(100))),
    bounds_currency="PLN",
)
WIK = marginal(
    "EUR",
    (Tier(D(2500), D(15)), Tier(D(5000), D(10)), Tier(D(10000), D(5)), Tier(D(200000), D(1)), Tier(None, D("0.5"))),
    minimum=D(40),
    maximum=D(6775),
)
BE_PENALTY = bands(
    "EUR",
    (
        Tier(D(150), fixed=D(20)),
        Tier(D(500), D(10), D(30), over=D(150)),
        Tier(None, D(5), D(65), over=D(500), maximum=D(2000)),
    ),
)
FI_DEMAND = bands("EUR", (Tier(D(100), fixed=D(14)), Tier(D(1000), fixed=D(24)), Tier(fixed=D(50))))
NL_AWB = bands("EUR", (Tier(D(454), fixed=D(6), exclusive=True), Tier(fixed=D(14))))


DUE, ON = date(2026, 3, 2), date(2026, 4, 1)


def debt(key="A", principal="1000", money=EUR, **values):
    return FeeItem(key, money, D(principal), values.pop("due", DUE), **values)


def past(on, amount=5, rule="r", kind=Kind.FEE, charge=None, **values):
    return Past(charge or (rule, on, str(kind)), rule, kind, on, D(amount), **values)


def rule(amount=5, **values):
    limits = {name: values.pop(name) for name in list(values) if name in Limits.__dataclass_fields__}
    tariffs = values.pop("tariffs", (fixed("EUR", D(amount)),))
    return Rule(values.pop("key", "r"), tariffs, limits=Limits(**limits), **values)


def one(fee_rule, *debts, on=ON, **kwargs):
    [fee] = claim(fee_rule, debts, on, **kwargs)
    assert sum((step.amount for step in fee.steps if step.currency == fee.money.code), D(0)) == fee.amount
    return fee


def said(fee):
    return [found.reason.value for found in fee.findings]
