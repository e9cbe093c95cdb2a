"""Who is writing: a person, or the system.

The marker is neither superuser mode nor a key of the context: a server action or a call over the wire reaches both. It is a
variable of this process that only the private methods of ``ar.dunning.protected`` set, and that every server action takes
back, so that an automation which runs inside a write of ours writes as the person who made it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# Who may read how a company duns: everybody reads companies, customers in the portal too. Our code asks as superuser.
SETTINGS_GROUPS = "ar_dunning.group_dunning_user,base.group_system"
_SYSTEM: ContextVar[bool] = ContextVar("ar_dunning_system", default=False)


def is_system() -> bool:
    """Whether what is written now is written by our own code."""
    return _SYSTEM.get()


@contextmanager
def as_system() -> Iterator[None]:
    """Inside, our own code writes."""
    yield from _writing(True)


@contextmanager
def as_person() -> Iterator[None]:
    """Inside, a person's code writes, whoever called it."""
    yield from _writing(False)


def _writing(system: bool) -> Iterator[None]:
    token = _SYSTEM.set(system)
    try:
        yield
    finally:
        _SYSTEM.reset(token)
