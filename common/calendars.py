"""Days, months and fiscal periods. Every span is half-open: its last day is the day before `stop`."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from common.said import Said
from common.said import marked as _

YEARS = range(1900, 2200)
MONDAY_TO_FRIDAY = frozenset(range(5))
_ISO_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


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

    def shared(self, other: "Span") -> "Span | None":
        """The days that are in both; None where there are none."""
        start, stop = max(self.start, other.start), min(self.stop, other.stop)
        return Span(start, stop) if start < stop else None


def iso_day(text: str) -> date:
    """The day that is written as 2026-03-31.

    Raises Said for a day that its month does not have and a year outside 1900 to 2199, ValueError for any other text.
    """
    if not _ISO_DAY.fullmatch(text):
        raise ValueError("A day is written as 2026-03-31.")
    year, month, day_of_month = map(int, text.split("-"))
    if 1 <= month <= 12 and not 1 <= day_of_month <= (last := monthrange(year, month)[1]):
        raise Said(_("There is no such day: that month has %(days)s days."), days=last)
    day = date.fromisoformat(text)
    if day.year not in YEARS:
        raise Said(_("A day lies in the years %(first)s to %(last)s."), first=YEARS[0], last=YEARS[-1])
    return day


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


def month_of(day: date) -> Span:
    """The calendar month that holds a day.

    Example: 20 May 2026 → 1 May to 1 June, the latter not in it. Raises ValueError in December 9999.
    """
    first = day.replace(day=1)
    return Span(first, add_months(first, 1))


def months(start_month: int, year: int) -> list[Span]:
    """The twelve months of the fiscal year that starts in the calendar year `year`, first to last.

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


def year_label(day: date, start_month: int, named_after: str = "start") -> int:
    """The name of the fiscal year in which a day lies: the calendar year in which it starts, or in which it ends.

    Example: 31 March 2026, start month 4 → 2025; named after its end → 2026. Raises nothing.
    """
    started = day.year if day.month >= start_month else day.year - 1
    return started + _ahead(start_month, named_after)


def start_year(name: int, start_month: int, named_after: str = "start") -> int:
    """The calendar year in which the fiscal year of that name starts.

    Example: 2026, start month 4 → 2026; named after its end → 2025. Raises nothing.
    """
    return name - _ahead(start_month, named_after)


def _ahead(start_month: int, named_after: str) -> int:
    """How many years a name is ahead of its start; a year from January ends in the one in which it starts."""
    return int(named_after == "end" and start_month > 1)


@dataclass(frozen=True, slots=True)
class WorkDays:
    """On which days people work: on these days of the week, Monday is 0, but not on the days `off`.

    Example: 4 June 2026, a Thursday, is `in WorkDays()`, and not in `WorkDays(frozenset({date(2026, 6, 4)}))`.
    """

    off: frozenset[date] = frozenset()
    weekdays: frozenset[int] = MONDAY_TO_FRIDAY

    def __contains__(self, day: date) -> bool:
        return day.weekday() in self.weekdays and day not in self.off

    def between(self, start: date, stop: date) -> int:
        """How many of the days of `[start, stop)` they are.

        Example: 1 to 30 June 2026 (stop 1 July) → 22, with Thursday 4 June off → 21; Sunday to Thursday → 22.
        An empty or reversed span → 0. Raises nothing.
        """
        weeks, rest = divmod(max(0, (stop - start).days), 7)
        worked = weeks * len(self.weekdays)
        worked += sum((start.weekday() + n) % 7 in self.weekdays for n in range(rest))
        return worked - sum(start <= day < stop and day.weekday() in self.weekdays for day in self.off)
