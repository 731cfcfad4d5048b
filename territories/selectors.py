"""Who sits where on which day, the tree, and what a person may reach."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models.functions import Now

from common.access import Reach
from territories.models import ApiToken, Edge, RoleGrant, Seat, Territory, User

REACH = """
WITH RECURSIVE mine AS (
    SELECT territory_id, kind FROM territories_seat
    WHERE user_id = %(user)s AND superseded_at IS NULL AND starts_on <= %(on)s
      AND (stops_on IS NULL OR stops_on > %(on)s)
), below AS (
    SELECT territory_id AS node FROM mine WHERE kind = 'lead'
    UNION
    SELECT e.child_id FROM below b JOIN territories_edge e ON e.parent_id = b.node
    WHERE e.superseded_at IS NULL AND e.starts_on <= %(on)s AND (e.stops_on IS NULL OR e.stops_on > %(on)s)
)
SELECT
    ARRAY(SELECT role FROM territories_rolegrant WHERE user_id = %(user)s AND superseded_at IS NULL
          AND starts_on <= %(on)s AND (stops_on IS NULL OR stops_on > %(on)s)),
    ARRAY(SELECT DISTINCT territory_id FROM mine),
    ARRAY(SELECT node FROM below),
    ARRAY(SELECT DISTINCT s.user_id FROM territories_seat s JOIN below b ON b.node = s.territory_id
          WHERE s.superseded_at IS NULL AND s.starts_on <= %(on)s AND (s.stops_on IS NULL OR s.stops_on > %(on)s)
            AND s.user_id <> %(user)s)
"""


def reach_for(user: User | None, on: date) -> Reach:
    """What the person may see and lead on that day, by one query. Nobody, or a person who left, reaches nothing."""
    if user is None or not user.is_active:
        return Reach.nothing()
    with connection.cursor() as cursor:
        cursor.execute(REACH, {"user": user.pk, "on": on})
        roles, nodes, territories, people = cursor.fetchone()
    return Reach(user.pk, frozenset(roles), frozenset(nodes), frozenset(territories), frozenset(people))


@dataclass
class Node:
    """A territory in the tree of one day, with the people who sit on it and the nodes below it."""

    territory: Territory
    parent_id: int | None
    depth: int
    seats: list[Seat]
    children: list["Node"]

    @property
    def owner(self) -> User | None:
        return next((seat.user for seat in self.seats if seat.kind == Seat.Kind.OWNER), None)

    @property
    def lead(self) -> User | None:
        return next((seat.user for seat in self.seats if seat.kind == Seat.Kind.LEAD), None)

    @property
    def is_vacant(self) -> bool:
        """A leaf without an owner, or a parent without a lead."""
        return not (self.lead if self.children else self.owner) and not self.territory.is_unassigned

    def walk(self) -> Iterable["Node"]:
        yield self
        for child in self.children:
            yield from child.walk()


def tree_on(day: date) -> list[Node]:
    """The roots of the territory tree of that day, as known now, each with its subtree, sorted by name."""
    nodes = {t.pk: Node(t, None, 0, [], []) for t in Territory.objects.all()}
    placed = set()
    for child_id, parent_id in Edge.objects.on(day).values_list("child_id", "parent_id"):
        nodes[child_id].parent_id = parent_id
        placed.add(child_id)
    for seat in Seat.objects.on(day).select_related("user").order_by("kind", "user__name"):
        nodes[seat.territory_id].seats.append(seat)
    roots = []
    for pk, node in nodes.items():
        if pk not in placed:
            continue
        (nodes[node.parent_id].children if node.parent_id else roots).append(node)
    for root in roots:
        _set_depth(root, 0)
    return roots


def _set_depth(node: Node, depth: int) -> None:
    node.depth = depth
    for child in node.children:
        _set_depth(child, depth + 1)


def unassigned() -> Territory:
    """The node that keeps what belongs to nobody."""
    return Territory.objects.get(is_unassigned=True)


def seat_node_on(person_id: int, day: date) -> int:
    """The territory where a person sits on that day: as owner, else lead, else overlay; else *Unassigned*."""
    order = {Seat.Kind.OWNER: 0, Seat.Kind.LEAD: 1, Seat.Kind.OVERLAY: 2}
    seats = list(Seat.objects.on(day).filter(user_id=person_id).values_list("kind", "territory_id"))
    if not seats:
        return unassigned().pk
    return min(seats, key=lambda seat: (order[Seat.Kind(seat[0])], seat[1]))[1]


def owner_of(territory_id: int, day: date) -> User | None:
    """The person who owns a territory on that day."""
    seat = (
        Seat.objects.on(day)
        .filter(territory_id=territory_id, kind=Seat.Kind.OWNER)
        .select_related("user")
        .first()
    )
    return seat.user if seat else None


def roles_of(user: User, on: date) -> list[str]:
    return sorted(RoleGrant.objects.on(on).filter(user=user).values_list("role", flat=True))


def token_digest(secret: str) -> str:
    """What is kept of an API token's secret. 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def token_for(secret: str) -> ApiToken | None:
    """The standing token with that secret, of a person who still is active."""
    tokens = ApiToken.objects.filter(digest=token_digest(secret), revoked_at=None, expires_at__gt=Now())
    return tokens.filter(user__is_active=True).select_related("user").first()
