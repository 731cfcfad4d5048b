"""What a day's target comes to over the working days of a month."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from common.calendars import WorkDays


@dataclass(frozen=True)
class Asked:
    """So many a working day on `[start, stop)`; without a stop for good."""

    start: date
    stop: date | None
    number: int


def expected(asked: Iterable[Asked], start: date, last: date, work: WorkDays) -> int | None:
    """What was expected on the working days from `start` to `last`, both included; None where no day was asked of.

    Each of them counts the number that holds on it. Example: 5 a day from Friday 15 May 2026, in May up to Wednesday
    20 May → 15, 18, 19 and 20 May, 20 activities; with 18 May off 15. Raises nothing.
    """
    rows, total, is_asked = list(asked), 0, False
    day = start
    while day <= last:
        for row in rows:
            if row.start <= day and (row.stop is None or day < row.stop):
                is_asked = True
                total += row.number if day in work else 0
        day += timedelta(days=1)
    return total if is_asked else None
