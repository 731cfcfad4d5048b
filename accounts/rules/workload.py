"""Workload, capacity and load of those who look after accounts."""

from fractions import Fraction

MINUTES = 60
WHOLE = 100


def workload(accounts: int, touches: int, minutes: int) -> int:
    """The minutes a year that accounts ask for. Example: 40 accounts × 12 × 90 min → 43,200 min, which are 720 h."""
    return accounts * touches * minutes


def capacity(hours: int, selling_percent: int, ramp_percent: int, share: Fraction) -> Fraction:
    """The minutes a year that a seat has for customers: working hours × selling share × ramp × part of the time.

    Example: 1,800 h at 60 %, fully ramped, a whole seat → 64,800 min, which are 1,080 h; at a ramp of 50 % half of it.
    """
    return Fraction(hours * MINUTES * selling_percent * ramp_percent, WHOLE * WHOLE) * share


def load(minutes: int, available: Fraction) -> Fraction | None:
    """Workload ÷ capacity; undefined without capacity. Example: 720 h of 1,080 h → 2/3, 66.7 %."""
    return Fraction(minutes) / available if available else None


def ramp_on(percents: tuple[int, ...], months: int) -> int:
    """The percent of a full quota after so many whole months; all of it once the ramp is over.

    Example: 0 25 50 75 100 after 2 months → 50, after 7 → 100; without a ramp → 100.
    """
    return percents[months] if months < len(percents) else WHOLE
