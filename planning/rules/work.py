"""Open work on a move: what goes with the account, and what stays with whom."""

from datetime import date, timedelta
from enum import StrEnum

NEAR = timedelta(days=30)


class Work(StrEnum):
    """What becomes of the open deals and tasks of what moves."""

    USUAL = "usual"
    GO = "go"
    UNTIL = "until"
    CLOSED = "closed"


def passes_on(choice: Work, category: str, close_on: date, day: date, until: date | None) -> date | None:
    """The day on which an open deal passes to the new owner; None where it stays until it is closed.

    As usual, deals in Commit that close within 30 days of the move stay and the rest goes.
    Example: usual, Commit, closing on 20 May, moved on 1 May → None; in Best Case → 1 May. Raises nothing.
    """
    if choice == Work.UNTIL:
        return max(day, until or day)
    is_near = category == "commit" and close_on < day + NEAR
    stays = choice == Work.CLOSED or (choice == Work.USUAL and is_near)
    return None if stays else day
