"""Close plans: the milestones of a deal, how reliable its days are, and the templates that lay them out."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from django.apps import apps
from django.db.models import Prefetch, Q, QuerySet

from common.access import Reach, found, seen
from common.transaction import reach
from pipeline.models import Milestone, Opportunity, PlanStep, PlanTemplate
from pipeline.rules.plans import Promise, Reliability, reliability


@dataclass(frozen=True)
class Step:
    """A milestone of a deal: how often it was moved, and whether its day has passed without it."""

    milestone: Milestone
    moves: int
    is_overdue: bool

    @property
    def is_late(self) -> bool:
        """Met, but after the day that was planned first."""
        met_on = self.milestone.met_on
        return met_on is not None and met_on > self.milestone.first_planned_on


@dataclass(frozen=True)
class Plan:
    """The close plan of a deal."""

    steps: list[Step]
    reliability: Reliability

    @property
    def met(self) -> int:
        return sum(step.milestone.met_on is not None for step in self.steps)


def plan_of(deal: Opportunity, today: date) -> Plan:
    """The deal's milestones by the day that is planned now, and how reliable the days due before today were."""
    rows = list(standing().filter(opportunity=deal).select_related("owner"))
    moves = _moves([row.pk for row in rows])
    steps = [Step(row, moves.get(row.pk, 0), row.met_on is None and row.planned_on < today) for row in rows]
    promises = [Promise(row.first_planned_on, row.met_on, deal.closed_on) for row in rows]
    return Plan(steps, reliability(promises, None, today - timedelta(days=1)))


def standing() -> QuerySet[Milestone]:
    """The milestones that were not removed, by the day that is planned now."""
    rows: QuerySet[Milestone] = Milestone.objects.filter(is_removed=False).order_by("planned_on", "pk")
    return rows


def milestone_in(mine: Reach, pk: int) -> Milestone:
    """A milestone that stands, with its deal, in reach. Raises NotInReach."""
    milestone: Milestone = seen(
        Milestone.objects.filter(is_removed=False).select_related("opportunity__stage", "owner"), mine, pk
    )
    return milestone


def due_of(people: Collection[int], today: date) -> QuerySet[Milestone]:
    """The milestones of these people on open deals in reach whose planned day has come and that were not met."""
    mine = standing().filter(owner_id__in=people, met_on=None, planned_on__lte=today)
    return mine.filter(reach().q(Milestone), opportunity__state=Opportunity.State.OPEN).select_related(
        "opportunity"
    )


def plan_templates(*, with_retired: bool = True) -> list[PlanTemplate]:
    """The templates by name, each with its steps in their order (`steps.all()`)."""
    rows = PlanTemplate.objects.prefetch_related(Prefetch("steps", _steps()))
    return list(rows.filter(Q() if with_retired else Q(is_retired=False)))


def plan_template(pk: int) -> PlanTemplate:
    """A template with its steps. Raises NotInReach."""
    rows = PlanTemplate.objects.prefetch_related(Prefetch("steps", _steps()))
    template: PlanTemplate = found(rows.filter(pk=pk).first())
    return template


def _steps() -> QuerySet[PlanStep]:
    rows: QuerySet[PlanStep] = PlanStep.objects.filter(position__isnull=False).order_by("position")
    return rows


def _moves(ids: Sequence[int]) -> dict[int, int]:
    """How often the planned day of each of these milestones was changed."""
    if not ids:
        return {}
    events = apps.get_model("pipeline.MilestoneEvent")._default_manager.filter(pgh_obj_id__in=ids)
    days: dict[int, list[date]] = {}
    for pk, day in events.order_by("pgh_id").values_list("pgh_obj_id", "planned_on"):
        days.setdefault(pk, []).append(day)
    return {pk: _changes(found) for pk, found in days.items()}


def _changes(days: Iterable[date]) -> int:
    return sum(before != after for before, after in pairwise(days))
