"""Seats: who owns, leads or joins a territory on which days."""

from collections.abc import Iterable
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from common.access import found
from common.constraints import explained
from common.errors import Refused
from common.locale import format_date
from common.money import WHOLE_SHARE
from common.selectors import today
from common.services import refuse_closed
from common.transaction import act, reach
from territories.models import Seat, Territory, User
from territories.selectors import in_words
from territories.services.tree import check_stays
from territories.services.vacancies import check_seatable, end_plans, kept_ramp

KEPT = ("user_id", "territory_id", "kind", "starts_on", "share", "ramp")


@act
def seat_person(
    *,
    by: int | None,
    user_id: int,
    territory_id: int,
    kind: str,
    starts_on: date,
    stops_on: date | None = None,
    share: int = WHOLE_SHARE,
    ramp: str = "",
    reason: str = "",
) -> Seat:
    """Seat a person on a territory from a day on; administrators only. What was planned for that seat ends.

    A territory has one owner and one lead a day: the database refuses a second one, and the refusal names the first.
    A temporary cover has an end and no ramp. `share`: of their working time, in millionths of a percent.
    Raises Conflict for a day in a closed period.
    """
    reach().require("seat", "update")
    refuse_closed(starts_on, "starts_on")
    if not User.objects.filter(pk=user_id, is_active=True).exists():
        raise Refused(_("Choose a person who is still here."), path="user_id")
    lock_seats([territory_id])
    check_seatable(check_stays(territory_id, starts_on, stops_on=stops_on))
    row = {"user_id": user_id, "territory_id": territory_id, "kind": kind, "reason": reason.strip()}
    days = {"starts_on": starts_on, "stops_on": stops_on}
    seat = Seat(**row, **days, share=share, ramp=kept_ramp(ramp), recorded_by_id=by)
    _check(seat)
    _held(seat)
    end_plans(seat)
    return seat


def lock_seats(territory_ids: Iterable[int]) -> None:
    """Let who changes the seats of these territories at once wait here, before any seat is ended: further on each would
    wait for the other, inside the exclusion constraint.
    """
    places = Territory.objects.select_for_update(no_key=True).filter(pk__in=set(territory_ids))
    list(places.order_by("pk"))


def _check(seat: Seat) -> None:
    if seat.kind not in Seat.Kind.values:
        raise Refused(_("A seat is owner, lead, overlay or temporary cover."), path="kind")
    if seat.stops_on and seat.stops_on <= seat.starts_on:
        message = _("The end must come after the start. Choose a later day.")
        raise Refused(message, path="stops_on", code="seat_ordered")
    if not 0 < seat.share <= WHOLE_SHARE:
        message = _("A share is more than 0 and at most 100 percent.")
        raise Refused(message, path="share", code="seat_share")
    if seat.kind == Seat.Kind.COVER:
        _check_cover(seat)


def _check_cover(seat: Seat) -> None:
    if seat.stops_on is None:
        message = _("A temporary cover has an end. Say from which day on it is over.")
        raise Refused(message, path="stops_on", code="seat_cover_ends")
    if seat.ramp:
        message = _("Who covers for a time carries no quota there, and so has no ramp. Leave it empty.")
        raise Refused(message, path="ramp", code="seat_cover_ramp")


@act
def end_seat(*, by: int, seat_id: int, stops_on: date, reason: str = "") -> Seat | None:
    """End a seat on the first day without it; administrators only. What was booked before keeps its seat.

    A seat that has not begun is taken back by ending it on its first day. Raises Stale where it was replaced meanwhile,
    Conflict where the change reaches into a closed period.
    """
    reach().require("seat", "update")
    seat: Seat = found(Seat.objects.filter(pk=seat_id).first())
    lock_seats([seat.territory_id])
    why = reason.strip()
    seat.supersede(why)
    if stops_on <= seat.starts_on and seat.starts_on > today():
        return None
    refuse_closed(min(stops_on, seat.stops_on or stops_on), "stops_on")
    values = {name: getattr(seat, name) for name in KEPT}
    return _held(Seat(**values, stops_on=stops_on, reason=why or seat.reason, recorded_by_id=by))


@act
def free_seat(*, by: int, seat_id: int, on: date, reason: str = "") -> None:
    """Let nobody sit there from a day on, also where the seat began on that very day; administrators only."""
    seat: Seat = found(Seat.objects.filter(pk=seat_id).first())
    if seat.starts_on != on:
        end_seat(by=by, seat_id=seat_id, stops_on=on, reason=reason)
        return
    reach().require("seat", "update")
    refuse_closed(on, "starts_on")
    lock_seats([seat.territory_id])
    seat.supersede(reason.strip())


@act
def change_seat(
    *,
    by: int,
    seat_id: int,
    territory_id: int,
    kind: str,
    starts_on: date,
    share: int | None = None,
    ramp: str = "",
    reason: str = "",
) -> Seat:
    """Let a person sit elsewhere, in another kind of seat or with another share, instead of one seat from a day on;
    administrators only.

    The old one ends on that day, the new one ends when the old one would have. Raises Refused where another owner or
    lead sits there, Conflict for a day in a closed period.
    """
    reach().require("seat", "update")
    refuse_closed(starts_on, "starts_on")
    seat: Seat = found(Seat.objects.current().filter(pk=seat_id).first())
    part = seat.share if share is None else share
    if (seat.territory_id, seat.kind, seat.share) == (territory_id, kind, part):
        raise Refused(_("They have that seat already. Choose another one."), path="territory_id")
    if seat.stops_on and seat.stops_on <= starts_on:
        message = _("The old seat ends before that day. Seat them anew.")
        raise Refused(message, path="starts_on")
    lock_seats([seat.territory_id, territory_id])
    end_seat(by=by, seat_id=seat_id, stops_on=starts_on, reason=reason)
    return seat_person(
        by=by,
        user_id=seat.user_id,
        territory_id=territory_id,
        kind=kind,
        starts_on=starts_on,
        stops_on=seat.stops_on,
        share=part,
        ramp=ramp,
        reason=reason,
    )


@act
def pass_seat(
    *, by: int, seat_id: int, user_id: int, starts_on: date, ramp: str = "", reason: str = ""
) -> Seat:
    """Put another person into a seat from a day on, for good; administrators only.

    The old seat ends on that day, or was never theirs where it began on it; the new one has the same kind, share and
    end. Raises Refused for a day on which the old one does not hold, Conflict for a day in a closed period, Stale.
    """
    reach().require("seat", "update")
    refuse_closed(starts_on, "starts_on")
    seat: Seat = found(Seat.objects.filter(pk=seat_id).first())
    check_holds(seat, starts_on)
    lock_seats([seat.territory_id])
    if starts_on == seat.starts_on:
        seat.supersede(reason.strip())
    else:
        end_seat(by=by, seat_id=seat_id, stops_on=starts_on, reason=reason)
    return seat_person(
        by=by,
        user_id=user_id,
        territory_id=seat.territory_id,
        kind=seat.kind,
        starts_on=starts_on,
        stops_on=seat.stops_on,
        share=seat.share,
        ramp=ramp,
        reason=reason,
    )


def check_holds(seat: Seat, day: date) -> None:
    """Raises Refused for a day on which a seat does not hold, with the days on which it does."""
    if day < seat.starts_on:
        message = _("This seat begins on %(day)s. Choose that day or a later one.")
        raise Refused(message % {"day": format_date(seat.starts_on)}, path="starts_on", code="date_range")
    if seat.stops_on and seat.stops_on <= day:
        message = _("This seat ends on %(day)s. Choose an earlier day, or seat the other person anew.")
        raise Refused(message % {"day": format_date(seat.stops_on)}, path="starts_on", code="date_range")


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
