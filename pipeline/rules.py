"""What may happen to a deal, and what the pipeline is worth, in whole minor units of one currency."""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from common.money import round_half_away


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


def weighted_value(amount: int, kind: str, probability: Fraction) -> int:
    """One deal's amount * probability, rounded once; a lost deal counts 0, a won one in full.

    Example: 10000000 open at 2/5 → 4000000; 5000000 lost at any probability → 0. Unit: minor units.
    Raises ValueError for an unknown kind or a probability outside 0 to 1.
    """
    if not 0 <= probability <= 1:
        raise ValueError("A probability lies between 0 and 1.")
    counted = {StageKind.WON: Fraction(1), StageKind.LOST: Fraction(0), StageKind.OPEN: probability}
    return round_half_away(amount * counted[StageKind(kind)])


def weighted_pipeline(deals: Iterable[tuple[int, str, Fraction]]) -> int:
    """Σ weighted value over (amount, kind, probability), each converted to one currency before.

    Example: 5000000 lost and 10000000 open at 2/5 → 4000000. Unit: minor units. Raises as `weighted_value`.
    """
    return sum(weighted_value(amount, kind, probability) for amount, kind, probability in deals)


def pipeline_coverage(open_value: int, quota: int | None, closed: int) -> Fraction | Literal["met"] | None:
    """Open pipeline closing in the period ÷ (quota - closed): how often it covers what is still missing.

    "met" when nothing is missing; None without a quota above 0.
    Example: open 1800, quota 1000, closed 400 → 3 (not 1.8). Raises nothing.
    """
    if quota is None or quota <= 0:
        return None
    return Fraction(open_value, quota - closed) if closed < quota else "met"


def deal_age(created_on: date, on: date) -> int:
    """Days since a deal was created, whatever happened since; re-opening does not start it anew.

    Example: created 1 March, on 31 March → 30. A day before its creation → 0. Raises nothing.
    """
    return max(0, (on - created_on).days)


def days_in_stage(visits: Sequence[tuple[int, date]], stage: int, on: date) -> int:
    """Days a deal has spent in a stage, all visits added, from (stage, entered on) in order of entry.

    Example: in stage 7 from 1 to 5 March and again from 10 March, on 12 March → 4 + 2 = 6. Raises nothing.
    """
    return sum(
        max(0, (min(left_on, on) - entered_on).days)
        for (at, entered_on), (_, left_on) in pairwise([*visits, (None, on)])
        if at == stage
    )


def is_overdue(kind: str, close_on: date, today: date) -> bool:
    """Whether an open deal's close date has passed; it then counts in no period.

    Example: open, closing 31 March: on 31 March False, on 1 April True.
    Raises ValueError for an unknown kind.
    """
    return StageKind(kind) is StageKind.OPEN and close_on < today


def is_push(old: date, new: date, period_starts: Iterable[date]) -> bool:
    """Whether moving a close date pushes a deal: it passes the first day of a later period.

    Example: 15 June → 1 July with a quarter from 1 July: True; 15 → 30 June: False; 1 July → 15 June: False.
    Raises nothing.
    """
    return any(old < start <= new for start in period_starts)
