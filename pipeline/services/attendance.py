"""Who is asked to an event, and who came."""

from typing import Any

from django.db.models import F

from accounts.models import Contact
from common.access import seen
from common.errors import NotInReach, Stale
from common.transaction import act, reach
from pipeline.models import Attendance, EventContact, EventLead, Lead, SalesEvent
from pipeline.services.checks import check_choice

GUESTS: dict[str, type[EventContact | EventLead]] = {"contact": EventContact, "lead": EventLead}
ASKED: dict[str, type[Contact | Lead]] = {"contact": Contact, "lead": Lead}


@act
def add_guest(
    *, by: int, event_id: int, who: str, guest_id: int, state: str | None = None
) -> EventContact | EventLead:
    """Put a contact or a lead (`who`) in reach onto an event's list; whoever may log activities.

    Who is new, or was taken off and comes back, is invited unless a state is given; who is there already gets the state
    that is given, and stays as they are without one. Raises NotInReach, Forbidden, Refused.
    """
    check_choice(who, "who", list(GUESTS))
    if state is not None:
        check_choice(state, "state", Attendance.State.values)
    event: SalesEvent = seen(SalesEvent.objects.all(), reach(), event_id)
    seen(ASKED[who]._default_manager.all(), reach(), guest_id)
    reach().require("activity", "create", {"owner_id": by})
    model: Any = GUESTS[who]
    begins = state or Attendance.State.INVITED
    guest, is_new = model.objects.get_or_create(
        event=event, **{f"{who}_id": guest_id}, defaults={"state": begins}
    )
    if not is_new and (guest.is_removed or state not in (None, guest.state)):
        model.objects.filter(pk=guest.pk).update(state=begins, is_removed=False, version=F("version") + 1)
        guest.refresh_from_db()
    return guest  # type: ignore[no-any-return]


@act
def change_guest(
    *, by: int, event_id: int, who: str, guest_row_id: int, version: int, state: str
) -> EventContact | EventLead:
    """Say whether somebody is invited, came or stayed away; whoever may log activities. Raises NotInReach, Stale."""
    check_choice(state, "state", Attendance.State.values)
    return _changed(by, event_id, who, guest_row_id, version, state=state)


@act
def remove_guest(*, by: int, event_id: int, who: str, guest_row_id: int, version: int) -> None:
    """Take somebody off an event's list; whoever may log activities. Raises NotInReach, Stale."""
    _changed(by, event_id, who, guest_row_id, version, is_removed=True)


def _changed(
    by: int, event_id: int, who: str, guest_row_id: int, version: int, **changes: Any
) -> EventContact | EventLead:
    model: Any = GUESTS.get(who)
    if model is None:
        raise NotInReach()
    guest = seen(model.objects.filter(event_id=event_id, is_removed=False), reach(), guest_row_id)
    reach().require("activity", "create", {"owner_id": by})
    if guest.version != version:
        raise Stale()
    model.objects.change(guest.pk, version, **changes)
    guest.refresh_from_db()
    return guest  # type: ignore[no-any-return]
