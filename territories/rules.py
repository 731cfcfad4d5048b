"""The days on which nothing holds."""

from collections.abc import Iterable
from datetime import date

from common.calendars import Span


def gaps(held: Iterable[Span], window: Span) -> list[Span]:
    """The days of the window on which none of the spans holds, in order.

    Example: 1 to 10 Jan and from 15 Jan on, in January → 11 to 14 Jan, as [11, 15). Raises nothing.
    """
    found, covered = [], window.start
    for span in [*sorted(held), Span(window.stop, date.max)]:
        start = min(span.start, window.stop)
        if covered < start:
            found.append(Span(covered, start))
        covered = max(covered, span.stop)
    return found
