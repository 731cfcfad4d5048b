"""How many activities are asked of people."""

from datetime import date

from django.utils.translation import gettext as _

from common.dated import DatedQuerySet, make_room
from common.errors import Forbidden, Refused
from common.services import refuse_closed
from common.transaction import act, reach
from pipeline.models import MOST_TARGET, Activity, ActivityTarget
from pipeline.services.checks import check_choice, check_day, check_person


@act
def set_target(
    *,
    by: int,
    person_id: int,
    per: str,
    number: int,
    starts_on: date,
    kind: str = "",
    until_planned: bool = False,
) -> ActivityTarget | None:
    """Say how many activities of a kind, or of all kinds, a person is to do a day, month or year from a day on.

    Whoever leads the person, and administrators. What was planned for later is dropped, earlier days keep theirs;
    `until_planned`: it holds only until what was planned for later begins or ends, and that stays.
    0 ends it: nothing is asked from that day on. What held before stays known, with who said otherwise and when. Raises
    Forbidden, Refused, Conflict for a day on which it would change a closed period.
    """
    check_person(person_id, "person_id")
    if not reach().allows("activity_target", "update", {"person_id": person_id}):
        raise Forbidden(_("Whoever leads this person sets their targets."))
    check_choice(kind, "kind", ["", *Activity.Kind.values])
    check_choice(per, "per", ActivityTarget.Per.values)
    check_day(starts_on, "starts_on")
    refuse_closed(starts_on, "starts_on")
    if not 0 <= number <= MOST_TARGET:
        message = _("A target is a number from 1 to %(most)s; 0 ends it.") % {"most": MOST_TARGET}
        raise Refused(message, path="number", code="activitytarget_number")
    same = {"person_id": person_id, "kind": kind, "per": per}
    rows = ActivityTarget.objects.filter(**same)
    stops_on = _planned(rows, starts_on) if until_planned else None
    make_room(rows.filter(starts_on__lt=stops_on) if stops_on else rows, starts_on, recorded_by_id=by)
    if not number:
        return None
    target: ActivityTarget = ActivityTarget.objects.create(
        **same, number=number, starts_on=starts_on, stops_on=stops_on, recorded_by_id=by
    )
    return target


def _planned(rows: DatedQuerySet, day: date) -> date | None:
    """The first day after `day` from which something else is planned; None where nothing is."""
    first = rows.overlapping(day, None).order_by("starts_on").first()
    if first and first.starts_on > day:
        planned: date = first.starts_on
        return planned
    return first.stops_on if first else None
