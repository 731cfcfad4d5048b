"""A seat in the past is recorded, and the credit that another administrator is asked to let move with it."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from common.access import found
from common.errors import Conflict
from common.locale import format_date
from common.transaction import act, reach
from orders.services.moving import ask_credit_move
from planning.selectors.seats import SeatChange, effect_of_seat
from planning.services.handover import hand_over_seat
from territories import services as territories
from territories.models import Seat
from workspace.models import Approval


@act
def record_seat(*, by: int, change: SeatChange, orders: Sequence[int], reason: str) -> Seat:
    """Record a seat once one has seen what it changes; administrators only. By itself it moves no credit.

    For the orders that are chosen another administrator is asked to let credit move. Raises what seating, changing and
    handing over raise, and what `ask_credit` does: then nothing is recorded.
    """
    seat = _recorded(by, change)
    if orders:
        ask_credit(by=by, seat_id=seat.pk, orders=orders, reason=reason)
    return seat


def _recorded(by: int, change: SeatChange) -> Seat:
    seat, old_id = change.seat, change.old.pk if change.old else 0
    said: dict[str, Any] = {"starts_on": seat.starts_on, "ramp": seat.ramp, "reason": seat.reason}
    if change.act == "hand_over":
        until = None if change.ends_old else seat.stops_on
        work: dict[str, Any] = {"takes_work": change.takes_work, "stops_on": until, "quota": change.quota}
        return hand_over_seat(by=by, seat_id=old_id, successor_id=seat.user_id, **work, **said).seat
    place: dict[str, Any] = {"territory_id": seat.territory_id, "kind": seat.kind, "share": seat.share}
    if change.act == "change":
        return territories.change_seat(by=by, seat_id=old_id, **place, **said)
    return territories.seat_person(by=by, user_id=seat.user_id, stops_on=seat.stops_on, **place, **said)


@act
def ask_credit(*, by: int, seat_id: int, orders: Sequence[int], reason: str) -> Approval:
    """Ask another administrator to let the credit of these orders go where a seat would have put it; administrators.

    Raises Conflict for an order whose credit can't move, or stands there already, Refused without a reason.
    """
    reach().require("seat", "update")
    seat: Seat = found(Seat.objects.current().filter(pk=seat_id).select_related("user", "territory").first())
    rows = {row.order.pk: row for row in effect_of_seat(seat).orders}
    if any(pk not in rows for pk in orders):
        message = _("The credit of one of these orders stands where it would. Look again.")
        raise Conflict(message, path="orders", code="nothing_moves")
    words = {"name": seat.user.name, "place": seat.territory.name, "day": format_date(seat.starts_on)}
    return ask_credit_move(
        by=by,
        key=str(seat.pk),
        about=_("Credit for %(name)s's seat on %(place)s from %(day)s") % words,
        url=reverse("seat_credit", args=[seat.pk]),
        orders=[rows[pk].change for pk in orders],
        reason=reason,
    )
