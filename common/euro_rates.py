"""Rates as the European Central Bank publishes them: units of a currency for one euro, a line a day.

From these, what one unit of a currency is worth in another one, on which days: pure, without database and clock.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import NamedTuple

from common.calendars import Span, iso_day
from common.said import Said
from common.said import marked as _

EURO = "EUR"
HOLDS = timedelta(days=7)
"""So long a published rate is carried on when no other follows: over weekends and holidays, and not over gaps."""
PLACES = Decimal("0.0000000001")

_CODE = re.compile("[A-Z]{3}")
_RATE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,10})?")


@dataclass(frozen=True)
class Published:
    """The days of a file, oldest first, and the text of each currency's rate on them; empty where it has none."""

    days: tuple[date, ...]
    columns: Mapping[str, tuple[str, ...]]

    @property
    def currencies(self) -> list[str]:
        """What can be brought in: the euro, and whatever has a column."""
        return sorted([EURO, *self.columns])

    def per_euro(self, currency: str) -> Mapping[date, Decimal]:
        """What one euro is worth in a currency, by the days on which that was published."""
        if currency == EURO:
            return dict.fromkeys(self.days, Decimal(1))
        cells = zip(self.days, self.columns[currency], strict=True)
        return {day: Decimal(text) for day, text in cells if text}


def read(text: str) -> Published:
    """The rates of a file as it is published: `Date,USD,JPY,…`, then a line a day, newest first; N/A is none.

    Raises Said, naming line and column, for anything else.
    """
    lines = csv.reader(text.splitlines())
    names = _names(next(lines, []))
    rows = sorted(_rows(lines, names))
    if not rows:
        raise Said(_("The file has no day in it."))
    for (day, _cells), (following, _more) in pairwise(rows):
        if day == following:
            raise Said(_("The file has %(day)s twice."), day=day)
    columns = zip(*(cells for _day, cells in rows), strict=True)
    return Published(tuple(day for day, _cells in rows), dict(zip(names, columns, strict=True)))


def _names(head: Sequence[str]) -> list[str]:
    names = [name.strip() for name in head]
    if not names or names[0] != "Date":
        raise Said(_("The first column is called Date in a file of the European Central Bank."))
    codes = names[1:-1] if names[-1] == "" else names[1:]
    for code in codes:
        if not _CODE.fullmatch(code) or codes.count(code) > 1:
            raise Said(_("%(code)s is no name of a column, or stands there twice."), code=code[:20] or "—")
    if not codes:
        raise Said(_("The file names no currency."))
    return codes


def _rows(lines: Iterator[list[str]], names: Sequence[str]) -> Iterator[tuple[date, list[str]]]:
    for number, cells in enumerate(lines, 2):
        if cells:
            named = zip(names, _padded(cells, names, number), strict=True)
            yield _day(cells[0], number), [_cell(text.strip(), name, number) for name, text in named]


def _day(text: str, number: int) -> date:
    try:
        return iso_day(text.strip())
    except ValueError:
        raise Said(_("Line %(line)s: a day is written as 2026-03-31."), line=number) from None


def _padded(cells: Sequence[str], names: Sequence[str], number: int) -> Sequence[str]:
    """The cells after the day; the published file ends its lines with a comma."""
    rest = cells[1:-1] if len(cells) == len(names) + 2 and not cells[-1].strip() else cells[1:]
    if len(rest) != len(names):
        raise Said(_("Line %(line)s has another number of cells than the first line."), line=number)
    return rest


def _cell(text: str, name: str, number: int) -> str:
    if text in ("", "N/A"):
        return ""
    if not _RATE.fullmatch(text) or not text.strip("0."):
        raise Said(_("Line %(line)s, %(code)s: a rate is written as 1.0832."), line=number, code=name)
    return text


def cross(reporting_per_euro: Decimal, per_euro: Decimal) -> Decimal:
    """What one unit of a currency is worth in the reporting currency, to ten decimals, a half away from zero.

    Example: 1.1172 dollars and 0.8338 pounds for a euro → 1.3398896618 dollars for a pound.
    Raises nothing for rates above zero.
    """
    return (reporting_per_euro / per_euro).quantize(PLACES, ROUND_HALF_UP)


class Held(NamedTuple):
    """A rate and the days on which it holds; `stop` is None where nothing is known to follow."""

    start: date
    stop: date | None
    value: Decimal


def held(file: Published, currency: str, reporting: str) -> tuple[list[Held], list[Span]]:
    """Which rate of a currency holds on which days, and the gaps of more than a week, in which none does.

    A published rate holds until the next one, at most seven days; that of the file's last day until another is known.
    Example: published on Friday 2 and Monday 5 January: the first one holds on 2, 3 and 4 January. Raises nothing.
    """
    ours, theirs = file.per_euro(reporting), file.per_euro(currency)
    days = [day for day in file.days if day in ours and day in theirs]
    rates: list[Held] = []
    gaps: list[Span] = []
    for day, following in zip(days, [*days[1:], None], strict=True):
        value, ends = cross(ours[day], theirs[day]), day + HOLDS
        if following is None:
            rates.append(Held(day, None if day == file.days[-1] else ends, value))
        elif following > ends:
            rates.append(Held(day, ends, value))
            gaps.append(Span(ends, following))
        else:
            rates.append(Held(day, following, value))
    return rates, gaps


def since(rates: Sequence[Held], first: date) -> list[Held]:
    """The same rates from a day on; what holds on that day begins there. Raises nothing."""
    later = [one for one in rates if one.stop is None or one.stop > first]
    return [Held(max(one.start, first), one.stop, one.value) for one in later]


def beside(rates: Sequence[Held], taken: Sequence[tuple[date, date | None]]) -> tuple[list[Held], int]:
    """The rates without the days that are taken, and how many of them gave way, wholly or in part.

    Example: a rate for 2 to 8 January beside one for 4 January alone holds on 2 and 3, and on 5 to 8. Raises nothing.
    """
    left: list[Held] = []
    touched = 0
    for one in rates:
        parts = [one]
        for start, stop in taken:
            parts = [rest for part in parts for rest in _without(part, start, stop)]
        touched += parts != [one]
        left += parts
    return left, touched


def _without(one: Held, start: date, stop: date | None) -> Iterator[Held]:
    if (one.stop is not None and one.stop <= start) or (stop is not None and stop <= one.start):
        yield one
        return
    if one.start < start:
        yield Held(one.start, start, one.value)
    if stop is not None and (one.stop is None or one.stop > stop):
        yield Held(stop, one.stop, one.value)
