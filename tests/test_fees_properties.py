"""What holds for every tariff, every rule and every history."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from fee_helpers import BE_PENALTY, EUR, GB, WIK
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.ar_dunning_charge.core.default import Letter
from odoo.addons.ar_dunning_charge.core.fees import Basis, FeeItem, Kind, Limits, Past, Rule, Scope, claim
from odoo.addons.ar_dunning_charge.core.sheet import Money
from odoo.addons.ar_dunning_charge.core.tariff import Tariff, Tier, evaluate, fixed, percentage

D = Decimal
ON = date(2026, 7, 1)
CENT = D("0.01")


def money(top):
    return st.integers(0, top * 100).map(lambda cents: D(cents) / 100)


AMOUNTS = money(2_000_000).filter(lambda amount: amount > 0)
PERCENTS = st.integers(0, 3000).map(lambda number: D(number) / 100)
RATES = st.integers(1, 100_000).map(lambda number: D(number) / 1000)


@st.composite
def tier_lists(draw):
    bounds = sorted(draw(st.sets(st.integers(1, 1_000_000).map(D), max_size=4)))
    limits = st.none() | money(500)
    tiers = []
    for bound in [*bounds, None]:
        low, high = draw(limits), draw(limits)
        if low is not None and high is not None:
            low, high = sorted((low, high))
        tiers.append(Tier(bound, draw(PERCENTS), draw(money(100)), low, high))
    return tuple(tiers)


@st.composite
def tariffs(draw, marginal=None):
    low, high = draw(st.none() | money(200)), draw(st.none() | money(5000))
    if low is not None and high is not None:
        low, high = sorted((low, high))
    rounding = draw(st.sampled_from([None, None, D(1), D("0.05")]))
    return Tariff(
        "EUR",
        draw(tier_lists()),
        draw(st.booleans()) if marginal is None else marginal,
        minimum=low,
        maximum=high,
        rounding=rounding,
    )


def fee_of(tariff, amount, **kwargs):
    return evaluate((tariff,), amount, ON, EUR, **kwargs).amount


@given(tier_lists(), AMOUNTS)
def test_band_and_marginal_agree_on_the_first_band(tiers, amount):
    first = tiers[0].up_to
    if first is None or amount <= first:
        assert fee_of(Tariff("EUR", tiers), amount) == fee_of(Tariff("EUR", tiers, True), amount)


@given(tariffs(marginal=True), AMOUNTS, AMOUNTS)
def test_more_principal_is_never_a_lower_marginal_fee(tariff, one, other):
    low, high = sorted((one, other))
    assert fee_of(tariff, low) <= fee_of(tariff, high)


@given(AMOUNTS, AMOUNTS)
def test_the_published_scales_rise_with_the_debt(one, other):
    low, high = sorted((one, other))
    assert fee_of(WIK, low) <= fee_of(WIK, high)
    assert fee_of(BE_PENALTY, low) <= fee_of(BE_PENALTY, high)


@given(AMOUNTS)
def test_the_dutch_scale_by_another_road(amount):
    """The same scale as lines: each band's percentage of the whole, plus what the lower bands gave more."""
    lines = [("0.15", "0"), ("0.10", "125"), ("0.05", "375"), ("0.01", "775"), ("0.005", "1775")]
    exact = min(amount * D(slope) + D(start) for slope, start in lines)
    assert abs(fee_of(WIK, amount) - min(max(exact, D(40)), D(6775))) <= CENT / 2


@given(tariffs(), AMOUNTS, RATES, PERCENTS, st.sampled_from([("EUR", 2), ("JPY", 0), ("KWD", 3)]))
def test_rows_add_up_and_limits_hold(tariff, amount, rate, uplift, currency):
    debt_money = Money(*currency)
    rates = {"EUR": rate}
    result = evaluate((tariff,), amount, ON, debt_money, rates, uplift)
    assert sum(step.amount for step in result.steps if step.currency == debt_money.code) == result.amount
    assert result.amount == debt_money.round(result.amount) >= 0
    assert (result.converted is None) == (debt_money.code == "EUR")
    if debt_money.code == "EUR" and not uplift and tariff.rounding is None:
        assert tariff.minimum is None or result.amount >= tariff.minimum
        assert tariff.maximum is None or result.amount <= tariff.maximum


@given(tariffs(), AMOUNTS, PERCENTS)
def test_an_uplift_is_the_percentage_of_the_fee(tariff, amount, uplift):
    plain = fee_of(tariff, amount)
    assert abs(fee_of(tariff, amount, uplift=uplift) - plain * (100 + uplift) / 100) <= CENT / 2


@given(AMOUNTS, RATES)
def test_a_lump_sum_in_another_currency_is_its_own_amount_at_the_rate(amount, rate):
    own = evaluate((GB,), amount / rate, ON, Money("GBP")).amount
    assert evaluate((GB,), amount, ON, EUR, {"GBP": rate}).amount == EUR.round(own * rate)


DAYS = st.integers(-400, 10).map(lambda days: ON + timedelta(days=days))
PASTS = st.builds(
    Past,
    st.integers(),
    st.sampled_from(["r", "other"]),
    st.sampled_from(Kind),
    DAYS,
    money(500),
    st.integers(1, 3),
    st.sampled_from([None, "demand"]),
    st.none() | money(900),
).map(lambda past: past if past.gross is None or past.gross >= past.amount else replace(past, gross=None))
LETTERS = st.builds(
    lambda key, sent, wait, grant, waits: Letter(
        key, sent, received=sent + timedelta(days=wait), deadline=sent + timedelta(days=grant), starts_waiting=waits
    ),
    st.integers(),
    DAYS,
    st.integers(0, 5),
    st.integers(0, 30),
    st.booleans(),
)
DEBTS = st.lists(
    st.builds(
        FeeItem,
        st.integers(),
        st.just(EUR),
        money(100_000),
        DAYS,
        st.integers(1, 2),
        st.integers(1, 3),
        st.none() | DAYS,
        st.booleans(),
        money(500),
        st.lists(PASTS, max_size=4).map(tuple),
        st.lists(LETTERS, max_size=3).map(tuple),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda debt: debt.key,
)
SMALL = st.none() | st.integers(0, 40)
LIMITS = st.builds(
    Limits,
    st.booleans(),
    st.booleans(),
    SMALL,
    st.integers(0, 2),
    SMALL,
    SMALL,
    st.none() | st.integers(0, 3),
    st.none() | st.integers(1, 7),
    SMALL,
    st.none().map(lambda _none: ()) | tariffs().map(lambda tariff: (tariff,)),
    st.none().map(lambda _none: ()) | tariffs().map(lambda tariff: (tariff,)),
    st.none() | PERCENTS,
)
CUTS_ONLY = LIMITS.map(lambda limits: Limits(ceiling=limits.ceiling, total=limits.total, share=limits.share))
RULES = st.builds(
    Rule,
    st.sampled_from(["r", "other"]),
    tariffs().map(lambda tariff: (tariff,)),
    st.sampled_from([Kind.FEE, Kind.COMPENSATION]),
    st.sampled_from(Scope),
    st.sampled_from(Basis),
    LIMITS | CUTS_ONLY,
    st.sampled_from([frozenset(), frozenset({Kind.FEE}), frozenset({Kind.COMPENSATION})]),
    st.sampled_from([None, "demand"]),
)


def charged(debts, kinds):
    charges = {past.charge: past for debt in debts for past in debt.past}
    return sum((past.amount for past in charges.values() if past.kind in kinds), D(0))


@given(RULES, DEBTS, PERCENTS)
def test_every_claim_is_explained_and_within_its_caps(rule, debts, uplift):
    fees = claim(rule, debts, ON, uplift=uplift)
    assert sorted(key for fee in fees for key in fee.keys) == sorted(debt.key for debt in debts)
    for fee in fees:
        assert 0 <= fee.amount <= fee.gross <= fee.full or (fee.amount == fee.gross == 0 <= fee.full)
        assert fee.withheld >= 0
        assert sum((step.amount for step in fee.steps), D(0)) == fee.amount
        assert bool(fee.withheld) <= bool(fee.findings)
        if fee.amount:
            assert sum(found.amount for found in fee.findings) == fee.withheld
            within_caps(rule, [debt for debt in debts if debt.key in fee.keys], fee, uplift)


def within_caps(rule, debts, fee, uplift):
    limits = rule.limits
    principal = sum(debt.principal for debt in debts)
    basis = principal + (sum(debt.charges for debt in debts) if rule.basis == Basis.WITH_CHARGES else 0)
    fees = charged(debts, {Kind.FEE, Kind.COMPENSATION})
    if limits.ceiling:
        assert fee.gross <= fee_of(limits.ceiling[0], basis, uplift=uplift)
    if limits.total:
        assert fees + fee.amount <= fee_of(limits.total[0], principal, uplift=uplift)
    if limits.share is not None:
        assert fees + charged(debts, {Kind.INTEREST}) + fee.amount <= principal * limits.share / 100


@given(RULES, DEBTS)
def test_a_limit_more_never_raises_a_claim(rule, debts):
    free = replace(rule, limits=Limits(), offsets=frozenset())
    claimed = sum(fee.amount for fee in claim(rule, debts, ON))
    if rule.scope == Scope.ITEM:
        assert claimed <= sum(fee.amount for fee in claim(free, debts, ON))
    ceiling = fixed("EUR", D(7))
    capped = replace(rule, limits=replace(rule.limits, ceiling=(ceiling,)))
    assert all(fee.amount <= 7 for fee in claim(capped, debts, ON))


@given(RULES, DEBTS)
def test_a_reason_that_ends_ends_on_its_day(rule, debts):
    """On the day named by the last of the reasons, none of these reasons is left."""
    alone = replace(rule, scope=Scope.ITEM)
    for fee in claim(alone, debts[:1], ON):
        timed = [found for found in fee.findings if found.until]
        assert all(found.until > ON for found in timed)
        if timed:
            [later] = claim(alone, debts[:1], max(found.until for found in timed))
            assert not {found.reason for found in timed} & {found.reason for found in later.findings}


@given(st.permutations([30, 38, 100]), money(500), st.integers(0, 3))
def test_what_does_not_stack_adds_up_to_the_larger_sum(fees, compensation, position):
    """Whatever the order in which three fees and a compensation are claimed, both together give the larger of the two sums."""
    both = {Kind.FEE: Kind.COMPENSATION, Kind.COMPENSATION: Kind.FEE}
    steps = [(Kind.FEE, D(fee)) for fee in fees]
    steps.insert(position, (Kind.COMPENSATION, compensation))
    past = ()
    for number, (kind, amount) in enumerate(steps):
        rule = Rule(number, (fixed("EUR", amount),), kind, offsets=frozenset({both[kind]}))
        [fee] = claim(rule, [FeeItem("A", EUR, D(1000), ON, past=past)], ON)
        past += (Past(number, number, kind, ON, fee.amount, gross=fee.gross),)
    assert sum(one.amount for one in past) == max(D(168), compensation)


@given(AMOUNTS, PERCENTS)
def test_percentages_do_not_grow_on_charges(amount, percent):
    rule = Rule("r", (percentage("EUR", percent),))
    [plain] = claim(rule, [FeeItem("A", EUR, amount, ON)], ON)
    [charged_before] = claim(rule, [FeeItem("A", EUR, amount, ON, charges=D(5000))], ON)
    assert plain.amount == charged_before.amount == EUR.round(amount * percent / 100)
