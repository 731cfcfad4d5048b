"""How many deals go on from a stage to the next one, when some of them are still open. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class End(StrEnum):
    """What became of a deal in a stage: it went on, was lost, or is there still."""

    REACHED = "reached"
    LOST = "lost"
    OPEN = "open"


@dataclass(frozen=True)
class Spell:
    """So many deals that were in a stage for so many days, or are there since, and what became of them."""

    end: End
    days: int
    deals: int = 1


@dataclass(frozen=True)
class Conversion:
    """The deals that came into a stage: how many went on within the days asked for, later, were lost, are open.

    `share`: the conversion; None where none could be watched that long. `median`: the days after which half of those
    that went on had done so.
    """

    entered: int
    reached: int
    later: int
    lost: int
    open: int
    share: Fraction | None
    median: Fraction | None

    @property
    def gone(self) -> int:
        """All that went on by now."""
        return self.reached + self.later


def conversion(spells: Sequence[Spell], within: int) -> Conversion:
    """What became of the deals that came into a stage, and the share that goes on within so many days.

    Example: on after 10 and 30 days, lost after 20, open since 25: within 60 days 3/4. Raises nothing.
    """
    gone = [one for one in spells if one.end is End.REACHED]
    return Conversion(
        entered=_count(spells),
        reached=_count(one for one in gone if one.days <= within),
        later=_count(one for one in gone if one.days > within),
        lost=_count(one for one in spells if one.end is End.LOST),
        open=_count(one for one in spells if one.end is End.OPEN),
        share=share_within(spells, within),
        median=median_of(gone),
    )


def share_within(spells: Sequence[Spell], within: int) -> Fraction | None:
    """The share that goes on within so many days: Kaplan–Meier with two ends, of which a loss is one.

    None without a deal, and where nobody was watched that long while some might still go on.
    Example: as `conversion`; with nobody open it is gone on ÷ entered. Raises nothing.
    """
    watched, left, share = _count(spells), Fraction(1), Fraction(0)
    if not watched:
        return None
    by_day: dict[int, dict[End, int]] = {}
    for one in spells:
        ends = by_day.setdefault(one.days, dict.fromkeys(End, 0))
        ends[one.end] += one.deals
    for day in sorted(by_day):
        if day > within:
            return share
        ends = by_day[day]
        share += left * Fraction(ends[End.REACHED], watched)
        left *= 1 - Fraction(ends[End.REACHED] + ends[End.LOST], watched)
        watched -= sum(ends.values())
    return share if not left or max(by_day) >= within else None


def median_of(spells: Iterable[Spell]) -> Fraction | None:
    """The median of days that stand for so many deals each; None without any. Example: 10, 30 → 20. Raises nothing."""
    ordered = sorted((one.days, one.deals) for one in spells)
    total = sum(deals for _days, deals in ordered)
    if not total:
        return None
    low, high = (_nth(ordered, place) for place in ((total - 1) // 2, total // 2))
    return Fraction(low + high, 2)


def _nth(ordered: Sequence[tuple[int, int]], place: int) -> int:
    for days, deals in ordered:
        place -= deals
        if place < 0:
            return days
    raise IndexError(place)


def _count(spells: Iterable[Spell]) -> int:
    return sum(one.deals for one in spells)
