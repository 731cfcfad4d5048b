"""Exact money: whole minor units in, whole minor units out, one rounding per row."""

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from babel.numbers import get_currency_precision

from common.said import Said
from common.said import marked as _

WHOLE_SHARE = 100_000_000
"""100 % in millionths of a percent, the unit of every share."""
MOST_DIGITS = 12
MOST_MINOR = 10**15
"""No amount that is typed or brought in reaches this: at most 12 digits before the decimals."""

_PLAIN = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")
_SHARE = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,6}))?")


def round_half_away(value: Decimal | Fraction) -> int:
    """The nearest whole number; a half goes away from zero.

    Example: 12.5 → 13, -12.5 → -13, 100.5 → 101. Unit: that of the value.
    Raises TypeError for a float, which cannot hold most amounts, and ValueError for NaN or infinity.
    """
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError("Only a finite number can be rounded.")
    exact = value if isinstance(value, Fraction) else Fraction.from_decimal(value)
    size = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return -size if exact < 0 else size


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Share a total by weights with nothing lost: largest remainder of |total|, then the sign.

    Every part is first cut down to a whole unit; the units left over go one each to the largest
    remainders, equal remainders to the lowest index, so callers pass the weights in the order of a stable id.
    A weight of 0 gets 0.
    Example: 10000 over 1:1:1 → 3334, 3333, 3333; 10 over 6:6:2 → 4, 4, 2. Unit: minor units.
    Raises ValueError for a negative weight or when the weights total 0.
    """
    whole = sum(weights)
    if any(weight < 0 for weight in weights):
        raise ValueError("A share cannot be negative.")
    if whole == 0:
        raise ValueError("At least one share must be above zero.")
    cut = [divmod(abs(total) * weight, whole) for weight in weights]
    parts = [size for size, _ in cut]
    by_remainder = sorted(range(len(cut)), key=lambda index: -cut[index][1])
    for index in by_remainder[: abs(total) - sum(parts)]:
        parts[index] += 1
    return [-part for part in parts] if total < 0 else parts


def exponent(currency: str) -> int:
    """How many decimals a currency has. Example: 2 for EUR, 0 for JPY, 3 for KWD. Raises nothing."""
    return get_currency_precision(currency)


def convert(minor: int, rate: Decimal, currency: str, into: str) -> int:
    """One row's amount in another currency, rounded once, a half away from zero.

    The rate says how many whole units of the other currency one whole unit of the first is worth.
    Example: 1 cent at 1.5 → 2 cents; 100.00 USD at 150.255 → 15026 JPY, which has no decimals.
    Raises ValueError for a rate that is not finite or not above zero.
    """
    if not rate.is_finite() or rate <= 0:
        raise ValueError("An exchange rate must be above zero.")
    return round_half_away(minor * Fraction(rate) * Fraction(10) ** (exponent(into) - exponent(currency)))


def units(sign: str, whole: str, decimals: str, places: int) -> int:
    """The number that these digits write, in units of its last place: minor units, or millionths of a percent.

    Example: "-", "1234", "5" with 2 places → -123450.
    Raises Said for more than 12 digits before the decimals, more decimals than places, a sign before zero.
    """
    if len(whole) > MOST_DIGITS:
        raise Said(_("There are at most %(most)s digits before the decimals."), most=MOST_DIGITS)
    if len(decimals) > places:
        raise Said(_("There are at most %(most)s decimals here."), most=places)
    size = int(whole + decimals.ljust(places, "0"))
    if sign and size == 0:
        raise Said(_("Zero has no sign: write 0."))
    return -size if sign else size


def parse_plain(text: str, exponent: int) -> int:
    """The minor units of an amount written plainly: up to 12 digits, a full stop, the currency's decimals.

    Example: "1000.5" with exponent 2 → 100050; "1000" with exponent 0 → 1000.
    Raises Said, a ValueError that says what would be right, for anything else: separators, spaces,
    exponents, other digits, a minus before zero, more decimals than the currency has.
    """
    match = _PLAIN.fullmatch(text)
    if match is None:
        example = plain(1000 * 10**exponent, exponent)
        message = _("Amounts use a full stop and no thousands separator, e.g. %(example)s.")
        raise Said(message, example=example)
    return units(match[1], match[2], match[3] or "", exponent)


def plain(minor: int, exponent: int) -> str:
    """The plain text of an amount, as files and the API write it; `parse_plain` reads it back.

    Example: -5 with exponent 2 → "-0.05"; 1000 with exponent 0 → "1000". Raises nothing.
    """
    digits = str(abs(minor)).rjust(exponent + 1, "0")
    text = f"{digits[:-exponent]}.{digits[-exponent:]}" if exponent else digits
    return f"-{text}" if minor < 0 else text


def parse_share(text: str) -> int:
    """The weight of a share written in percent with up to 6 decimals, in millionths of a percent.

    Example: "33.333333" → 33333333; "100" → 100000000.
    Raises Said, a ValueError, for anything that is not a plain percentage from 0 to 100.
    """
    match = _SHARE.fullmatch(text)
    if match is None:
        raise Said(_("A share is a percentage with at most 6 decimals, e.g. 33.333333."))
    weight = units("", match[1], match[2] or "", 6)
    if weight > WHOLE_SHARE:
        raise Said(_("A share is at most 100 %%."))
    return weight


def plain_share(weight: int) -> str:
    """The percentage of a weight in millionths of a percent, without idle zeros.

    Example: 33333333 → "33.333333"; 100000000 → "100". Raises nothing.
    """
    return plain(weight, 6).rstrip("0").rstrip(".")
