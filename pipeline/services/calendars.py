"""The secret address by which a person's calendar program reads what they have planned."""

import secrets

from django.utils.translation import gettext as _

from common.errors import Conflict
from common.transaction import act, now
from pipeline.models import CalendarLink
from pipeline.selectors.calendars import link_digest
from territories.models import User


@act
def make_calendar_link(*, by: int) -> str:
    """Make one's own secret address; an earlier one ends. Its secret is given back once, only its hash is kept."""
    person = User.objects.select_for_update(no_key=True).get(
        pk=by
    )  # two who press at once make one after the other
    CalendarLink.objects.filter(person_id=by, revoked_at=None).update(revoked_at=now())
    secret = secrets.token_urlsafe(32)
    CalendarLink.objects.create(
        person_id=by, digest=link_digest(secret), way_in=person.get_session_auth_hash()
    )
    return secret


@act
def revoke_calendar_link(*, by: int) -> None:
    """Take one's own address back at once. Raises Conflict where there is none."""
    if not CalendarLink.objects.filter(person_id=by, revoked_at=None).update(revoked_at=now()):
        raise Conflict(_("There is no address that works."), code="no_calendar_link")
