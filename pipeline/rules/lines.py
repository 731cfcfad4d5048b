"""What the lines of a deal may hold, and what they come to. Pure."""

from decimal import Decimal
from fractions import Fraction

from common.money import round_half_away

MOST_LINES = 100
MOST_QUANTITY = 1_000_000
"""Of a deal's or an order's lines, and of what each of them holds."""
MOST_MONTHS = 120
MOST_PLACES = 6
"""Decimals of a discount in percent."""


def line_amount(
    quantity: int, price_minor: int, discount: Decimal = Decimal(0), months: int | None = None
) -> int:
    """quantity x price x term x (100 - discount) / 100, rounded once, half away from zero; the term is 1 without one.

    The database works the same out for a line that stands. Unit: minor units.
    Example: 3 x 1999 for 12 months less 7.5 % is 66566.7, so 66567.
    """
    gross = quantity * price_minor * (1 if months is None else months)
    return round_half_away(gross * (100 - Fraction(discount)) / 100)


def line_tax(amount_minor: int, tax: Decimal | None) -> int:
    """The tax on an amount at so many percent, rounded half away from zero; 0 without one. Unit: minor units.

    Example: 66567 at 19 % → 12648.
    """
    return round_half_away(amount_minor * Fraction(tax or 0) / 100)
