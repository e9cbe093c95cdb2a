"""Claims of interest that follow one another: what was claimed before, and its corrections in sight."""

from datetime import date
from decimal import Decimal

from interest_helpers import DEBT, everything, made, money, moves, rows, series, terms

from odoo.addons.ar_dunning_charge.core.interest import Basis, Claim, Compounding, Rounding
from odoo.addons.ar_dunning_charge.core.rates import Rate

# === No day twice === #


def test_a_claim_goes_on_after_the_last_day_claimed():
    first = made(on="2025-02-28")
    second = made(on="2025-03-31", earlier=first.slices)
    assert rows(second.slices) == [("2025-03-01", "2025-03-31", 31, "3650", "10", "31.00")]
    assert made(on="2025-03-31", earlier=everything(first, second)) == Claim()


def test_claims_together_are_rounded_once():
    """1,216.67 at 10 % is a third of a euro a day: claimed daily, 0.33 + 0.34 + 0.33."""
    debt, claims = moves(("2025-01-31", "1216.67")), []
    for on in ("2025-02-01", "2025-02-02", "2025-02-03"):
        claims.append(made(movements=debt, on=on, earlier=everything(*claims)))
    assert [str(one.total) for one in claims] == ["0.33", "0.34", "0.33"]


def test_a_payment_dated_back_into_a_claimed_period_is_a_visible_correction():
    first = made(on="2025-02-28")
    history = (*DEBT, *moves(("2025-02-18", "-1825")))
    second = made(movements=history, on="2025-03-12", earlier=first.slices)
    assert rows(second.corrections) == [("2025-02-19", "2025-02-28", 10, "-1825", "10", "-5.00")]
    assert rows(second.slices) == [("2025-03-01", "2025-03-12", 12, "1825", "10", "6.00")]
    assert str(second.total) == "1.00"


def test_corrections_and_new_days_that_make_up_for_each_other_wait():
    first = made(on="2025-02-28")
    history = (*DEBT, *moves(("2025-02-18", "-1825")))
    assert made(movements=history, on="2025-03-10", earlier=first.slices) == Claim()


def test_a_correction_is_made_once():
    history = (*DEBT, *moves(("2025-02-18", "-1825")))
    first = made(on="2025-02-28")
    second = made(movements=history, on="2025-03-20", earlier=first.slices)
    assert str(second.total) == "5.00"
    third = made(movements=history, on="2025-03-30", earlier=everything(first, second))
    assert (str(third.total), third.corrections) == ("5.00", ())


def test_a_reconciliation_undone_is_claimed_after_all():
    paid = (*DEBT, *moves(("2025-02-18", "-3650")))
    first = made(movements=paid, on="2025-03-31")
    second = made(on="2025-03-31", earlier=first.slices)
    assert str(first.total) == "18.00"
    assert second.corrections == ()
    assert rows(second.slices) == [("2025-02-19", "2025-03-31", 41, "3650", "10", "41.00")]


def test_the_gap_of_a_reversed_claim_in_the_middle_is_claimed_again():
    first = made(on="2025-02-10")
    second = made(on="2025-02-20", earlier=first.slices)
    third = made(on="2025-02-28", earlier=everything(first, second))
    again = made(on="2025-03-02", earlier=everything(first, third))
    assert rows(again.corrections) == [("2025-02-11", "2025-02-20", 10, "3650", "10", "10.00")]
    assert rows(again.slices) == [("2025-03-01", "2025-03-02", 2, "3650", "10", "2.00")]


def test_the_last_claim_reversed_starts_over_where_the_one_before_ended():
    first = made(on="2025-02-10")
    again = made(on="2025-02-28", earlier=first.slices)
    assert rows(again.slices) == [("2025-02-11", "2025-02-28", 18, "3650", "10", "18.00")]


def test_a_rate_put_right_is_corrected_with_both_rates():
    wrong = terms(Rate(series=series(("2025-01-01", "3.00")), margin=Decimal(8)))
    right = terms(Rate(series=series(("2025-01-01", "3.00"), ("2025-02-11", "2.00")), margin=Decimal(8)))
    first = made(wrong, on="2025-02-20")
    second = made(right, on="2025-02-20", earlier=first.slices)
    assert rows(second.corrections) == [
        ("2025-02-11", "2025-02-20", 10, "-3650", "11.00", "-11.00"),
        ("2025-02-11", "2025-02-20", 10, "3650", "10.00", "10.00"),
    ]
    assert str(second.total) == "-1.00"


def test_other_terms_hold_for_new_days_only():
    """10 % was claimed until the 20th, 4 % was agreed since: nothing is clawed back, the next ten days bear 4.00."""
    first = made(on="2025-02-20")
    second = made(terms("4"), on="2025-03-02", otherwise=first.slices)
    assert second.corrections == ()
    assert rows(second.slices) == [("2025-02-21", "2025-03-02", 10, "3650", "4", "4.00")]
    third = made(terms("4"), on="2025-03-12", earlier=everything(second), otherwise=first.slices)
    assert rows(third.slices) == [("2025-03-03", "2025-03-12", 10, "3650", "4", "4.00")]
    assert third.corrections == ()


def test_a_payment_dated_back_is_corrected_at_the_rate_told_then():
    first = made(on="2025-02-20")
    history = (*DEBT, *moves(("2025-02-10", "-1825")))
    second = made(terms("4", basis=Basis.ACT_360), history, "2025-02-20", otherwise=first.slices)
    assert rows(second.corrections) == [("2025-02-11", "2025-02-20", 10, "-1825", "10", "-5.00")]
    assert second.corrections[0].basis is Basis.ACT_365
    again = made(terms("4", basis=Basis.ACT_360), history, "2025-02-20", everything(second), otherwise=first.slices)
    assert again == Claim()


def test_the_gap_of_a_reversed_claim_bears_the_terms_of_now():
    first = made(on="2025-02-10")
    second = made(on="2025-02-20", earlier=first.slices)
    third = made(on="2025-02-28", earlier=everything(first, second))
    again = made(terms("4"), on="2025-02-28", otherwise=everything(first, third))
    assert rows(again.corrections) == [("2025-02-11", "2025-02-20", 10, "3650", "4", "4.00")]


def test_terms_are_told_apart_by_what_was_agreed_and_not_by_published_values():
    def by(values, **more):
        return terms(Rate(series=series(*values), **{"margin": Decimal(8), **more})).key

    published = by([("2025-01-01", "3.00")])
    assert (
        published
        == by([("2025-01-01", "3.00"), ("2025-07-01", "2.00")])
        == by([("2025-01-01", "3.00")], margin=Decimal("8.00"))
    )
    others = {
        by([("2025-01-01", "3.00")], margin=Decimal(9)),
        by([("2025-01-01", "3.00")], frozen=True),
        by([("2025-01-01", "3.00")], cap=Rate(fixed=Decimal(12))),
        terms("11").key,
        terms("11", basis=Basis.ACT_360).key,
        terms("11", compounding=Compounding.YEARLY).key,
    }
    assert len(others | {published}) == 7


def test_other_terms_ask_for_no_rate_of_days_claimed():
    first = made(on="2025-02-20")
    later = terms(Rate(series=series(("2025-02-21", "4.00"))))
    assert str(made(later, on="2025-03-02", otherwise=first.slices).total) == "4.00"


def test_interest_that_joined_the_principal_stays_as_it_was_told():
    """10 % for a year is 100, which joins; at 5 % from then on: 1,100 x 5 % x 73 / 365 = 11.00."""
    debt, start = moves(("2022-12-31", "1000")), date(2023, 1, 1)
    first = made(terms("10", compounding=Compounding.YEARLY), debt, "2023-12-31", start=start)
    settings = terms("5", compounding=Compounding.YEARLY)
    second = made(settings, debt, "2024-03-13", start=start, otherwise=first.slices)
    assert rows(second.slices) == [("2024-01-01", "2024-03-13", 73, "1100.00", "5", "11.00")]
    assert second.corrections == ()


def test_what_was_waived_is_neither_claimed_again_nor_given_back():
    """Twenty days of 1.00 are waived; half was paid after ten of them. The next ten days bear 5.00, now and ever."""
    first = made(on="2025-02-20")
    history = (*DEBT, *moves(("2025-02-10", "-1825")))
    second = made(movements=history, on="2025-03-02", earlier=first.slices, waived=first.slices)
    assert second.corrections == ()
    assert rows(second.slices) == [("2025-02-21", "2025-03-02", 10, "1825", "10", "5.00")]
    third = made(movements=history, on="2025-03-12", earlier=everything(first, second), waived=first.slices)
    assert (str(third.total), third.corrections) == ("5.00", ())


def test_what_was_claimed_beside_a_waiver_is_given_back():
    """Claimed until the 10th, waived from the 11th to the 20th; all was paid on the 5th: five days are given back."""
    first = made(on="2025-02-10")
    second = made(on="2025-02-20", earlier=first.slices)
    history = (*DEBT, *moves(("2025-02-05", "-3650")))
    third = made(movements=history, on="2025-03-02", earlier=everything(first, second), waived=second.slices)
    assert rows(third.corrections) == [("2025-02-06", "2025-02-10", 5, "-3650", "10", "-5.00")]
    assert str(third.total) == "-5.00"


def test_a_default_date_put_later_gives_back_the_days_before():
    first = made(on="2025-02-20")
    second = made(on="2025-02-28", earlier=first.slices, start=date(2025, 2, 11))
    assert rows(second.corrections) == [("2025-02-01", "2025-02-10", 10, "-3650", "10", "-10.00")]
    assert str(second.total) == "-2.00"


def test_another_day_count_is_corrected_too():
    first = made(on="2025-02-20")
    second = made(terms("10", basis=Basis.ACT_360), on="2025-02-20", earlier=first.slices)
    assert [(piece.basis, str(piece.amount)) for piece in second.corrections] == [
        (Basis.ACT_365, "-20.00"),
        (Basis.ACT_360, "20.28"),
    ]


def test_with_daily_rounding_a_correction_is_the_difference_of_the_daily_amounts():
    """At 8.5 % 1,000 is 0.23 a day, 705 is 0.16 and 720 is 0.17: less 0.07 and 0.06. 295 and 280 are 0.07 both."""
    settings = terms("8.5", rounding=Rounding.DAILY)
    debt = moves(("2025-01-31", "1000"))
    first = made(settings, debt, "2025-02-20")
    second = made(settings, (*debt, *moves(("2025-02-10", "-295"))), "2025-02-20", first.slices)
    assert rows(second.corrections) == [("2025-02-11", "2025-02-20", 10, "-295", "8.5", "-0.70")]
    third = made(settings, (*debt, *moves(("2025-02-10", "-280"))), "2025-02-20", first.slices)
    assert str(third.total) == "-0.60"


def test_with_daily_rounding_the_same_difference_of_principal_may_be_worth_different_amounts():
    """1,000 to 720 is 0.23 to 0.17 a day, 800 to 520 is 0.19 to 0.12."""
    settings = terms("8.5", rounding=Rounding.DAILY)
    first = made(settings, moves(("2025-01-31", "1000"), ("2025-02-10", "-200")), "2025-02-20")
    paid = moves(("2025-01-31", "1000"), ("2025-01-31", "-280"), ("2025-02-10", "-200"))
    assert rows(made(settings, paid, "2025-02-20", first.slices).corrections) == [
        ("2025-02-01", "2025-02-10", 10, "-280", "8.5", "-0.60"),
        ("2025-02-11", "2025-02-20", 10, "-280", "8.5", "-0.70"),
    ]


def test_days_after_the_day_asked_for_are_left_as_claimed():
    first = made(on="2025-02-28")
    history = (*DEBT, *moves(("2025-02-18", "-3650")))
    second = made(movements=history, on="2025-02-23", earlier=first.slices)
    assert rows(second.corrections) == [("2025-02-19", "2025-02-23", 5, "-3650", "10", "-5.00")]


def test_a_payment_dated_back_over_an_anniversary_also_corrects_the_interest_on_interest():
    settings = terms("10", compounding=Compounding.YEARLY)
    debt, start = moves(("2022-12-31", "1000")), date(2023, 1, 1)
    first = made(settings, debt, "2024-12-30", start=start)  # 100 + 110 (365 days)
    paid = (*debt, *moves(("2023-07-02", "-500")))  # 183 days in full, 182 by half: 75.07
    second = made(settings, paid, "2024-12-30", first.slices, start=start)
    assert rows(second.corrections) == [
        ("2023-07-03", "2023-12-31", 182, "-500", "10", "-24.93"),
        ("2024-01-01", "2024-12-30", 365, "-524.93", "10", "-52.49"),
    ]
    assert money(everything(first, second)) == Decimal("132.58")
