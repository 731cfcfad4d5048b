"""What changed on a deal: the latest beside it, all of it on a page of its own, and how the deal moved."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from common.http import PAGE_SIZE, chosen, strict_query, whole
from common.locale import format_number
from common.selectors import today
from common.transaction import reach
from pipeline.forms.history import HistoryFilterForm
from pipeline.selectors.history import LATEST, history, told_of
from pipeline.selectors.movement import movement_of
from pipeline.selectors.opportunities import opportunity


@require_safe
def opportunity_moved_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """How a deal moved so far, and its latest changes, for the deal's page."""
    strict_query(request)
    deal = opportunity(reach(), pk)
    context = {"deal": deal, "moved": movement_of(deal, today()), "history": history(deal)[:LATEST]}
    return render(request, "pipeline/_movement.html", context)


@require_safe
def opportunity_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what of a deal, when and why: all of it, or of one field."""
    query, names = strict_query(request, "field", "after"), told_of()
    deal = opportunity(reach(), pk)
    of, first = chosen(query, "field", ("", *names), ""), whole(query, "after") or 0
    changes = history(deal, of, most=None)
    last = first + PAGE_SIZE
    count = len(changes)
    context = {
        "deal": deal,
        "filters": HistoryFilterForm(names, of),
        "changes": changes[first:last],
        "after": last if last < count else None,
        "summary": ngettext("%(number)s change", "%(number)s changes", count)
        % {"number": format_number(count)},
    }
    return render(request, "pipeline/opportunity_history.html", context)
