"""The tree of a day, what lies below a node in the course of time, and what forms offer of it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Lower

from common.access import AnyOf
from common.calendars import Span
from common.transaction import once
from territories import rules
from territories.models import Edge, Seat, Succession, Territory


@dataclass
class Node:
    """A territory in the tree of one day: the ids from its root down to it, who sits on it, and what lies below."""

    territory: Territory
    path: str = ""
    seats: list[Seat] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)
    folded: int = 0

    @property
    def depth(self) -> int:
        return self.path.count("/")

    @property
    def needed(self) -> Seat.Kind:
        """The seat that somebody has to sit on: a leaf has an owner, a parent a lead."""
        return Seat.Kind.LEAD if self.children else Seat.Kind.OWNER

    @property
    def is_vacant(self) -> bool:
        return not self.territory.is_unassigned and all(seat.kind != self.needed for seat in self.seats)

    def placed(self, above: str = "") -> Iterable["Node"]:
        """It and then all below it, each with its path."""
        self.path = f"{above}{self.territory.pk}"
        yield self
        for child in self.children:
            yield from child.placed(f"{self.path}/")


def tree_on(day: date) -> Sequence[Node]:
    """The tree of that day, as known now: each territory before those below it, by name, with who sits on it."""
    return seated(nodes_on(day), day)


def seated(nodes: Sequence[Node], day: date) -> Sequence[Node]:
    """These territories with who sits on each of them on that day."""
    by_id = {node.territory.pk: node for node in nodes}
    seats = Seat.objects.on(day).filter(AnyOf(F("territory_id"), Value(list(by_id))))
    for seat in seats.select_related("user").order_by("kind", "user__name"):
        by_id[seat.territory_id].seats.append(seat)
    return nodes


def named_on(day: date) -> QuerySet[Territory]:
    """All territories by the names that they bear on that day; `called` is that name."""
    holds = Q(namings__superseded_at=None, namings__starts_on__lte=day)
    holds &= Q(namings__stops_on=None) | Q(namings__stops_on__gt=day)
    rows = Territory.objects.annotate(naming=FilteredRelation("namings", condition=holds))
    return rows.annotate(called=Coalesce("naming__name", "name")).order_by(Lower("called"), "id")


def placed_on(day: date) -> QuerySet[Any]:
    """All territories by the names that they bear on that day, each with whether it is in the tree of that day
    (`is_in_tree`) and the id of the one below which it lies there (`lies_below`).
    """
    places = Edge.objects.on(day).filter(child=OuterRef("pk"))
    return named_on(day).annotate(is_in_tree=Exists(places), lies_below=Subquery(places.values("parent_id")))


def nodes_on(day: date) -> list[Node]:
    """The tree of that day without its people; its territories bear the names of that day."""
    nodes: dict[int, Node] = {}
    for territory in named_on(day):
        territory.name = territory.called  # type: ignore[attr-defined]
        nodes[territory.pk] = Node(territory)
    parents = dict(Edge.objects.on(day).values_list("child_id", "parent_id"))
    for pk, node in nodes.items():
        if parent_id := parents.get(pk):
            nodes[parent_id].children.append(node)
    roots = [node for pk, node in nodes.items() if pk in parents and parents[pk] is None]
    return [node for root in roots for node in root.placed()]


MOST_ROWS = 500
"""A page shows so many territories at once; those further down are opened branch by branch."""


def branch_of(nodes: Sequence[Node], node_id: int | None) -> Sequence[Node]:
    """A territory of a day's tree with all below it; all of the tree where none is named."""
    if node_id is None:
        return nodes
    return [node for node in nodes if str(node_id) in node.path.split("/")]


def upper_levels(nodes: Sequence[Node], most: int = MOST_ROWS) -> list[Node]:
    """The upper levels of a branch that are at most so many territories, and as many of the second level in any case.

    A territory whose children are left out says how many there are (`folded`).
    """
    if len(nodes) <= most:
        return list(nodes)
    depths = sorted(node.depth for node in nodes)
    deepest = max(depths[most] - 1, depths[0] + 1)
    shown = [node for node in nodes if node.depth <= deepest][:most]
    for node in shown:
        node.folded = len(node.children) if node.depth == deepest else 0
    return shown


@dataclass(frozen=True)
class Standing:
    """Whether a territory is in the tree of a day: `here`, here until `day`, coming on `day`, retired since `day`, or
    taken back before it ever was.
    """

    state: str
    day: date | None = None


def standing_of(places: Sequence[Edge], day: date) -> Standing:
    """How a territory stands by its places, earliest first."""
    if not places:
        return Standing("never")
    if any(place.holds_on(day) for place in places):
        last = places[-1].stops_on
        return Standing("ends", last) if last else Standing("here")
    coming = next((place.starts_on for place in places if place.starts_on > day), None)
    return Standing("comes", coming) if coming else Standing("retired", places[-1].stops_on)


def kind_below(parent: Territory) -> str:
    """The type that is proposed for a territory below this one."""
    return rules.next_kind(parent.kind)


@once
def unassigned() -> Territory:
    """The node that keeps what belongs to nobody."""
    return Territory.objects.get(is_unassigned=True)


def days_in_tree(territory_id: int) -> list[Edge]:
    """What a territory lies below, lay below and will, earliest first, as known now."""
    rows = Edge.objects.current().filter(child_id=territory_id).select_related("parent")
    return list(rows.order_by("starts_on"))


def leaves_tree_on(territory_id: int, start: date, stop: date | None = None) -> date | None:
    """The first day of `[start, stop)` on which a territory is not part of the tree; None where it always is."""
    return leave_tree_on([territory_id], start, stop).get(territory_id)


def leave_tree_on(territory_ids: Iterable[int], start: date, stop: date | None = None) -> dict[int, date]:
    """Those of these territories that are not in the tree on each day of `[start, stop)`, with the first such day."""
    first: dict[int, date | None] = dict.fromkeys(territory_ids, start)
    edges = Edge.objects.overlapping(start, stop).filter(child_id__in=first).order_by("starts_on")
    for child, starts_on, stops_on in edges.values_list("child_id", "starts_on", "stops_on"):
        day = first[child]
        if day and starts_on <= day:
            first[child] = stops_on
    return {pk: day for pk, day in first.items() if day and (stop is None or day < stop)}


def heirs_on(day: date) -> dict[int, int]:
    """Territories that were merged and are not in the tree of that day, each with the one that has now what it had."""
    placed = Edge.objects.on(day).values("child_id")
    whole = (
        Succession.objects.current().filter(is_whole=True, starts_on__lte=day).exclude(territory__in=placed)
    )
    heirs = dict(whole.order_by("starts_on", "pk").values_list("territory_id", "heir_id"))
    ends = {node: _end_of(node, heirs) for node in heirs}
    standing = set(placed.filter(child__in=ends.values()).values_list("child_id", flat=True))
    return {node: end for node, end in ends.items() if end in standing}


def _end_of(node: int, heirs: dict[int, int]) -> int:
    """The last in a row of heirs; two may each have had the other."""
    passed: set[int] = set()
    while node in heirs and node not in passed:
        passed.add(node)
        node = heirs[node]
    return node


def has_tree(day: date) -> bool:
    """Whether the tree reaches that day, so that credit has a place even where nobody sits: *Unassigned*."""
    return Edge.objects.on(day).filter(child__is_unassigned=True).exists()


CHAINS_OF = """
chains(node, ids, starts_on, stops_on) AS (
    SELECT e.child_id, ARRAY[e.child_id], e.starts_on, coalesce(e.stops_on, 'infinity'::date)
    FROM {edges} e WHERE e.superseded_at IS NULL AND e.parent_id IS NULL
    UNION ALL
    SELECT e.child_id, c.ids || e.child_id, greatest(e.starts_on, c.starts_on),
           least(coalesce(e.stops_on, 'infinity'::date), c.stops_on)
    FROM chains c JOIN {edges} e ON e.parent_id = c.node AND e.superseded_at IS NULL
        AND e.starts_on < c.stops_on AND coalesce(e.stops_on, 'infinity'::date) > c.starts_on
)
"""
"""To be put behind WITH RECURSIVE. For each territory and each span `[starts_on, stops_on)` on which nothing
above it changed, as known now: the ids from its root down to itself. The spans of a territory never overlap; on a
day on which it, or one above it, hung nowhere there is none, and it counts for itself alone. `edges`:
the table of them, or some of them that lead up to the root."""
CHAINS = CHAINS_OF.format(edges="territories_edge")


STANDING = "e.superseded_at IS NULL"
KNOWN = "e.recorded_at <= %(known)s AND (e.superseded_at IS NULL OR e.superseded_at > %(known)s)"
"""Of edges `e`, in place of `standing` below: those that stand now, or that stood at an instant."""

SUBTREE = """
WITH RECURSIVE subtree(node, starts_on, stops_on) AS (
    SELECT unnest(%(nodes)s::bigint[]), %(start)s::date, %(stop)s::date
    UNION ALL
    SELECT e.child_id, greatest(e.starts_on, s.starts_on),
           least(coalesce(e.stops_on, 'infinity'::date), s.stops_on)
    FROM subtree s JOIN territories_edge e ON e.parent_id = s.node AND {standing}
        AND e.starts_on < s.stops_on AND coalesce(e.stops_on, 'infinity'::date) > s.starts_on
)
SELECT starts_on, stops_on, array_agg(node ORDER BY node) FROM subtree GROUP BY 1, 2 ORDER BY 1, 2
"""


def subtree_within(
    node_id: int, span: Span, known_at: datetime | None = None
) -> list[tuple[Span, list[int]]]:
    """The territories at or below a node on the days of `span`: for each part of it, those that were there, as known
    at an instant, or now.

    A territory stands once for each stretch of days on which it hung there; stretches may overlap.
    """
    return _below_any([node_id], span, known_at)


def _below_any(
    node_ids: Collection[int], span: Span, known_at: datetime | None = None
) -> list[tuple[Span, list[int]]]:
    asked: dict[str, Any] = {
        "nodes": list(node_ids),
        "start": span.start,
        "stop": span.stop,
        "known": known_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(SUBTREE.format(standing=KNOWN if known_at else STANDING), asked)
        return [(Span(start, stop), nodes) for start, stop, nodes in cursor.fetchall()]


def subtrees_on(node_ids: Collection[int], day: date) -> set[int]:
    """The territories at or below any of these on that day."""
    parts = _below_any(node_ids, Span(day, day + timedelta(days=1)))
    return {node for _span, nodes in parts for node in nodes}


def territories_below(node_id: int, day: date) -> set[int]:
    """The territories below one on that day, at any depth."""
    return subtrees_on([node_id], day) - {node_id}
