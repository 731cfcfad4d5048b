"""The list of deals as they stood at the end of a past day: read and added up, and nothing is done from it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.http import BadQuery, chosen, page_by_key
from common.locale import format_number
from common.selectors import the_organisation, today
from common.transaction import reach
from pipeline.forms.filters import PAST, FilterForm, filters_of
from pipeline.selectors.columns import columns
from pipeline.selectors.opportunities import SORTS, too_many_to_sort
from pipeline.selectors.past import sorted_by, stood
from pipeline.selectors.totals import Totals, totals
from pipeline.views.tabs import chips_of

KEPT = ("name", "stage", "amount", "close", "category", "owner")
"""The columns of which a past day is known."""


def as_it_stood(request: HttpRequest, query: dict[str, str], day: date) -> HttpResponse:
    """The deals that the list's filters ask for, at the end of that day. Raises BadQuery for a day to come."""
    if day > today():
        raise BadQuery(_("How opportunities will stand on that day is not known yet."), path="on")
    mine = reach()
    rows = stood(mine, filters_of(query), day)
    sort = chosen(query, "sort", SORTS, "close")
    if sort.endswith("amount") and too_many_to_sort(rows):
        return unsorted(request)
    named = rows.select_related("opportunity__account", "owner", "stage")
    ordered, order = sorted_by(named, sort, day)
    page = page_by_key(ordered, order, query.get("after"))
    sums = None if too_many_to_sort(rows) else totals(rows, day)
    filters = FilterForm(query, mine, day, PAST)
    context: dict[str, Any] = {
        "page": page,
        "columns": [column for column in columns() if column.key in KEPT],
        "day": day,
        "totals": sums,
        "summary": _summary(sums),
        "currency": the_organisation().reporting_currency,
        "filters": filters,
        "chips": chips_of(request, filters),
    }
    return render(request, "pipeline/opportunity_list_past.html", context)


def unsorted(request: HttpRequest) -> HttpResponse:
    """The same deals in their usual order and in no groups, with why they are not sorted."""
    message = _("There are too many opportunities to sort them by amount. Filter them first.")
    if request.GET.get("group"):
        message = _("There are too many opportunities to group them. Filter them first.")
    messages.warning(request, message)
    kept = request.GET.copy()
    for name in ("sort", "after", "group", "open"):
        kept.pop(name, None)
    return redirect(f"{request.path}?{kept.urlencode()}")


def _summary(sums: Totals | None) -> str:
    if sums is None:
        return _("Too many opportunities to add them up. Filter them first.")
    said = ngettext("%(number)s opportunity", "%(number)s opportunities", sums.deals)
    return said % {"number": format_number(sums.deals)}
