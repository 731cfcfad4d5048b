"""How good a call was, and what the forecast columns hold.

Amounts are whole minor units of one currency, ratios exact fractions, an outcome a pair (forecast, actual).
The error is forecast - actual: above 0 means over-called. None means *undefined*, shown as "—".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Protocol, TypeVar

Outcome = tuple[int, int]


class Submitted(Protocol):
    """Anything with the instant at which it was submitted."""

    @property
    def submitted_at(self) -> datetime: ...


Call = TypeVar("Call", bound=Submitted)


@dataclass(frozen=True, slots=True)
class Mape:
    """The mean of the APEs: undefined when any actual is 0; then `of_rest` is the mean of the others.

    `excluded` counts the outcomes whose actual is 0.
    """

    value: Fraction | None
    of_rest: Fraction | None
    excluded: int


@dataclass(frozen=True, slots=True)
class Columns:
    """One period's amounts by single category; they add up to the total."""

    closed: int
    commit: int
    most_likely: int
    best_case: int
    pipeline: int

    @property
    def total(self) -> int:
        return self.closed + self.commit + self.most_likely + self.best_case + self.pipeline


@dataclass(frozen=True, slots=True)
class CumulativeColumns:
    """One period's amounts by cumulative category; they overlap and are never added."""

    commit: int
    most_likely: int
    best_case: int
    open_pipeline: int


def cumulate(single: Columns) -> CumulativeColumns:
    """Each column with the surer ones in it; open pipeline is everything that is not closed.

    Example: closed 100, commit 50, most likely 10, best case 30, pipeline 20 → 150, 160, 190 and 110.
    Unit: minor units. Raises nothing.
    """
    commit = single.closed + single.commit
    most_likely = commit + single.most_likely
    best_case = most_likely + single.best_case
    return CumulativeColumns(commit, most_likely, best_case, single.total - single.closed)


def error(forecast: int, actual: int) -> int:
    """Forecast - actual. Example: 150 called, 100 booked → 50. Unit: minor units. Raises nothing."""
    return forecast - actual


def ape(forecast: int, actual: int) -> Fraction | None:
    """|error| ÷ |actual|; None when the actual is 0. Example: 150, 100 → 1/2. Raises nothing."""
    return Fraction(abs(error(forecast, actual)), abs(actual)) if actual else None


def mape(outcomes: Iterable[Outcome]) -> Mape:
    """The mean of the APEs, with the outcomes that have none counted.

    Example: (150, 100) and (50, 100) → 1/2; with (5, 0) added → undefined, 1/2 of the rest, 1 excluded.
    Raises nothing.
    """
    apes = [ape(forecast, actual) for forecast, actual in outcomes]
    known = [value for value in apes if value is not None]
    excluded = len(apes) - len(known)
    of_rest = sum(known, Fraction(0)) / len(known) if known else None
    return Mape(None if excluded else of_rest, of_rest, excluded)


def wape(outcomes: Sequence[Outcome]) -> Fraction | None:
    """Σ|error| ÷ Σ|actual|; None when all actuals are 0.

    Example: (150, 100) and (50, 100) → 1/2, though the team's error is 0. Raises nothing.
    """
    size = sum(abs(actual) for _, actual in outcomes)
    return Fraction(sum(abs(error(*outcome)) for outcome in outcomes), size) if size else None


def bias(outcomes: Sequence[Outcome]) -> Fraction | None:
    """Σ error ÷ Σ|actual|, signed: above 0 over-calls, below 0 under-calls; None when all actuals are 0.

    Example: (-5, -20) → 3/4; (80, 100) → -1/5. Raises nothing.
    """
    size = sum(abs(actual) for _, actual in outcomes)
    return Fraction(sum(error(*outcome) for outcome in outcomes), size) if size else None


def error_of_total(outcomes: Sequence[Outcome]) -> Fraction | None:
    """The APE of the totals, to stand beside the WAPE: one error may hide another.

    Example: (150, 100) and (50, 100) → 0. Raises nothing.
    """
    return ape(sum(forecast for forecast, _ in outcomes), sum(actual for _, actual in outcomes))


def accuracy(forecast: int, actual: int) -> Fraction | None:
    """1 - |error| ÷ |actual|, not capped, as it is stored; None when the actual is 0.

    Example: 150, 100 → 1/2; 300, 100 → -1. Raises nothing.
    """
    off = ape(forecast, actual)
    return None if off is None else 1 - off


def shown_accuracy(stored: Fraction | None) -> Fraction | None:
    """What a page shows of an accuracy: never below 0. Example: -1 → 0; 1/2 → 1/2. Raises nothing."""
    return None if stored is None else max(Fraction(0), stored)


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
    found: Call | None = None
    for call in calls:
        if call.submitted_at <= at and (found is None or found.submitted_at <= call.submitted_at):
            found = call
    return found


def is_late(submitted_at: datetime, due_at: datetime) -> bool:
    """Whether a call came after it was due; at the very instant is in time. Raises nothing.

    Example: due Friday 17:00:00: at 17:00:00 False, a second later True.
    """
    return submitted_at > due_at


def due_before(instant: datetime, weekday: int, hour: int) -> datetime:
    """The weekly due time (weekday, Monday 0, at an hour) that lies at or before an instant, in its zone.

    Example: due Mondays at 12: on Wednesday 20 May 2026 → Monday 18 May 12:00. Raises nothing.
    """
    due = instant.replace(hour=hour, minute=0, second=0, microsecond=0)
    due -= timedelta(days=(instant.weekday() - weekday) % 7)
    return due if due <= instant else due - timedelta(days=7)


def comes_late(submitted_at: datetime, earlier: Iterable[datetime], weekday: int, hour: int) -> bool:
    """Whether a call came after the week's due time with none given in the week before it.

    A call that only revises one given in the week before the due time is in time. Example: due Monday 12:00;
    called last Friday and again on Tuesday → False; called only on Tuesday → True. Raises nothing.
    """
    due = due_before(submitted_at, weekday, hour)
    opened = due - timedelta(days=7)
    return not any(opened < instant <= due for instant in earlier)
