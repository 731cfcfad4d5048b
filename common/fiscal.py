"""Fiscal years by calendar months, or by weeks of seven days: 4-4-5, 4-5-4 and 5-4-4. Every rule here is pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from common import calendars
from common.calendars import Span

MONTHS = "months"
LAST, NEAREST = "last", "nearest"
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Rule:
    """How fiscal years are made: by calendar months, or by weeks that are put together to months (`4-4-5`).

    A year starts with the calendar month `start_month`. One of weeks ends on `weekday` (Monday is 0): the `last` one of
    the month before, or the one that is `nearest` to that month's last day and may lie up to three days after it.
    """

    start_month: int
    pattern: str = MONTHS
    weekday: int = 5
    ends: str = LAST

    @property
    def weeks(self) -> list[int]:
        """How many weeks the three months of a quarter have; none where months are calendar months."""
        return [] if self.pattern == MONTHS else [int(number) for number in self.pattern.split("-")]


@dataclass(frozen=True)
class Year:
    """A fiscal year: four quarters of three months, and of each month its weeks, where it has any of its own."""

    months: tuple[Span, ...]
    weeks: tuple[tuple[Span, ...], ...]

    @property
    def span(self) -> Span:
        return Span(self.months[0].start, self.months[-1].stop)

    @property
    def quarters(self) -> list[Span]:
        return [Span(self.months[n].start, self.months[n + 2].stop) for n in range(0, 12, 3)]


def span_of(rule: Rule, first: int) -> Span:
    """The days of the fiscal year whose start month lies in the calendar year `first`.

    Example: weeks that end on the Saturday nearest to the end of January, 2023 → 29 January 2023 to 3 February 2024.
    Raises ValueError for a start month outside 1 to 12.
    """
    if rule.pattern == MONTHS:
        return calendars.fiscal_year(rule.start_month, first)
    return Span(_start(rule, first), _start(rule, first + 1))


def _start(rule: Rule, first: int) -> date:
    """The day after the year before has ended."""
    month_end = date(first, rule.start_month, 1) - timedelta(days=1)
    back = (month_end.weekday() - rule.weekday) % 7
    if rule.ends == NEAREST and back > 3:
        back -= 7
    return month_end - timedelta(days=back - 1)


def year_of(rule: Rule, first: int, starts_on: date | None = None) -> Year:
    """That fiscal year with its months and weeks; the 53rd week, where there is one, belongs to the last month.

    `starts_on`: the first day after the year before. Where another rule made that one, and it is less than a week away,
    the first month, and its first week, begins there. Example: 2023 with 4-5-4 as above → twelve months of 4, 5, 4, 4,
    5, 4, 4, 5, 4, 4, 5 and 5 weeks. Raises ValueError as `span_of`.
    """
    span = span_of(rule, first)
    begin = starts_on or span.start
    if rule.pattern == MONTHS:
        months = calendars.months(rule.start_month, first)
        return Year((_joined(months[0], begin), *months[1:]), ((),) * 12)
    weeks = [
        Span(span.start + WEEK * number, span.start + WEEK * (number + 1)) for number in range(span.days // 7)
    ]
    return _of_weeks([_joined(weeks[0], begin), *weeks[1:]], rule.weeks)


def _joined(first: Span, begin: date) -> Span:
    """The first month or week, from where the year before ended if that is within a week."""
    return Span(begin, first.stop) if abs(begin - first.start) < WEEK else first


def _of_weeks(weeks: Sequence[Span], pattern: Sequence[int]) -> Year:
    sizes = [size for _quarter in range(4) for size in pattern]
    sizes[-1] += len(weeks) - 52
    parts, taken = [], 0
    for size in sizes:
        parts.append(tuple(weeks[taken : taken + size]))
        taken += size
    return Year(tuple(Span(part[0].start, part[-1].stop) for part in parts), tuple(parts))


def label_of(day: date, rule: Rule, named_after: str) -> int:
    """The name of the fiscal year in which a day lies, by this rule.

    Example: 30 January 2023, 4-5-4 as above → 2023; 28 January 2023 → 2022. Raises ValueError as `span_of`.
    """
    first = day.year + 1
    while day < span_of(rule, first).start:
        first -= 1
    return first + calendars.year_label(date(2000, rule.start_month, 1), rule.start_month, named_after) - 2000
