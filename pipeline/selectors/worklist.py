"""What is next for a person: overdue close dates, no next step, stalled deals, what is due, untouched leads."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet, Window

from common.transaction import now
from pipeline.models import Activity, Lead, Milestone, Opportunity
from pipeline.selectors.leads import untouched
from pipeline.selectors.opportunities import ATTENTION, needing
from pipeline.selectors.plans import due_of

FIRST = 5


@dataclass(frozen=True)
class Bucket:
    """The deals that ask for attention in one way: the first by close date, and how many there are."""

    deals: list[Opportunity]
    count: int


@dataclass(frozen=True)
class Worklist:
    """What is next for one person."""

    overdue: Bucket
    no_next_step: Bucket
    stalled: Bucket
    due: list[Activity]
    due_count: int
    untouched: list[Lead]
    untouched_count: int
    milestones: list[Milestone]
    milestones_count: int

    @property
    def is_clear(self) -> bool:
        deals = self.overdue.count or self.no_next_step.count or self.stalled.count
        return not (deals or self.due_count or self.untouched_count or self.milestones_count)


def worklist(person_id: int, today: date) -> Worklist:
    """The open deals of a person that ask for attention, their tasks and milestones that are due, and their
    untouched leads. Deals may be in several.
    """
    deals = Opportunity.objects.open().filter(owner_id=person_id).order_by("close_on", "id")
    overdue, no_next_step, stalled = (
        Bucket(*_first(deals.filter(needing(attention, today)).select_related("stage")))
        for attention in ATTENTION
    )
    due = Activity.objects.filter(owner_id=person_id, done_at=None, due_on__lte=today)
    leads = Lead.objects.filter(untouched(now()), owner_id=person_id).order_by("owned_at", "id")
    tasks, milestones = _first(due.order_by("due_on", "id")), _first(due_of(person_id, today))
    return Worklist(overdue, no_next_step, stalled, *tasks, *_first(leads), *milestones)


def _first(rows: QuerySet[Any]) -> tuple[list[Any], int]:
    """The first rows, and how many there are in all."""
    found = list(rows.annotate(all=Window(Count("pk")))[:FIRST])
    return found, found[0].all if found else 0
