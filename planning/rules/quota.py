"""Quota on a move: it follows the territory, or moves with the accounts; that it stays with the person needs no sum."""

from datetime import date
from fractions import Fraction

from common.calendars import Span
from common.money import allocate, round_half_away


def by_days(amount: int, period: Span, day: date) -> tuple[int, int]:
    """A period's quota cut at a day: what falls on the days before it, and what on those from it on.

    By largest remainder, so that both add up to the amount. Unit: minor units.
    Example: 400,000.00 for 90 days from 1 January, cut on 16 February → 204,444.44 and 195,555.56.
    Raises ValueError for a day outside of the period.
    """
    if not period.start <= day <= period.stop:
        raise ValueError("The day lies outside of the period.")
    before, after = allocate(amount, [(day - period.start).days, (period.stop - day).days])
    return before, after


def with_accounts(amount: int, period: Span, day: date, potential: int, whole: int) -> int:
    """What of a territory's quota moves with accounts on a day: by days that are left, and by their potential.

    moved = quota × days from the day on ÷ days of the period × potential ÷ the territory's potential, rounded once, a
    half away from zero; a day before the period moves the whole period. Unit: minor units.
    Example: 400,000.00, 150 of 1,000, on 16 February of a quarter of 90 days → 29,333.33.
    Raises ValueError where the territory has no potential, or the accounts more than it has.
    """
    if whole <= 0 or not 0 <= potential <= whole:
        raise ValueError("Quota moves with accounts only where their potential is known.")
    left = Fraction((period.stop - max(day, period.start)).days, (period.stop - period.start).days)
    return round_half_away(amount * max(left, Fraction(0)) * Fraction(potential, whole))
