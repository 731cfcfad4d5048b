"""Close plans: where the milestones of a template fall, and how often a day that was promised was kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from common.calendars import WorkDays

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Promise:
    """The day on which a milestone was planned first, that on which it was met, and that on which its deal closed."""

    first_planned_on: date
    met_on: date | None = None
    closed_on: date | None = None

    @property
    def is_kept(self) -> bool:
        return self.met_on is not None and self.met_on <= self.first_planned_on

    @property
    def was_asked(self) -> bool:
        """Whether its deal was still open on that day: what a closed deal left over is no promise any more."""
        return self.closed_on is None or self.first_planned_on <= self.closed_on


@dataclass(frozen=True)
class Reliability:
    """How many milestones were due, and how many of them were met on or before the day that was planned first."""

    kept: int
    due: int

    @property
    def ratio(self) -> Fraction | None:
        """Kept ÷ due; None where nothing was due."""
        return Fraction(self.kept, self.due) if self.due else None


def reliability(promises: Iterable[Promise], first: date | None, last: date) -> Reliability:
    """How reliable the days were that fell due from `first` to `last`, both included.

    Example: first planned 1, 5, 10 and 20 May; met on 1 May, on 7 May, and not at all; to 15 May → 1 of 3.
    Raises nothing.
    """
    due = [
        promise
        for promise in promises
        if (first is None or first <= promise.first_planned_on)
        and promise.first_planned_on <= last
        and promise.was_asked
    ]
    return Reliability(sum(promise.is_kept for promise in due), len(due))


def laid_on(close_on: date, days_before: int, today: date, work: WorkDays) -> date:
    """So many days before the close date; where that is past already, the next working day after today.

    Example: 30 days before 30 June is 31 May; laid out on Friday 5 June it is Monday 8 June. Raises nothing.
    """
    day = close_on - timedelta(days=days_before)
    return day if day >= today else next_working_day(today, work)


def next_working_day(day: date, work: WorkDays) -> date:
    """The first day after it on which people work. Raises nothing."""
    found = day + ONE_DAY
    while found not in work:
        found += ONE_DAY
    return found
