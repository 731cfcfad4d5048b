"""People leave, and come back."""

from collections.abc import Sequence
from datetime import date

from django.contrib.auth.hashers import make_password
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from common.access import found
from common.dated import make_room
from common.errors import Conflict, Refused
from common.selectors import today
from common.services import refuse_closed
from common.transaction import act, reach
from territories.models import ApiToken, RoleGrant, Seat, User
from territories.services.people import end_role, grant_role
from territories.services.seats import lock_seats, seat_person


@act
def deactivate(*, by: int, user_id: int, version: int, why: str) -> list[Seat]:
    """Let a person go today: no seat, no role, no way in from now on; administrators only. Answers the seats they had.

    What they sold, and the figures of the past, keep their name. Nobody lets themself go; the last administrator
    stays. Raises Stale where the person changed meanwhile, Conflict where today lies in a closed period.
    """
    reach().require("user", "update")
    person: User = found(User.objects.filter(pk=user_id).first())
    if person.pk == by:
        raise Refused(_("You can't deactivate yourself. Ask another administrator."))
    if not person.is_active:
        raise Conflict(_("%(name)s has left already.") % {"name": person.name})
    User.objects.change(user_id, version, is_active=False, password=make_password(None))
    ApiToken.objects.filter(user_id=user_id, revoked_at=None).update(revoked_at=Now())
    for grant in RoleGrant.objects.overlapping(today(), None).filter(user_id=user_id):
        end_role(by=by, grant_id=grant.pk, stops_on=max(today(), grant.starts_on))
    return _vacated(by, user_id, why)


def _vacated(by: int, user_id: int, why: str) -> list[Seat]:
    """The seats that a person has or would have had from today on; they end today, or are taken back."""
    refuse_closed(today(), "")
    theirs = Seat.objects.filter(user_id=user_id)
    lock_seats(theirs.overlapping(today(), None).values_list("territory_id", flat=True))
    seats = list(theirs.overlapping(today(), None).select_related("territory"))
    make_room(theirs, today(), why, reason=why, recorded_by_id=by)
    return seats


@act
def succeed(*, by: int, seats: Sequence[Seat], user_id: int, reason: str) -> list[Seat]:
    """Seat a successor as owner or lead where another left, from today or when it was to begin; administrators only."""
    lasting = [seat for seat in seats if seat.kind in Seat.LASTING]
    return [
        seat_person(
            by=by,
            user_id=user_id,
            territory_id=seat.territory_id,
            kind=seat.kind,
            starts_on=max(today(), seat.starts_on),
            stops_on=seat.stops_on,
            share=seat.share,
            reason=reason,
        )
        for seat in lasting
    ]


@act
def reactivate(*, by: int, user_id: int, version: int, role: str, starts_on: date) -> User:
    """Let a person who left come back with a role from a day on; administrators only. An invitation lets them in.

    Raises Stale where the person changed meanwhile.
    """
    reach().require("user", "update")
    person: User = found(User.objects.filter(pk=user_id).first())
    if person.is_active:
        raise Conflict(_("%(name)s is here already.") % {"name": person.name})
    User.objects.change(user_id, version, is_active=True)
    grant_role(by=by, user_id=user_id, role=role, starts_on=starts_on)
    return person
