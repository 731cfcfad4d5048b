"""Whether what one has to know of an open deal is there, in points of a hundred. Pure."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from fractions import Fraction

PLANNED = ("most_likely", "commit")
"""The categories in which a close plan is asked for."""
ORDER = ("omitted", "pipeline", "best_case", "most_likely", "commit")


class Check(StrEnum):
    """What is looked at, in the order in which it is told."""

    ACCOUNT = "account"
    AMOUNT = "amount"
    CLOSE_DATE = "close_date"
    NEXT_STEP = "next_step"
    NEXT_STEP_DAY = "next_step_day"
    DECIDER = "decider"
    ACTIVITY = "activity"
    CLOSE_PLAN = "close_plan"
    CATEGORY = "category"


WHOLE = 100
TAKES = {
    Check.ACCOUNT: 10,
    Check.AMOUNT: 15,
    Check.CLOSE_DATE: 20,
    Check.NEXT_STEP: 15,
    Check.NEXT_STEP_DAY: 5,
    Check.DECIDER: 10,
    Check.ACTIVITY: 10,
    Check.CLOSE_PLAN: 10,
    Check.CATEGORY: 5,
}
"""What each check takes of the hundred points where it does not hold; all of them together take all."""


def points(lacks: Mapping[Check, int], deals: int) -> Fraction | None:
    """100 less what is missing, in the mean of so many deals; `lacks`: of each check on how many it does not hold.

    Example: one deal without a next step, a day for it and somebody who decides → 70; with a whole one beside it → 85.
    None of no deal.
    """
    taken = sum(TAKES[check] * number for check, number in lacks.items())
    return WHOLE - Fraction(taken, deals) if deals else None


def is_past_close(step_on: date | None, close_on: date, today: date) -> bool:
    """Whether a next step lies after the close date, while that has not passed.

    Example on 20 May: 2 June and 30 May → True; 30 May and 30 May → False; 2 June and 19 May → False. Raises nothing.
    """
    return step_on is not None and today <= close_on < step_on


def near(category: str) -> list[str]:
    """The categories of a stage that one of a deal fits: at most one step away.

    Example: best_case → pipeline, best_case, most_likely. Raises ValueError for no category of an open deal.
    """
    place = ORDER.index(category)
    return list(ORDER[max(place - 1, 0) : place + 2])
