"""The territory tree: nodes and what they lie below, by date."""

from datetime import date
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from common.access import found
from common.checks import refuse_unknown
from common.dated import make_room
from common.errors import Refused
from common.locale import format_date
from common.services import refuse_closed
from common.transaction import act, reach
from territories.models import Edge, Territory

UNASSIGNED = "UNASSIGNED"
TERRITORY_FIELDS = frozenset({"name", "code"})


@act
def create_territory(
    *, by: int | None, name: str, code: str, parent_id: int | None, starts_on: date
) -> Territory:
    """Add a territory below another from a day on, or a root without one; administrators only.

    Raises Conflict for a day in a closed period.
    """
    reach().require("territory", "update")
    refuse_closed(starts_on, "starts_on")
    check_parent(parent_id, starts_on)
    territory = Territory.objects.create(name=name.strip(), code=code.strip())
    Edge.objects.create(child=territory, parent_id=parent_id, starts_on=starts_on, recorded_by_id=by)
    return territory


@act
def create_root(*, by: int | None, name: str, code: str, starts_on: date) -> Territory:
    """Add a root of the tree, with *Unassigned* below it where that lies nowhere yet; administrators only."""
    root = create_territory(by=by, name=name, code=code, parent_id=None, starts_on=starts_on)
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
def edit_territory(*, by: int, territory_id: int, version: int, **changes: Any) -> None:
    """Change a territory's name or code; administrators only. Raises Stale where it changed meanwhile."""
    reach().require("territory", "update")
    refuse_unknown(changes, TERRITORY_FIELDS)
    Territory.objects.change(territory_id, version, **changes)


@act
def move_territory(*, by: int, territory_id: int, parent_id: int | None, on: date) -> Edge:
    """Hang a territory with all below it under another parent from a day on; administrators only.

    Earlier days keep the tree they had; later moves that were planned are dropped.
    Raises Refused for a move below itself, Conflict for a day in a closed period.
    """
    reach().require("edge", "update")
    _lock_tree()
    territory = found(Territory.objects.filter(pk=territory_id).first())
    if territory.is_unassigned:
        raise Refused(_("%(name)s stays where it is.") % {"name": territory.name})
    refuse_closed(on, "on")
    check_parent(parent_id, on)
    edges = Edge.objects.filter(child=territory)
    running = edges.on(on).first()
    if running and running.parent_id == parent_id and running.stops_on is None:
        message = _("%(name)s already lies there on that day.")
        raise Refused(message % {"name": territory.name}, path="parent_id", code="already_there")
    make_room(edges, on, recorded_by_id=by)
    return Edge.objects.create(child=territory, parent_id=parent_id, starts_on=on, recorded_by_id=by)


def _lock_tree() -> None:
    """Take the lock of the tree's own trigger first, so that two moves wait for each other instead of deadlocking."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('territory_tree'))")


def check_in_tree(territory_id: int, day: date, path: str = "territory_id") -> Territory:
    """The territory. Raises Refused where it is not part of the tree on that day."""
    territory: Territory | None = Territory.objects.filter(pk=territory_id).first()
    if territory is None:
        raise Refused(_("Choose a territory of the tree."), path=path)
    if not Edge.objects.on(day).filter(child=territory).exists():
        message = _("%(name)s is not part of the tree on %(day)s.")
        raise Refused(message % {"name": territory.name, "day": format_date(day)}, path=path)
    return territory


def check_parent(parent_id: int | None, day: date) -> None:
    """Raises Refused for a parent that is not part of the tree on that day, or below which nothing lies."""
    parent = check_in_tree(parent_id, day, "parent_id") if parent_id is not None else None
    if parent and parent.is_unassigned:
        raise Refused(_("Nothing lies below %(name)s.") % {"name": parent.name}, path="parent_id")
