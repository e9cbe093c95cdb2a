"""The one way to try something in a savepoint: to go on where it fails, or to look at what it would have done.

No other place opens a savepoint (a test reads the sources), because two things are easily forgotten in it: errors of
concurrency must reach whoever began the transaction, as everything read in it is old, and what was not flushed yet must be
written inside.
"""

import logging
from collections.abc import Callable
from typing import TypeVar

from odoo.exceptions import ConcurrencyError, LockError, UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)
Result = TypeVar("Result")

CONCURRENCY = (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, ConcurrencyError)


class Failure(str):
    """Why something was not done, in words for a person.

    `is_sentence`: they were written for one; else an error of a program is told, which the log knows more about.
    """

    is_sentence: bool

    def __new__(cls, words: str, is_sentence: bool = True):
        failure = super().__new__(cls, words)
        failure.is_sentence = is_sentence
        return failure


BUSY = Failure("")


def attempt(
    env, action: Callable[[], object], what: str | None = "", only: type[Exception] = Exception
) -> Failure | None:
    """Run `action` in a savepoint of its own; what it wrote is gone where it fails.

    :param str what: told in the log where something breaks that is no message for a person; None: the log is not told,
        because the caller looks closer
    :param only: the errors that may stop it; any other goes through
    :return: None where it was done; else why not, in words for a person. These are empty (`BUSY`) where somebody else
        holds a record: there is nothing to tell, and another time will do
    :raise: errors of concurrency, always: whoever called for the transaction must begin it anew
    """
    try:
        with env.cr.savepoint():
            action()
            env.flush_all()
    except CONCURRENCY:
        raise
    except only as error:
        env.invalidate_all(flush=False)
        return _reason(error, action if what == "" else what)
    return None


def _reason(error: Exception, what: object) -> Failure:
    if isinstance(error, LockError):
        return BUSY
    if isinstance(error, UserError):
        return Failure(str(error) or type(error).__name__)
    if what is not None:
        _logger.error("%s", what, exc_info=error)
    return Failure(str(error) or type(error).__name__, is_sentence=False)


def taken_back(env, action: Callable[[], Result]) -> Result:
    """Do `action`, and take back all that it wrote: numbers, records and messages are as if it had not been.

    :return: what `action` returns, which must be plain values: its records are gone
    """
    with env.cr.savepoint() as savepoint:
        result = action()
        env.flush_all()
        savepoint.rollback()
    env.invalidate_all(flush=False)
    return result
