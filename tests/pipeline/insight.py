"""Deals as the tests of insight want them: created, moved, won and lost on days of one's own."""

from datetime import date
from typing import Any

from common.access import Reach
from common.transaction import work
from pipeline.models import Opportunity, StageVisit
from tests.cast import Cast


def deal(cast: Cast, name: str, created: str, visits: dict[str, str], **more: Any) -> Opportunity:
    """A deal in the last of these stages (stage → day), closed on that day where that ends it."""
    stage = cast.stages[list(visits)[-1]]
    since = date.fromisoformat(list(visits.values())[-1])
    values: dict[str, Any] = {
        "account": cast.accounts["Acorn"],
        "owner": cast.rep,
        "territory": cast.territories["East 1"],
        "currency": "USD",
        "amount_minor": 100_00,
        "close_on": date(2026, 6, 30) if stage.kind == "open" else since,
        **more,
    }
    with work(by=None, why="a deal of the test", reach=Reach.everything()):
        number = f"T-{Opportunity.objects.count()}"
        made: Opportunity = Opportunity.objects.create(
            name=name,
            number=number,
            stage=stage,
            state=stage.kind,
            category=stage.category,
            created_on=date.fromisoformat(created),
            stage_since_on=since,
            closed_on=None if stage.kind == "open" else since,
            **values,
        )
        for entered, day in visits.items():
            StageVisit.objects.create(
                opportunity=made, stage=cast.stages[entered], entered_on=date.fromisoformat(day)
            )
    return made


def won(cast: Cast, name: str, created: str, day: str, **more: Any) -> Opportunity:
    return deal(cast, name, created, {"Prospecting": created, "Won": day}, **more)


def lost(cast: Cast, name: str, created: str, day: str, **more: Any) -> Opportunity:
    return deal(
        cast, name, created, {"Prospecting": created, "Lost": day}, **{"lost_reason": "No budget", **more}
    )
