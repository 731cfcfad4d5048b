"""When a lead is untouched: hours of business after it came, by the clock of its owner. Pure.

Instants here are the owner's own local time, without a zone. Business hours are 9:00 to 17:00 on the owner's working
days.
"""

from datetime import date, datetime, time, timedelta

from common.calendars import WorkDays

OPENS, CLOSES = time(9), time(17)
DAY = timedelta(days=1)


def business_hours_after(start: datetime, hours: int, work: WorkDays) -> datetime:
    """The first instant by which so many hours of business have passed since `start`.

    Example: Friday 16:00 and 4 hours → Monday 12:00, with Monday off Tuesday 12:00; Friday 17:30 and 1 hour → Monday
    10:00; Friday 16:00 and 1 hour → Friday 17:00. Raises ValueError below one hour.
    """
    left, at = _positive(hours), start
    while True:
        opens, closes = _hours_of(at.date())
        begins = max(at, opens)
        if at.date() in work and begins < closes:
            if closes - begins >= left:
                return begins + left
            left -= closes - begins
        at = opens + DAY


def business_hours_before(end: datetime, hours: int, work: WorkDays) -> datetime:
    """The last instant since which so many hours of business have passed by `end`.

    What came then or earlier has waited for so long: `business_hours_after(start) <= end` holds for just these.
    Example: Monday 12:00 and 4 hours → Friday 16:00; Sunday and 8 hours → Friday 9:00.
    Raises ValueError below one hour.
    """
    left, at = _positive(hours), end
    while True:
        opens, closes = _hours_of(at.date())
        ends = min(at, closes)
        if at.date() in work and opens < ends:
            if ends - opens >= left:
                return ends - left
            left -= ends - opens
        at = closes - DAY


def _hours_of(day: date) -> tuple[datetime, datetime]:
    return datetime.combine(day, OPENS), datetime.combine(day, CLOSES)


def _positive(hours: int) -> timedelta:
    if hours < 1:
        raise ValueError("An hour of business at least.")
    return timedelta(hours=hours)
