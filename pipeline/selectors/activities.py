"""Activities by filter: what was done by its day, what is planned by when it is due, and how much of each kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from common.access import Reach, seen
from common.models import EditableQuerySet
from common.transaction import now
from pipeline.models import Activity

DONE, PLANNED = "done", "planned"
ORDER = {DONE: ("-done_on", "-id"), PLANNED: ("due_on", "id")}
SHOWN_WITH = ("owner", "account", "opportunity", "lead")


@dataclass(frozen=True)
class ActivityFilters:
    """Which activities are asked for: done or planned, on which days, and what their columns hold."""

    state: str = DONE
    start: date | None = None
    last: date | None = None
    columns: Mapping[str, Any] | None = None

    @property
    def order(self) -> tuple[str, str]:
        return ORDER[self.state]


def activity_list(mine: Reach, filters: ActivityFilters) -> EditableQuerySet:
    """The activities in reach that pass the filters."""
    day = "done_on" if filters.state == DONE else "due_on"
    within = Q(done_on__isnull=filters.state == PLANNED)
    within &= Q(**{f"{day}__gte": filters.start}) if filters.start else Q()
    within &= Q(**{f"{day}__lte": filters.last}) if filters.last else Q()
    rows: EditableQuerySet = Activity.objects.visible_to(mine).filter(within, **(filters.columns or {}))
    return rows


@dataclass(frozen=True)
class Kinds:
    """How many of each kind, the most frequent first; they add up to the total."""

    lines: list[tuple[str, str, int]]

    @property
    def total(self) -> int:
        return sum(number for _kind, _label, number in self.lines)


def kinds_of(rows: EditableQuerySet) -> Kinds:
    """The totals per kind of these activities."""
    found = rows.order_by().values_list("kind").annotate(number=Count("pk"))
    lines = [(kind, str(Activity.Kind(kind).label), number) for kind, number in found]
    return Kinds(sorted(lines, key=lambda line: (-line[2], line[1])))


def activity_in(mine: Reach, pk: int) -> Activity:
    """One activity in reach, with what it is about. Raises NotInReach."""
    activity: Activity = seen(Activity.objects.select_related(*SHOWN_WITH), mine, pk)
    return activity


def now_in(zone: ZoneInfo) -> datetime:
    """What day and hour it is there, without the zone."""
    return now().astimezone(zone).replace(tzinfo=None)
