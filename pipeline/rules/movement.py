"""What moved in the pipeline of a period between the ends of two days: every deal in steps that add up. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from common.calendars import Span
from pipeline.rules.splits import WHOLE, Share


class Outcome(StrEnum):
    """What had become of a deal: open, won, lost, or taken out (merged into another one, or omitted)."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"
    REMOVED = "removed"


class Part(StrEnum):
    """The steps from what was there to what is there, in the order in which they are shown."""

    NEW = "new"
    REOPENED = "reopened"
    MOVED_IN = "moved_in"
    PULLED_IN = "pulled_in"
    SLIPPED_IN = "slipped_in"
    REDATED = "redated"
    INCREASED = "increased"
    RATE = "rate"
    DECREASED = "decreased"
    MOVED_OUT = "moved_out"
    PUSHED_OUT = "pushed_out"
    PULLED_OUT = "pulled_out"
    OVERDUE = "overdue"
    REMOVED = "removed"
    LOST = "lost"
    WON = "won"


INTO = {"later": Part.PULLED_IN, "earlier": Part.SLIPPED_IN, "overdue": Part.REDATED}
OUT_OF = {"later": Part.PUSHED_OUT, "earlier": Part.PULLED_OUT, "overdue": Part.OVERDUE}
EXITS = {Outcome.WON: Part.WON, Outcome.LOST: Part.LOST, Outcome.REMOVED: Part.REMOVED}


@dataclass(frozen=True)
class Stood:
    """A deal at the end of a day, in whole minor units of one currency.

    `on` is the day by which its close date is overdue or not: the day itself while it is open, else the day on which
    it closed. A won deal has its booking date and its booked amount, a lost one those of its last open state.
    `share`: what of it counts for those who are asked about. `credit`: what they were credited of its order, where that
    is what counts instead of a share of its worth.
    """

    outcome: Outcome
    close_on: date
    on: date
    worth: int
    share: Share = WHOLE
    credit: int | None = None


def crosses(old: date, new: date, starts: Iterable[date]) -> bool:
    """Whether a close date moves past the first day of a later period, of those that start on these days.

    Example: with quarters, 15 June to 1 July does, to 30 June it does not. Raises nothing.
    """
    return any(old < start <= new for start in starts)


def counts(deal: Stood, period: Span) -> int:
    """What a deal that is open, or as if it were, is worth to a period: nothing outside of it, nor when overdue.

    Example: 100 that close on 15 May count in the quarter to 30 June, on 16 May they do not; 60 % of them count 60.
    Raises nothing.
    """
    if place(deal, period) != "inside":
        return 0
    return deal.share.of(deal.worth) if deal.credit is None else deal.credit


def place(deal: Stood, period: Span) -> str:
    """Where a close date lies: overdue, earlier than the period, inside or later.

    Example: 30 June in the quarter to 30 June → inside, 1 July → later. Raises nothing.
    """
    if deal.close_on < deal.on:
        return "overdue"
    if deal.close_on < period.start:
        return "earlier"
    return "inside" if deal.close_on < period.stop else "later"


def steps(was: Stood | None, now: Stood, period: Span, worth_then: int = 0) -> dict[Part, int]:
    """How a deal moved, one thing at a time; what it counted before and these parts are what it counts now.

    `was.worth` is by the rates of the second day, `worth_then` by those of the first. A deal that was not there is new
    at what it is now, and leaves again if it is closed. One that was closed and still is did not move; one that was
    lost and then won was re-opened in between.
    Example: 60 that close in the quarter, won there at 70 → increased 10, won -70. Raises nothing.
    """
    parts: dict[Part, int] = {}
    for part, change in _steps(was, now, period, worth_then):
        if change:
            parts[part] = parts.get(part, 0) + change
    return parts


def _steps(was: Stood | None, now: Stood, period: Span, worth_then: int) -> Iterator[tuple[Part, int]]:
    if was is None:
        if now.outcome is Outcome.REMOVED:
            return
        yield Part.NEW, counts(now, period)
    elif was.outcome is Outcome.OPEN:
        yield Part.RATE, counts(was, period) - counts(replace(was, worth=worth_then), period)
        yield from _changes(was, now, period)
    elif was.outcome is not now.outcome and now.outcome in (Outcome.OPEN, Outcome.WON):
        yield Part.REOPENED, counts(was, period)
        yield from _changes(was, now, period)
    else:
        return
    if now.outcome is not Outcome.OPEN:
        yield EXITS[now.outcome], -counts(now, period)


def _changes(was: Stood, now: Stood, period: Span) -> Iterator[tuple[Part, int]]:
    """Whose share it is, when it closes, how much it is worth: in this order, each by what the ones before left."""
    given = replace(was, share=now.share)
    taken = counts(given, period) - counts(was, period)
    yield Part.MOVED_IN if taken > 0 else Part.MOVED_OUT, taken
    dated = replace(given, close_on=now.close_on, on=now.on)
    if changed := counts(dated, period) - counts(given, period):
        yield INTO[place(given, period)] if changed > 0 else OUT_OF[place(dated, period)], changed
    grown = counts(now, period) - counts(dated, period)
    yield Part.INCREASED if grown > 0 else Part.DECREASED, grown
