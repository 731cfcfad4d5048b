"""How a deal moved: its pushes, its age, and what it was worth on its first day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from common.history import Change, actor_of, people_of
from common.models import Period
from pipeline.models import Opportunity, Standing
from pipeline.rules.movement import crosses


@dataclass(frozen=True)
class Push:
    """A close date that moved into a later quarter: from which day and quarter to which, by whom and when."""

    before: date
    after: date
    out_of: str
    into: str
    change: Change


@dataclass(frozen=True)
class Facts:
    """How a deal moved so far.

    `untold`: pushes that came with a file, of which only their number is known. `first_minor`: what the deal was
    worth at the end of its first day, in `first_currency`; None where it had no amount then.
    """

    pushes: list[Push]
    untold: int
    first_on: date
    first_minor: int | None
    first_currency: str
    age: int


def movement_of(deal: Opportunity, today: date) -> Facts:
    """The pushes of a deal, newest first, its age to its closing, and what it was worth when it was new."""
    pushes = sorted(_pushes(deal), key=lambda push: push.change.at, reverse=True)
    first = Standing.objects.filter(opportunity=deal).order_by("starts_on").first()
    return Facts(
        pushes,
        max(deal.pushes - len(pushes), 0),
        first.starts_on if first else deal.created_on,
        first.amount_minor if first else deal.amount_minor,
        first.currency if first else deal.currency,
        max(((deal.closed_on or today) - deal.created_on).days, 0),
    )


def _pushes(deal: Opportunity) -> Iterator[Push]:
    rows: Any = deal.history  # type: ignore[attr-defined]
    events = list(rows.order_by("pgh_id"))
    moved = [
        (old, new)
        for old, new in pairwise(events)
        if old.close_on < new.close_on and old.state == new.state == Opportunity.State.OPEN
    ]
    if not moved:
        return
    quarters = list(Period.objects.quarters())
    people, starts = people_of([new for _old, new in moved]), [one.starts_on for one in quarters]
    for old, new in moved:
        if crosses(old.close_on, new.close_on, starts):
            out_of, into = (
                next((one.code for one in quarters if day in one.span), "")
                for day in (old.close_on, new.close_on)
            )
            yield Push(old.close_on, new.close_on, out_of, into, Change(**actor_of(new, people)))
