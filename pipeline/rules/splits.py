"""Who gets the credit of a deal: which of its splits holds when, and whose share goes down with another one."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

Shares = Mapping[int, int]
"""What each person gets, by their id, in millionths of a percent."""
MOST_PARTS = 100
"""So many people stand in one split at most, for revenue and for overlay each."""


def in_force(starts: Sequence[date]) -> list[tuple[int, date, date | None]]:
    """Which of several splits holds on which days, earliest first: its place in the order in which they were recorded,
    its first day, and the first day on which it no longer holds.

    Of several that began by a day the last recorded counts: from 1 March, then from 1 May, then from 1 April is the
    first until 1 April and the third from then on; the second holds on no day. Raises nothing.
    """
    found: list[tuple[int, date, date | None]] = []
    stop: date | None = None
    for place, start in reversed(list(enumerate(starts))):
        if stop is None or start < stop:
            found.append((place, start, stop))
            stop = start
    return found[::-1]


def losses(before: Iterable[Shares], after: Shares) -> dict[int, int]:
    """How much each person's share goes down, at the most against any of those that held before.

    Example: 100 % for one, then 60 % and 40 % for another one → 40 % for the first. Raises nothing.
    """
    lost: dict[int, int] = {}
    for shares in before:
        for person, share in shares.items():
            lost[person] = max(lost.get(person, 0), share - after.get(person, 0))
    return {person: share for person, share in lost.items() if share > 0}
