"""Working days of the sender.

A calendar is a set of working weekdays (Monday is 0) and a set of holidays. A
company that keeps no calendar works every day.

>>> from datetime import date
>>> week = Calendar(frozenset(range(5)), frozenset({date(2026, 12, 25)}))
>>> week.next_working(date(2026, 12, 25))
datetime.date(2026, 12, 28)
>>> week.working_days_between(date(2026, 12, 23), date(2026, 12, 29))
3
"""

from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working weekdays (0 = Monday) and holidays; no weekday at all means every day works."""

    weekdays: frozenset[int] = frozenset()
    holidays: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        if self.weekdays and day.weekday() not in self.weekdays:
            return False
        return day not in self.holidays

    def next_working(self, day: date) -> date:
        """The first working day on or after `day`."""
        for _unused in range(366):
            if self.is_working(day):
                return day
            day += ONE_DAY
        raise ValueError("no working day within a year")

    def working_days_between(self, start: date, end: date) -> int:
        """Count the working days after `start` up to and including `end`."""
        count = 0
        while start < end:
            start += ONE_DAY
            count += self.is_working(start)
        return count


EVERY_DAY = Calendar()
