"""What the forecast pages show: one's own call beside what stands behind it, and how calls turned out."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import Case, Count, F, Max, Q, QuerySet, Sum, When
from django.db.models.functions import Abs, Coalesce, Round

from common.access import Reach, table
from common.calendars import Span
from common.models import Period, Rate
from common.nights import ONE_DAY
from common.selectors import fiscal_day, last_run, policy, the_organisation
from forecasts import rules
from forecasts.models import Score, Submission
from orders.selectors.awaiting import awaited, awaited_of
from pipeline.models import Opportunity, Stage
from pipeline.selectors.opportunities import factors, worth
from quotas.models import LeafCell, NodeCell, QuotaCell
from quotas.rules import gap
from quotas.selectors.intake import counted, inner_nodes, months_of, people_intake
from quotas.selectors.plan import own_quotas
from quotas.selectors.runs import Freshness
from quotas.selectors.runs import freshness as attainment_freshness
from territories.models import RoleGrant, Seat, Territory, User
from territories.selectors import subtree_within

JOB = "forecast"
Who = tuple[int | None, int | None]
"""A person, or a team: the id of one of them."""
OPEN = ("commit", "most_likely", "best_case", "pipeline")
TEAM = Case(When(person=None, then=F("node_id")))
NAME = Case(When(person=None, then=F("node__name")), default=F("person__name"))


@dataclass(frozen=True)
class Behind:
    """Open deals of a person or team that close in a period, by category in plan money, with what is left out of it.

    Left out are deals without amount or rate, and those whose close date has passed: nobody says when they close.
    """

    by_category: dict[str, int]
    without_amount: int
    without_rate: int
    overdue: int
    overdue_minor: int


def behind(reach: Reach, period: Period, on: date, **whose: object) -> Behind:
    """The open deals in reach (of these columns) that close in the period, each converted, then summed.

    A deal is rounded once, a half away from zero, as `common.money.convert` does; so does the night's snapshot.
    """
    rated = factors(Rate.Kind.PLAN, on)
    plan, has_amount = Round(worth(rated)), Q(amount_minor__isnull=False)
    overdue = Q(close_on__lt=on if period.starts_on <= on else date.min)
    closing = Q(close_on__gte=max(period.starts_on, on))
    found = (
        Opportunity.objects.visible_to(reach)
        .filter(Q(**whose), state=Stage.Kind.OPEN, close_on__lt=period.stops_on)
        .aggregate(
            without_amount=Count("pk", filter=closing & ~has_amount),
            without_rate=Count("pk", filter=closing & has_amount & ~Q(currency__in=rated)),
            overdue=Count("pk", filter=overdue),
            overdue_minor=Sum(plan, filter=overdue),
            **{name: Sum(plan, filter=closing & Q(category=name)) for name in OPEN},
        )
    )
    whole = {name: int(value or 0) for name, value in found.items()}
    return Behind({name: whole.pop(name) for name in OPEN}, **whole)


def own_calls(person_id: int, period: Period) -> list[Submission]:
    """The person's calls for a period, newest first; each is kept."""
    rows = Submission.objects.filter(person_id=person_id, period=period).select_related("node", "period")
    return list(rows.order_by("-submitted_at", "-id"))


def led_nodes(person_id: int, on: date) -> QuerySet[Territory]:
    """The teams that a person may call for: those on whose lead seat they are on that day."""
    seats = Seat.objects.on(on).filter(user_id=person_id, kind=Seat.Kind.LEAD)
    return Territory.objects.filter(pk__in=seats.values("territory_id"))


def due_on(day: date) -> tuple[int, int]:
    """The weekday (Monday is 0) and the hour at which calls were due by the settings of that day."""
    return policy("forecast_due_weekday", day), policy("forecast_due_hour", day)


def callers(on: date) -> QuerySet[User]:
    """The people who have to call: owners and leads of territories, by a role that calls."""
    seats = Seat.objects.on(on).filter(kind__in=Seat.LASTING)
    granted = RoleGrant.objects.on(on).filter(role__in=table()["submission"].actions["create"])
    people: QuerySet[User] = User.objects.filter(is_active=True, pk__in=seats.values("user_id"))
    return people.filter(pk__in=granted.values("user_id"))


def callable_periods(on: date) -> list[Period]:
    """The running quarter and the next three."""
    coming = Period.objects.quarters().filter(stops_on__gt=on).select_related("parent")
    return list(coming.order_by("starts_on")[:4])


@dataclass(frozen=True)
class Cell:
    """One period's score, and how many days before the horizon its call was given."""

    score: Score
    age_days: int | None


@dataclass(frozen=True)
class AccuracyRow:
    """How one person or team (then without a person) called over several periods at one horizon."""

    person: User | None
    node: Territory
    wape: Fraction | None
    bias: Fraction | None
    callers_wape: Fraction | None
    cells: list[Cell | None]


def scores_at(reach: Reach, *, category: str, horizon: int, periods: Sequence[Period]) -> QuerySet[Score]:
    """The scores in reach of those periods at one horizon."""
    rows = Score.objects.visible_to(reach)
    return rows.filter(category=category, horizon_days=horizon, period__in=list(periods))


def ranked(scores: QuerySet[Score]) -> list[Who]:
    """Whose scores these are: teams first, the least accurate on top, who never called last.

    A person always; a team where it was called for, or where more than one person below called.
    """
    is_called = Q(forecast_minor__isnull=False)
    rows = scores.values("person_id", team=TEAM, name=NAME).annotate(
        missed=Sum(Abs(F("forecast_minor") - F("actual_minor"))),
        came=Sum(Abs("actual_minor"), filter=is_called),
        calls=Count("forecast_minor"),
        most=Max("callers"),
    )
    rows = rows.filter(Q(person__isnull=False) | Q(calls__gt=0) | Q(most__gt=1)).order_by()
    return [(row["person_id"], row["team"]) for row in sorted(rows, key=_worst_first)]


def _worst_first(row: Mapping[str, Any]) -> tuple[bool, bool, Fraction, str, int]:
    wape = rules.share(row["missed"], row["came"] or 0)
    who = row["person_id"] or row["team"]
    return row["team"] is None, wape is None, -(wape or Fraction(0)), row["name"], who


def accuracy(scores: QuerySet[Score], who: Sequence[Who], periods: Sequence[Period]) -> list[AccuracyRow]:
    """The scores of these people and teams, each with what they come to over the periods."""
    theirs = Q(person_id__in=[person for person, _team in who if person])
    theirs |= Q(person=None, node_id__in=[team for _person, team in who if team])
    grouped: dict[Who, list[Score]] = defaultdict(list)
    for row in scores.filter(theirs).select_related("person", "node").order_by("period__starts_on"):
        grouped[row.person_id, None if row.person_id else row.node_id].append(row)
    return [_accuracy_row(grouped[key], periods) for key in who]


def _accuracy_row(scores: list[Score], periods: Sequence[Period]) -> AccuracyRow:
    """What their scores come to; a team's own error can hide those of its callers, so they are added by size."""
    last, by_period = scores[-1], {row.period_id: row for row in scores}
    outcomes = [(row.forecast_minor, row.actual_minor) for row in scores if row.forecast_minor is not None]
    missed = sum(row.absolute_error_minor or 0 for row in scores)
    came = sum(row.absolute_actual_minor or 0 for row in scores)
    return AccuracyRow(
        person=last.person,
        node=last.node,
        wape=rules.wape(outcomes),
        bias=rules.bias(outcomes),
        callers_wape=None if last.person else rules.share(missed, came),
        cells=[_cell(by_period.get(period.pk), period) for period in periods],
    )


def _cell(score: Score | None, period: Period) -> Cell | None:
    if score is None or score.called_at is None:
        return Cell(score, None) if score else None
    called_on = fiscal_day(score.called_at, the_organisation())
    return Cell(score, (rules.horizon_day(period.stops_on, score.horizon_days) - called_on).days)


def freshness() -> Freshness:
    """How old the scores are: those of the last forecast night, which follows that of attainment."""
    attainment, run = attainment_freshness(), last_run(JOB)
    is_behind = bool(run and attainment.run and run.as_of < attainment.run.as_of)
    as_of, is_late = run.finished_at if run else None, attainment.is_late or is_behind
    return replace(attainment, as_of=as_of, run=run, is_late=is_late)


def ended_periods(on: date) -> list[Period]:
    """The last four quarters that ended, oldest first."""
    ended = Period.objects.quarters().filter(stops_on__lte=on).select_related("parent")
    return list(ended.order_by("-starts_on")[:4])[::-1]


@dataclass(frozen=True)
class Stand:
    """Where a person or team stands in a period: quota, what is closed, and what the open deals add.

    `awaiting_minor`: what was won and awaits its booking: neither closed nor open; None where nothing does.
    """

    quota_minor: int | None
    closed_minor: int
    behind: Behind
    awaiting_minor: int | None

    @property
    def gap_minor(self) -> int | None:
        return gap(self.closed_minor, self.quota_minor)

    @property
    def single(self) -> dict[str, int]:
        """What is closed, and the open deals of each category."""
        return {"closed": self.closed_minor, **self.behind.by_category}

    @property
    def cumulative(self) -> dict[str, int]:
        return rules.cumulate(self.single)


def stand(reach: Reach, person_id: int, period: Period, on: date) -> Stand:
    """The figures beside one's own call."""
    [quotas], closed = own_quotas([person_id], [period]), people_intake([person_id], period)
    return Stand(
        quotas.get(person_id),
        closed[person_id],
        behind(reach, period, on, owner_id=person_id),
        awaited_of(reach, period.span, person_id),
    )


def team_stand(reach: Reach, node_id: int, period: Period, on: date) -> Stand:
    """The figures beside a team's call: what its node and all below it are asked for, sold, and work on."""
    cells = (
        NodeCell.objects.filter(node=node_id)
        if inner_nodes([node_id])
        else LeafCell.objects.filter(seat=node_id)
    )
    closed = counted(cells, months_of([period])).aggregate(total=Sum("amount_minor"))["total"]
    asked = QuotaCell.objects.filter(node=node_id, period=period, family=None)
    quota = asked.values_list(Coalesce("assigned_minor", "rolled_minor"), flat=True).first()
    below = [node for _span, nodes in subtree_within(node_id, Span(on, on + ONE_DAY)) for node in nodes]
    waits = sum(part.plan_minor for part in awaited(reach, period.span) if part.seat_id in set(below))
    return Stand(quota, int(closed or 0), behind(reach, period, on, territory__in=below), waits or None)
