"""One notice a night: which of a customer's items are demanded, which are only listed.

The highest level that is due leads the tone. A formal notice demands only items whose own
step is the formal notice; everything else that is overdue stands beside it as *also open*,
without deadline, threat or charge. Being listed never advances an item.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from .plan import Kind, Level, Step


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item with its step on the day; `overdue` is its state on that day."""

    key: Hashable
    step: Step
    overdue: bool


@dataclass(frozen=True, slots=True)
class Composition:
    """What one notice holds: keys of demanded items with the level of each, and of listed items."""

    level: Level
    demanded: tuple[tuple[Hashable, Level], ...]
    listed: tuple[Hashable, ...]


def compose(candidates: Sequence[Candidate]) -> Composition | None:
    """The notice for these items, or None where no item has a step due."""
    due = [(c.key, c.step.level) for c in candidates if c.step.due and c.step.level]
    if not due:
        return None
    lead = max((level for _key, level in due), key=lambda level: (level.kind == Kind.FORMAL, level.days))
    if lead.kind == Kind.FORMAL:
        due = [(key, level) for key, level in due if level.kind == Kind.FORMAL]
    demanded = {key for key, _level in due}
    listed = tuple(
        c.key for c in candidates if c.overdue and c.key not in demanded and lead.days > 0 and _listable(c.step)
    )
    return Composition(lead, tuple(due), listed)


def _listable(step: Step) -> bool:
    return all(blocker.listable for blocker in step.blockers)
