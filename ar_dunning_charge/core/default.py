"""Default: the day from which a debt may bear interest, and its ground.

A debtor is in default once an agreed due date has passed, once a demand was received, or a
number of days after the invoice was received and fell due. Which of these grounds are open
depends on country and audience: the rule. The earliest lawful one counts, and interest runs
from the day after it, or from a later day that the rule names.

BGB s. 286: without an agreed date, a reminder after the due date, at the latest 30 days after
due date and receipt of the invoice (towards consumers only if the invoice said so); the end of
the 30 days moves to the next working day (s. 193, BGH 1 February 2007, III ZR 159/06):

>>> week = Calendar(frozenset(range(5)))
>>> rule = Rule((Ground.AGREED, Ground.NOTICE, Ground.INVOICE), shift=True)
>>> item = Item(due=date(2026, 6, 5), agreed=False, invoice_received=date(2026, 6, 3))
>>> found = find(rule, item, (), week)
>>> found.on, found.ground.value, found.first
(datetime.date(2026, 7, 6), 'invoice', datetime.date(2026, 7, 7))
>>> reminder = Letter("R1", sent=date(2026, 6, 16), received=date(2026, 6, 17))
>>> found = find(rule, item, (reminder,), week)
>>> found.on, found.ground.value, found.letter
(datetime.date(2026, 6, 17), 'notice', 'R1')
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum

from odoo.addons.ar_dunning.core.calendar import EVERY_DAY, ONE_DAY, Calendar


class Ground(str, Enum):
    """Why a debtor is in default."""

    AGREED = "agreed"
    NOTICE = "notice"
    INVOICE = "invoice"
    NONE = "none"


class Obstacle(str, Enum):
    """Why a ground does not hold, or interest may not begin."""

    NO_GROUND_OPEN = "no_ground_open"
    NOT_AGREED = "not_agreed"
    NO_NOTICE = "no_notice"
    NOT_RECEIVED = "not_received"
    NO_MENTION = "no_mention"
    INVOICE_NOT_RECEIVED = "invoice_not_received"
    NO_REMINDER = "no_reminder"


@dataclass(frozen=True, slots=True)
class Transit:
    """A letter is presumed received so many working days after it was sent (no days: the same or next working day).

    Not `working`: so many calendar days, whatever day that is. Raises ValueError for negative days.
    """

    days: int = 0
    working: bool = True

    def __post_init__(self) -> None:
        if self.days < 0:
            raise ValueError("A letter cannot be received before it was sent.")

    def arrival(self, sent: date, calendar: Calendar) -> date:
        if not self.working:
            return sent + timedelta(days=self.days)
        day = calendar.next_working(sent) if not self.days else sent
        for _unused in range(self.days):
            day = calendar.next_working(day + ONE_DAY)
        return day


@dataclass(frozen=True, slots=True)
class Letter:
    """A reminder or notice about the item that was sent and did not bounce, over any channel.

    `received`: known or presumed (see `presume`). `deadline`: last day to pay that it names. `puts_in_default`: it demands
    payment plainly. `starts_waiting`: it starts a statutory waiting period.
    """

    key: Hashable
    sent: date
    channel: str = "email"
    received: date | None = None
    deadline: date | None = None
    puts_in_default: bool = True
    starts_waiting: bool = True

    @property
    def granted(self) -> int:
        """Days to pay from the day of sending; -1 without a deadline."""
        return (self.deadline - self.sent).days if self.deadline else -1


@dataclass(frozen=True, slots=True)
class Item:
    """The debt. `agreed`: the due date was agreed, not set by the creditor alone. `mention`: the invoice announced the default.

    `invoice_received`: day on which the debtor had the invoice, None if unknown.
    """

    due: date
    agreed: bool = True
    invoice_received: date | None = None
    mention: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """How default begins for one country and audience. Raises ValueError for negative days.

    `grounds`: those that are open; the earliest counts, of two on one day the first named. `invoice_days`: days after the later of
    due date and receipt of the invoice. `needs_mention`: these count only if the invoice announced them.
    `notice_days`: days after receipt of a demand (NO, SE, DK: 30). `notice_deadline`: not before the deadline that the
    demand names has passed (NL BW 6:82). `shift`: an end that falls on a day off moves to the next working day.
    `reminder_days`: no interest is claimed before so many whole days have passed since a waiting letter was received
    (BE consumers WER XIX.2: 14); `from_reminder`: it then counts from the day after that letter was sent (BE: small
    and medium enterprises), else from the end of the waiting period.
    """

    grounds: tuple[Ground, ...]
    invoice_days: int = 30
    needs_mention: bool = False
    notice_days: int = 0
    notice_deadline: bool = False
    shift: bool = False
    reminder_days: int | None = None
    from_reminder: bool = False

    def __post_init__(self) -> None:
        if min(self.invoice_days, self.notice_days, self.reminder_days or 0) < 0:
            raise ValueError("The days until default must not be negative.")
        if Ground.NONE in self.grounds or len(set(self.grounds)) < len(self.grounds):
            raise ValueError("Each ground of default is named once, and none is no ground.")


@dataclass(frozen=True, slots=True)
class Default:
    """`on`: day of default, its `ground` and the key of the `letter` that caused it.

    `first`: first day that bears interest; `claimable`: first day on which interest may be claimed. Both are None without
    a default and where a reminder is still needed. `obstacles`: why a ground did not hold.
    """

    on: date | None = None
    ground: Ground = Ground.NONE
    letter: Hashable = None
    first: date | None = None
    claimable: date | None = None
    obstacles: tuple[Obstacle, ...] = ()


def presume(
    letters: Iterable[Letter], transits: Mapping[str, Transit], calendar: Calendar = EVERY_DAY
) -> tuple[Letter, ...]:
    """The letters with their day of receipt: the known one, else the presumed one of their channel, else none."""
    return tuple(
        letter
        if letter.received or letter.channel not in transits
        else replace(letter, received=transits[letter.channel].arrival(letter.sent, calendar))
        for letter in letters
    )


def find(rule: Rule, item: Item, letters: Sequence[Letter], calendar: Calendar = EVERY_DAY) -> Default:
    """The earliest lawful default of `item`, which may lie ahead, or none with every reason why.

    `calendar`: working days of banks. It is used for dates that move only where the rule says so.
    """
    candidates: list[Default] = []
    obstacles: list[Obstacle] = []
    for ground in rule.grounds:
        for found in _GROUNDS[ground](rule, item, letters, calendar):
            if isinstance(found, Obstacle):
                obstacles.append(found)
            else:
                candidates.append(found)
    if not rule.grounds:
        obstacles.append(Obstacle.NO_GROUND_OPEN)
    best = min(candidates, key=lambda found: found.on or date.max, default=Default())
    return _begin(rule, item, letters, calendar, replace(best, obstacles=tuple(dict.fromkeys(obstacles))))


def _begin(rule: Rule, item: Item, letters: Sequence[Letter], calendar: Calendar, default: Default) -> Default:
    """The default with the days from which interest runs and may be claimed."""
    if default.on is None:
        return default
    first = default.on + ONE_DAY
    if rule.reminder_days is None:
        return replace(default, first=first, claimable=first)
    waiting = [
        (letter.received, letter.sent)
        for letter in _demands(rule, item, letters, calendar)
        if letter.starts_waiting and letter.received
    ]
    if not waiting:
        return replace(default, obstacles=(*default.obstacles, Obstacle.NO_REMINDER))
    received, sent = min(waiting)
    claimable = max(first, received + timedelta(days=rule.reminder_days + 1))
    return replace(default, first=max(first, sent + ONE_DAY) if rule.from_reminder else claimable, claimable=claimable)


def _moved(rule: Rule, day: date, calendar: Calendar) -> date:
    return calendar.next_working(day) if rule.shift else day


def _demands(rule: Rule, item: Item, letters: Sequence[Letter], calendar: Calendar) -> list[Letter]:
    """The letters sent after the due date had passed: an earlier one demands nothing that is owed yet."""
    due = _moved(rule, item.due, calendar)
    return [letter for letter in letters if letter.sent > due]


def _agreed(rule: Rule, item: Item, letters: Sequence[Letter], calendar: Calendar) -> Iterator[Default | Obstacle]:
    if item.agreed:
        yield Default(_moved(rule, item.due, calendar), Ground.AGREED)
    else:
        yield Obstacle.NOT_AGREED


def _notice(rule: Rule, item: Item, letters: Sequence[Letter], calendar: Calendar) -> Iterator[Default | Obstacle]:
    demands = [letter for letter in _demands(rule, item, letters, calendar) if letter.puts_in_default]
    if not demands:
        yield Obstacle.NO_NOTICE
    for letter in demands:
        if letter.received is None:
            yield Obstacle.NOT_RECEIVED
            continue
        day = letter.received + timedelta(days=rule.notice_days)
        if rule.notice_deadline and letter.deadline:
            day = max(day, letter.deadline)
        # Receipt itself may fall on a day off; only the end of a period moves.
        yield Default(_moved(rule, day, calendar) if day > letter.received else day, Ground.NOTICE, letter.key)


def _invoice(rule: Rule, item: Item, letters: Sequence[Letter], calendar: Calendar) -> Iterator[Default | Obstacle]:
    if rule.needs_mention and not item.mention:
        yield Obstacle.NO_MENTION
    elif item.invoice_received is None:
        yield Obstacle.INVOICE_NOT_RECEIVED
    else:
        start = max(_moved(rule, item.due, calendar), item.invoice_received)
        yield Default(_moved(rule, start + timedelta(days=rule.invoice_days), calendar), Ground.INVOICE)


_GROUNDS = {Ground.AGREED: _agreed, Ground.NOTICE: _notice, Ground.INVOICE: _invoice}
