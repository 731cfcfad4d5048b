"""What a contract review looks at before an order is booked."""

from django.utils.translation import gettext as _

from common.access import seen
from common.checks import note_of
from common.errors import Refused
from common.transaction import act, reach
from orders.models import MOST_POINT, ReviewPoint
from pipeline.models import Motion
from pipeline.services.checks import check_choice


@act
def add_point(*, by: int, text: str, motion: str = "") -> ReviewPoint:
    """Have something looked at before orders of a motion, or all, are booked. Administrators.

    Orders that wait are looked at anew; those that are booked stay. Raises Refused for one that is there.
    """
    reach().require("review_point", "update")
    text = note_of(text, "text", MOST_POINT)
    if not text:
        raise Refused(_("Say what is looked at."), path="text", code="required")
    if motion:
        check_choice(motion, "motion", Motion.values)
    point: ReviewPoint = ReviewPoint.objects.create(text=text, motion=motion)
    return point


@act
def remove_point(*, by: int, point_id: int, version: int) -> None:
    """Look at something no more; it stays on the orders for which it was ticked. Administrators. Raises Stale."""
    point = seen(ReviewPoint.objects.filter(is_removed=False), reach(), point_id)
    reach().require("review_point", "update")
    ReviewPoint.objects.change(point.pk, version, is_removed=True)
