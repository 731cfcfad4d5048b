"""When a digest leaves, and how long a mail that was refused waits."""

from datetime import datetime, time, timedelta, tzinfo

DIGEST_AT = time(7)
WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))


def next_digest(instant: datetime, zone: tzinfo) -> datetime:
    """The first 07:00 of that zone after an instant; when the clocks change it stays 07:00.

    Example: Saturday 28 March 2026 12:00 in Berlin → Sunday 07:00 there, 05:00 UTC. Raises nothing.
    """
    day = instant.astimezone(zone).date()
    due = datetime.combine(day, DIGEST_AT, zone)
    is_over = due.timestamp() <= instant.timestamp()
    return datetime.combine(day + timedelta(days=1), DIGEST_AT, zone) if is_over else due


def wait_after(tries: int) -> timedelta | None:
    """How long a mail waits that was refused so many times; None: it is given up.

    Example: refused once → 1 minute; five times → None. Raises nothing.
    """
    return WAITS[tries - 1] if tries <= len(WAITS) else None
