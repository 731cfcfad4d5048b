"""What touches a customer, and for how long a touch lasts."""

from datetime import date, timedelta

from pipeline.rules.stakeholders import MEETINGS

TOUCHES = MEETINGS | {"email"}
"""The kinds of activities that touch an account; a note, a task or a follow-up touches nobody."""

YEAR = 365


def cadence(touches_a_year: int | None, usual: int) -> int:
    """After how many days without a touch an account is neglected.

    A year shared by the touches that its norm asks for, rounded up; the usual days where no norm asks for any.
    Example: 12 a year → 31 days, 52 → 8, 0 or no norm → the usual 90.
    """
    return -(-YEAR // touches_a_year) if touches_a_year else usual


def neglected_before(today: date, days: int) -> date:
    """The day before which a last touch is too long ago. Example: of 31 days, on 31 May: 30 April still counts."""
    return today - timedelta(days=days)
