"""How often deals are won: by what tells them apart, by the quarter of their creation, why, and how fast."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Case, CharField, Count, Q, Sum, Value, When
from django.db.models.functions import Coalesce

from common.access import Reach
from common.models import Period
from common.transaction import widened
from pipeline.models import Opportunity, OpportunityQuerySet
from pipeline.rules.rates import (
    UNKNOWN,
    Likely,
    Prior,
    fitted,
    likely,
    ratio,
    velocity_by_count,
    velocity_by_value,
)
from pipeline.selectors.insight import (
    BESIDE,
    LOST,
    WON,
    Asked,
    Tally,
    cycle_days,
    deals,
    keyed,
    pipeline,
    rates_now,
    tallies,
    took,
    valued,
)

CLOSED, CREATED = "closed", "created"
AGES = (30, 90, 180, 365)
MOST_REASONS, MOST_LINES = 12, 50
FITTED_ON = 4
"""On how many ended quarters it is fitted what is usual."""


@dataclass(frozen=True)
class WinLine:
    """What the deals of one kind came to, and what their win rate can be taken for; None of created ones."""

    tally: Tally
    likely: Likely | None = None


def counted(mine: Reach, asked: Asked, basis: str) -> OpportunityQuerySet:
    """The deals that a win rate is of: those decided in the days asked for, or those created in them."""
    return _of_basis(deals(mine, asked), asked, basis)


def _of_basis(rows: OpportunityQuerySet, asked: Asked, basis: str) -> OpportunityQuerySet:
    if basis == CLOSED:
        return rows.filter(asked.within("closed_on"), state__in=(WON, LOST))
    return rows.filter(asked.within("created_on"))


def win_lines(
    mine: Reach, asked: Asked, by: str, basis: str, today: date, prior: Prior | None = None
) -> list[WinLine]:
    """The win rates told apart, closed ones ranked by what they can be taken for, created ones by their share.

    Of closed ones those of which too few were decided stand below the others. `prior`: what is `usual`, where it is
    known already.
    """
    found = tallies(counted(mine, asked, basis), by, rates_now(today))
    if basis == CREATED:
        ordered = sorted(found, key=lambda one: (-(one.by_count or 0), -one.deals, one.label))
        return [WinLine(one) for one in ordered]
    begins = prior or usual(by, today)
    lines = [WinLine(one, likely(one.won, one.deals, begins)) for one in found]
    return sorted(lines, key=_rank)


def ranked_after(lines: Sequence[WinLine], rank: int) -> tuple[Sequence[WinLine], int | None]:
    """A page of the lines after that many, and how many are then behind one; None after the last."""
    shown = lines[rank : rank + MOST_LINES]
    beyond = rank + len(shown)
    return shown, beyond if beyond < len(lines) else None


def _rank(line: WinLine) -> tuple[Any, ...]:
    mean = line.likely.mean if line.likely else 0
    return (bool(line.likely and line.likely.is_provisional), -mean, -line.tally.deals, line.tally.label)


def usual(by: str, today: date) -> Prior:
    """What is usual in the company: fitted on all groups of the last four ended quarters, whoever reads it.

    Neither the days nor the deals asked for change it, so that no question tells of deals beyond the reach.
    """
    quarters = Period.objects.quarters().filter(stops_on__lte=today).order_by("-starts_on")[:FITTED_ON]
    days = [(one.starts_on, one.last_day) for one in quarters]
    if not days:
        return UNKNOWN
    year = Asked(days[-1][0], days[0][1], {})
    with widened(*BESIDE):
        rows = _of_basis(Opportunity.objects.standing(), year, CLOSED)
        groups = keyed(rows, by).order_by().values("key")
        found = groups.annotate(
            won=Count("pk", distinct=True, filter=Q(state=WON)), n=Count("pk", distinct=True)
        )
        return fitted(list(found.values_list("won", "n")))


@dataclass(frozen=True)
class Pace:
    """How fast: the median days of won deals, what is open, and what that brings a day in both ways.

    `open_unvalued`, `won_unvalued`, `lost_unvalued`: without an amount or a rate, and so in no value.
    """

    cycle: Fraction | None
    open: int
    open_minor: int
    open_unvalued: int
    won_unvalued: int
    lost_unvalued: int
    by_count: Fraction | None
    by_value: Fraction | None


def pace(mine: Reach, asked: Asked, closed: Tally, today: date) -> Pace:
    """Sales cycle and velocity of the deals that were decided in the days asked for, against what is open now."""
    cycle = cycle_days(counted(mine, asked, CLOSED).filter(state=WON))
    [now] = tallies(pipeline(deals(mine, asked)), "", rates_now(today))
    won_unvalued = closed.won - closed.won_valued
    return Pace(
        cycle,
        now.open,
        now.open_minor,
        now.unvalued,
        won_unvalued,
        closed.unvalued - won_unvalued,
        velocity_by_count(now.open, closed.won_minor, closed.won_valued, closed.by_count, cycle),
        velocity_by_value(now.open_minor, closed.won_minor, closed.lost_minor, cycle),
    )


@dataclass(frozen=True)
class Reason:
    """Why so many deals were won or lost, or to whom, and what they are worth; `unvalued` as in `Tally`."""

    text: str
    deals: int
    minor: int
    unvalued: int


def with_reason(mine: Reach, asked: Asked, column: str) -> OpportunityQuerySet:
    """The decided deals of which that is told: the won ones of why they were won, else the lost ones."""
    return counted(mine, asked, CLOSED).filter(state=WON if column == "won_reason" else LOST)


def reasons(mine: Reach, asked: Asked, column: str, today: date) -> list[Reason]:
    """`won_reason`, `lost_reason` or `lost_to` of the deals decided in these days, the most frequent first."""
    rows = with_reason(mine, asked, column)
    sums = {
        "deals": Count("pk"),
        "sum": Coalesce(Sum("minor"), Value(Decimal(0))),
        "unvalued": Count("pk", filter=Q(minor=None)),
    }
    worth = valued(rows.order_by(), rates_now(today)).values(column)
    found = worth.annotate(**sums).order_by("-deals", column)
    return [
        Reason(row[column], row["deals"], int(row["sum"]), row["unvalued"]) for row in found[:MOST_REASONS]
    ]


@dataclass(frozen=True)
class Cohort:
    """The deals created in a quarter, how many are won by now, and the shares won within so many days of theirs.

    A share is None while the quarter's last deal is not that old.
    """

    period: Period
    created: int
    won: int
    shares: Sequence[Fraction | None]

    @property
    def share(self) -> Fraction | None:
        return ratio(self.won, self.created)


def cohorts(mine: Reach, asked: Asked, today: date) -> list[Cohort]:
    """The deals in reach by the quarter in which they were created, of the quarters that the days asked for touch."""
    quarters = list(Period.objects.quarters().filter(stops_on__gt=asked.first, starts_on__lte=asked.last))
    quarters.sort(key=lambda one: one.starts_on)
    if not quarters:
        return []
    of_quarter = Case(
        *(
            When(created_on__gte=one.starts_on, created_on__lt=one.stops_on, then=Value(one.code))
            for one in quarters
        ),
        output_field=CharField(),
    )
    sums = {f"won_{age}": Count("pk", filter=Q(state=WON, took__lte=timedelta(days=age))) for age in AGES}
    rows = deals(mine, asked).filter(
        created_on__gte=quarters[0].starts_on, created_on__lt=quarters[-1].stops_on
    )
    found = rows.order_by().annotate(quarter=of_quarter, took=took()).values("quarter")
    by_code = {
        row["quarter"]: row
        for row in found.annotate(created=Count("pk"), won=Count("pk", filter=Q(state=WON)), **sums)
    }
    return [_cohort(one, by_code.get(one.code, {}), today) for one in quarters]


def _cohort(period: Period, row: Mapping[str, int], today: date) -> Cohort:
    created = row.get("created", 0)
    shares = [
        ratio(row.get(f"won_{age}", 0), created) if period.last_day + timedelta(days=age) <= today else None
        for age in AGES
    ]
    return Cohort(period, created, row.get("won", 0), shares)
