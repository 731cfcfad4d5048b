"""What stands on a day as a file, to be edited and brought back as a realignment: whole, or cut by territory."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.http import a_day, address_of, chosen, may, person_id, strict_query, whole
from common.selectors import today
from common.transaction import reach
from common.written import TYPES, as_csv, as_workbook
from planning.rules.sheet import MOST_LINES
from planning.selectors.exchange import cuts_of, sheet_of
from workspace.services.exports import record_export


@require_safe
@may("draft", "create")
def realignment_cut(request: HttpRequest) -> HttpResponse:
    """What of the company goes into a file, with the lines that each part has; `?below=`: the parts of a territory."""
    query = strict_query(request, "on", "below")
    day = a_day(query, "on") or today() + timedelta(days=1)
    context = {"cuts": cuts_of(reach(), day, whole(query, "below")), "day": day, "most": MOST_LINES}
    return render(request, "planning/realignment_cut.html", context)


@require_safe
@may("draft", "create")
def realignment_export(request: HttpRequest) -> HttpResponse:
    """Territories with their people, then accounts, as they stand on `?on=`, tomorrow if not said.

    `?below=`: only a territory with all below it.
    """
    query = strict_query(request, "format", "on", "below")
    kind = chosen(query, "format", list(TYPES), "csv")
    day = a_day(query, "on") or today() + timedelta(days=1)
    rows = list(sheet_of(reach(), day, whole(query, "below")))
    asked = address_of("", {**query, "format": ""}).removeprefix("?")
    record_export(by=person_id(), page="realignment_cut", query=asked, format=kind, rows=len(rows) - 1)
    content = as_csv(rows) if kind == "csv" else as_workbook(rows)
    headers = {"Content-Disposition": f'attachment; filename="realignment-{day}.{kind}"'}
    return HttpResponse(content, content_type=TYPES[kind], headers=headers)
