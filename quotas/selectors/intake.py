"""Order intake out of the cells, by person and by node."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet, Sum

from common.models import Period
from orders.models import Credit
from quotas.models import Basis, LeafCell, NodeCell
from quotas.selectors.figures import column_of
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


def person_intake(person_id: int, period: Period, family_id: int | None = None) -> int:
    """A person's order intake of a period, in plan money."""
    rows = counted(LeafCell.objects.filter(person_id=person_id), months_of([period]), family_id)
    return int(rows.aggregate(total=Sum("amount_minor"))["total"] or 0)


def people_intake(people: Collection[int], period: Period) -> dict[int, int]:
    """Several people's order intake of a period; who has none is 0."""
    rows = counted(LeafCell.objects.filter(person__in=people), months_of([period])).order_by()
    sums = dict(
        rows.values("person_id").annotate(total=Sum("amount_minor")).values_list("person_id", "total")
    )
    return {person: int(sums.get(person, 0)) for person in people}


def node_intake(node_id: int, period: Period, basis: str = Basis.SEAT) -> int:
    """Order intake of a node and all below it in a period, as sold, in plan money."""
    return nodes_intake([node_id], period, basis)[node_id]


def nodes_intake(nodes: Collection[int], period: Period, basis: str = Basis.SEAT) -> dict[int, int]:
    """Order intake of several nodes; who has none is 0."""
    months, inner = months_of([period]), inner_nodes(nodes)
    above = counted(NodeCell.objects.filter(node__in=inner), months).order_by()
    sums = dict(
        above.values("node_id").annotate(total=Sum(amount_column(basis))).values_list("node_id", "total")
    )
    alone = [node for node in nodes if node not in inner]
    lowest = counted(LeafCell.objects.filter(at_nodes(alone, basis)), months).order_by()
    sums |= dict(
        lowest.values(f"{basis}_id").annotate(total=Sum("amount_minor")).values_list(f"{basis}_id", "total")
    )
    return {node: int(sums.get(node, 0)) for node in nodes}


def monthly_intake(
    person_id: int, periods: Sequence[Period], family_id: int | None = None
) -> dict[date, int]:
    """A person's order intake by fiscal month; months without any are 0."""
    months = months_of(periods)
    rows = counted(LeafCell.objects.filter(person_id=person_id), months, family_id).order_by()
    sums = dict(rows.values("month_on").annotate(total=Sum("amount_minor")).values_list("month_on", "total"))
    return {month: int(sums.get(month, 0)) for month in months}


def by_column(amounts: dict[date, int], periods: Sequence[Period]) -> tuple[int, ...]:
    """Amounts by month as amounts by quarter."""
    sums: dict[int, int] = defaultdict(int)
    for month, amount in amounts.items():
        sums[column_of(month, periods)] += amount
    return tuple(sums[index] for index in range(len(periods)))
