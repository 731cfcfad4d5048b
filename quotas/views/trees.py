"""What the pages of attainment say of the two trees, and of the working days that are left."""

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext_lazy as _

from common.models import Period
from common.segments import Segment, segments
from common.selectors import work_days
from orders.selectors.credits import NOW, SOLD
from orders.selectors.known import AsOf
from quotas.rules import days_left
from quotas.selectors.question import Question

MOVED = {False: _("Moved to another territory since"), True: _("Sold elsewhere, not in your reach")}
"""What a row without a name is called: as sold, and as organised now."""
TREE_WORDS = {False: _("As sold"), True: _("As organised now")}
"""The two trees, as files name them."""


def tree_segments(query: Mapping[str, str], question: Question) -> list[Segment]:
    """The two trees to choose between."""
    trees = {SOLD: _("As sold"), NOW: _("As organised now")}
    return segments(query, "tree", trees, NOW if question.is_now else SOLD)


def left_of(period: Period, on: date, as_of: AsOf) -> int:
    """The working days of a period from a day on by the organisation's calendar, with the days off that were known."""
    return days_left(period.span, on, work_days(known_at=as_of.known_at))
