"""Order intake out of the cells, by person and by node."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import F, Q, QuerySet, Sum

from common.models import Period
from orders.models import Basis, Credit
from quotas.models import LeafCell
from territories.models import Edge


def months_of(periods: Sequence[Period]) -> dict[date, int]:
    """The fiscal months in these periods by their first days, each with the place of its period among them."""
    first, last = periods[0].starts_on, periods[-1].stops_on
    months = Period.objects.months().filter(starts_on__gte=first, starts_on__lt=last)
    days = months.values_list("starts_on", flat=True)
    spans = list(enumerate(period.span for period in periods))
    return {day: place for day in days for place, span in spans if day in span}


def counted(rows: QuerySet[Any], months: Iterable[date], family_id: int | None = None) -> QuerySet[Any]:
    """The cells of those months that count as order intake: overlay credit is summed apart."""
    found = rows.filter(month_on__in=list(months)).exclude(kind=Credit.Kind.OVERLAY)
    return found.filter(family_id=family_id) if family_id else found


def summed(rows: QuerySet[Any], column: str, *keys: str) -> QuerySet[Any, tuple[Any, ...]]:
    """The sum of a column for each combination of keys, which go before it."""
    sums: QuerySet[Any] = rows.order_by().values(*keys).annotate(total=Sum(column))
    return sums.values_list(*keys, "total")


def at_nodes(nodes: Collection[int], basis: str) -> Q:
    """The leaf cells of these nodes themselves, without what lies below them."""
    if basis == Basis.SEAT:
        return Q(seat__in=nodes)
    return Q(seat__in=nodes, territory=F("seat")) | (Q(territory__in=nodes) & ~Q(seat=F("territory")))


def inner_nodes(nodes: Collection[int], known_at: datetime | None = None) -> set[int]:
    """Those of the nodes that ever had others below them: the ones with node cells."""
    edges = Edge.objects.known(known_at).filter(parent__in=nodes)
    return set(edges.values_list("parent_id", flat=True).distinct())


def amount_column(basis: str) -> str:
    return "amount_minor" if basis == Basis.SEAT else "territory_minor"


def people_intake(people: Collection[int], period: Period) -> dict[int, int]:
    """Several people's order intake of a period, in plan money; who has none is 0."""
    rows = counted(LeafCell.objects.filter(person__in=people), months_of([period]))
    return dict.fromkeys(people, 0) | dict(summed(rows, "amount_minor", "person_id"))


def monthly_intake(person_id: int, months: Collection[date]) -> dict[date, int]:
    """A person's order intake in each of these months; months without any are 0."""
    rows = counted(LeafCell.objects.filter(person_id=person_id), months)
    return dict.fromkeys(months, 0) | dict(summed(rows, "amount_minor", "month_on"))
