"""The quarter that a page is about, and the quarters and choices beside it."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from common.access import found
from common.http import BadQuery
from common.models import Period
from common.selectors import period_of, today

Choice = dict[str, Any]


def quarter_of(query: Mapping[str, str]) -> Period:
    """The quarter that the address asks for, or else the running one. Raises BadQuery for what is no quarter."""
    quarters = Period.objects.quarters().select_related("parent")
    if "period" not in query:
        return found(period_of(today()))
    quarter: Period | None = quarters.filter(code=query["period"]).first()
    if quarter is None:
        raise BadQuery(_("Ask for a quarter of the calendar, such as 2026-Q2."), path="period")
    return quarter


def quarter_tabs(query: Mapping[str, str], period: Period, until: date | None = None) -> list[Choice]:
    """The quarters of the year and the ones beside it; `until` a day, only those that have begun by then."""
    quarters = Period.objects.quarters()
    year = period.parent
    beside = quarters.filter(starts_on__gte=year.starts_on, starts_on__lte=year.stops_on) if year else []
    before = quarters.filter(stops_on=year.starts_on) if year else []
    shown = [one for one in [*before, *beside] if until is None or one.starts_on <= until]
    return choices(
        query, "period", {one.code: one.code for one in shown} or {period.code: period.code}, period.code
    )


def choices(query: Mapping[str, str], name: str, labels: Mapping[str, str], active: str) -> list[Choice]:
    """Links that change one parameter of the page's address and keep the others but the place in a list."""
    kept = {key: value for key, value in query.items() if key not in ("after", name)}
    return [
        {"label": label, "url": f"?{urlencode({**kept, name: value}, safe=',')}", "active": value == active}
        for value, label in labels.items()
    ]
