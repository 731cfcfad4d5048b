"""People come, are put right, and leave: what hangs on them here."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from common.dated import make_room
from common.errors import Refused
from common.selectors import today
from common.transaction import act, reach
from territories import services as territories
from territories.models import User
from workspace.models import Event, StandIn
from workspace.services.approvals import settle
from workspace.services.invitations import close, invite
from workspace.services.messages import forget_mails, tell


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
    """Change what is known of a person; administrators only.

    Another e-mail address is told to the old one and to the new one; an open invitation goes again, to the new one.
    Who never was invited is told nothing.
    """
    before = territories.edit_person(by=by, user_id=user_id, version=version, **changes)
    after = User.objects.get(pk=user_id)
    if after.email == before.email:
        return
    was_invited, is_in = bool(close(by=by, user_ids=[user_id])), after.has_usable_password()
    if was_invited and not is_in:
        invite(by=by, user_ids=[user_id])
    told = [before.email, after.email] if is_in else [before.email] if was_invited else []
    for address in told:
        key = f"{after.version} {'was' if address == before.email else 'is'}"
        named = None if by == user_id else by  # nobody is told of what they did themselves, but of this
        tell(event=Event.ADDRESS_CHANGED, people=[user_id], key=key, address=address, by=named)


@act
def let_go(*, by: int, user_id: int, why: str) -> None:
    """End what a person who leaves has open here: invitations, mails, stand-ins, requests; administrators only.

    What was asked of them passes to the administrators, or is withdrawn (`settle`).
    """
    reach().require("user", "update")
    close(by=by, user_ids=[user_id])
    forget_mails(user_id=user_id)
    either = StandIn.objects.filter(Q(person_id=user_id) | Q(stand_in_id=user_id))
    make_room(either, today(), why, recorded_by_id=by)
    settle(by=by, user_id=user_id, why=why)
