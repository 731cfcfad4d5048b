"""Who sits where on which day, the tree, and what a person may reach."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import connection
from django.db.models import Min, Prefetch, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from common.access import Reach, Role
from common.calendars import Span
from common.history import MOST, Change, actor_of, history_of, people_of, recorded, with_reason
from common.locale import format_date
from common.policies import TEAM_READ
from common.selectors import policy, today
from common.transaction import now, once
from territories import rules
from territories.models import ApiToken, Edge, RoleGrant, Seat, Territory, User

REACH = """
SELECT person.id, theirs.* FROM unnest(%(people)s::bigint[]) AS person(id), LATERAL (
    WITH RECURSIVE mine AS (
        SELECT territory_id, kind FROM territories_seat
        WHERE user_id = person.id AND superseded_at IS NULL AND starts_on <= %(on)s
          AND (stops_on IS NULL OR stops_on > %(on)s)
    ), below AS (
        SELECT territory_id AS node FROM mine WHERE kind = 'lead'
        UNION
        SELECT e.child_id FROM below b JOIN territories_edge e ON e.parent_id = b.node
        WHERE e.superseded_at IS NULL AND e.starts_on <= %(on)s AND (e.stops_on IS NULL OR e.stops_on > %(on)s)
    )
    SELECT
        ARRAY(SELECT role FROM territories_rolegrant WHERE user_id = person.id AND superseded_at IS NULL
              AND starts_on <= %(on)s AND (stops_on IS NULL OR stops_on > %(on)s)),
        ARRAY(SELECT DISTINCT territory_id FROM mine),
        ARRAY(SELECT node FROM below),
        ARRAY(SELECT DISTINCT s.user_id FROM territories_seat s JOIN below b ON b.node = s.territory_id
              WHERE s.superseded_at IS NULL AND s.starts_on <= %(on)s AND (s.stops_on IS NULL OR s.stops_on > %(on)s)
                AND s.user_id <> person.id AND s.kind <> 'overlay')
) theirs
"""


def reach_for(user: User | None, on: date) -> Reach:
    """What the person may see and lead on that day, by one query. Nobody, or a person who left, reaches nothing."""
    if user is None or not user.is_active:
        return Reach.nothing()
    return reaches_for([user], on)[user.pk]


def reaches_for(people: Iterable[User], on: date) -> dict[int, Reach]:
    """The same for many by one query, those who left passed over; by the person's id."""
    ids = [person.pk for person in people if person.is_active]
    with connection.cursor() as cursor:
        cursor.execute(REACH, {"people": ids, "on": on})
        found = cursor.fetchall()
    is_shared = policy("peer_visibility", on) == TEAM_READ
    return {pk: _reach(pk, row, is_shared=is_shared) for pk, *row in found}


def _reach(user_id: int, row: Sequence[Any], *, is_shared: bool) -> Reach:
    roles, nodes, territories, people = map(frozenset, row)
    peers = nodes if is_shared else frozenset[int]()
    return Reach(user_id, roles, nodes, territories, people, peers=peers)


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


SEAT_ORDER = {kind: place for place, kind in enumerate(Seat.Kind)}


def seat_finder(person_ids: Iterable[int]) -> Callable[[int, date], int]:
    """The territory where one of these people sits on a day: as owner, else lead, else overlay; else *Unassigned*.

    Their seats are read once.
    """
    held: dict[int, list[Seat]] = defaultdict(list)
    for seat in Seat.objects.current().filter(user_id__in=list(person_ids)):
        held[seat.user_id].append(seat)

    def find(person_id: int, day: date) -> int:
        seats = [seat for seat in held[person_id] if seat.holds_on(day)]
        ranked = [(SEAT_ORDER[Seat.Kind(seat.kind)], seat.territory_id) for seat in seats]
        return min(ranked)[1] if ranked else unassigned().pk

    return find


def owner_of(territory_id: int, day: date) -> User | None:
    """The person who owns a territory on that day."""
    seats = Seat.objects.on(day).filter(territory_id=territory_id, kind=Seat.Kind.OWNER)
    seat = seats.select_related("user").first()
    return seat.user if seat else None


def today_of(person_id: int) -> date:
    """Today where that person lives."""
    zone = User.objects.values_list("time_zone", flat=True).get(pk=person_id)
    return now().astimezone(ZoneInfo(zone)).date()


def token_digest(secret: str) -> str:
    """What is kept of an API token's secret. 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def token_for(secret: str) -> ApiToken | None:
    """The standing token with that secret, of an active person whose password and address are those of its day."""
    standing = ApiToken.objects.filter(revoked_at=None, expires_at__gt=now(), user__is_active=True)
    token = standing.filter(digest=token_digest(secret)).select_related("user").first()
    return token if token and token.way_in == token.user.get_session_auth_hash() else None


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


def gaps_within(nodes: Sequence[Node], window: Span) -> list[Gap]:
    """Where nobody sits in the window: on the owner seat of a leaf of that tree, on the lead seat of a parent."""
    held: dict[tuple[int, str], list[Span]] = defaultdict(list)
    for seat in Seat.objects.overlapping(window.start, window.stop):
        held[seat.territory_id, seat.kind].append(seat.span)
    return [
        Gap(node.territory, node.needed, span)
        for node in nodes
        if not node.territory.is_unassigned
        for span in rules.gaps(held[node.territory.pk, node.needed], window)
    ]


def doubled_within(window: Span) -> list[Doubled]:
    """People who own two territories on the same day of the window."""
    seats = Seat.objects.overlapping(window.start, window.stop).filter(kind=Seat.Kind.OWNER)
    held: dict[int, list[Seat]] = defaultdict(list)
    found = []
    for second in seats.select_related("user", "territory").order_by("user__name", "starts_on"):
        for first in held[second.user_id]:
            if both := first.span.shared(second.span):
                stop = both.stop if both.stop < date.max else None
                found.append(Doubled(second.user, first.territory, second.territory, both.start, stop))
        held[second.user_id].append(second)
    return found


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


@once
def people_choices() -> list[tuple[int, str]]:
    """The people who are here, by name."""
    return as_choices(User.objects.filter(is_active=True))


def as_choices(people: Iterable[User]) -> list[tuple[int, str]]:
    """People as a form offers them: two of one name are told apart by their address."""
    return [(person.pk, f"{person.name} · {person.email}") for person in people]


def seats_of_territory(territory_id: int) -> QuerySet[Seat]:
    """Who was ever said to sit on a territory, newest first."""
    rows = Seat.objects.filter(territory_id=territory_id)
    return rows.select_related("user").order_by("-starts_on", "kind")


def places_of_territory(territory_id: int) -> QuerySet[Edge]:
    """What a territory was ever said to lie below, newest first."""
    rows = Edge.objects.filter(child_id=territory_id)
    return rows.select_related("parent").order_by("-starts_on")


def book_of(rows: Sequence[Seat | Edge]) -> list[Change]:
    """The book of these seats and places, newest first."""
    return sorted(recorded(rows, in_words), key=lambda line: line.at, reverse=True)


def in_words(row: Any) -> str:
    """A seat or a place as the book says it, such as *Rita Rep as owner, from Jan 1, 2025 on*."""
    return with_reason(f"{_what(row)}, {_span(row)}", getattr(row, "reason", ""))


def book_of_person(person: User) -> list[Change]:
    """What was ever said of a person's roles and seats, of themself, and that they left or came back, newest first."""
    held = recorded([*person.role_grants.all(), *person.seats.select_related("territory")], _held_in_words)
    known = history_of(person, ["name", "email", "work_location", "locale", "time_zone"])
    return sorted([*held, *known, *_comings(person)], key=lambda line: line.at, reverse=True)


def _comings(person: User) -> list[Change]:
    """That somebody left, and came back, newest first."""
    events = list(person.history.order_by("-pgh_id")[: MOST + 1])  # type: ignore[attr-defined]
    people = people_of(events)
    return [
        Change(**actor_of(newer, people), text=_("Came back") if newer.is_active else _("Left"))
        for newer, older in pairwise(events)
        if newer.is_active != older.is_active
    ]


def _held_in_words(row: Any) -> str:
    """A role or a seat as a person's book says it, such as *owner of East 1, from Jan 1, 2025 on*."""
    if isinstance(row, RoleGrant):
        return f"{_('Role')} {row.get_role_display()}, {_span(row)}"
    what = _("%(kind)s of %(place)s") % {"kind": row.get_kind_display(), "place": row.territory.name}
    return with_reason(f"{capfirst(what)}, {_span(row)}", row.reason)


def _what(row: Any) -> str:
    if isinstance(row, Seat):
        return _("%(person)s as %(kind)s") % {"person": row.user.name, "kind": row.get_kind_display()}
    return _("below %(parent)s") % {"parent": row.parent.name} if row.parent else _("a root of the tree")


def _span(row: Any) -> str:
    values = {"start": format_date(row.starts_on), "stop": format_date(row.stops_on)}
    return (_("%(start)s until %(stop)s") if row.stops_on else _("from %(start)s on")) % values


def seats_of_person(user_id: int) -> QuerySet[Seat]:
    """Where a person sits, sat and will sit, newest first, as known now."""
    rows = Seat.objects.current().filter(user_id=user_id)
    return rows.select_related("territory").order_by("-starts_on", "kind")


def grants_of_person(user_id: int) -> QuerySet[RoleGrant]:
    """The roles that a person holds, held and will hold, newest first, as known now."""
    rows = RoleGrant.objects.current().filter(user_id=user_id)
    return rows.select_related("recorded_by").order_by("-starts_on", "role")


def administrators(day: date) -> QuerySet[User]:
    """Who is administrator on that day and has a password to sign in with."""
    holders = RoleGrant.objects.on(day).filter(role=Role.ADMIN).values("user_id")
    people = User.objects.filter(pk__in=holders, is_active=True)
    return people.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)


def people_list(day: date, text: str, role: str, *, left: bool = False) -> QuerySet[User]:
    """The people who are here, or who left, by name, each with the roles and seats that hold on the day."""
    rows = User.objects.filter(is_active=not left).annotate(name_key=Lower("name"))
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(email__icontains=text))
    if role:
        rows = rows.filter(pk__in=RoleGrant.objects.on(day).filter(role=role).values("user_id"))
    people: QuerySet[User] = rows.prefetch_related(
        Prefetch("role_grants", RoleGrant.objects.on(day).order_by("role"), "roles_now"),
        Prefetch("seats", Seat.objects.on(day).select_related("territory"), "seats_now"),
    )
    return people
