"""Who gets the credit of a deal: which of its splits holds when, and whose share goes down with another one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from common.money import WHOLE_SHARE, allocate

Shares = Mapping[int, int]
"""What each person gets, by their id, in millionths of a percent."""
MOST_PARTS = 100
"""So many people stand in one split at most, for revenue and for overlay each."""


@dataclass(frozen=True)
class Share:
    """What somebody has of a deal: their place among the weights of all its parts, or none."""

    weights: tuple[int, ...]
    place: int | None

    def of(self, whole: int) -> int:
        """Their part of an amount, so that the parts of everybody add up to it.

        Example: the first of 60 and 40 % of 10001 → 6001, the second → 4000. Raises nothing.
        """
        return 0 if self.place is None else allocate(whole, self.weights)[self.place]


WHOLE = Share((WHOLE_SHARE,), 0)
NOTHING = Share((), None)


def share_of(person: int, owner: int | None, shares: Shares) -> Share:
    """What a person has of a deal by its split, the parts in the order of their people; without one its owner has all.

    Example: 2 of {1: 60 %, 2: 40 %} → the second of 60 and 40; 1 of none, where 1 owns it → all. 0 % is nothing.
    Raises nothing.
    """
    if not shares:
        return WHOLE if person == owner else NOTHING
    if not shares.get(person):
        return NOTHING
    people = sorted(shares)
    return Share(tuple(shares[one] for one in people), people.index(person))


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
