"""What stands on a day as a file, to be edited and brought back as a realignment."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from common.http import a_day, chosen, may, strict_query
from common.selectors import today
from common.transaction import reach
from common.written import as_csv, as_workbook
from planning.selectors.exchange import sheet_of

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_safe
@may("draft", "create")
def realignment_export(request: HttpRequest) -> HttpResponse:
    """Territories with their people, then accounts, as they stand on `?on=`, tomorrow if not said."""
    query = strict_query(request, "format", "on")
    kind = chosen(query, "format", list(TYPES), "csv")
    day = a_day(query, "on") or today() + timedelta(days=1)
    rows = sheet_of(reach(), day)
    content = as_csv(rows) if kind == "csv" else as_workbook(rows)
    headers = {"Content-Disposition": f'attachment; filename="realignment-{day}.{kind}"'}
    return HttpResponse(content, content_type=TYPES[kind], headers=headers)
