"""Figures as people entered them, for calculations that must not see binary fractions."""

from decimal import Decimal
from functools import lru_cache

from odoo.tools.misc import get_lang


@lru_cache(maxsize=1 << 14)
def as_decimal(value):
    """A float to six places: 10.73 -> Decimal("10.73"), never an exponent.

    Kept, since each amount of an item is asked for a dozen times while its step is worked out.
    """
    if not value:
        return Decimal(0)
    return Decimal(f"{value:.6f}".rstrip("0").rstrip("."))


def exact(value):
    """A float with every digit that it has, as averages and rates of exchange have them: 0.0061234567."""
    return Decimal(repr(value))


def plain(number, env):
    """A number to six places without trailing zeros, with the decimal point of the environment's language."""
    text = f"{number:.6f}".rstrip("0").rstrip(".")
    return text.replace(".", get_lang(env).decimal_point)
