"""Giving one's own call."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from common.access import found
from common.errors import Conflict, Forbidden, Refused
from common.models import Period
from common.selectors import the_organisation, today
from common.transaction import act, now, reach
from forecasts import rules
from forecasts.models import Submission
from forecasts.selectors import due_on, led_nodes
from territories.models import Territory
from territories.selectors import seat_finder


@act
def submit(
    *,
    by: int,
    period_id: int,
    amount_minor: int,
    node_id: int | None = None,
    category: str = Submission.Category.COMMIT,
    note: str = "",
) -> Submission:
    """Give one's own call for a running or coming period, or with `node_id` the call of a team, only by its lead.

    Every call is kept.
    """
    reach().require("submission", "create", {"person_id": by})
    period = found(Period.objects.filter(pk=period_id, kind=Period.Kind.QUARTER).first())
    if period.stops_on <= today():
        raise Conflict(
            _("%(period)s has ended; its last call stands.") % {"period": period.code}, code="period_ended"
        )
    if amount_minor < 0:
        raise Refused(_("A call is zero or more."), path="amount_minor", code="negative")
    whose = {"person_id": by, "node": _node_of_call(by, node_id), "is_team": node_id is not None}
    call = Submission(**whose, period=period, category=category, amount_minor=amount_minor, note=note.strip())
    call.submitted_at = now()
    earlier = Submission.objects.filter(**whose, period=period, category=category)
    call.is_late = _is_late(call.submitted_at, earlier.values_list("submitted_at", flat=True))
    call.save()
    return call


def _node_of_call(by: int, node_id: int | None) -> Territory:
    if node_id is None:
        return Territory.objects.get(pk=seat_finder([by])(by, today()))
    team = led_nodes(by, today()).filter(pk=node_id).first()
    if team is None:
        raise Forbidden(_("You call for the teams that you lead."))
    return team


def _is_late(submitted_at: datetime, earlier: Iterable[datetime]) -> bool:
    zone = the_organisation().zone()
    here = (instant.astimezone(zone) for instant in earlier)
    return rules.comes_late(submitted_at.astimezone(zone), here, due_on)
