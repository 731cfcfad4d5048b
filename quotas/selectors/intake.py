"""Order intake out of the cells, by person and by node."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet, Sum

from common.models import Period
from orders.models import Credit
from quotas.models import Basis, LeafCell
from territories.models import Edge


def months_of(periods: Sequence[Period]) -> list[date]:
    """The first days of the fiscal months of these quarters (or of one year or month)."""
    first, last = periods[0].starts_on, periods[-1].stops_on
    months = Period.objects.months().filter(starts_on__gte=first, starts_on__lt=last)
    return list(months.values_list("starts_on", flat=True))


def counted(rows: QuerySet[Any], months: Sequence[date], family_id: int | None = None) -> QuerySet[Any]:
    """The cells of those months that count as order intake: overlay credit is summed apart."""
    found = rows.filter(month_on__in=months).exclude(kind=Credit.Kind.OVERLAY)
    return found.filter(family_id=family_id) if family_id else found


def at_nodes(nodes: Collection[int], basis: str) -> Q:
    """The leaf cells of these nodes themselves, without what lies below them."""
    if basis == Basis.SEAT:
        return Q(seat__in=nodes)
    return Q(seat__in=nodes, territory=F("seat")) | (Q(territory__in=nodes) & ~Q(seat=F("territory")))


def inner_nodes(nodes: Collection[int]) -> set[int]:
    """Those of the nodes that ever had others below them: the ones with node cells."""
    edges = Edge.objects.current().filter(parent__in=nodes)
    return set(edges.values_list("parent_id", flat=True).distinct())


def amount_column(basis: str) -> str:
    return "amount_minor" if basis == Basis.SEAT else "territory_minor"


def person_intake(person_id: int, period: Period) -> int:
    """A person's order intake of a period, in plan money."""
    return people_intake([person_id], period)[person_id]


def people_intake(people: Collection[int], period: Period) -> dict[int, int]:
    """Several people's order intake of a period; who has none is 0."""
    rows = counted(LeafCell.objects.filter(person__in=people), months_of([period])).order_by()
    sums = dict(
        rows.values("person_id").annotate(total=Sum("amount_minor")).values_list("person_id", "total")
    )
    return {person: int(sums.get(person, 0)) for person in people}


def monthly_intake(person_id: int, months: Sequence[date]) -> dict[date, int]:
    """A person's order intake in each of these months; months without any are 0."""
    rows = counted(LeafCell.objects.filter(person_id=person_id), months).order_by()
    sums = dict(rows.values("month_on").annotate(total=Sum("amount_minor")).values_list("month_on", "total"))
    return {month: int(sums.get(month, 0)) for month in months}


def by_column(amounts: dict[date, int], periods: Sequence[Period]) -> tuple[int, ...]:
    """Amounts by month as amounts by quarter."""
    return tuple(
        sum(amount for month, amount in amounts.items() if one.starts_on <= month < one.stops_on)
        for one in periods
    )
