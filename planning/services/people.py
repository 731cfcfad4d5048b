"""Somebody leaves: what hangs on them goes to a successor. Somebody comes back."""

from datetime import date

from django.utils.translation import gettext as _

from common.access import found
from common.errors import Refused
from common.transaction import act, because, reach
from pipeline.services import hand_over
from planning.selectors.people import hangs_on
from territories import services as territories
from territories.models import User
from workspace import services as workspace


@act
def leave(
    *, by: int, user_id: int, version: int, successor_id: int | None = None, is_vacant: bool = False
) -> tuple[int, int]:
    """Deactivate a person today, all in one: no way in, no role, no seat, nothing open; administrators only.

    Open deals and activities go to the successor, who also sits as owner or lead where the person did, unless the seats
    stay vacant. What was booked, credited and planned stays. Answers how many deals and activities went over.

    Raises Refused without a successor for what needs one, or where the successor can't sit there.
    """
    reach().require("user", "update")
    person: User = found(User.objects.select_for_update(no_key=True).filter(pk=user_id).first())
    _check_successor(person, successor_id, is_vacant)
    why = _("%(name)s left") % {"name": person.name}
    with because(why):
        seats = territories.deactivate(by=by, user_id=user_id, version=version, why=why)
        workspace.let_go(by=by, user_id=user_id, why=why)
        if successor_id is None:
            return 0, 0
        if not is_vacant:
            territories.succeed(by=by, seats=seats, user_id=successor_id, reason=why)
        return hand_over(by=by, from_id=user_id, to_id=successor_id)


def _check_successor(person: User, successor_id: int | None, is_vacant: bool) -> None:
    hangs = hangs_on(person)
    if successor_id == person.pk:
        raise Refused(_("Choose somebody else: they are the one who leaves."), path="successor_id")
    if successor_id is None and hangs.has_work:
        message = _("Choose who takes over the open deals and activities.")
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
