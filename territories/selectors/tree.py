"""The tree of a day, what lies below a node in the course of time, and what forms offer of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db import connection
from django.db.models import Min
from django.utils.translation import gettext as _

from common.calendars import Span
from common.locale import format_date
from common.selectors import today
from common.transaction import once
from territories.models import Edge, Seat, Territory


@dataclass
class Node:
    """A territory in the tree of one day: the ids from its root down to it, who sits on it, and what lies below."""

    territory: Territory
    path: str = ""
    seats: list[Seat] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)

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


def tree_on(day: date) -> list[Node]:
    """The tree of that day, as known now: each territory before those below it, by name, with who sits on it."""
    nodes = _nodes_on(day)
    by_id = {node.territory.pk: node for node in nodes}
    for seat in Seat.objects.on(day).select_related("user").order_by("kind", "user__name"):
        if seat.territory_id in by_id:
            by_id[seat.territory_id].seats.append(seat)
    return nodes


def _nodes_on(day: date) -> list[Node]:
    """The tree of that day without its people."""
    nodes = {territory.pk: Node(territory) for territory in Territory.objects.all()}
    parents = dict(Edge.objects.on(day).values_list("child_id", "parent_id"))
    for pk, node in nodes.items():
        if parent_id := parents.get(pk):
            nodes[parent_id].children.append(node)
    roots = [node for pk, node in nodes.items() if pk in parents and parents[pk] is None]
    return [node for root in roots for node in root.placed()]


@once
def unassigned() -> Territory:
    """The node that keeps what belongs to nobody."""
    return Territory.objects.get(is_unassigned=True)


def has_tree(day: date) -> bool:
    """Whether the tree reaches that day, so that credit has a place even where nobody sits: *Unassigned*."""
    return Edge.objects.on(day).filter(child__is_unassigned=True).exists()


CHAINS = """
chains(node, ids, starts_on, stops_on) AS (
    SELECT e.child_id, ARRAY[e.child_id], e.starts_on, coalesce(e.stops_on, 'infinity'::date)
    FROM territories_edge e WHERE e.superseded_at IS NULL AND e.parent_id IS NULL
    UNION ALL
    SELECT e.child_id, c.ids || e.child_id, greatest(e.starts_on, c.starts_on),
           least(coalesce(e.stops_on, 'infinity'::date), c.stops_on)
    FROM chains c JOIN territories_edge e ON e.parent_id = c.node AND e.superseded_at IS NULL
        AND e.starts_on < c.stops_on AND coalesce(e.stops_on, 'infinity'::date) > c.starts_on
)
"""
"""To be put behind WITH RECURSIVE. For each territory and each span `[starts_on, stops_on)` on which nothing
above it changed, as known now: the ids from its root down to itself. The spans of a territory never overlap; on a
day on which it, or one above it, hung nowhere there is none, and it counts for itself alone."""


SUBTREE = """
WITH RECURSIVE subtree(node, starts_on, stops_on) AS (
    SELECT %(node)s::bigint, %(start)s::date, %(stop)s::date
    UNION ALL
    SELECT e.child_id, greatest(e.starts_on, s.starts_on),
           least(coalesce(e.stops_on, 'infinity'::date), s.stops_on)
    FROM subtree s JOIN territories_edge e ON e.parent_id = s.node AND e.superseded_at IS NULL
        AND e.starts_on < s.stops_on AND coalesce(e.stops_on, 'infinity'::date) > s.starts_on
)
SELECT starts_on, stops_on, array_agg(node ORDER BY node) FROM subtree GROUP BY 1, 2 ORDER BY 1, 2
"""


def subtree_within(node_id: int, span: Span) -> list[tuple[Span, list[int]]]:
    """The territories at or below a node on the days of `span`: for each part of it, those that were there.

    A territory stands once for each stretch of days on which it hung there; stretches may overlap.
    """
    with connection.cursor() as cursor:
        cursor.execute(SUBTREE, {"node": node_id, "start": span.start, "stop": span.stop})
        return [(Span(start, stop), nodes) for start, stop, nodes in cursor.fetchall()]


def territory_choices(day: date) -> list[tuple[int, str]]:
    """The territories in the tree of that day, each with its path's depth drawn before its name."""
    return [(node.territory.pk, "\u2003" * node.depth + node.territory.name) for node in _nodes_on(day)]


@once
def coming_choices() -> list[tuple[int, str]]:
    """The territories in today's tree, then those that join it later, each of these with its first day."""
    day = today()
    placed = territory_choices(day)
    later = Edge.objects.overlapping(day, None).exclude(child_id__in=[pk for pk, label in placed])
    firsts = later.values("child_id", "child__name").annotate(first=Min("starts_on"))
    rows = firsts.order_by("first", "child__name").values_list("child_id", "child__name", "first")
    label = _("%(name)s, from %(day)s on")
    return placed + [(pk, label % {"name": name, "day": format_date(first)}) for pk, name, first in rows]
