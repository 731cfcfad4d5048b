"""What the page of one deal shows around it: its way through the stages, its lines, its activities."""

from dataclasses import dataclass
from datetime import date

from common.access import Reach
from pipeline.models import Activity, Opportunity, OpportunityLine, Stage
from pipeline.rules import days_in_stage

ACTIVITIES_SHOWN = 50


@dataclass(frozen=True)
class Step:
    """A stage on a deal's way: whether the deal was there, is there now, and for how many days in all."""

    stage: Stage
    was_reached: bool
    is_current: bool
    days: int


def path(deal: Opportunity, today: date) -> list[Step]:
    """Every stage once, however often it was entered; a stage that ends deals only where this one ended so."""
    visits: list[tuple[int, date]] = list(deal.visits.order_by("id").values_list("stage_id", "entered_on"))
    reached = {stage for stage, _ in visits}
    until = deal.closed_on or today
    return [
        Step(stage, stage.pk in reached, stage.pk == deal.stage_id, days_in_stage(visits, stage.pk, until))
        for stage in Stage.objects.all()
        if stage.kind == Stage.Kind.OPEN or stage.pk == deal.stage_id
    ]


def lines(deal: Opportunity) -> list[OpportunityLine]:
    """The products on the deal."""
    return list(deal.lines.filter(is_removed=False).select_related("product"))


def activities(mine: Reach, *, opportunity_id: int) -> list[Activity]:
    """The deal's activities in reach: what is due first by its day, then what was done, latest first."""
    rows = Activity.objects.visible_to(mine).filter(opportunity_id=opportunity_id).select_related("owner")
    newest = list(rows.order_by("-id")[:ACTIVITIES_SHOWN])
    due = sorted((row for row in newest if row.done_at is None), key=lambda row: row.due_on or date.max)
    return [*due, *(row for row in newest if row.done_at is not None)]
