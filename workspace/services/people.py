"""People come, are put right, and leave: what hangs on them here."""

from datetime import date
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _

from common.dated import make_room
from common.errors import Refused
from common.selectors import today
from common.transaction import act, now, reach
from territories import services as territories
from territories.models import User
from workspace.models import Approval, Event, StandIn
from workspace.services.invitations import close, invite
from workspace.services.messages import tell


@act
def add_person(
    *, by: int, role: str, starts_on: date, territory_id: int | None = None, kind: str = "", **values: str
) -> User:
    """Add a person with a role, on a seat where one is named, and invite them; administrators only.

    `values`: name, email, locale, time_zone. Raises Refused on what is taken or does not fit, with its field.
    """
    person = territories.create_person(by=by, role=role, starts_on=starts_on, **values)
    if territory_id is not None:
        if not kind:
            raise Refused(_("Say which seat: owner, lead or overlay."), path="kind")
        territories.seat_person(
            by=by, user_id=person.pk, territory_id=territory_id, kind=kind, starts_on=starts_on
        )
    invite(by=by, user_ids=[person.pk])
    return person


@act
def edit_person(*, by: int, user_id: int, version: int, **changes: Any) -> None:
    """Change what is known of a person; administrators only. An open invitation goes again, to the new address."""
    before = territories.edit_person(by=by, user_id=user_id, version=version, **changes)
    moved = User.objects.get(pk=user_id).email != before.email
    if moved and close(by=by, user_ids=[user_id]):
        invite(by=by, user_ids=[user_id])


@act
def let_go(*, by: int, user_id: int, why: str) -> None:
    """End what a person who leaves has open here: invitations, stand-ins, requests by and to them; administrators only.

    Who asked something of them is told that it has to be asked of somebody else.
    """
    reach().require("user", "update")
    close(by=by, user_ids=[user_id])
    either = StandIn.objects.filter(Q(person_id=user_id) | Q(stand_in_id=user_id))
    make_room(either, today(), why, recorded_by_id=by)
    waiting = Approval.objects.filter(state=Approval.State.WAITING)
    theirs = list(waiting.filter(Q(approver_id=user_id) | Q(asked_by_id=user_id)))
    answer = {"state": Approval.State.WITHDRAWN, "answered_by_id": by, "answered_at": now(), "answer": why}
    waiting.filter(pk__in=[row.pk for row in theirs]).update(**answer, version=F("version") + 1)
    for row in theirs:
        told = {"key": f"approval:{row.pk}:left", "about": row.about, "url": row.url, "by": by}
        tell(event=Event.APPROVAL_ANSWERED, people={row.asked_by_id} - {user_id}, **told)
