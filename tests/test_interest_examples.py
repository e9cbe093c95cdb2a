"""Worked examples that others have published, each with its address; figures as printed there.

Where a source rounds in a way of its own, the test says so and asserts both figures.
"""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from interest_helpers import moves, series, terms

from odoo.addons.ar_dunning_charge.core.interest import Basis, Compounding, Movement, Rounding, accrue, claim
from odoo.addons.ar_dunning_charge.core.rates import Rate

DUE = date(2025, 1, 31)


def interest(principal, rate, days, **settings):
    """The interest on a debt paid `days` after its due date."""
    debt = (Movement(DUE, Decimal(principal)), Movement(DUE + timedelta(days=days), -Decimal(principal)))
    return str(claim(terms(rate, **settings), debt, DUE + timedelta(days=1), date(2026, 12, 31)).total)


@pytest.mark.parametrize(
    ("principal", "rate", "days", "published"),
    [
        # France, penalties at the contract's 15 %: https://agenceipro.com/zoom-sur-les-penalites-de-retard
        ("15000", "15", 30, "184.93"),
        # Germany, consumer, 0.12 + 5: https://anleiter.de/wie-berechnet-man-verzugszinsen/
        ("1000", "5.12", 25, "3.51"),
        # United Kingdom, 4 + 8: http://www.danielssilverman.co.uk/interest.php
        ("1000", "12", 30, "9.86"),
        # United Kingdom, 0.25 + 8: https://www.theukrules.co.uk/rules/business/debt-and-bankruptcy/late-commercial-payments.html
        ("1000", "8.25", 60, "13.56"),
        # Netherlands, business: https://go-figure.nl/tag/rente/
        ("1000", "8", 11, "2.41"),
        # Finland, due on 28 July and paid on the 31st: https://keskustelu.suomi24.fi/t/3245133/viivastyskoron-laskenta
        ("300", "9.5", 3, "0.23"),
    ],
)
def test_calendar_days_over_365(principal, rate, days, published):
    assert interest(principal, rate, days) == published


@pytest.mark.parametrize(
    ("principal", "rate", "days", "daily", "published", "unrounded"),
    [
        # https://www.gov.uk/late-commercial-payments-interest-debt-recovery/charging-interest-commercial-debt
        # (copy: http://www.mixobiz.co.uk/magazine/late-commercial-payments-charging-interest-and-debt-recovery/)
        ("1000", "8.5", 50, "0.23", "11.50", "11.64"),
        # https://support.paidnice.com/en/articles/11600906-how-to-automatically-calculate-statutory-interest-in-the-uk
        ("5000", "12.25", 101, "1.68", "169.68", "169.49"),
    ],
)
def test_united_kingdom_the_amount_of_a_day_is_rounded_first(principal, rate, days, daily, published, unrounded):
    assert interest(principal, rate, 1, rounding=Rounding.DAILY) == daily
    assert interest(principal, rate, days, rounding=Rounding.DAILY) == published
    assert interest(principal, rate, days) == unrounded


def test_ireland_rate_of_a_day():
    """0.15 + 8 in the second half of 2014 is 0.022 % a day: http://www.djei.ie/enterprise/smes/latepay.htm"""
    rate = Rate(series=series(("2014-07-01", "0.15")), margin=Decimal(8))
    day = accrue(terms(rate), moves(("2014-07-31", "100")), date(2014, 8, 1), date(2014, 8, 1))[0]
    assert (str(day.rate), str(round(day.exact, 3)), str(round(day.exact, 4))) == ("8.15", "0.022", "0.0223")


def test_germany_commercial_days():
    """210 days at 6 % from 1 January to 30 July 2016, each month 30 days: https://p-konto.de/wiki/zinsformel/"""
    settings = terms("6", basis=Basis.THIRTY_360)
    made = claim(settings, moves(("2015-12-31", "10000")), date(2016, 1, 1), date(2016, 7, 30))
    assert [(piece.days, str(piece.amount)) for piece in made.slices] == [(210, "350.00")]


def test_finland_rent():
    """15 days at 7 % over 360: https://vuokranantajat.fi/vuokraus/perinta/viivastyskorkolaskuri/"""
    assert interest("650", "7", 15, basis=Basis.ACT_360) == "1.90"
    assert interest("650", "7", 15, basis=Basis.THIRTY_360) == "1.90"


def test_brazil_one_percent_a_month():
    """1 % a month on 100 for 5 days: https://ajuda.kobana.com.br/pt-BR/articles/8843476-multa-e-juros-de-mora

    The page cuts 0.1667 off to 0.16; rounded it is 0.17.
    """
    days = accrue(terms("12", basis=Basis.ACT_360), moves(("2025-03-10", "100")), date(2025, 3, 11), date(2025, 3, 15))
    assert (days[0].days, str(round(days[0].exact, 4)), str(days[0].amount)) == (5, "0.1667", "0.17")
    assert int(days[0].exact * 100) == 16


def test_switzerland_a_part_payment_divides_the_days():
    """Interest begins on 1 January, part paid on the 20th, the rest on the 30th: 19 and 10 days.

    https://www.verzugszins.ch/berechnungen/berechnung-verzugszinstage
    """
    debt = moves(("2025-01-01", "1000"), ("2025-01-20", "-400"), ("2025-01-30", "-600"))
    made = claim(terms("5"), debt, date(2025, 1, 2), date(2025, 6, 30))
    assert [(piece.days, piece.principal) for piece in made.slices] == [(19, 1000), (10, 600)]


def test_united_states_simple_interest():
    """Due on 1 April, paid on the 11th: 5 CFR 1315.17,
    https://www.fiscal.treasury.gov/fsservices/gov/pmt/promptPayment/calculator_interest.htm
    """
    debt = moves(("2025-04-01", "1500"), ("2025-04-11", "-1500"))
    for basis in (Basis.ACT_360, Basis.THIRTY_360):
        made = claim(terms("6.5", basis=basis), debt, date(2025, 4, 2), date(2025, 5, 31))
        assert [(piece.days, str(piece.amount)) for piece in made.slices] == [(10, "2.71")]


def test_united_states_monthly_compounding():
    """1,500 x (1 + 0.06/12)^2 x (1 + 0.06/360 x 15) - 1,500 = 18.83: 5 CFR 1315.17,
    https://casetext.com/regulation/code-of-federal-regulations/title-5-administrative-personnel/chapter-iii-office-of-management-and-budget/subchapter-b-omb-directives/part-1315-prompt-payment/section-131517-formulas
    """
    settings = terms("6", basis=Basis.THIRTY_360, compounding=Compounding.MONTHLY)
    made = claim(settings, moves(("2025-04-01", "1500")), date(2025, 4, 2), date(2025, 6, 16))
    assert [(piece.days, str(piece.principal)) for piece in made.slices] == [
        (30, "1500"),
        (30, "1507.50"),
        (15, "1515.04"),
    ]
    assert str(made.total) == "18.83"


@pytest.mark.parametrize(("compounding", "published"), [("simple", "11200"), ("yearly", "11236")])
def test_netherlands_interest_on_interest(compounding, published):
    """10,000 at 6 % after one and after two years: https://aktemaken.nl/woordenboek/samengestelde-rente/"""
    settings = terms("6", compounding=Compounding(compounding))
    for last, owed in ((date(2023, 12, 31), "10600"), (date(2024, 12, 30), published)):
        made = claim(settings, moves(("2022-12-31", "10000")), date(2023, 1, 1), last)
        # 2024 has 366 days; the page's year is one of 365.
        assert 10000 + made.total == Decimal(owed)


# === Rates === #


@pytest.mark.parametrize(("legal", "floor"), [("2.62", "7.86"), ("2.76", "8.28")])
def test_france_three_times_the_legal_interest(legal, floor):
    """https://www.legifiscal.fr/actualites-fiscales/4371-taux-interet-legal-1er-semestre-2026.html"""
    rate = Rate(fixed=Decimal(1), floor=Rate(series=series(("2025-07-01", legal)), factor=Decimal(3)))
    assert str(rate.on(date(2025, 7, 1))) == floor


@pytest.mark.parametrize(
    ("day", "total"),
    [
        ("2013-03-16", "9.0"),
        ("2013-07-01", "8.5"),
        ("2014-01-01", "8.5"),
        ("2014-07-01", "8.5"),
        ("2015-01-01", "8.5"),
        ("2016-06-30", "8.5"),
    ],
)
def test_belgium_the_total_goes_up_to_the_next_half_point(day, total):
    """https://www.schoups.com/fr/nieuws/21432?subid=2821"""
    ecb = series(
        ("2013-01-01", "0.75"),
        ("2013-07-01", "0.50"),
        ("2014-01-01", "0.25"),
        ("2014-07-01", "0.15"),
        ("2015-01-01", "0.05"),
    )
    rate = Rate(series=ecb, margin=Decimal(8), total_step=Decimal("0.5"))
    assert str(rate.on(date.fromisoformat(day))) == total


def test_austria_base_rate_and_margin():
    """https://finanzrechner.at/verzugszinsen"""
    rate = Rate(series=series(("2024-01-01", "3.88")), margin=Decimal("9.2"))
    assert str(rate.on(date(2024, 3, 1))) == "13.08"


@pytest.mark.parametrize(("margin", "total"), [("7", "9.5"), ("8", "10.5")])
def test_finland_the_reference_goes_up_to_the_next_half_point(margin, total):
    """https://www.sttinfo.fi/tiedote/71709487/korkolain-mukainen-viitekorko-ja-viivastyskorot-11-3062026?lang=fi"""
    rate = Rate(series=series(("2026-01-01", "2.15")), margin=Decimal(margin), reference_step=Decimal("0.5"))
    assert str(rate.on(date(2026, 1, 1))) == total
