"""Trouble with a mail server or a sender: how long to wait before the next try, and for how long it has lasted.

It is never given up: a server that is down says nothing about the people the mails are for.

>>> from datetime import datetime
>>> first = Outage.begin("refused", datetime(2026, 3, 2, 9))
>>> second = first.again("refused", datetime(2026, 3, 2, 9, 6))
>>> second.since.hour, second.times, second.until.minute
(9, 2, 16)
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=2)


def wait_after(times: int) -> timedelta:
    """How long to wait after so many failures in a row: each time twice as long, up to two hours.

    >>> [wait_after(times) // timedelta(minutes=1) for times in range(1, 8)]
    [5, 10, 20, 40, 80, 120, 120]
    """
    return min(FIRST_WAIT * (1 << min(times - 1, 16)), LONGEST_WAIT)


@dataclass(frozen=True, slots=True)
class Outage:
    """Nothing passes: since when, after how many tries in a row, why, and when the next try is due."""

    words: str
    since: datetime
    times: int
    until: datetime

    @classmethod
    def begin(cls, words: str, now: datetime) -> "Outage":
        """The first failure after it had worked."""
        return cls(words, now, 1, now + wait_after(1))

    def again(self, words: str, now: datetime) -> "Outage":
        """One more."""
        return Outage(words, self.since, self.times + 1, now + wait_after(self.times + 1))

    def as_json(self) -> dict[str, object]:
        """For keeping."""
        return {
            "words": self.words,
            "since": self.since.isoformat(),
            "times": self.times,
            "until": self.until.isoformat(),
        }

    @classmethod
    def from_json(cls, kept: dict[str, object]) -> "Outage":
        """As it was kept."""
        return cls(
            str(kept["words"]),
            datetime.fromisoformat(str(kept["since"])),
            int(str(kept["times"])),
            datetime.fromisoformat(str(kept["until"])),
        )
