"""Somebody leaves: what hangs on them goes to a successor. Somebody comes back."""

from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _

from accounts.services.holds import pass_holds
from common.access import found
from common.errors import Refused
from common.transaction import act, because, reach
from pipeline.services import hand_over
from planning.selectors.people import Hangs, hangs_on
from territories import services as territories
from territories.models import User
from workspace import services as workspace


class Moved(NamedTuple):
    """How much went over to a successor."""

    seats: int = 0
    deals: int = 0
    activities: int = 0
    holds: int = 0


@act
def leave(
    *, by: int, user_id: int, version: int, successor_id: int | None = None, is_vacant: bool = False
) -> Moved:
    """Deactivate a person today, all in one: no way in, no role, no seat, nothing open; administrators only.

    Open deals, leads and activities go to the successor, who also sits as owner or lead where the person did, unless
    the seats stay vacant. Accounts that the person holds pass to the successor where that one owns their territories
    then; other holds end today. What was booked, credited and planned stays. Answers how much went over; the person's
    history says it too, and to whom.

    Raises Refused without a successor for what needs one, or where the successor can't sit there.
    """
    reach().require("user", "update")
    person: User = found(User.objects.select_for_update(no_key=True).filter(pk=user_id).first())
    hangs = hangs_on(person)
    _check_successor(person, hangs, successor_id, is_vacant)
    why = _("%(name)s left") % {"name": person.name}
    seats_over = 0 if is_vacant else len(hangs.lasting_seats)
    moved = Moved(seats_over, hangs.deals, hangs.activities) if successor_id else Moved()
    with because(_handed_over(why, successor_id, moved)):
        seats = territories.deactivate(by=by, user_id=user_id, version=version, why=why)
    with because(why):
        workspace.let_go(by=by, user_id=user_id, why=why)
        if successor_id and not is_vacant:
            territories.succeed(by=by, seats=seats, user_id=successor_id, reason=why)
        holds = pass_holds(by=by, person_id=user_id, successor_id=successor_id, why=why)
        if successor_id is None:
            return moved
        deals, activities = hand_over(by=by, from_id=user_id, to_id=successor_id)
        return moved._replace(deals=deals, activities=activities, holds=holds)


def _handed_over(why: str, successor_id: int | None, moved: Moved) -> str:
    """Why somebody's own row changes: that they left, and what went over to whom."""
    successor = User.objects.filter(pk=successor_id or 0).first()
    if successor is None:
        return why
    words = {"why": why, "name": successor.name, **moved._asdict()}
    return _("%(why)s. To %(name)s: seats %(seats)s, open deals %(deals)s, activities %(activities)s") % words


def _check_successor(person: User, hangs: Hangs, successor_id: int | None, is_vacant: bool) -> None:
    if successor_id == person.pk:
        raise Refused(_("Choose somebody else: they are the one who leaves."), path="successor_id")
    if successor_id is None and hangs.has_work:
        message = _("Choose who takes over the open deals, leads and activities.")
        raise Refused(message, path="successor_id", code="required")
    if successor_id is None and hangs.lasting_seats and not is_vacant:
        message = _("Choose who takes the seats, or leave them vacant.")
        raise Refused(message, path="successor_id", code="required")


@act
def come_back(*, by: int, user_id: int, version: int, role: str, starts_on: date) -> User:
    """Let a person who left come back, with a role from a day on and a new invitation; administrators only."""
    person = territories.reactivate(by=by, user_id=user_id, version=version, role=role, starts_on=starts_on)
    workspace.invite(by=by, user_ids=[user_id])
    return person
