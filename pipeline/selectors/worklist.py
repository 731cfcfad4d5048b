"""What a person's deals ask for next: overdue close dates, no next step, stalled deals, due tasks."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from pipeline.models import Activity, Opportunity
from pipeline.selectors.opportunities import ATTENTION, needing

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

    @property
    def is_clear(self) -> bool:
        return not (self.overdue.count or self.no_next_step.count or self.stalled.count or self.due_count)


def worklist(person_id: int, today: date) -> Worklist:
    """The open deals of a person that ask for attention, and their tasks that are due. Deals may be in several."""
    overdue, no_next_step, stalled = (bucket(person_id, attention, today) for attention in ATTENTION)
    due = due_activities(person_id, today)
    return Worklist(overdue, no_next_step, stalled, list(due[:FIRST]), due.count())


def bucket(person_id: int, attention: str, today: date) -> Bucket:
    """A person's open deals that ask for attention in that way."""
    rows = needing(Opportunity.objects.open().filter(owner_id=person_id), attention, today)
    first = rows.select_related("account", "stage").order_by("close_on", "id")[:FIRST]
    return Bucket(list(first), rows.count())


def due_activities(person_id: int, today: date) -> QuerySet[Activity]:
    """A person's planned activities whose day has come, the oldest first."""
    rows = Activity.objects.filter(owner_id=person_id, done_at=None, due_on__lte=today)
    return rows.select_related("account", "opportunity").order_by("due_on", "id")
