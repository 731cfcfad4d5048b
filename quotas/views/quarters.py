"""The quarters beside the one that a page is about."""

from collections.abc import Mapping
from datetime import date

from common.models import Period
from common.segments import Segment, segments
from quotas.selectors.quarters import quarters_beside


def quarter_tabs(query: Mapping[str, str], period: Period, until: date | None = None) -> list[Segment]:
    """A link for each quarter; `until` a day, only for those that have begun by then."""
    codes = {one.code: one.code for one in quarters_beside(period, until)}
    return segments(query, "period", codes, period.code)
