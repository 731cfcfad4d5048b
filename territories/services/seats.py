"""Seats: who owns, leads or joins a territory on which days."""

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from common import locale
from common.access import found
from common.constraints import explained
from common.errors import Refused
from common.selectors import today
from common.services import refuse_closed
from common.transaction import act, reach
from territories.models import Seat, Territory, User
from territories.services.tree import check_in_tree

ONE_HOLDER = {"seat_one_owner": Seat.Kind.OWNER, "seat_one_lead": Seat.Kind.LEAD}


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


def _held(seat: Seat) -> Seat:
    """Save a seat; where the database refuses it, say who holds it and until when."""
    try:
        with transaction.atomic():
            seat.save(force_insert=True)
    except IntegrityError as error:
        raise _in_words(explained(error), seat) from error
    return seat


def _in_words(refused: Refused, wanted: Seat) -> Refused:
    kind = ONE_HOLDER.get(refused.code)
    if kind is None:
        return refused
    seats = Seat.objects.overlapping(wanted.starts_on, wanted.stops_on)
    holder = (
        seats.filter(territory_id=wanted.territory_id, kind=kind).select_related("user", "territory").first()
    )
    return Refused(_sentence(holder), path="starts_on", code=refused.code) if holder else refused


def _sentence(holder: Any) -> str:
    values = {
        "person": holder.user.name,
        "kind": holder.get_kind_display(),
        "territory": holder.territory.name,
        "start": locale.format_date(holder.starts_on),
        "stop": locale.format_date(holder.stops_on),
    }
    if holder.stops_on is None:
        return _("%(person)s is %(kind)s of %(territory)s since %(start)s. End that seat first.") % values
    return (
        _(
            "%(person)s is %(kind)s of %(territory)s from %(start)s until %(stop)s. Start then, or end that seat first."
        )
        % values
    )
