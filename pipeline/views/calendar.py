"""The calendar of close dates: a month or a week, on which a deal is dragged to another day."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.calendars import Span, add_months, month_of
from common.http import NO_TEXT, BadQuery, a_day, address_of, chosen, strict_query
from common.locale import current, format_date, format_month
from common.pickers import settled
from common.selectors import the_organisation, today
from common.transaction import reach
from pipeline.forms.filters import CALENDAR, NAMES, FilterForm, filters_of, with_own
from pipeline.selectors.closing import closing, week_of
from pipeline.selectors.offers import Owners
from pipeline.views.editable import mark_editable
from pipeline.views.tabs import chips_of, ready_views, tabs_of

SHOWN = (*CALENDAR, "by", "month", "day")
"""What the address of the calendar may say, besides filters by own fields."""


@require_safe
def opportunity_calendar(request: HttpRequest) -> HttpResponse:
    """What closes when?"""
    if address := settled(request, owner=Owners()):
        return redirect(address)
    names, mine = with_own(SHOWN), reach()
    query = strict_query(request, *names)
    filters = FilterForm(query, mine, today(), names)
    context = {
        **_part(query),
        "filters": filters,
        "chips": chips_of(request, filters),
        **ready_views(request, "opportunity_calendar", query),
        "tabs": tabs_of("opportunity_calendar", query),
        "may_create": bool(mine.relations("opportunity", "create")),
    }
    return render(request, "pipeline/opportunity_calendar.html", context)


def calendar_part(request: HttpRequest) -> HttpResponse:
    """The days as the page shows them from which a deal was dragged."""
    try:
        asked = dict(parse_qsl(urlsplit(request.headers.get("HX-Current-URL", "")).query))
    except ValueError:
        asked = {}
    known = with_own(SHOWN)
    query = {name: value for name, value in asked.items() if name in known and not NO_TEXT.search(value)}
    return render(request, "pipeline/_calendar.html", _part(query))


def _part(query: Mapping[str, str]) -> dict[str, Any]:
    """The days that the address asks for, and the ways to those before and after."""
    mine, now, first = reach(), today(), current().locale.first_week_day
    by = chosen(dict(query), "by", ("month", "week"), "month")
    span = _span(dict(query), by, now, first)
    shown = {name: query[name] for name in with_own(CALENDAR) if name in query}
    shown_days = closing(mine, filters_of(dict(query)), now, span, first)
    days = [day for week in shown_days.weeks for day in week.days]
    mark_editable([*shown_days.late, *(deal for day in days for deal in day.deals)])
    return {
        "calendar": shown_days,
        "by": by,
        "heading": _heading(span, by),
        "weekdays": [format_date(day.day, "ccc") for day in days[:7]],
        "before_url": _address(shown, by, _before(span, by)),
        "after_url": _address(shown, by, span.stop),
        "now_url": address_of(reverse("opportunity_calendar"), {**shown, "by": by if by == "week" else ""}),
        "spans": [
            {
                "label": label,
                "url": _address(shown, key, max(span.start, min(now, span.last_day))),
                "active": by == key,
            }
            for key, label in (("month", _("Month")), ("week", _("Week")))
        ],
        "list_query": address_of(
            "", {key: shown[key] for key in with_own(NAMES) if key in shown}
        ).removeprefix("?"),
        "may_edit": bool(mine.relations("opportunity", "update")),
        "currency": the_organisation().reporting_currency,
        "today": now,
    }


def _span(query: dict[str, str], by: str, now: date, first_weekday: int) -> Span:
    """The month or week that is asked for, else the running one. Raises BadQuery."""
    if by == "week":
        return week_of(a_day(query, "day") or now, first_weekday)
    month = query.get("month")
    if month and not re.fullmatch("[0-9]{4}-[0-9]{2}", month):
        raise BadQuery(_("month is a month written as 2026-03."), path="month")
    return month_of((a_day({"month": f"{month}-01"}, "month") if month else None) or now)


def _before(span: Span, by: str) -> date:
    return span.start - timedelta(days=7) if by == "week" else add_months(span.start, -1)


def _address(shown: Mapping[str, str], by: str, day: date) -> str:
    """The calendar of the month or week that holds a day."""
    where: dict[str, Any] = {"by": "week", "day": day} if by == "week" else {"month": f"{day:%Y-%m}"}
    return address_of(reverse("opportunity_calendar"), {**shown, **where})


def _heading(span: Span, by: str) -> str:
    if by == "month":
        return format_month(span.start)
    words = {"first": format_date(span.start), "last": format_date(span.last_day)}
    return _("%(first)s to %(last)s") % words
