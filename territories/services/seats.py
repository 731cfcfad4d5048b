"""Seats: who owns, leads or joins a territory on which days."""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from common.access import found
from common.constraints import explained
from common.errors import Refused
from common.selectors import today
from common.services import refuse_closed
from common.transaction import act, reach
from territories.models import Seat, Territory, User
from territories.selectors import in_words
from territories.services.tree import check_in_tree


@act
def seat_person(
    *,
    by: int | None,
    user_id: int,
    territory_id: int,
    kind: str,
    starts_on: date,
    stops_on: date | None = None,
    reason: str = "",
) -> Seat:
    """Seat a person on a territory from a day on; administrators only.

    A territory has one owner and one lead a day: the database refuses a second one, and the refusal names the first.
    Raises Conflict for a day in a closed period.
    """
    reach().require("seat", "update")
    refuse_closed(starts_on, "starts_on")
    if not User.objects.filter(pk=user_id, is_active=True).exists():
        raise Refused(_("Choose a person who is still here."), path="user_id")
    # Two who seat at once would each wait for the other inside the exclusion constraint.
    Territory.objects.select_for_update(no_key=True).filter(pk=territory_id).first()
    territory = check_in_tree(territory_id, starts_on)
    if territory.is_unassigned:
        message = _("%(name)s keeps what belongs to nobody; nobody sits there.")
        raise Refused(message % {"name": territory.name}, path="territory_id")
    if kind not in Seat.Kind.values:
        raise Refused(_("A seat is owner, lead or overlay."), path="kind")
    row = {"user_id": user_id, "territory_id": territory_id, "kind": kind, "reason": reason.strip()}
    return _held(Seat(**row, starts_on=starts_on, stops_on=stops_on, recorded_by_id=by))


@act
def end_seat(*, by: int, seat_id: int, stops_on: date, reason: str = "") -> Seat | None:
    """End a seat on the first day without it; administrators only. What was booked before keeps its seat.

    A seat that has not begun is taken back by ending it on its first day. Raises Stale where it was replaced meanwhile,
    Conflict where the change reaches into a closed period.
    """
    reach().require("seat", "update")
    seat: Seat = found(Seat.objects.filter(pk=seat_id).first())
    why = reason.strip()
    seat.supersede(why)
    if stops_on <= seat.starts_on and seat.starts_on > today():
        return None
    refuse_closed(min(stops_on, seat.stops_on or stops_on), "stops_on")
    values = {name: getattr(seat, name) for name in ("user_id", "territory_id", "kind", "starts_on")}
    return _held(Seat(**values, stops_on=stops_on, reason=why or seat.reason, recorded_by_id=by))


@act
def change_seat(
    *, by: int, seat_id: int, territory_id: int, kind: str, starts_on: date, reason: str = ""
) -> Seat:
    """Let a person sit elsewhere, or in another kind of seat, instead of one seat from a day on; administrators only.

    The old one ends on that day, the new one ends when the old one would have. Raises Refused where another owner or
    lead sits there, Conflict for a day in a closed period.
    """
    reach().require("seat", "update")
    refuse_closed(starts_on, "starts_on")
    seat: Seat = found(Seat.objects.current().filter(pk=seat_id).first())
    if (seat.territory_id, seat.kind) == (territory_id, kind):
        raise Refused(_("They have that seat already. Choose another one."), path="territory_id")
    if seat.stops_on and seat.stops_on <= starts_on:
        message = _("The old seat ends before that day. Seat them anew.")
        raise Refused(message, path="starts_on")
    end_seat(by=by, seat_id=seat_id, stops_on=starts_on, reason=reason)
    return seat_person(
        by=by,
        user_id=seat.user_id,
        territory_id=territory_id,
        kind=kind,
        starts_on=starts_on,
        stops_on=seat.stops_on,
        reason=reason,
    )


def _held(seat: Seat) -> Seat:
    """Save a seat; where the database refuses a second owner or lead, the refusal names the first."""
    try:
        with transaction.atomic():
            seat.save(force_insert=True)
    except IntegrityError as error:
        refused = explained(error)
        if refused.code in ("seat_one_owner", "seat_one_lead"):
            seats = Seat.objects.overlapping(seat.starts_on, seat.stops_on).select_related("user")
            first = seats.filter(territory_id=seat.territory_id, kind=seat.kind).first()
            holder = f" {in_words(first)}." if first else ""  # none where it ended meanwhile
            refused = Refused(f"{refused.message}{holder}", path="starts_on", code=refused.code)
        raise refused from error
    return seat
