"""The list of activities, and what a typed line says so far."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.http import may, page_by_key, person_id, strict_query, whole
from common.selectors import today
from common.transaction import reach
from pipeline.forms.activity_lists import ACTIVITY_FILTERS, ActivityFilterForm, activity_filters_of
from pipeline.rules.one_line import MOST_LINE
from pipeline.selectors import activities
from pipeline.selectors.leads import lead
from pipeline.selectors.one_line import understood
from pipeline.selectors.opportunities import opportunity
from pipeline.selectors.targets import target_lines
from territories.models import User


@require_safe
@may("activity", "read")
def activity_list(request: HttpRequest) -> HttpResponse:
    """What was done or is planned, with whom, and how much of each kind."""
    query, mine = strict_query(request, *ACTIVITY_FILTERS, "after"), reach()
    filters = activity_filters_of(query)
    rows = activities.activity_list(mine, filters)
    shown = rows.select_related(*activities.SHOWN_WITH).prefetch_related("contacts")
    page = page_by_key(shown, filters.order, query.get("after"))
    me = target_lines(mine, User.objects.filter(pk=person_id()))
    context = {
        "page": page,
        "kinds": activities.kinds_of(rows),
        "filters": ActivityFilterForm(query, filters, mine),
        "asked": [line for line in me if any(figure.target for figure in line.figures)],
        "state": filters.state,
        "may_complete": {row.pk for row in page.rows if mine.allows("activity", "update", row)},
        "may_log": bool(mine.relations("activity", "create")),
        "has_targets": bool(mine.relations("activity_target", "read")),
        "is_filtered": bool(query),
        "today": today(),
    }
    return render(request, "pipeline/activity_list.html", context)


@require_safe
@may("activity", "create")
def activity_read(request: HttpRequest) -> HttpResponse:
    """What a line says so far, below the field in which it is typed."""
    query, mine = strict_query(request, "line", "opportunity", "lead"), reach()
    line = query.get("line", "").strip()
    given: dict[str, Any] = {}
    for name, find in (("opportunity", opportunity), ("lead", lead)):
        if (pk := whole(query, name)) is not None:
            given = {"account_id": find(mine, pk).account_id, "is_given": True}
    found = understood(mine, line, **given) if 0 < len(line) <= MOST_LINE else None
    return render(request, "pipeline/_line_read.html", {"found": found, "is_given": bool(given)})
