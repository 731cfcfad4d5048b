"""The days on which nothing holds, or too much; which type of territory may lie below which; and what a ramp is."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise

from common.calendars import Span
from common.money import WHOLE_SHARE
from common.said import Said
from common.said import marked as _

MOST_RAMP = 24
"""A ramp takes so many months at most."""


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


COMPANY, REGION, AREA, TERRITORY, OVERLAY = KINDS = ("company", "region", "area", "territory", "overlay")
"""The types of territories, from the top down."""
GATHERING = (COMPANY, REGION)
"""The types that gather others: accounts lie in one only where nothing lies below it."""


def may_lie_below(kind: str, above: str | None) -> bool:
    """Whether a territory of this type may lie below one of that type; None: a root of the tree.

    Nothing lies below a type that comes after its own; a company is a root; below an overlay lie overlays alone.
    Example: a region below a region may, an area below a territory may not. Raises ValueError for no type.
    """
    if above is None:
        return True
    return kind != COMPANY and KINDS.index(above) <= KINDS.index(kind)


def kinds_above(kind: str) -> list[str]:
    """The types below which a territory of this type may lie, from the top down.

    Example: area → company, region, area; company → none. Raises ValueError for no type.
    """
    return [above for above in KINDS if may_lie_below(kind, above)]


def next_kind(above: str | None) -> str:
    """The type that comes next below that one: what a new territory is where nobody says it.

    Example: below a region an area, below a territory a territory; a root is a company. Raises ValueError for no type.
    """
    if above in (None, TERRITORY, OVERLAY):
        return above or COMPANY
    return KINDS[KINDS.index(above) + 1]


def kind_by_place(above: str | None, *, is_parent: bool) -> str:
    """The type of a territory that a file brings without one: a root is a company, what has others below it a region
    below a company and an area elsewhere, the rest are territories; never one that may not lie there.

    Example: below a region with others below → area; below an overlay → overlay. Raises ValueError for no type.
    """
    if above is None:
        return COMPANY
    usual = (REGION if above == COMPANY else AREA) if is_parent else TERRITORY
    return lowered(usual, above)


def lowered(kind: str, above: str) -> str:
    """The type itself, or that of the territory above where it may not lie below that one.

    Example: a region below an area → area. Raises ValueError for no type.
    """
    return kind if may_lie_below(kind, above) else above


def ramp_percents(text: str) -> tuple[int, ...]:
    """The percents of a full quota that somebody carries month by month, until they carry all of it.

    Whole numbers, parted by blanks, commas or slashes. What follows the first 100 says nothing more and is left out.
    Example: "0 25 50 75 100" → 0, 25, 50, 75, 100; "" and "100" → none: they carry all of it from the first day on.
    Unit: percent. Raises Said for anything else: a percent above 100, one that falls, no 100 at the end, more than 24.
    """
    parts = [part for part in re.split(r"[\s,;/]+", text.replace("%", " ")) if part]
    if not all(part.isascii() and part.isdigit() and len(part) <= 3 and int(part) <= 100 for part in parts):
        raise Said(_("A ramp is a list of whole percents from 0 to 100, such as 0 25 50 75 100."))
    if len(parts) > MOST_RAMP:
        raise Said(_("A ramp takes at most %(most)s months."), most=MOST_RAMP)
    percents = [int(part) for part in parts]
    if any(one > following for one, following in pairwise(percents)):
        raise Said(_("A ramp never falls: each month carries as much as the one before, or more."))
    if percents and percents[-1] != 100:
        raise Said(_("A ramp ends with 100: write the month from which on they carry a full quota."))
    first = percents.index(100) if percents else 0
    return tuple(percents[: first + 1]) if first else ()


def ramp(text: str) -> str:
    """A ramp as it is kept. Example: "0, 25, 50/75 100 100" → "0 25 50 75 100". Raises as `ramp_percents`."""
    return " ".join(map(str, ramp_percents(text)))


def overloads(held: Iterable[tuple[Span, int]]) -> list[tuple[Span, int]]:
    """The days on which shares of one person's time come to more than 100 %, with what they come to, in order.

    Shares are millionths of a percent. Example: 100 % from 1 Jan on and 50 % from 11 to 20 Jan → 11 to 20 Jan, 150 %.
    Raises nothing.
    """
    spans = list(held)
    days = sorted({day for span, _share in spans for day in (span.start, span.stop)})
    found = []
    for start, stop in pairwise(days):
        share = sum(share for span, share in spans if span.start <= start and span.stop >= stop)
        if share > WHOLE_SHARE:
            found.append((Span(start, stop), share))
    return _joined(found)


def _joined(parts: Sequence[tuple[Span, int]]) -> list[tuple[Span, int]]:
    """Neighbouring spans of one share as one."""
    found: list[tuple[Span, int]] = []
    for span, share in parts:
        if found and found[-1][1] == share and found[-1][0].stop == span.start:
            found[-1] = (Span(found[-1][0].start, span.stop), share)
        else:
            found.append((span, share))
    return found
