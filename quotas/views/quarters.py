"""The quarter that a page is about, and the quarters beside it."""

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext as _

from common.http import BadQuery
from common.models import Period
from common.segments import Segment, segments
from common.selectors import running_quarter
from quotas.selectors.quarters import quarter_named, quarters_beside


def quarter_of(query: Mapping[str, str]) -> Period:
    """The quarter that the address asks for, or else the running one. Raises BadQuery for what is no quarter."""
    if "period" not in query:
        return running_quarter()
    quarter = quarter_named(query["period"])
    if quarter is None:
        raise BadQuery(_("Ask for a quarter of the calendar, such as 2026-Q2."), path="period")
    return quarter


def quarter_tabs(query: Mapping[str, str], period: Period, until: date | None = None) -> list[Segment]:
    """The quarters beside the one of the page; `until` a day, only those that have begun by then."""
    codes = {one.code: one.code for one in quarters_beside(period, until)}
    return segments(query, "period", codes, period.code)
