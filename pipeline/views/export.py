"""The list of deals as a file: what it shows, with all of its pages."""

from io import BytesIO
from urllib.parse import parse_qsl

from django import forms
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from common.http import address_of, chosen, form_page, perform, person_id, sent, strict_query
from common.locale import format_number
from common.selectors import today
from common.transaction import reach
from common.written import TYPES, write_csv, write_workbook
from pipeline.forms.filters import filters_of, table_names
from pipeline.selectors import opportunities as deals
from pipeline.selectors.groups import GROUPINGS
from pipeline.selectors.written import written
from workspace.models import Export
from workspace.selectors.exports import export_of
from workspace.services.exports import MOST_ROWS, record_export

PAGE = "opportunity_list"


class ExportForm(forms.Form):
    """In which format a list leaves."""

    format = forms.ChoiceField(
        label=gettext_lazy("Format"), choices=Export.Format.choices, widget=forms.RadioSelect, initial="xlsx"
    )


@require_http_methods(["GET", "HEAD", "POST"])
def opportunity_export(request: HttpRequest) -> HttpResponse:
    """The list that its address shows, as a file; who took it, and what it asked for, is kept."""
    query = strict_query(request, *(name for name in table_names() if name != "on"), "sort")
    rows = deals.opportunities(reach(), filters_of(query), today())
    count = rows.order_by()[: MOST_ROWS + 1].count()
    form = ExportForm(sent(request), initial={"format": Export.Format.XLSX})
    asked = address_of("", query).removeprefix("?")
    if form.is_bound and count > MOST_ROWS:
        form.add_error(None, _too_many())
    kept = perform(form, record_export, by=person_id(), page=PAGE, query=asked, rows=count)
    if kept is not None:
        return redirect("opportunity_export_file", kept.pk)
    context = {"count": count, "too_many": _too_many() if count > MOST_ROWS else "", "back": _back(query)}
    return form_page(request, "pipeline/opportunity_export.html", form, **context)


@require_safe
def opportunity_export_file(request: HttpRequest, pk: int) -> FileResponse:
    """The file of an export that its reader asked for just now."""
    strict_query(request)
    export = export_of(person_id(), pk, PAGE)
    query = dict(parse_qsl(export.query))
    rows = deals.opportunities(reach(), filters_of(query), today())
    sort, by = chosen(query, "sort", deals.SORTS, "close"), chosen(query, "group", ["", *GROUPINGS], "")
    file = BytesIO()
    write = write_csv if export.format == Export.Format.CSV else write_workbook
    write(file, written(rows, query.get("columns"), sort, by, MOST_ROWS))
    file.seek(0)
    name = f"opportunities-{today()}.{export.format}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=TYPES[export.format])


def _back(query: dict[str, str]) -> str:
    return address_of(reverse(PAGE), query)


def _too_many() -> str:
    message = _(
        "A file has at most %(most)s rows. Filter the list first, such as by a quarter or a territory."
    )
    return message % {"most": format_number(MOST_ROWS)}
