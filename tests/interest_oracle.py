"""Interest once more, day by day and in fractions: slow, and written without looking at the core's arithmetic.

It shares the core's value classes (what is asked) and none of its functions (how it is answered).
"""

from calendar import isleap
from datetime import date, timedelta
from fractions import Fraction
from math import floor as whole

from dateutil.relativedelta import relativedelta


def total(terms, movements, start, on):
    """The rounded interest from `start` to `on` in the smallest unit of the currency, as an integer."""
    unit = 10**terms.digits
    running = Fraction(0)  # unrounded, or rounded day by day
    capital = 0
    day = start
    rests = 0
    while day <= on:
        if terms.compounding != "simple":
            months = (12 if terms.compounding == "yearly" else 1) * (rests + 1)
            if day == start + relativedelta(months=months):
                rests += 1
                capital = Fraction(_round(running, unit), unit)
        open_amount = sum(
            Fraction(movement.amount) for index, movement in enumerate(movements) if index == 0 or movement.on < day
        )
        if open_amount > 0:
            one_day = (open_amount + capital) * rate_on(terms.rate, day, start) / 100 / _year(terms.basis, day)
            if terms.rounding == "daily":
                one_day = Fraction(_round(one_day, unit), unit)
            running += one_day * _weight(terms.basis, day)
        day += timedelta(days=1)
    return _round(running, unit)


def rate_on(rate, day, start):
    """The annual rate in percent of one day."""
    if rate.frozen:
        day = start
    if rate.fixed is not None:
        result = Fraction(rate.fixed)
    else:
        value = [value for value in rate.series.values if value.start <= day][-1]
        assert value.end is None or day <= value.end, f"no value on {day}"
        result = _ceil(Fraction(value.rate), rate.reference_step) * Fraction(rate.factor) + Fraction(rate.margin)
    result = max(_ceil(result, rate.total_step), Fraction(0))
    if rate.floor is not None:
        result = max(result, rate_on(rate.floor, day, start))
    if rate.cap is not None:
        result = min(result, rate_on(rate.cap, day, start))
    return result


def _ceil(value, step):
    return value if step is None else -whole(-value / Fraction(step)) * Fraction(step)


def _round(value, unit):
    """Half away from zero."""
    return whole(value * unit + Fraction(1, 2)) if value >= 0 else -whole(-value * unit + Fraction(1, 2))


def _year(basis, day):
    if basis == "act_act":
        return 366 if isleap(day.year) else 365
    return {"act_365": 365, "act_360": 360, "30_360": 360}[basis]


def _weight(basis, day):
    """Days that a day counts: with 30 days to each month a 31st counts none and 1 March those that February lacks."""
    if basis != "30_360":
        return 1
    if day.day == 31:
        return 0
    if (day.month, day.day) == (3, 1):
        return 1 + 30 - (date(day.year, 3, 1) - timedelta(days=1)).day
    return 1
