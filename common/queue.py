"""Whether the queue takes wake-ups: the clock notes that it does not, for who watches the runs."""

from django.core.cache import cache

AWAY = "queue.away"
NOTED_FOR = 60


def note_away() -> None:
    """Say for a minute that the queue does not answer; the clock says so again with every tick that it can't send."""
    cache.set(AWAY, True, timeout=NOTED_FOR)
