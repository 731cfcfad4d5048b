"""What may happen to a deal, how long it took, and how far the pipeline reaches."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Literal


class StageKind(StrEnum):
    """Whether a deal in a stage is in play, won or lost."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Move(StrEnum):
    """What a change of stage is: an ordinary move, a loss, a re-opening, a booking, or not allowed."""

    ADVANCE = "advance"
    LOSE = "lose"
    REOPEN = "reopen"
    BOOK = "book"
    REFUSED = "refused"


_MOVES = {
    (StageKind.OPEN, StageKind.OPEN): Move.ADVANCE,
    (StageKind.OPEN, StageKind.LOST): Move.LOSE,
    (StageKind.OPEN, StageKind.WON): Move.BOOK,
    (StageKind.LOST, StageKind.OPEN): Move.REOPEN,
}


def stage_move(current: str, target: str) -> Move:
    """What moving a deal from a stage of one kind to a stage of another is.

    Any open stage may follow any other. A deal is won only by booking its order (BOOK).
    A lost deal is re-opened before it can be won, a won one stays won (its order can be cancelled).
    Example: open → won is BOOK, lost → won is REFUSED. Raises ValueError for an unknown kind.
    """
    return _MOVES.get((StageKind(current), StageKind(target)), Move.REFUSED)


def category_after_stage_change(
    manual: bool, current: str, stage_default: str, *, closes: bool = False
) -> str:
    """The forecast category after a change of stage: a person's own choice stays, else the stage's default.

    Winning or losing a deal ends the choice: won is Closed, lost is Omitted; it is manual no more.
    Example: Commit by hand, moved to a stage of Pipeline → Commit; not by hand → Pipeline. Raises nothing.
    """
    return current if manual and not closes else stage_default


def pipeline_coverage(open_value: int, quota: int | None, closed: int) -> Fraction | Literal["met"] | None:
    """Open pipeline closing in the period ÷ (quota - closed): how often it covers what is still missing.

    "met" when nothing is missing; None without a quota above 0.
    Example: open 1800, quota 1000, closed 400 → 3 (not 1.8). Raises nothing.
    """
    if quota is None or quota <= 0:
        return None
    return Fraction(open_value, quota - closed) if closed < quota else "met"


def days_in_stage(visits: Sequence[tuple[int, date]], stage: int, on: date) -> int:
    """Days a deal has spent in a stage, all visits added, from (stage, entered on) in order of entry.

    Example: in stage 7 from 1 to 5 March and again from 10 March, on 12 March → 4 + 2 = 6. Raises nothing.
    """
    return sum(
        max(0, (min(left_on, on) - entered_on).days)
        for (at, entered_on), (_, left_on) in pairwise([*visits, (None, on)])
        if at == stage
    )
