"""Days, months and fiscal periods. Every span is half-open: its last day is the day before `stop`."""

from calendar import monthrange
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The days from `start` up to, and not including, `stop`. Raises ValueError when there is none."""

    start: date
    stop: date

    def __post_init__(self) -> None:
        if self.start >= self.stop:
            raise ValueError("A span must stop after it starts.")

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.stop

    @property
    def days(self) -> int:
        return (self.stop - self.start).days

    @property
    def last_day(self) -> date:
        return self.stop - timedelta(days=1)

    def shared_days(self, start: date, stop: date | None) -> int:
        """How many of its days lie in `[start, stop)`; no stop means for ever."""
        latest = self.stop if stop is None else min(self.stop, stop)
        return max(0, (latest - max(self.start, start)).days)


def add_months(day: date, months: int) -> date:
    """The same day some months later or earlier, or the month's last day where it has no such day.

    Example: 29 Feb 2024 + 12 → 28 Feb 2025; 31 Mar 2026 - 1 → 28 Feb 2026.
    Raises ValueError outside the years 1 to 9999.
    """
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if not date.min.year <= year <= date.max.year:
        raise ValueError("The date lies outside the years 1 to 9999.")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months(start_month: int, year: int) -> list[Span]:
    """The twelve months of a fiscal year, first to last; the year is named after the one in which it starts.

    Example: start month 4, year 2026 → April 2026 to March 2027.
    Raises ValueError for a start month outside 1 to 12.
    """
    if not 1 <= start_month <= 12:
        raise ValueError("A fiscal year starts in a month from 1 to 12.")
    first = date(year, start_month, 1)
    return [Span(add_months(first, n), add_months(first, n + 1)) for n in range(12)]


def quarters(start_month: int, year: int) -> list[Span]:
    """The four quarters of that fiscal year, three months each; examples and errors as for `months`."""
    twelve = months(start_month, year)
    return [Span(twelve[n].start, twelve[n + 2].stop) for n in range(0, 12, 3)]


def fiscal_year(start_month: int, year: int) -> Span:
    """The whole of that fiscal year; examples and errors as for `months`."""
    twelve = months(start_month, year)
    return Span(twelve[0].start, twelve[-1].stop)


def year_label(day: date, start_month: int) -> int:
    """The name of the fiscal year in which a day lies.

    Example: 31 March 2026, start month 4 → 2025. Raises nothing.
    """
    return day.year if day.month >= start_month else day.year - 1


def working_days(start: date, stop: date, weekdays: AbstractSet[int], holidays: AbstractSet[date]) -> int:
    """How many days of `[start, stop)` fall on the weekdays (Monday is 0) and are no holiday.

    Example: Monday to Friday, 1 to 30 June 2026 (stop 1 July), no holiday → 22.
    An empty or reversed span → 0. Raises nothing.
    """
    weeks, rest = divmod(max(0, (stop - start).days), 7)
    in_rest = sum((start.weekday() + n) % 7 in weekdays for n in range(rest))
    off = sum(start <= day < stop and day.weekday() in weekdays for day in holidays)
    return weeks * len(weekdays) + in_rest - off
