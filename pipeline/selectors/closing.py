"""The calendar of close dates: deals by the day on which they are expected to close, with what days come to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from common.access import Reach
from common.calendars import Span
from common.models import Period, Rate
from pipeline.models import Opportunity
from pipeline.selectors.opportunities import Filters, factors, marked, opportunities
from pipeline.selectors.totals import Totals, summed, totals_of

IN_A_MONTH, IN_A_WEEK, MOST_OVERDUE = 4, 50, 20
"""So many deals of a day are shown, and so many overdue ones; the rest stand in the list."""
NOTHING = Totals([])


@dataclass
class Day:
    """One day: its first deals, what all of them come to, the period that ends on it, whether it is closed."""

    day: date
    is_beside: bool
    is_closed: bool
    ends: str
    totals: Totals = NOTHING
    deals: list[Opportunity] = field(default_factory=list)

    @property
    def more(self) -> int:
        """How many deals are not shown."""
        return self.totals.deals - len(self.deals)


@dataclass(frozen=True)
class Week:
    """The days of a week, and what all of them come to."""

    days: Sequence[Day]
    totals: Totals


@dataclass(frozen=True)
class Closing:
    """The weeks that hold a month, or one week, with the sum of its own days; what is overdue stands apart."""

    span: Span
    weeks: Sequence[Week]
    totals: Totals
    overdue: Totals
    late: Sequence[Opportunity]

    @property
    def unrated(self) -> list[str]:
        """The currencies that are in no sum."""
        return sorted({*self.totals.unrated, *self.overdue.unrated})

    @property
    def late_more(self) -> int:
        return self.overdue.deals - len(self.late)


def week_of(day: date, first_weekday: int) -> Span:
    """The week that holds a day, from its first weekday (0 is Monday) on."""
    first = day - timedelta(days=(day.weekday() - first_weekday) % 7)
    return Span(first, first + timedelta(days=7))


def closing(mine: Reach, filters: Filters, today: date, span: Span, first_weekday: int) -> Closing:
    """The deals in reach that pass the filters by their close date, in the weeks that hold the days of `span`.

    What days come to is in the reporting currency at today's rates, each deal rounded for itself. Open deals
    whose close date has passed are on no day.
    """
    rates, rows = factors(Rate.Kind.CURRENT, today), opportunities(mine, filters, today)
    late = Q(state=Opportunity.State.OPEN, close_on__lt=today)
    first = week_of(span.start, first_weekday).start
    shown = Span(first, week_of(span.last_day, first_weekday).stop)
    dated = rows.exclude(late).filter(close_on__gte=shown.start, close_on__lt=shown.stop)
    sums = _sums(dated, rates)
    days = _days(shown, span, Period.objects.filter(starts_on__lt=shown.stop, stops_on__gt=shown.start))
    for day in days:
        day.totals = totals_of(sums.get(day.day, ()), rates)
    _put(days, dated, today, IN_A_MONTH if span.days > 7 else IN_A_WEEK)
    weeks = [Week(days[n : n + 7], _together(days[n : n + 7], sums, rates)) for n in range(0, len(days), 7)]
    overdue = rows.filter(late)
    found = overdue.order_by().values("currency").annotate(**summed(rates))
    return Closing(
        span,
        weeks,
        _together([day for day in days if not day.is_beside], sums, rates),
        totals_of(found.values_list("currency", "deals", "minor", "worth_minor"), rates),
        list(_named(overdue, today).order_by("close_on", "id")[:MOST_OVERDUE]),
    )


def _sums(rows: QuerySet[Any], rates: Mapping[str, Any]) -> dict[date, list[Any]]:
    """What each day comes to by currency."""
    found: dict[date, list[Any]] = {}
    sums = rows.order_by().values("close_on", "currency").annotate(**summed(rates))
    for day, *rest in sums.values_list("close_on", "currency", "deals", "minor", "worth_minor"):
        found.setdefault(day, []).append(tuple(rest))
    return found


def _days(shown: Span, span: Span, periods: Iterable[Period]) -> list[Day]:
    known = list(periods)
    return [
        Day(
            day,
            is_beside=day not in span,
            is_closed=any(period.is_closed and day in period.span for period in known),
            ends=next((one.code for one in known if one.last_day == day and one.kind == "quarter"), ""),
        )
        for day in (shown.start + timedelta(days=n) for n in range(shown.days))
    ]


def _put(days: Sequence[Day], rows: QuerySet[Any], today: date, most: int) -> None:
    """Put onto each day its first deals, the largest of what is nearest to closing first."""
    by_day = {day.day: day for day in days}
    order = [F("stage__position").desc(), F("amount_minor").desc(nulls_last=True), F("pk").asc()]
    place = Window(RowNumber(), partition_by=F("close_on"), order_by=order)
    for deal in (
        _named(rows, today).annotate(place=place).filter(place__lte=most).order_by("close_on", "place")
    ):
        by_day[deal.close_on].deals.append(deal)


def _named(rows: QuerySet[Any], today: date) -> QuerySet[Any]:
    return marked(rows, today).select_related("account", "owner", "stage")  # type: ignore[arg-type]


def _together(days: Iterable[Day], sums: Mapping[date, Sequence[Any]], rates: Mapping[str, Any]) -> Totals:
    """What days come to together."""
    parts: dict[str, list[int]] = {}
    for day in days:
        for currency, deals, minor, worth in sums.get(day.day, ()):
            held = parts.setdefault(currency, [0, 0, 0])
            parts[currency] = [held[0] + deals, held[1] + (minor or 0), held[2] + int(worth or 0)]
    return totals_of(
        ((currency, deals, minor, worth) for currency, (deals, minor, worth) in parts.items()), rates
    )
