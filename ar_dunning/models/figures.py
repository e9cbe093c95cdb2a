"""Figures as people entered them, for calculations that must not see binary fractions."""

from decimal import Decimal


def as_decimal(value):
    """A float to six places: 10.73 -> Decimal("10.73"), never an exponent."""
    return Decimal(f"{value:.6f}".rstrip("0").rstrip("."))


def plain(number):
    """A number to six places without trailing zeros, as text: for rates and factors in a sentence."""
    return f"{number:.6f}".rstrip("0").rstrip(".")
