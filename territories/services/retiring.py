"""Territories leave the tree: retired on their own, or because another one has what they had."""

from datetime import date

from django.db import connection
from django.utils.translation import gettext as _

from common.access import found
from common.dated import make_room
from common.errors import Refused
from common.services import refuse_closed
from common.transaction import act, reach
from territories.models import Edge, Seat, Succession, Territory, Vacancy
from territories.services.tree import check_in_tree, lock_tree


@act
def take_for_retiring(*, by: int | None, territory_id: int, on: date, path: str = "on") -> Territory:
    """The territory that is to leave the tree on that day, or to pass something on; administrators only.

    Until the transaction ends nothing is put there: who tries waits, and finds it retired. Raises Refused for
    *Unassigned*, and where it is not part of the tree on that day, Conflict for a day in a closed period.
    """
    reach().require("edge", "update")
    territory: Territory = found(Territory.objects.filter(pk=territory_id).first())
    if territory.is_unassigned:
        message = _("%(name)s keeps what belongs to nobody: it stays.")
        raise Refused(message % {"name": territory.name})
    refuse_closed(on, path)
    lock_tree()
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM territories_territory WHERE id = %s FOR UPDATE", [territory_id])
    return check_in_tree(territory_id, on, path)


@act
def end_place(*, by: int | None, territory_id: int, on: date, reason: str = "") -> None:
    """Take a territory out of the tree from a day on, for good; administrators only. Earlier days keep it.

    One that was to begin on that day or later is taken back. What hangs on it apart from the tree, `planning` looks at.
    Raises Refused where something lies below it on that day or later, and for the last root of the tree.
    """
    territory = take_for_retiring(by=by, territory_id=territory_id, on=on)
    words = {"name": territory.name}
    roots = Edge.objects.overlapping(on, None).filter(parent=None).exclude(child=territory)
    edges = Edge.objects.filter(child=territory)
    if edges.overlapping(on, None).filter(parent=None).exists() and not roots.exists():
        raise Refused(_("%(name)s is the last root of the tree: it stays.") % words, code="last_root")
    if Edge.objects.overlapping(on, None).filter(parent=territory).exists():
        message = _("Something lies below %(name)s on that day or later. Move it first.")
        raise Refused(message % words, path="on", code="has_children")
    make_room(edges, on, reason.strip(), recorded_by_id=by)


@act
def vacate(*, by: int | None, territory_id: int, on: date, reason: str = "") -> int:
    """End all seats on a territory on a day, and what is planned for its vacant ones; administrators only.

    Says how many seats. Raises Conflict for a day in a closed period.
    """
    reach().require("seat", "update")
    refuse_closed(on, "on")
    seats = Seat.objects.filter(territory_id=territory_id)
    ending = seats.overlapping(on, None).count()
    make_room(seats, on, reason.strip(), recorded_by_id=by)
    make_room(Vacancy.objects.filter(territory_id=territory_id), on, reason.strip(), recorded_by_id=by)
    return ending


@act
def record_succession(
    *, by: int | None, territory_id: int, heir_id: int, on: date, is_whole: bool, reason: str = ""
) -> Succession:
    """Note that from a day on a territory has what another one had, or a part of it; administrators only."""
    reach().require("succession", "update")
    row = {"territory_id": territory_id, "heir_id": heir_id, "starts_on": on, "is_whole": is_whole}
    return Succession.objects.create(**row, reason=reason.strip(), recorded_by_id=by)
