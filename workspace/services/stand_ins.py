"""Naming who answers for somebody while they are away."""

from datetime import date

from django.utils.translation import gettext as _

from common.access import found
from common.errors import Refused
from common.locale import format_date
from common.selectors import today
from common.transaction import act, reach
from territories.models import User
from workspace.models import StandIn
from workspace.selectors.stand_ins import able_to_stand_in


@act
def name_stand_in(
    *, by: int, person_id: int, stand_in_id: int, starts_on: date, stops_on: date, reason: str = ""
) -> StandIn:
    """Let a colleague who holds one of the same roles answer for a person on these days, what others may answer too.

    Everybody for themselves, administrators for anybody. The colleague never answers what they asked for.
    """
    reach().require("stand_in", "update", {"person_id": person_id})
    person: User = found(User.objects.filter(pk=person_id, is_active=True).first())
    if starts_on < today():
        message = _("Nobody can have stood in already. Choose %(day)s or a later day.")
        raise Refused(message % {"day": format_date(today())}, path="starts_on")
    if not able_to_stand_in(person.pk, starts_on).filter(pk=stand_in_id).exists():
        message = _("Choose a colleague who holds a role of %(name)s on that day.")
        raise Refused(message % {"name": person.name}, path="stand_in_id")
    return StandIn.objects.create(
        person_id=person_id,
        stand_in_id=stand_in_id,
        starts_on=starts_on,
        stops_on=stops_on,
        reason=reason.strip(),
        recorded_by_id=by,
    )


@act
def end_stand_in(*, by: int, stand_in_id: int) -> None:
    """End it today, or take it back where it has not begun before today; who is away, and administrators.

    What was answered stays answered. Raises Stale where somebody ended it meanwhile.
    """
    row: StandIn = found(StandIn.objects.filter(pk=stand_in_id).first())
    reach().require("stand_in", "update", row)
    if row.starts_on < today():
        row.replaced(stops_on=today(), recorded_by_id=by)
    else:
        row.supersede()
