"""The one way to try something in a savepoint, and to go on where it fails."""

import logging
from collections.abc import Callable

from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)


def attempt(env, action: Callable[[], object], what: str = "") -> str | None:
    """Run `action` in a savepoint of its own; what it wrote is gone where it fails.

    :param str what: told in the log where something breaks that is no message for a person
    :return: why it failed, in words for a person; None where it did not
    :raise: errors of concurrency, always: whoever called for the transaction must begin it anew
    """
    try:
        with env.cr.savepoint():
            action()
            env.flush_all()
    except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
        raise
    except UserError as error:
        env.invalidate_all(flush=False)
        return str(error)
    except Exception as error:
        _logger.exception("%s", what or action)
        env.invalidate_all(flush=False)
        return str(error) or type(error).__name__
    return None
