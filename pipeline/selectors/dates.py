"""How far the days that were promised hold: milestones of close plans, and close dates of a quarter."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Round

from common.access import Reach
from common.http import Page, page_by_key
from common.models import Period
from pipeline.models import Category, Milestone, Standing
from pipeline.rules.plans import Reliability
from pipeline.rules.rates import ratio
from pipeline.selectors.insight import OPEN, Asked, deals, labels, rates_now
from pipeline.selectors.opportunities import worth

ONE_DAY = timedelta(days=1)
KEPT = Q(met_on__lte=F("first_planned_on"))
"""What makes a milestone's first day kept."""


@dataclass(frozen=True)
class Keeper:
    """Whose milestones were due, and how reliable their days were."""

    key: int
    label: str
    reliability: Reliability


def due_milestones(mine: Reach, asked: Asked, today: date) -> QuerySet[Milestone]:
    """The milestones on deals in reach that fell due in these days, as `rules.plans.reliability` counts them.

    An owner that is asked for is the milestone's.
    """
    columns = {name: value for name, value in asked.columns.items() if name != "owner_id"}
    rows = Milestone.objects.filter(
        Q(opportunity__closed_on=None) | Q(first_planned_on__lte=F("opportunity__closed_on")),
        opportunity__in=deals(mine, replace(asked, columns=columns)).order_by().values("pk"),
        is_removed=False,
        first_planned_on__gte=asked.first,
        first_planned_on__lte=min(asked.last, today - ONE_DAY),
    )
    return rows.filter(owner=asked.columns["owner_id"]) if "owner_id" in asked.columns else rows


def keepers(mine: Reach, asked: Asked, today: date) -> list[Keeper]:
    """Date reliability by the owner of the milestones, the least reliable first."""
    kept = Count("pk", filter=KEPT)
    rows = (
        due_milestones(mine, asked, today).order_by().values("owner_id").annotate(due=Count("pk"), kept=kept)
    )
    found = list(rows)
    names = labels("owner", [row["owner_id"] for row in found])
    lines = [
        Keeper(row["owner_id"], names[row["owner_id"]], Reliability(row["kept"], row["due"])) for row in found
    ]
    return sorted(lines, key=lambda one: (one.reliability.ratio or 0, -one.reliability.due, one.label))


def reliability_of_all(lines: Sequence[Keeper]) -> Reliability:
    """What the lines come to."""
    return Reliability(sum(one.reliability.kept for one in lines), sum(one.reliability.due for one in lines))


def milestones_behind(
    mine: Reach, asked: Asked, today: date, key: int | None, after: str | None, *, is_kept: bool = False
) -> Page[Milestone]:
    """The milestones behind a line, or behind all, the latest first: those that were due, or were kept."""
    rows = due_milestones(mine, asked, today)
    rows = rows.filter(owner=key) if key else rows
    rows = rows.filter(KEPT) if is_kept else rows
    return page_by_key(rows.select_related("opportunity", "owner"), ["-first_planned_on", "-id"], after)


@dataclass(frozen=True)
class Slip:
    """What was to close in a quarter at its start, and what of it was still open at its end.

    `slipped` is None while the quarter has not ended. `unvalued`: how many of `due` are without an amount or a rate.
    """

    period: Period
    due: int
    due_minor: int
    slipped: int | None
    slipped_minor: int | None
    unvalued: int

    @property
    def by_count(self) -> Fraction | None:
        return None if self.slipped is None else ratio(self.slipped, self.due)

    @property
    def by_value(self) -> Fraction | None:
        return None if self.slipped_minor is None else ratio(self.slipped_minor, self.due_minor)


def slips(mine: Reach, asked: Asked, today: date) -> list[Slip]:
    """The slip rate of the quarters that the days asked for touch, as deals in reach stood at their starts and ends."""
    quarters = Period.objects.quarters().filter(
        stops_on__gt=asked.first, starts_on__lte=min(asked.last, today)
    )
    ids = deals(mine, asked).order_by().values("pk")
    return [_slip(period, ids, today) for period in sorted(quarters, key=lambda one: one.starts_on)]


def slip_deals(
    mine: Reach, asked: Asked, period: Period, today: date, *, is_slipped: bool = False
) -> QuerySet[Any]:
    """The deals behind a quarter's slip rate, each with what it was worth at its start as `minor`: all that were to
    close in it, or those that were still open at its end.
    """
    rows = deals(mine, asked)
    stood = _to_close(period, rows.order_by().values("pk"), today)
    stood = stood.filter(is_open=True) if is_slipped else stood
    worths = stood.filter(opportunity=OuterRef("pk")).values("minor")[:1]
    found: QuerySet[Any] = rows.filter(pk__in=stood.order_by().values("opportunity_id")).annotate(
        minor=Subquery(worths)
    )
    return found


def _to_close(period: Period, ids: QuerySet[Any], today: date) -> QuerySet[Any]:
    """How the deals stood at a quarter's start that were to close in it: what they were worth, and whether they were
    still open at its end.
    """
    start = Standing.objects.on(period.starts_on - ONE_DAY).filter(opportunity__in=ids, state=OPEN)
    due = start.exclude(category=Category.OMITTED).filter(
        close_on__gte=period.starts_on, close_on__lt=period.stops_on
    )
    at_end = Standing.objects.on(period.last_day).filter(opportunity=OuterRef("opportunity"), state=OPEN)
    found: QuerySet[Any] = due.annotate(minor=Round(worth(rates_now(today))), is_open=Exists(at_end))
    return found


def _slip(period: Period, ids: QuerySet[Any], today: date) -> Slip:
    rows = _to_close(period, ids, today)
    nothing, late = Value(Decimal(0)), Q(is_open=True)
    sums = rows.aggregate(
        due=Count("pk"),
        due_minor=Coalesce(Sum("minor"), nothing),
        slipped=Count("pk", filter=late),
        slipped_minor=Coalesce(Sum("minor", filter=late), nothing),
        unvalued=Count("pk", filter=Q(minor=None)),
    )
    minors = {name: int(value) for name, value in sums.items()}
    if period.stops_on > today:
        return Slip(period, minors["due"], minors["due_minor"], None, None, minors["unvalued"])
    return Slip(period, **minors)
