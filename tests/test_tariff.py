"""How much: published examples, each with its address, then the arithmetic and its rows."""

from datetime import date
from decimal import Decimal

import pytest
from fee_helpers import (
    BE_PENALTY,
    EUR,
    FI_DEMAND,
    GB,
    GBP,
    IE,
    INKASSOSATS,
    JPY,
    NL_AWB,
    NOK,
    PL,
    PLN,
    SEK,
    WIK,
    Amounts,
    MissingValueError,
)

from odoo.addons.ar_dunning_charge.core.sheet import Money, Part
from odoo.addons.ar_dunning_charge.core.tariff import (
    NoConversionError,
    Share,
    Tariff,
    Tier,
    bands,
    evaluate,
    fixed,
    marginal,
    percentage,
    share,
)

D = Decimal
ON = date(2026, 4, 1)


def amount(tariff, debt, money, on=ON, **kwargs):
    result = evaluate((tariff,), D(debt), on, money, **kwargs)
    assert sum(step.amount for step in result.steps if step.currency == money.code) == result.amount
    return str(result.amount)


@pytest.mark.parametrize(
    ("tariff", "money", "debt", "expected"),
    [
        # GB-5: late-payment-law.co.uk/compensation.html, www.mygov.scot/late-commercial-payments
        (GB, GBP, "0.01", "40.00"),
        (GB, GBP, "999.99", "40.00"),
        (GB, GBP, "1000", "70.00"),
        (GB, GBP, "9999.99", "70.00"),
        (GB, GBP, "10000", "100.00"),
        # IE-2: irelandtogether.ie/running-your-business/late-payment-commercial-transactions-regulations
        (IE, EUR, "1000", "40.00"),
        (IE, EUR, "1000.01", "70.00"),
        (IE, EUR, "10000", "70.00"),
        (IE, EUR, "10000.01", "100.00"),
        # NL-1: www.nova-incasso.nl/kennisbank/wet-incassokosten-wik
        (WIK, EUR, "4000", "525.00"),
        # the scale: www.alektumgroup.nl/bereken-de-incassokosten (bands, least 40.00, most 6,775.00)
        (WIK, EUR, "100", "40.00"),
        (WIK, EUR, "266.66", "40.00"),
        (WIK, EUR, "267", "40.05"),
        (WIK, EUR, "2500", "375.00"),
        (WIK, EUR, "5000", "625.00"),
        (WIK, EUR, "10000", "875.00"),
        (WIK, EUR, "200000", "2775.00"),
        # www.stedin.net/zakelijk/klantenservice: the last band ends at 1,000,000, which is where the most is reached
        (WIK, EUR, "999998", "6774.99"),
        (WIK, EUR, "1000000", "6775.00"),
        (WIK, EUR, "3000000", "6775.00"),
        # droitsquotidiens.be/fr/question/quels-frais-dois-je-payer-lors-dun-recouvrement-amiable: 65 + 7.50
        (BE_PENALTY, EUR, "650", "72.50"),
        # its bounds: www.farys.be/en/node/7861
        (BE_PENALTY, EUR, "150", "20.00"),
        (BE_PENALTY, EUR, "150.01", "30.00"),
        (BE_PENALTY, EUR, "250", "40.00"),
        (BE_PENALTY, EUR, "500", "65.00"),
        (BE_PENALTY, EUR, "500.01", "65.00"),
        (BE_PENALTY, EUR, "39200", "2000.00"),
        (BE_PENALTY, EUR, "100000", "2000.00"),
        # www.cash-in.com/fi/tietoa-velalliselle/perintakulut
        (FI_DEMAND, EUR, "100", "14.00"),
        (FI_DEMAND, EUR, "100.01", "24.00"),
        (FI_DEMAND, EUR, "1000", "24.00"),
        (FI_DEMAND, EUR, "1000.01", "50.00"),
        # beslagrecht.nl: art. 4:113 Awb, "less than 454" and "454 or more"
        (NL_AWB, EUR, "453.99", "6.00"),
        (NL_AWB, EUR, "453.995", "6.00"),
        (NL_AWB, EUR, "454", "14.00"),
        # BR-1: ajuda.kobana.com.br/pt-BR/articles/8843476-multa-e-juros-de-mora
        (percentage("BRL", D(2)), Money("BRL"), "100", "2.00"),
    ],
)
def test_published_amounts(tariff, money, debt, expected):
    assert amount(tariff, debt, money) == expected


@pytest.mark.parametrize(
    ("sats", "numerator", "denominator", "expected"),
    [
        # NO-1: inkassoforskriften s. 1-2 and 1-4; 37.50 and 112.50 go up to the krone
        (700, 1, 20, "35.00"),
        (750, 1, 20, "38.00"),
        (700, 3, 20, "105.00"),
        (750, 3, 20, "113.00"),
        # until 2020 a tenth: www.sticos.no/fagstoff/satser/purring-og-inkasso, www.opas.no, www.gothiagroup.com
        (700, 1, 10, "70.00"),
        (700, 3, 10, "210.00"),
        (670, 1, 10, "67.00"),
        (650, 1, 10, "65.00"),
        (590, 1, 10, "59.00"),
    ],
)
def test_a_share_of_the_inkassosats_goes_to_the_krone(sats, numerator, denominator, expected):
    series = Amounts(((date(2000, 1, 1), D(sats)),))
    assert amount(share("NOK", series, numerator, denominator, rounding=D(1)), 5000, NOK) == expected


def test_the_sats_of_the_day_of_sending_counts():
    tariff = share("NOK", INKASSOSATS, 1, 20, rounding=D(1))
    assert amount(tariff, 5000, NOK, on=date(2025, 12, 31)) == "35.00"
    assert amount(tariff, 5000, NOK, on=date(2026, 1, 1)) == "38.00"
    steps = evaluate((tariff,), D(5000), date(2026, 1, 1), NOK).steps
    assert [(step.part, step.amount, step.base, step.factor, step.source) for step in steps] == [
        (Part.SHARE, D("37.50"), D(750), D("0.05"), "forskrift 2026"),
        (Part.ROUNDING, D("0.50"), D("37.5"), None, ""),
    ]
    with pytest.raises(MissingValueError):
        amount(tariff, 5000, NOK, on=date(2020, 9, 30))


@pytest.mark.parametrize(
    ("tariff", "debt", "rows"),
    [
        (WIK, 4000, [("percent", 2500, 15, "375.00"), ("percent", 1500, 10, "150.00")]),
        (WIK, 100, [("percent", 100, 15, "15.00"), ("minimum", 40, None, "25.00")]),
        (BE_PENALTY, 650, [("fixed", None, None, "65.00"), ("percent", 150, 5, "7.50")]),
        (
            BE_PENALTY,
            50000,
            [("fixed", None, None, "65.00"), ("percent", 49500, 5, "2475.00"), ("tier_maximum", 2000, None, "-540.00")],
        ),
        (
            marginal("EUR", (Tier(D(100), D(10), minimum=D(15)), Tier(None, D(5), D(2), maximum=D(12)))),
            300,
            [
                ("percent", 100, 10, "10.00"),
                ("tier_minimum", 15, None, "5.00"),
                ("fixed", None, None, "2.00"),
                ("percent", 200, 5, "10.00"),
            ],
        ),
        (
            percentage("EUR", D(2), D(5), D(50)),
            10000,
            [("percent", 10000, 2, "200.00"), ("maximum", 50, None, "-150.00")],
        ),
    ],
)
def test_the_rows_say_how(tariff, debt, rows):
    steps = evaluate((tariff,), D(debt), ON, EUR).steps
    assert [(step.part.value, step.base, step.percent, str(step.amount)) for step in steps] == rows


def test_printed_rows_add_up_to_the_exact_sum_rounded_once():
    tariff = marginal("EUR", (Tier(D("33.30"), D(15)), Tier(None, D("0.5"))))
    result = evaluate((tariff,), D("34.20"), ON, EUR)  # 4.995 + 0.0045 = 4.9995
    assert [str(step.amount) for step in result.steps] == ["5.00", "0.00"]
    assert result.amount == D("5.00")


@pytest.mark.parametrize(
    ("debt", "expected"),
    [("5000", "170.34"), ("5000.01", "298.10"), ("49999.99", "298.10"), ("50000", "425.85")],
)
def test_polish_lump_sums_have_bounds_in_zloty_and_amounts_in_euro(debt, expected):
    """Act of 8 March 2013, art. 10; the NBP mid rate of 31 December 2019 was 4.2585."""
    result = evaluate((PL,), D(debt), ON, PLN, rates={"EUR": D("4.2585")})
    assert str(result.amount) == expected
    assert (result.converted.currency, result.converted.rate) == ("EUR", D("4.2585"))
    assert result.steps[0].currency == "EUR"
    assert result.steps[-1].part == Part.CONVERSION
    assert (result.steps[-1].base, result.steps[-1].factor) == (result.steps[0].amount, D("4.2585"))


def test_a_foreign_debt_is_measured_by_the_bounds_in_their_own_currency():
    rates = {"GBP": D("1.25"), "PLN": D("0.25")}
    assert amount(GB, "1249.99", EUR, rates=rates) == "50.00"  # GBP 999.992 is still below 1,000
    assert amount(GB, "1250", EUR, rates=rates) == "87.50"
    assert amount(PL, "1250", EUR, rates=rates) == "40.00"
    assert amount(PL, "1250.01", EUR, rates=rates) == "70.00"


@pytest.mark.parametrize(
    ("debt", "expected"),
    [("122", "1.20"), ("122.49", "1.20"), ("122.50", "1.25"), ("127.49", "1.25"), ("127.50", "1.30")],
)
def test_rounding_to_five_centimes(debt, expected):
    assert amount(Tariff("CHF", (Tier(percent=D(1)),), rounding=D("0.05")), debt, Money("CHF")) == expected


def test_a_fee_that_meets_its_limit_needs_no_row_for_it():
    for low, high in ((D(40), None), (None, D(40))):
        assert len(evaluate((percentage("EUR", D(10), low, high),), D(400), ON, EUR).steps) == 1


def test_the_amount_in_the_debts_own_currency_is_preferred():
    both = (fixed("EUR", D(40)), fixed("GBP", D(35)))
    result = evaluate(both, D(100), ON, GBP, rates={"EUR": D(2)})
    assert (result.amount, result.converted) == (D(35), None)
    assert evaluate(both, D(100), ON, SEK, rates={"EUR": D("11.5")}).amount == D(460)
    assert evaluate(both, D(100), ON, JPY, rates={"EUR": D("161.2345")}).amount == D(6449)
    with pytest.raises(NoConversionError) as error:
        evaluate(both, D(100), ON, SEK, rates={"GBP": D(13)})
    assert error.value.currency == "EUR"


def test_vat_that_cannot_be_deducted_comes_on_top():
    result = evaluate((WIK,), D(4000), ON, EUR, uplift=D(21))
    assert str(result.amount) == "635.25"
    assert [step.part.value for step in result.steps] == ["percent", "percent", "uplift"]
    assert (result.steps[-1].base, result.steps[-1].percent, result.steps[-1].amount) == (D(525), D(21), D("110.25"))
    assert amount(WIK, 3000000, EUR, uplift=D(21)) == "8197.75"


@pytest.mark.parametrize("rate", [0, -1])
def test_a_rate_of_nothing_is_no_rate(rate):
    with pytest.raises(NoConversionError):
        evaluate((GB,), D(100), ON, EUR, rates={"GBP": D(rate)})


def test_a_published_amount_as_a_whole():
    """Norway's standard compensation: NOK 430 from 1 July 2020 (www.bsregnskap.no/2020/06/22)."""
    series = Amounts(((date(2020, 7, 1), D(430)),))
    assert amount(share("NOK", series), 5000, NOK) == "430.00"
    assert amount(Tariff("NOK", share=Share(series)), 5000, NOK) == "430.00"


@pytest.mark.parametrize(
    ("debt", "expected"), [("100", "3.00"), ("100.01", "8.00"), ("200", "8.00"), ("200.01", "17.00")]
)
def test_a_marginal_band_begins_above_the_one_before(debt, expected):
    tariff = marginal("EUR", (Tier(D(100), fixed=D(3)), Tier(D(200), fixed=D(5)), Tier(minimum=D(9), maximum=D(9))))
    assert amount(tariff, debt, EUR) == expected


@pytest.mark.parametrize("debt", [0, -1])
def test_nothing_owed_is_no_fee(debt):
    for tariff in (WIK, IE, fixed("EUR", D(5))):
        assert evaluate((tariff,), D(debt), ON, EUR).amount == 0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: bands("EUR", (Tier(D(500)), Tier(D(100)), Tier())), "out of order or overlap: 100 comes after 500"),
        (lambda: bands("EUR", (Tier(D(500)), Tier(D(500)), Tier())), "out of order or overlap"),
        (lambda: bands("EUR", (Tier(), Tier(D(500)))), "has no end"),
        (lambda: bands("EUR", (Tier(), Tier())), "has no end"),
        (lambda: marginal("EUR", (Tier(D(500)),)), "open-ended"),
        (lambda: bands("EUR", (Tier(D(500)), Tier(over=D(501)))), "above its own start"),
        (lambda: marginal("EUR", (Tier(D(500)), Tier(over=D(500)))), "own start"),
        (lambda: Tier(D(-5)), "zero or above"),
        (lambda: Tier(D(0)), "end above zero"),
        (lambda: Tier(percent=D(-1)), "percent of a band"),
        (lambda: Tier(fixed=D("NaN")), "fixed of a band"),
        (lambda: Tier(minimum=D(5), maximum=D(4)), "minimum of the band"),
        (lambda: fixed("EUR", D(-40)), "zero or above"),
        (lambda: percentage("EUR", D(1), D(5), D(4)), "minimum of the tariff"),
        (lambda: Tariff("EUR"), "either bands or a share"),
        (lambda: Tariff("EUR", (Tier(),), share=Share(INKASSOSATS)), "either bands or a share"),
        (lambda: share("NOK", INKASSOSATS, rounding=D(0)), "rounding"),
        (lambda: Share(INKASSOSATS, 1, 0), "above zero"),
        (lambda: Share(INKASSOSATS, 0, 20), "above zero"),
        (lambda: bands("EUR", (Tier(percent=D(1)),), bounds_currency="PLN"), "currency of the fee"),
    ],
)
def test_bad_input_is_refused_in_plain_words(make, message):
    with pytest.raises(ValueError, match=message):
        make()
