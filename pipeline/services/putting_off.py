"""Tasks that are put off to another day, and tasks that were not done after all."""

from datetime import date

from django.utils.translation import gettext as _

from common.access import seen
from common.errors import Conflict, Refused
from common.transaction import act, reach
from pipeline.models import Activity
from pipeline.services.checks import check_day


@act
def put_off_activity(*, by: int, activity_id: int, version: int, due_on: date) -> Activity:
    """Let a planned activity be due on another day. Its owner, or whoever leads them.

    Raises NotInReach, Forbidden, Stale, Refused for a day out of range, Conflict for what is done.
    """
    activity = _mine(activity_id)
    if activity.done_at is not None:
        raise Conflict(_("This is already done."), code="already_done")
    check_day(due_on, "due_on")
    return _changed(activity, version, due_on=due_on)


@act
def reopen_activity(*, by: int, activity_id: int, version: int) -> Activity:
    """Say that a task was not done after all; it is due on its day again. Its owner, or whoever leads them.

    Raises NotInReach, Forbidden, Stale, Conflict for what is not done, Refused for what was never planned.
    """
    activity = _mine(activity_id)
    if activity.done_at is None:
        raise Conflict(_("This is not done."), code="not_done")
    if activity.due_on is None:
        raise Refused(_("This was noted when it was done, and was due on no day."), code="never_due")
    return _changed(activity, version, done_at=None, done_on=None)


def _mine(activity_id: int) -> Activity:
    activity: Activity = seen(Activity.objects.all(), reach(), activity_id)
    reach().require("activity", "update", activity)
    return activity


def _changed(activity: Activity, version: int, **values: object) -> Activity:
    Activity.objects.change(activity.pk, version, **values)
    activity.refresh_from_db()
    return activity
