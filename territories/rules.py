"""The days on which something holds. Ranges are half-open; no stop means for ever."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from common.calendars import Span

DateRange = tuple[date, date | None]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two of the given ranges, by position, and the days on which both hold."""

    first: int
    second: int
    shared: DateRange


def gaps(ranges: Sequence[DateRange], window: Span) -> list[Span]:
    """The days of the window on which none of the ranges holds, as spans in order.

    Example: 1 to 10 Jan and from 15 Jan on, in January → 11 to 14 Jan, as [11, 15).
    Raises ValueError for a range that stops before it holds a day.
    """
    found = []
    covered = window.start
    for start, stop in sorted(_checked(ranges), key=lambda held: held[0]):
        if start >= window.stop:
            break
        if start > covered:
            found.append(Span(covered, start))
        covered = window.stop if stop is None else max(covered, stop)
    return [*found, Span(covered, window.stop)] if covered < window.stop else found


def overlaps(ranges: Sequence[DateRange]) -> list[Overlap]:
    """Every pair of ranges that hold on the same day, with the days they share, by first shared day.

    Ranges that touch share no day. Example: [1, 10) and [8, 20) Jan → the pair 0, 1 with [8, 10) Jan.
    Raises ValueError for a range that stops before it holds a day.
    """
    found: list[Overlap] = []
    running: list[int] = []
    held = _checked(ranges)
    for this in sorted(range(len(held)), key=lambda position: held[position][0]):
        start, stop = held[this]
        running = [other for other in running if _stops_after(held[other], start)]
        for other in running:
            shared = (start, _earlier(held[other][1], stop))
            found.append(Overlap(min(other, this), max(other, this), shared))
        running.append(this)
    return found


def _checked(ranges: Sequence[DateRange]) -> Sequence[DateRange]:
    if any(stop is not None and stop <= start for start, stop in ranges):
        raise ValueError("A date range must stop after it starts.")
    return ranges


def _stops_after(held: DateRange, day: date) -> bool:
    return held[1] is None or held[1] > day


def _earlier(one: date | None, other: date | None) -> date | None:
    known = [day for day in (one, other) if day is not None]
    return min(known) if known else None
