"""What is next for people: deals, leads and tasks that wait, each of them once with all its reasons."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    DateField,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Least
from django.utils.translation import gettext_lazy as _

from common.selectors import MOST_COUNTED, Count, capped_count, fiscal_day, the_organisation
from common.transaction import now, reach
from pipeline.models import Activity, Lead, Milestone, Opportunity
from pipeline.selectors.leads import untouched
from pipeline.selectors.opportunities import ATTENTION, needing
from pipeline.selectors.plans import due_of
from workspace.selectors.own import Asked, narrowed

MOST = 200
"""So many of each kind are looked through at once; what is behind them comes up as they are done."""
REASONS = {
    "task": _("task due"),
    "milestone": _("milestone due"),
    "step_due": _("next step due"),
    "untouched": _("untouched lead"),
    "overdue": _("close date passed"),
    "no_next_step": _("no next step"),
    "stalled": _("stalled"),
}
KINDS = ("task", "lead", "deal")
"""In which order they stand that wait since the same day."""


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for somebody: a deal, a lead or a task, why (REASONS), and since which day if for one."""

    kind: str
    row: Any
    reasons: Sequence[str]
    since: date | None
    milestones: Sequence[Milestone] = ()

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.row.pk}"

    @property
    def order(self) -> tuple[Any, ...]:
        """What waits longest is first; what waits since no day in particular is last, by its close date."""
        later = self.row.close_on if self.kind == "deal" else date.max
        return (self.since or date.max, KINDS.index(self.kind), later, self.row.pk)


@dataclass(frozen=True)
class Worklist:
    """What waits for these people, the oldest first; how many wait for each reason, and how many things they are."""

    items: Sequence[Waiting]
    counts: Mapping[str, Count]
    total: Count

    @property
    def is_clear(self) -> bool:
        return not self.total.value

    def first(self, reason: str) -> Any:
        """The deal, lead or task that waits longest for that reason; None where it is behind those looked through."""
        return next((item.row for item in self.items if reason in item.reasons), None)


def worklist(people: Collection[int], today: date, reason: str = "", own: Sequence[Asked] = ()) -> Worklist:
    """What waits for these people, as far as the reader may see it; `reason`: only what waits for that one.

    `own`: conditions on own fields of deals; then there are those deals and the tasks about them, and no leads.
    """
    with_due = _with_due(people, today)
    deals, tasks, leads = _deals(people, today, with_due), _tasks(people), _leads(people)
    if own:
        meeting = narrowed(Opportunity.objects.order_by(), own).values("pk")
        deals, tasks, leads = narrowed(deals, own), tasks.filter(opportunity__in=meeting), leads.none()
    asks = _asks(people, today, with_due)
    counts = _counts({"deals": deals, **{name: deals.filter(ask) for name, ask in asks.items()}})
    if reason in asks:
        deals = deals.filter(asks[reason])
    items = [
        *(_told(people, today, deals[:MOST]) if reason in ("", *asks) else ()),
        *(Waiting("task", row, ["task"], row.due_on) for row in tasks[:MOST]),
        *(_lead(row) for row in leads[:MOST]),
    ]
    counts |= {"task": _number(items, "task", tasks), "untouched": _number(items, "lead", leads)}
    each = [counts["deals"], counts["task"], counts["untouched"]]
    shown = [item for item in items if not reason or reason in item.reasons]
    return Worklist(
        sorted(shown, key=lambda item: item.order),
        {name: counts[name] for name in REASONS},
        Count(sum(one.value for one in each), any(one.is_capped for one in each)),
    )


def waiting(people: Collection[int], today: date, kind: str, pk: int) -> Waiting | None:
    """Why one thing still waits for these people; None where it does not any more."""
    if kind == "task":
        task = _tasks(people).filter(pk=pk).first()
        return Waiting("task", task, ["task"], task.due_on) if task else None
    if kind == "lead":
        lead = _leads(people).filter(pk=pk).first()
        return _lead(lead) if lead else None
    with_due = _with_due(people, today, opportunity=pk)
    deals = _deals(people, today, with_due).filter(pk=pk)
    return next(iter(_told(people, today, deals)), None)


def _counts(parts: Mapping[str, QuerySet[Opportunity]]) -> dict[str, Count]:
    """How many deals are in each part, as far as is counted; with one statement."""
    first, *rest = (
        rows.order_by().values_list(Value(name))[: MOST_COUNTED + 1] for name, rows in parts.items()
    )
    found = Counter(name for (name,) in first.union(*rest, all=True))
    return {name: Count(min(found[name], MOST_COUNTED), found[name] > MOST_COUNTED) for name in parts}


def _with_due(people: Collection[int], today: date, **of: int) -> QuerySet[Milestone, Any]:
    """The deals on which a milestone of these people is due, as the ids of a subquery."""
    return due_of(people, today).filter(**of).order_by().values("opportunity_id")


def _asks(people: Collection[int], today: date, with_due: QuerySet[Milestone, Any]) -> dict[str, Q]:
    """What makes a deal wait for people, by the reason: their own for any, others for a milestone of theirs."""
    asks = {name: Q(owner_id__in=people) & needing(name, today) for name in ATTENTION}
    return {**asks, "milestone": Q(pk__in=with_due)}


def _deals(people: Collection[int], today: date, with_due: QuerySet[Milestone, Any]) -> QuerySet[Opportunity]:
    """The open deals that wait for people, those first that wait since the earliest day (`since`)."""
    asks = _asks(people, today, with_due)
    said = {f"is_{name}": ExpressionWrapper(asks[name], BooleanField()) for name in ATTENTION}
    due = due_of(people, today).filter(opportunity=OuterRef("pk")).values("planned_on")[:1]
    since = Least(
        Case(When(asks["overdue"], then="close_on"), output_field=DateField()),
        Case(When(asks["step_due"], then="next_step_on"), output_field=DateField()),
        Case(When(asks["milestone"], then=Subquery(due)), output_field=DateField()),
    )
    # Their ids by two indexes: an "or" over the two would look at every open deal in reach.
    theirs = Opportunity.objects.open().order_by().filter(owner_id__in=people).values("pk")
    rows = Opportunity.objects.visible_to(reach()).open().filter(pk__in=theirs.union(with_due))
    rows = rows.filter(reduce(or_, asks.values()))
    found: QuerySet[Opportunity] = rows.annotate(**said, since=since)
    return found.select_related("account", "owner", "stage").order_by(
        F("since").asc(nulls_last=True), "close_on", "id"
    )


def _told(people: Collection[int], today: date, deals: QuerySet[Opportunity]) -> Sequence[Waiting]:
    """Each deal with its reasons, and with those milestones of the people that are due on it."""
    rows, due = list(deals), dict[int, list[Milestone]]()
    for one in due_of(people, today).filter(opportunity__in=[row.pk for row in rows]):
        due.setdefault(one.opportunity_id, []).append(one)
    return [_deal(row, due.get(row.pk, [])) for row in rows]


def _tasks(people: Collection[int]) -> QuerySet[Activity]:
    """The tasks of people whose day has come by their owner's own clock."""
    own_day = Cast(Func(F("owner__time_zone"), Value(now()), function="timezone"), DateField())
    rows = Activity.objects.visible_to(reach()).filter(owner_id__in=people, done_at=None, due_on__lte=own_day)
    return rows.select_related("account", "opportunity", "lead", "owner").order_by("due_on", "id")


def _leads(people: Collection[int]) -> QuerySet[Lead]:
    rows = Lead.objects.visible_to(reach()).filter(untouched(now()), owner_id__in=people)
    return rows.select_related("owner").order_by("owned_at", "id")


def _deal(row: Any, due: Sequence[Milestone]) -> Waiting:
    reasons = [name for name in ATTENTION if getattr(row, f"is_{name}")] + ["milestone"] * bool(due)
    return Waiting("deal", row, [name for name in REASONS if name in reasons], row.since, due)


def _lead(row: Lead) -> Waiting:
    return Waiting("lead", row, ["untouched"], fiscal_day(row.owned_at, the_organisation()))


def _number(items: Sequence[Waiting], kind: str, rows: QuerySet[Any]) -> Count:
    """How many of a kind wait; they are counted only where more wait than were looked through."""
    found = sum(item.kind == kind for item in items)
    return Count(found, is_capped=False) if found < MOST else capped_count(rows)
