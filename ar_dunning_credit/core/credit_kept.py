"""A reason of a credit status as it is stored: amounts and dates as text.

>>> from datetime import date
>>> from .credit_status import Reason, Status, Unlock, Way
>>> found = Reason("manual", Status.HOLD, Unlock(Way.LIFT, day=date(2026, 3, 2)), {"by": "Ada", "days": 3})
>>> as_json(found) == {
...     "code": "manual",
...     "effect": "hold",
...     "values": {"by": "Ada", "days": 3},
...     "unlock": {"way": "lift", "amount": None, "names": [], "day": "2026-03-02"},
... }
True
"""

from .credit_status import Reason, Value


def plain(value: Value) -> int | str | None:
    """Whole numbers stay, amounts and dates become text."""
    return value if isinstance(value, int) or value is None else str(value)


def as_json(reason: Reason) -> dict[str, object]:
    """What a reason says, with what unlocks it."""
    unlock = reason.unlock
    return {
        "code": reason.code,
        "effect": reason.effect.value,
        "values": {name: plain(value) for name, value in reason.values.items()},
        "unlock": {
            "way": unlock.way.value,
            "amount": plain(unlock.amount),
            "names": list(unlock.names),
            "day": plain(unlock.day),
        },
    }
