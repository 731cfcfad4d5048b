"""What territories are called, by date; their codes and types."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _

from common.access import found
from common.checks import refuse_unknown
from common.dated import make_room
from common.errors import Refused
from common.selectors import today
from common.services import refuse_closed
from common.transaction import act, reach
from territories import rules
from territories.models import Edge, Naming, Territory
from territories.services.tree import check_fit, check_in_tree, lock_tree, told

TERRITORY_FIELDS = frozenset({"name", "code", "kind"})


@act
def edit_territory(*, by: int | None, territory_id: int, version: int, **changes: Any) -> None:
    """Correct a territory's name for all days on which it bears that of today, its code or its type.

    Administrators only. Raises Stale where it changed meanwhile, Refused for a type that fits not where it lies.
    """
    reach().require("territory", "update")
    refuse_unknown(changes, TERRITORY_FIELDS)
    territory: Territory = found(Territory.objects.filter(pk=territory_id).first())
    changes |= {name: told(changes[name], name) for name in ("name", "code") if name in changes}
    if changes.get("kind", territory.kind) != territory.kind:
        check_new_kind(territory, changes["kind"])
    Territory.objects.change(territory_id, version, **changes)
    if changes.get("name", territory.name) != territory.name:
        correct_names(by, {territory_id: changes["name"]})


def check_new_kind(territory: Territory, kind: str) -> None:
    """Raises Refused for another type that does not fit what the territory ever lies below, or what lies below it."""
    if territory.is_unassigned:
        raise Refused(_("%(name)s stays what it is.") % {"name": territory.name}, path="kind")
    if rules.OVERLAY in (territory.kind, kind):
        message = _("An overlay takes other accounts than the rest: add a new territory instead.")
        raise Refused(message, path="kind", code="overlay")
    lock_tree()
    changed = Territory(name=territory.name, kind=kind)
    check_fit(changed, None)
    edges = Edge.objects.current().filter(
        Q(child=territory) | Q(parent=territory), child__is_unassigned=False
    )
    for edge in edges.select_related("parent", "child"):
        is_own = edge.child_id == territory.pk
        check_fit(changed if is_own else edge.child, edge.parent if is_own else changed)


def correct_names(by: int | None, names: Mapping[int, str]) -> None:
    """What these territories are called today, or on their first day, was written wrongly. Called by what checked."""
    standing = Naming.objects.overlapping(today(), None).filter(territory_id__in=names)
    for naming in standing.order_by("territory_id", "starts_on").distinct("territory_id"):
        naming.replaced(name=names[naming.territory_id], recorded_by_id=by)


@act
def rename_territory(
    *, by: int | None, territory_id: int, name: str, starts_on: date, reason: str = ""
) -> Naming:
    """Give a territory another name from a day on; administrators only. Earlier days keep the one they had.

    Later names that were planned are dropped. Raises Refused before its second day in the tree, Conflict for a day in a
    closed period.
    """
    reach().require("naming", "update")
    name, why = told(name, "name"), reason.strip()
    refuse_closed(starts_on, "starts_on")
    # Two who rename at once would each record the old name.
    territory: Territory = found(
        Territory.objects.select_for_update(no_key=True).filter(pk=territory_id).first()
    )
    check_in_tree(territory_id, starts_on, "starts_on")
    namings = Naming.objects.filter(territory=territory)
    running = namings.on(starts_on).first()
    is_last = running is None or running.stops_on is None
    if is_last and name == (running or territory).name:
        message = _("It bears that name on that day already. Write another one.")
        raise Refused(message, path="name", code="already_there")
    make_room(namings, starts_on, why, recorded_by_id=by)
    if running is None:
        _record_old_name(by, territory, starts_on)
    if starts_on <= today():
        Territory.objects.change(territory_id, territory.version, name=name)
    given = {"territory": territory, "name": name, "starts_on": starts_on, "reason": why}
    return Naming.objects.create(**given, recorded_by_id=by)


def _record_old_name(by: int | None, territory: Territory, starts_on: date) -> None:
    """The name that a territory bore from its first day on. Raises Refused where it never did."""
    first = Edge.objects.current().filter(child=territory).earliest("starts_on").starts_on
    if first == starts_on:
        message = _(
            "It bears no other name before that day. Edit it instead: that corrects its name for all days."
        )
        raise Refused(message, path="starts_on", code="first_day")
    days = {"starts_on": first, "stops_on": starts_on}
    Naming.objects.create(territory=territory, name=territory.name, **days, recorded_by_id=by)


@act
def apply_due_names(*, today: date) -> int:
    """Let territories be called what they are called from today on; the organisation's own job. Says how many."""
    due = Naming.objects.on(today).exclude(name=F("territory__name")).select_related("territory")
    for naming in due:
        Territory.objects.change(naming.territory_id, naming.territory.version, name=naming.name)
    return len(due)
