"""How good a call was, and what the forecast columns hold.

Amounts are whole minor units of one currency, ratios exact fractions, an outcome a pair (forecast, actual).
The error is forecast - actual: above 0 means over-called. None means *undefined*, shown as "—".
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import accumulate
from typing import Protocol, TypeVar

Outcome = tuple[int, int]
DueOn = Callable[[date], tuple[int, int]]
LOOK_BACK = 28
SECOND = timedelta(seconds=1)


class Submitted(Protocol):
    """Anything with the instant at which it was submitted."""

    @property
    def submitted_at(self) -> datetime: ...


Call = TypeVar("Call", bound=Submitted)


SUREST_FIRST = ("closed", "commit", "most_likely", "best_case")


def cumulate(single: Mapping[str, int]) -> dict[str, int]:
    """Each column with the surer ones in it; they overlap and are never added.

    Example: closed 100, commit 50, most likely 10, best case 30 → 100, 150, 160 and 190.
    Unit: minor units. Raises nothing.
    """
    return dict(zip(SUREST_FIRST, accumulate(single[name] for name in SUREST_FIRST), strict=True))


def share(part: int, size: int) -> Fraction | None:
    """part ÷ size; None of nothing. Example: 1 of 4 → 1/4. Raises nothing."""
    return Fraction(part, size) if size else None


def wape(outcomes: Sequence[Outcome]) -> Fraction | None:
    """Σ|error| ÷ Σ|actual|; None when all actuals are 0.

    Example: (150, 100) and (50, 100) → 1/2, though the team's error is 0. Raises nothing.
    """
    missed = sum(abs(forecast - actual) for forecast, actual in outcomes)
    return share(missed, sum(abs(actual) for _, actual in outcomes))


def bias(outcomes: Sequence[Outcome]) -> Fraction | None:
    """Σ error ÷ Σ|actual|, signed: above 0 over-calls, below 0 under-calls; None when all actuals are 0.

    Example: (-5, -20) → 3/4; (80, 100) → -1/5. Raises nothing.
    """
    missed = sum(forecast - actual for forecast, actual in outcomes)
    return share(missed, sum(abs(actual) for _, actual in outcomes))


def horizon_day(period_stops_on: date, days_before: int) -> date:
    """The day at whose start a call is read: the period's stop (its last day + 1) less the horizon.

    Example: the quarter to 31 March (stop 1 April), 7 days → 25 March. Raises ValueError for negative days.
    """
    if days_before < 0:
        raise ValueError("A horizon lies before the end of the period.")
    return period_stops_on - timedelta(days=days_before)


def call_at(calls: Iterable[Call], at: datetime) -> Call | None:
    """The last call submitted at or before an instant; of two at once the one given later; None without.

    Example: calls of 500 on Monday and 100 on Friday: on Thursday 500, on Saturday 100. Raises nothing.
    """
    given = [call for call in calls if call.submitted_at <= at]
    return max(reversed(given), key=lambda call: call.submitted_at, default=None)


def due_before(instant: datetime, due_on: DueOn) -> datetime | None:
    """The last due time at or before an instant, in its zone; None where none was within LOOK_BACK days.

    `due_on` says for a day which weekday (Monday is 0) and hour calls were due by then, so that a due time of the
    past stays where it was. Example: due Mondays at 12: on Wednesday 20 May 2026 → Monday 18 May 12:00.
    """
    for days in range(LOOK_BACK):
        day = instant.date() - timedelta(days=days)
        weekday, hour = due_on(day)
        due = datetime.combine(day, time(hour), instant.tzinfo)
        if day.weekday() == weekday and due <= instant:
            return due
    return None


def due_after(instant: datetime, due_on: DueOn) -> datetime | None:
    """The first due time after an instant, in its zone; None where none is within LOOK_BACK days.

    Example: due Mondays at 12: on Wednesday 20 May 2026 → Monday 25 May 12:00.
    """
    for days in range(LOOK_BACK):
        day = instant.date() + timedelta(days=days)
        weekday, hour = due_on(day)
        due = datetime.combine(day, time(hour), instant.tzinfo)
        if day.weekday() == weekday and due > instant:
            return due
    return None


def opens(due: datetime, due_on: DueOn) -> datetime:
    """The due time before this one, after which its calls are given; LOOK_BACK days before it where there is none.

    Example: due Mondays at 12, from 28 May 2026 on Fridays: of Friday 29 May it is Monday 25 May 12:00. Raises nothing.
    """
    return due_before(due - timedelta(microseconds=1), due_on) or due - timedelta(days=LOOK_BACK)


def comes_late(submitted_at: datetime, earlier: Iterable[datetime], due_on: DueOn) -> bool:
    """Whether a call came after a due time with none given since the due time before it.

    A call that only revises one given in time is in time itself, and so is one of the due second. Example: due Monday
    12:00; called last Friday and again on Tuesday → False; called only on Tuesday → True. Raises nothing.
    """
    due = due_before(submitted_at.replace(microsecond=0) - timedelta(microseconds=1), due_on)
    if due is None:
        return False
    opened = opens(due, due_on)
    return not any(opened < instant.replace(microsecond=0) <= due for instant in earlier)
