"""Who sits where on which day, the tree, and what a person may reach."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Min, Prefetch, Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from common.access import Reach
from common.calendars import Span
from common.history import names_of
from common.locale import format_date, format_instant
from territories import rules
from territories.models import ApiToken, Edge, RoleGrant, Seat, Territory, User

# What the transaction of a request says as its why: an address, and nobody's reason.
REQUEST = re.compile("[A-Z]+ /")

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
            AND s.user_id <> %(user)s AND s.kind <> 'overlay')
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
    roots: list[Node] = []
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


SEAT_ORDER = {Seat.Kind.OWNER: 0, Seat.Kind.LEAD: 1, Seat.Kind.OVERLAY: 2}


def has_tree(day: date) -> bool:
    """Whether the tree reaches that day, so that credit has a place even where nobody sits: *Unassigned*."""
    return Edge.objects.on(day).filter(child__is_unassigned=True).exists()


def seat_node_on(person_id: int, day: date) -> int:
    """The territory where a person sits on that day: as owner, else lead, else overlay; else *Unassigned*."""
    return seat_finder([person_id])(person_id, day)


def seat_finder(person_ids: Iterable[int]) -> Callable[[int, date], int]:
    """What `seat_node_on` answers, for many people and days: their seats are read once."""
    held: dict[int, list[Seat]] = {}
    for seat in Seat.objects.current().filter(user_id__in=list(person_ids)):
        held.setdefault(seat.user_id, []).append(seat)
    nobody = cache(lambda: unassigned().pk)

    def find(person_id: int, day: date) -> int:
        seats = [seat for seat in held.get(person_id, []) if seat.holds_on(day)]
        ranked = [(SEAT_ORDER[Seat.Kind(seat.kind)], seat.territory_id) for seat in seats]
        return min(ranked)[1] if ranked else nobody()

    return find


def owner_of(territory_id: int, day: date) -> User | None:
    """The person who owns a territory on that day."""
    seat = (
        Seat.objects.on(day)
        .filter(territory_id=territory_id, kind=Seat.Kind.OWNER)
        .select_related("user")
        .first()
    )
    return seat.user if seat else None


def today_of(person_id: int) -> date:
    """Today where that person lives."""
    zone = User.objects.values_list("time_zone", flat=True).get(pk=person_id)
    return timezone.now().astimezone(ZoneInfo(zone)).date()


def token_digest(secret: str) -> str:
    """What is kept of an API token's secret. 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def token_for(secret: str) -> ApiToken | None:
    """The standing token with that secret, of a person who still is active."""
    tokens = ApiToken.objects.filter(
        digest=token_digest(secret), revoked_at=None, expires_at__gt=timezone.now()
    )
    return tokens.filter(user__is_active=True).select_related("user").first()


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


@dataclass(frozen=True)
class Gap:
    """Days on which a territory has nobody on its owner or lead seat."""

    territory: Territory
    kind: str
    span: Span


@dataclass(frozen=True)
class Doubled:
    """Days on which one person is the owner of two territories."""

    person: User
    first: Territory
    second: Territory
    starts_on: date
    stops_on: date | None


def gaps_within(roots: Sequence[Node], window: Span) -> list[Gap]:
    """Where nobody sits in the window: on the owner seat of a leaf of that tree, on the lead seat of a parent."""
    held: dict[tuple[int, str], list[rules.DateRange]] = {}
    for seat in Seat.objects.overlapping(window.start, window.stop):
        held.setdefault((seat.territory_id, seat.kind), []).append((seat.starts_on, seat.stops_on))
    found = []
    for node in (each for root in roots for each in root.walk() if not each.territory.is_unassigned):
        kind = Seat.Kind.LEAD if node.children else Seat.Kind.OWNER
        ranges = held.get((node.territory.pk, kind), [])
        found += [Gap(node.territory, kind, span) for span in rules.gaps(ranges, window)]
    return found


def doubled_within(window: Span) -> list[Doubled]:
    """People who own two territories on the same day of the window."""
    seats = Seat.objects.overlapping(window.start, window.stop).filter(kind=Seat.Kind.OWNER)
    by_person: dict[int, list[Seat]] = {}
    for seat in seats.select_related("user", "territory").order_by("user__name", "starts_on"):
        by_person.setdefault(seat.user_id, []).append(seat)
    found = []
    for held in by_person.values():
        for pair in rules.overlaps([(seat.starts_on, seat.stops_on) for seat in held]):
            first, second = held[pair.first], held[pair.second]
            found.append(Doubled(first.user, first.territory, second.territory, *pair.shared))
    return found


def territory_choices(day: date) -> list[tuple[int, str]]:
    """The territories in the tree of that day, each with its path's depth drawn before its name."""
    nodes = [node for root in tree_on(day) for node in root.walk()]
    return [(node.territory.pk, "\u2003" * node.depth + node.territory.name) for node in nodes]


def coming_choices(day: date) -> list[tuple[int, str]]:
    """The territories in the tree of that day, then those that join it later, each of these with its first day."""
    placed = territory_choices(day)
    later = Edge.objects.overlapping(day, None).exclude(child_id__in=[pk for pk, label in placed])
    firsts = later.values("child_id", "child__name").annotate(first=Min("starts_on"))
    rows = firsts.order_by("first", "child__name").values_list("child_id", "child__name", "first")
    label = _("%(name)s, from %(day)s on")
    return placed + [(pk, label % {"name": name, "day": format_date(first)}) for pk, name, first in rows]


def people_choices() -> list[tuple[int, str]]:
    """The people who are here, by name."""
    return [(person.pk, f"{person.name} · {person.email}") for person in User.objects.filter(is_active=True)]


def seats_of_territory(territory_id: int) -> QuerySet[Seat]:
    """Who sits, sat and will sit on a territory, newest first, as known now."""
    rows = Seat.objects.current().filter(territory_id=territory_id)
    return rows.select_related("user", "recorded_by").order_by("-starts_on", "kind")


def place_on(territory_id: int, day: date) -> Edge | None:
    """What a territory lies below on that day."""
    return Edge.objects.on(day).filter(child_id=territory_id).first()


def places_of_territory(territory_id: int) -> QuerySet[Edge]:
    """What a territory lies, lay and will lie below, newest first, as known now."""
    rows = Edge.objects.current().filter(child_id=territory_id)
    return rows.select_related("parent", "recorded_by").order_by("-starts_on")


@dataclass(frozen=True)
class Recorded:
    """One line of the book of seats and places: what was said, by whom and when; `mark` where it no longer stands."""

    at: datetime
    by: str
    text: str
    mark: str


def recorded_of_territory(territory_id: int) -> list[Recorded]:
    """All that was ever recorded about a territory's seats and places, newest first."""
    seats = Seat.objects.filter(territory_id=territory_id).select_related("user", "recorded_by")
    edges = Edge.objects.filter(child_id=territory_id).select_related("parent", "recorded_by")
    rows: list[Any] = [*seats, *edges]
    people = names_of(User, {row.superseded_by_id for row in rows})
    lines = [Recorded(row.recorded_at, _by(row), _text(row), _mark(row, people)) for row in rows]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _by(row: Any) -> str:
    return row.recorded_by.name if row.recorded_by else _("brought along")


def _text(row: Any) -> str:
    return _with_reason(f"{_what(row)}, {_span(row)}", getattr(row, "reason", ""))


def _what(row: Any) -> str:
    if isinstance(row, Seat):
        return _("%(person)s as %(kind)s") % {"person": row.user.name, "kind": row.get_kind_display()}
    return _("below %(parent)s") % {"parent": row.parent.name} if row.parent else _("a root of the tree")


def _span(row: Any) -> str:
    values = {"start": format_date(row.starts_on), "stop": format_date(row.stops_on)}
    return (_("%(start)s until %(stop)s") if row.stops_on else _("from %(start)s on")) % values


def _mark(row: Any, people: Mapping[Any, str]) -> str:
    """Who took the row back or replaced it, when, and the reason that was typed; empty while it stands."""
    if row.superseded_at is None:
        return ""
    values = {
        "by": people.get(row.superseded_by_id, _("the product itself")),
        "at": format_instant(row.superseded_at),
    }
    why = "" if REQUEST.match(row.superseded_why) else row.superseded_why
    return _with_reason(_("Withdrawn by %(by)s · %(at)s") % values, why)


def _with_reason(text: str, reason: str) -> str:
    return f"{text}: {reason}" if reason else text


def seats_of_person(user_id: int) -> QuerySet[Seat]:
    """Where a person sits, sat and will sit, newest first, as known now."""
    rows = Seat.objects.current().filter(user_id=user_id)
    return rows.select_related("territory", "recorded_by").order_by("-starts_on", "kind")


def grants_of_person(user_id: int) -> QuerySet[RoleGrant]:
    """The roles that a person holds, held and will hold, newest first, as known now."""
    rows = RoleGrant.objects.current().filter(user_id=user_id)
    return rows.select_related("recorded_by").order_by("-starts_on", "role")


def people_list(day: date, text: str = "", role: str = "") -> QuerySet[User]:
    """People by name, each with the roles and seats that hold on the day."""
    rows = User.objects.annotate(name_key=Lower("name"))
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(email__icontains=text))
    if role:
        holders = RoleGrant.objects.on(day).filter(role=role)
        rows = rows.filter(pk__in=holders.values("user_id"))
    return rows.prefetch_related(
        Prefetch("role_grants", RoleGrant.objects.on(day).order_by("role"), "roles_now"),
        Prefetch("seats", Seat.objects.on(day).select_related("territory"), "seats_now"),
    )


def own_tokens(user_id: int) -> QuerySet[ApiToken]:
    """A person's API tokens, newest first."""
    return ApiToken.objects.filter(user_id=user_id)
