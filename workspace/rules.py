"""When a digest leaves, and how long a mail that was refused waits."""

from datetime import datetime, time, timedelta, tzinfo

WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))


def next_digest(instant: datetime, zone: tzinfo, hour: int) -> datetime:
    """The first time after an instant that it is this hour in that zone; when the clocks change it stays this hour.

    Example: Saturday 28 March 2026 12:00 in Berlin, at 7 → Sunday 07:00 there, 05:00 UTC. Raises nothing.
    """
    day = instant.astimezone(zone).date()
    due = datetime.combine(day, time(hour), zone)
    is_over = due.timestamp() <= instant.timestamp()
    return datetime.combine(day + timedelta(days=1), time(hour), zone) if is_over else due


def wait_after(tries: int) -> timedelta | None:
    """How long a mail waits that was refused so many times; None: it is given up.

    Example: refused once → 1 minute; five times → None. Raises nothing.
    """
    return WAITS[tries - 1] if tries <= len(WAITS) else None
