"""Day counts: how many days a period has and how many make a year.

All periods include both their days. Interest from the day after the due date to the day of payment thus
counts the days between the two dates.

30/360 is the European form (30E/360): the 31st counts as the 30th. Each day has a number and a period counts
the difference between the day before it and its last day, so that the parts of a period always make up the
whole: a 31st counts nothing and the 1st of March makes up for the short February.

>>> from datetime import date
>>> Basis.THIRTY_360.days(date(2016, 1, 1), date(2016, 7, 30))
210
>>> Basis.ACT_365.days(date(2016, 1, 1), date(2016, 7, 30))
212
"""

from calendar import isleap, monthrange
from datetime import date, timedelta
from enum import Enum

ONE_DAY = timedelta(days=1)


class Basis(str, Enum):
    """Days counted over days of the year. ACT_ACT takes 366 for a day of a leap year."""

    ACT_365 = "act_365"
    ACT_ACT = "act_act"
    ACT_360 = "act_360"
    THIRTY_360 = "30_360"

    def days(self, first: date, last: date) -> int:
        """Days from `first` to `last`, both included."""
        if self is Basis.THIRTY_360:
            return _number(last) - _number(first - ONE_DAY)
        return (last - first).days + 1

    def year_days(self, day: date) -> int:
        """Days of the year that `day` belongs to."""
        if self is Basis.ACT_ACT:
            return 366 if isleap(day.year) else 365
        return 365 if self is Basis.ACT_365 else 360


def _number(day: date) -> int:
    return 360 * day.year + 30 * day.month + min(day.day, 30)


def add_months(day: date, months: int) -> date:
    """The same day `months` later; the last day of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def year_changes(first: date, last: date) -> list[date]:
    """The first days of the years after that of `first`, until `last`, at which leap and common years meet."""
    return [date(year, 1, 1) for year in range(first.year + 1, last.year + 1) if isleap(year) != isleap(year - 1)]
