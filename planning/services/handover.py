"""A seat goes to another person, for good or for a time, with the open work that hangs on it."""

from datetime import date
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from common.access import found
from common.errors import Conflict, Refused
from common.locale import format_date
from common.selectors import today
from common.transaction import act, reach
from pipeline.services import hand_over
from planning.models import HandOver, QuotaPolicy
from planning.selectors.handover import stands, territories_of, work_on_eve
from planning.services.quota_moves import QuotaMoves
from planning.services.telling import tell_of_hand_over
from territories import services as territories
from territories.models import Seat, User
from territories.services.seats import check_holds

State = HandOver.State


class Handed(NamedTuple):
    """The seat that began, and how its open work passes; None where it stays."""

    seat: Seat
    work: HandOver | None


@act
def hand_over_seat(
    *,
    by: int,
    seat_id: int,
    successor_id: int,
    starts_on: date,
    stops_on: date | None = None,
    takes_work: bool = True,
    quota: str = QuotaPolicy.PERSON,
    ramp: str = "",
    reason: str = "",
) -> Handed:
    """Put a successor into a person's seat from a day on; with an end, let them cover it until then; administrators.

    For good the old seat ends and the new one has its kind, share and end; for a time the old seat stays. Accounts
    stay with the territory, credit with the person. So does quota, unless it is to follow the territory (`quota`): the
    running quarter's is cut by days, later ones of the year go in full. With `takes_work` their open deals, leads and
    activities there, and below a lead's seat, pass on the day itself: at once where it has come. They do not come back
    by themselves. Both people are told, and those who lead the territory.

    Raises Refused where the successor can't sit there or quota can't follow, Conflict for a day in a closed period.
    """
    reach().require("seat", "update")
    old: Seat = found(Seat.objects.current().filter(pk=seat_id).select_related("territory", "user").first())
    _check_successor(old, successor_id)
    _check_quota(old, quota, stops_on)
    if stops_on is None:
        facts: dict[str, Any] = {
            "user_id": successor_id,
            "starts_on": starts_on,
            "ramp": ramp,
            "reason": reason,
        }
        seat = territories.pass_seat(by=by, seat_id=seat_id, **facts)
    else:
        seat = _cover(by, old, successor_id, starts_on, stops_on, ramp, reason)
    if quota == QuotaPolicy.TERRITORY:
        moves, why = QuotaMoves(), reason.strip() or _("hand-over of %(name)s") % {"name": old.territory.name}
        moves.with_territory(old.user_id, successor_id, starts_on, why)
        moves.write(by, why)
    work = _work(by, old, seat) if takes_work else None
    tell_of_hand_over(by, old, seat)
    return Handed(seat, work)


def _check_successor(old: Seat, successor_id: int) -> None:
    if successor_id == old.user_id:
        raise Refused(_("Choose somebody else: they have this seat."), path="successor_id")
    if not User.objects.filter(pk=successor_id, is_active=True).exists():
        raise Refused(_("Choose a person who is still here."), path="successor_id")


def _check_quota(old: Seat, quota: str, stops_on: date | None) -> None:
    """Raises Refused where quota is to go with a seat with which it can't: accounts stay where they are in a hand-over,
    so that quota stays too or follows the territory, of who owns or leads it, for good.
    """
    if quota not in (QuotaPolicy.PERSON, QuotaPolicy.TERRITORY):
        raise Refused(_("In a hand-over quota stays, or follows the territory."), path="quota")
    if quota == QuotaPolicy.TERRITORY and (stops_on or old.kind not in Seat.LASTING):
        message = _("Quota follows a territory with its owner's or lead's seat, and for good. Let it stay.")
        raise Refused(message, path="quota", code="quota_stays")


def _cover(
    by: int, old: Seat, successor_id: int, starts_on: date, stops_on: date, ramp: str, reason: str
) -> Seat:
    """A temporary cover beside the old seat."""
    check_holds(old, starts_on)
    if old.stops_on and stops_on > old.stops_on:
        message = _("The seat itself ends on %(day)s. Choose that day or an earlier one, or leave it empty.")
        raise Refused(message % {"day": format_date(old.stops_on)}, path="stops_on", code="date_range")
    return territories.seat_person(
        by=by,
        user_id=successor_id,
        territory_id=old.territory_id,
        kind=Seat.Kind.COVER,
        starts_on=starts_on,
        stops_on=stops_on,
        share=old.share,
        ramp=ramp,
        reason=reason,
    )


def _work(by: int, old: Seat, seat: Seat) -> HandOver:
    """That open work passes with the seat: done at once where the day has come."""
    row = HandOver.objects.create(
        territory_id=old.territory_id,
        kind=seat.kind,
        is_below=old.kind == Seat.Kind.LEAD,
        giver_id=old.user_id,
        taker_id=seat.user_id,
        passes_on=seat.starts_on,
        made_by_id=by,
    )
    if row.passes_on <= today():
        there = territories_of(row.territory_id, today(), is_below=row.is_below)
        _pass(row, by, Q(territory__in=there))
    return row


def _pass(row: HandOver, by: int | None, within: Q) -> None:
    both = {"from_id": row.giver_id, "to_id": row.taker_id}
    row.deals, row.activities = hand_over(by=by, **both, within=within)
    row.state = State.DONE
    counts = {"deals": row.deals, "activities": row.activities}
    HandOver.objects.change(row.pk, row.version, state=row.state, **counts)


@act
def apply_due_hand_overs(*, today: date) -> int:
    """Let open work pass whose day has come; the organisation's own job, safe to run twice. Says how many passed.

    It is dropped where the one who was to take over does not have the seat on that day, or has left.
    """
    due = HandOver.objects.filter(state=State.PLANNED, passes_on__lte=today).order_by("passes_on", "pk")
    passed = 0
    for row in due.select_for_update(skip_locked=True):
        if stands(row):
            _pass(row, None, work_on_eve(row))
            passed += 1
        else:
            HandOver.objects.change(row.pk, row.version, state=State.DROPPED)
    return passed


@act
def drop_hand_over(*, by: int, hand_over_id: int, version: int) -> HandOver:
    """Let open work stay that was to pass on a day to come; administrators only. The seats stay as they are.

    Raises Conflict where it has passed already, and Stale.
    """
    reach().require("seat", "update")
    row: HandOver = found(HandOver.objects.filter(pk=hand_over_id).first())
    if row.state != State.PLANNED:
        raise Conflict(_("It has passed already, or was taken back."), code="not_planned")
    HandOver.objects.change(row.pk, version, state=State.DROPPED)
    return row
