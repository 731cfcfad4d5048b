"""What the page of one deal shows around it: its way through the stages, its lines, its activities."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from common.access import Reach
from pipeline.models import Activity, Opportunity, OpportunityLine, Stage
from pipeline.rules.stages import days_in_stage
from pipeline.selectors.history import StageNames

ACTIVITIES_SHOWN = 50


@dataclass(frozen=True)
class Step:
    """A stage on a deal's way: its name, whether the deal was there, is there now, and for how many days in all."""

    stage: Stage
    name: str
    was_reached: bool
    is_current: bool
    days: int


def path(deal: Opportunity, today: date) -> list[Step]:
    """Every stage once, however often it was entered; a stage that ends deals only where this one ended so.

    What the deal left behind it is called as it was when the deal was there; stages of a model that it came from and
    stages taken out since stand there as well.
    """
    rows = list(deal.visits.order_by("id").values_list("stage_id", "entered_on", "recorded_at"))
    visits: list[tuple[int, date]] = [(stage, entered_on) for stage, entered_on, _at in rows]
    last = {stage: at for stage, _on, at in rows}
    until, names = deal.closed_on or today, StageNames(deal)
    own = Q(position__isnull=False, sales_model=deal.stage.sales_model_id)
    found = [
        stage
        for stage in Stage.objects.filter(own | Q(pk__in=last))
        if stage.kind == Stage.Kind.OPEN or stage.pk == deal.stage_id
    ]
    return [
        Step(
            stage,
            names.at(stage.pk, last[stage.pk])
            if stage.pk in last and stage.pk != deal.stage_id
            else stage.name,
            stage.pk in last,
            stage.pk == deal.stage_id,
            days_in_stage(visits, stage.pk, until),
        )
        for stage in sorted(found, key=lambda stage: _place(stage, deal, visits))
    ]


def _place(stage: Stage, deal: Opportunity, visits: list[tuple[int, date]]) -> tuple[int, int]:
    """Where a stage stands on the way: first what is no part of the deal's model any more, in the order of entry."""
    if stage.position is not None and stage.sales_model_id == deal.stage.sales_model_id:
        return 1, stage.position
    if stage.pk == deal.stage_id:
        return 2, 0
    return 0, [pk for pk, _on in visits].index(stage.pk)


def lines(deal: Opportunity) -> list[OpportunityLine]:
    """The products on the deal."""
    return list(deal.lines.filter(is_removed=False).select_related("product"))


def activities(mine: Reach, *, opportunity_id: int) -> list[Activity]:
    """The deal's activities in reach: what is due first by its day, then what was done, latest first."""
    rows = Activity.objects.visible_to(mine).filter(opportunity_id=opportunity_id).select_related("owner")
    newest = list(rows.prefetch_related("contacts").order_by("-id")[:ACTIVITIES_SHOWN])
    due = sorted((row for row in newest if row.done_at is None), key=lambda row: row.due_on or date.max)
    return [*due, *(row for row in newest if row.done_at is not None)]
