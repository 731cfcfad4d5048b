"""The territory tree: nodes and what they lie below, by date."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from django.db import connection
from django.utils.translation import gettext as _

from common.access import found
from common.calendars import Span
from common.dated import make_room
from common.errors import Conflict, Refused
from common.locale import format_date
from common.services import refuse_closed
from common.transaction import act, reach
from territories import rules
from territories.models import Edge, Territory
from territories.selectors import leaves_tree_on, subtree_within

UNASSIGNED = "UNASSIGNED"


@act
def create_territory(
    *,
    by: int | None,
    name: str,
    code: str,
    parent_id: int | None,
    starts_on: date,
    kind: str = "",
    reason: str = "",
) -> Territory:
    """Add a territory below another from a day on, or a root without one; administrators only.

    Without a type it gets the one that comes next below its parent's. Raises Refused for a type that may not lie there,
    Conflict for a day in a closed period.
    """
    reach().require("territory", "update")
    refuse_closed(starts_on, "starts_on")
    lock_tree()
    parent = check_parent(parent_id, starts_on)
    territory = Territory(name=told(name, "name"), code=told(code, "code"))
    territory.kind = kind or rules.next_kind(parent.kind if parent else None)
    check_fit(territory, parent)
    territory.save(force_insert=True)
    place = {"child": territory, "parent": parent, "starts_on": starts_on, "reason": reason.strip()}
    Edge.objects.create(**place, recorded_by_id=by)
    return territory


@act
def create_root(*, by: int | None, name: str, code: str, starts_on: date, kind: str = "") -> Territory:
    """Add a root of the tree, with *Unassigned* below it where that lies nowhere yet; administrators only.

    It is a company where no other type is given.
    """
    root = create_territory(by=by, name=name, code=code, parent_id=None, starts_on=starts_on, kind=kind)
    if not Edge.objects.current().filter(child__is_unassigned=True).exists():
        nobody = ensure_unassigned()
        Edge.objects.create(child=nobody, parent=root, starts_on=starts_on, recorded_by_id=by)
    return root


def ensure_unassigned() -> Territory:
    """The node that keeps what belongs to nobody; made where there is none, hung below the first root."""
    node, _ = Territory.objects.get_or_create(
        is_unassigned=True, defaults={"code": UNASSIGNED, "name": "Unassigned"}
    )
    return node


@act
def move_territory(
    *, by: int | None, territory_id: int, parent_id: int | None, on: date, reason: str = ""
) -> Edge:
    """Hang a territory with all below it under another parent from a day on; administrators only.

    Earlier days keep the tree they had; later moves that were planned are dropped, a planned end in the tree stays.
    One that was retired comes back. Raises Refused for a move below itself or below a type that comes after its own,
    Conflict for a day in a closed period.
    """
    reach().require("edge", "update")
    lock_tree()
    territory = _movable(territory_id)
    refuse_closed(on, "on")
    edges = Edge.objects.filter(child=territory)
    last = edges.overlapping(on, None).order_by("-starts_on").first()
    stops_on = last.stops_on if last else None
    parent = check_parent(parent_id, on, stops_on)
    _check_above(territory, parent_id, on)
    check_fit(territory, parent, "parent_id")
    running = edges.on(on).first()
    if running and (running.parent_id, running.stops_on) == (parent_id, stops_on):
        message = _("%(name)s already lies there on that day.")
        raise Refused(message % {"name": territory.name}, path="parent_id", code="already_there")
    why = reason.strip()
    make_room(edges, on, why, recorded_by_id=by)
    place = {"child": territory, "parent": parent, "starts_on": on, "stops_on": stops_on, "reason": why}
    return Edge.objects.create(**place, recorded_by_id=by)


@act
def rehang(*, by: int | None, from_id: int, to_id: int, on: date, reason: str = "") -> int:
    """Hang what lies below one territory on a day or later below another instead; administrators only. Says how many.

    Each of them stays there until it was to leave the old one. Raises Refused as for a move.
    """
    reach().require("edge", "update")
    lock_tree()
    refuse_closed(on, "on")
    parent = check_parent(to_id, on)
    below = Edge.objects.overlapping(on, None).filter(parent_id=from_id).select_related("child")
    edges = list(below.order_by("starts_on", "pk"))
    for edge in edges:
        _movable(edge.child_id)
        _check_above(edge.child, to_id, on)
        check_fit(edge.child, parent, "into_id")
        if edge.starts_on < on:
            edge.replaced(reason, stops_on=on, recorded_by_id=by)
        else:
            edge.supersede(reason)
        days = {"starts_on": max(on, edge.starts_on), "stops_on": edge.stops_on}
        Edge.objects.create(child=edge.child, parent=parent, reason=reason, **days, recorded_by_id=by)
    return len(edges)


def _movable(territory_id: int) -> Territory:
    """The territory. Raises Refused for *Unassigned*, which never moves."""
    territory: Territory = found(Territory.objects.filter(pk=territory_id).first())
    if territory.is_unassigned:
        raise Refused(_("%(name)s stays where it is.") % {"name": territory.name})
    return territory


def lock_tree() -> None:
    """Take the lock of the tree's own trigger first, so that two moves wait for each other instead of deadlocking."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('territory_tree'))")


def told(text: str, path: str) -> str:
    """A name or a code without blanks around it. Raises Refused where nothing is left."""
    if not text.strip():
        message = _("A territory has a name and a code. Write one.")
        raise Refused(message, path=path, code="required")
    return text.strip()


def check_in_tree(territory_id: int, day: date, path: str = "territory_id") -> Territory:
    """The territory, which nobody retires until the act ends. Raises Refused where it is not in the tree that day."""
    locked = "SELECT * FROM territories_territory WHERE id = %s FOR KEY SHARE"
    territory = next(iter(Territory.objects.raw(locked, [territory_id])), None)
    if territory is None:
        raise Refused(_("Choose a territory of the tree."), path=path)
    if not Edge.objects.on(day).filter(child=territory).exists():
        message = _("%(name)s is not part of the tree on %(day)s.")
        raise Refused(message % {"name": territory.name, "day": format_date(day)}, path=path)
    return territory


def hold_places(territory_ids: Iterable[int]) -> None:
    """Let nobody retire these territories until the act ends; who does so now is waited for.

    All that an act needs at once, after the tree and before an account or a deal is locked: whoever merges territories
    locks in that order too (docs/architecture.md, *Whose turn it is*).
    """
    with connection.cursor() as cursor:
        locked = "SELECT FROM territories_territory WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE"
        cursor.execute(locked, [sorted(set(territory_ids))])


def check_held(places: Collection[tuple[int, date]]) -> None:
    """Hold territories for what is booked there on these days, and look again whether they are in the tree then.

    Raises Conflict where one left it meanwhile: what is booked there would hang nowhere.
    """
    hold_places(territory_id for territory_id, _day in places)
    for territory_id, day in outside_tree(places):
        name = Territory.objects.values_list("name", flat=True).get(pk=territory_id)
        message = _("%(name)s is not part of the tree on %(day)s. Look again.")
        raise Conflict(message % {"name": name, "day": format_date(day)}, code="left_tree")


def outside_tree(places: Collection[tuple[int, date]]) -> list[tuple[int, date]]:
    """Those of these territories that are not part of the tree on their day."""
    spans: dict[int, list[Span]] = defaultdict(list)
    for edge in Edge.objects.current().filter(child__in={territory_id for territory_id, _day in places}):
        spans[edge.child_id].append(edge.span)
    return [(pk, day) for pk, day in sorted(places) if not any(day in span for span in spans[pk])]


def check_stays(
    territory_id: int,
    day: date,
    path: str = "territory_id",
    stops_on: date | None = None,
    code: str = "territory_leaves",
) -> Territory:
    """The territory, for what is put there from a day on until `stops_on`; nobody retires it until the act ends.

    Raises Refused where it is not part of the tree on each of these days: what is put there would hang nowhere.
    """
    territory = check_in_tree(territory_id, day, path)
    if gone := leaves_tree_on(territory_id, day, stops_on):
        message = _("%(name)s is part of the tree until %(day)s only. Choose a territory that stays.")
        raise Refused(message % {"name": territory.name, "day": format_date(gone)}, path=path, code=code)
    return territory


def check_parent(
    parent_id: int | None, day: date, stops_on: date | None = None, path: str = "parent_id"
) -> Territory | None:
    """The parent; None for a root. Raises Refused where it is not part of the tree on each day from that one on until
    `stops_on`, or where nothing lies below it.
    """
    if parent_id is None:
        return None
    parent = check_stays(parent_id, day, path, stops_on, code="parent_leaves")
    if parent.is_unassigned:
        raise Refused(_("Nothing lies below %(name)s.") % {"name": parent.name}, path=path)
    return parent


def _check_above(territory: Territory, parent_id: int | None, on: date) -> None:
    """Raises Refused where the parent is the territory itself, or lies below it on that day or later."""
    if parent_id is None:
        return
    below = subtree_within(territory.pk, Span(on, date.max))
    if any(parent_id in nodes for span, nodes in below):
        message = _("A territory can't lie below itself.")
        raise Refused(message, path="parent_id", code="tree_cycle")


def check_fit(territory: Territory, parent: Territory | None, path: str = "kind") -> None:
    """Raises Refused for a territory whose type is none, or may not lie below the parent's; None: a root."""
    if territory.kind not in rules.KINDS:
        raise Refused(_("A type is one of: %(kinds)s.") % {"kinds": _labels(rules.KINDS)}, path=path)
    if parent is None or rules.may_lie_below(territory.kind, parent.kind):
        return
    words = {
        "name": territory.name,
        "kind": territory.get_kind_display(),
        "parent": parent.name,
        "above": parent.get_kind_display(),
        "kinds": _labels(rules.kinds_above(territory.kind)) or "—",
    }
    message = _(
        "%(name)s, of type %(kind)s, can't lie below %(parent)s, of type %(above)s. It may lie below: %(kinds)s."
    )
    raise Refused(message % words, path=path, code="kind_order")


def _labels(kinds: Iterable[str]) -> str:
    return ", ".join(str(Territory.Kind(kind).label) for kind in kinds)
