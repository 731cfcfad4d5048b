"""What a stage asks of a deal, and how long a deal spent in one."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from itertools import pairwise

USUAL_STAGES = (
    ("Qualify", "open", 10, "pipeline"),
    ("Discover", "open", 25, "pipeline"),
    ("Propose", "open", 50, "best_case"),
    ("Negotiate", "open", 80, "commit"),
    ("Won", "won", 100, "closed"),
    ("Lost", "lost", 0, "omitted"),
)
"""Name, kind, probability and category by position, of a company that has not said otherwise."""


class Asks(StrEnum):
    """What still stands between a deal and a stage; also the code of the refusal."""

    NOTHING = ""
    REASON = "required"
    BOOKING = "win_by_booking"
    REOPENING = "opportunity_lost"
    CANCELLATION = "opportunity_won"
    SURVIVOR = "opportunity_merged"


def stage_asks(entered: str, left: str | None) -> Asks:
    """What a stage of the kind `entered` asks of a deal out of a stage of the kind `left`, None of a new one.

    The one home of this rule, also for what a single stage may ask besides its kind: deals that are opened, moved and
    won pass it in `services.stages.entering`, files in `services.importing`. A deal starts in an open stage and goes
    from one to any other; losing it asks for the reason, winning it for the booking; a lost one is re-opened before
    it is won, a won one stays won; of one that was merged the one is asked for that stayed.
    Example: open → won asks for the BOOKING, lost → won for the REOPENING. Raises nothing.
    """
    if left == "gone":
        return Asks.SURVIVOR
    if left == "won":
        return Asks.CANCELLATION
    if entered == "open":
        return Asks.NOTHING
    if left == "lost":
        return Asks.REOPENING
    return Asks.REASON if (left, entered) == ("open", "lost") else Asks.BOOKING


def category_after_stage_change(default: str, *, closes: bool, by_hand: str = "") -> tuple[str, bool]:
    """The forecast category after a change of stage, and whether it is a person's choice.

    What somebody chose by hand stays, else the stage's `default` holds. Winning or losing a deal ends the choice:
    won is Closed, lost is Omitted.
    Example: Commit by hand, moved to a stage of Pipeline → Commit; not by hand → Pipeline. Raises nothing.
    """
    return (by_hand, True) if by_hand and not closes else (default, False)


def days_in_stage(visits: Sequence[tuple[int, date]], stage: int, on: date) -> int:
    """Days a deal has spent in a stage, all visits added, from (stage, entered on) in order of entry.

    Example: in stage 7 from 1 to 5 March and again from 10 March, on 12 March → 4 + 2 = 6. Raises nothing.
    """
    return sum(
        max(0, (min(left_on, on) - entered_on).days)
        for (at, entered_on), (_, left_on) in pairwise([*visits, (None, on)])
        if at == stage
    )


def stages_passed(order: Sequence[int], left: int, entered: int) -> Sequence[int]:
    """The stages that a deal leaves behind it on its way from `left` to `entered`.

    `order`: the stages' ids in their order. Going back passes none, nor does going where the order does not lead.
    Example: of 1, 2, 3, 4 from 2 to 4 → 2 and 3; from 4 to 2 → none. Raises nothing.
    """
    if left not in order or entered not in order:
        return ()
    return order[order.index(left) : order.index(entered)]
