"""Pages of deals: list, one deal, quick entry, edit, lines."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from common.conflict import conflict_of
from common.http import (
    Page,
    chosen,
    for_roles,
    form_page,
    page_by_key,
    perform,
    person_id,
    strict_query,
    whole,
)
from common.selectors import today
from common.transaction import reach
from pipeline import services
from pipeline.forms.filters import NAMES, FilterForm, filters_of
from pipeline.forms.lines import LinesForm, line_formset
from pipeline.forms.opportunities import OpportunityEditForm, OpportunityForm
from pipeline.models import Opportunity, OpportunityQuerySet
from pipeline.selectors import detail
from pipeline.selectors.history import history
from pipeline.selectors.opportunities import (
    SORTS,
    Count,
    Filters,
    account_of,
    capped_count,
    opportunities,
    opportunity,
    sorted_by,
)


def opportunity_list(request: HttpRequest) -> HttpResponse:
    """What is in play, in pages."""
    query, mine, day = strict_query(request, *NAMES, "sort", "after"), reach(), today()
    filters = filters_of(query)
    rows = opportunities(mine, filters, day)
    sort = chosen(query, "sort", SORTS, "close")
    ordered, order = sorted_by(rows.select_related("account", "owner", "stage"), sort, day)
    page = page_by_key(ordered, order, query.get("after"))
    context = {
        "page": page,
        "count": _count(page, rows, filters),
        "filters": FilterForm(query, mine, day),
        "is_filtered": any(name in query for name in NAMES),
        "today": day,
    }
    return render(request, "pipeline/opportunity_list.html", context)


def _count(page: Page[Opportunity], rows: OpportunityQuerySet, filters: Filters) -> Count:
    """How many pass the filters, at no more cost than the page: a search by text is not counted to its end."""
    if page.is_first and not page.after:
        return Count(len(page.rows), is_capped=False)
    if filters.text:
        return Count(len(page.rows), is_capped=True)
    return capped_count(rows)


def opportunity_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Will this close, when, for how much?"""
    strict_query(request)
    mine, day = reach(), today()
    deal = opportunity(mine, pk)
    lines = detail.lines(deal)
    context = {
        "deal": deal,
        "path": detail.path(deal, day),
        "lines": lines,
        "lines_total": detail.lines_total(lines),
        "activities": detail.activities(mine, opportunity_id=pk),
        "history": history(deal),
        "may_edit": mine.allows("opportunity", "update", deal),
        "may_book": mine.allows("opportunity", "book", deal),
        "may_log": bool(mine.relations("activity", "create")),
        "is_overdue": deal.is_open and deal.close_on < day,
        "today": day,
    }
    return render(request, "pipeline/opportunity_detail.html", context)


@for_roles("rep", "manager", "director", "admin")
def opportunity_create(request: HttpRequest) -> HttpResponse:
    """Quick entry of a deal, in a dialog on any page or on a page of its own."""
    mine = reach()
    if request.method == "POST":
        form = OpportunityForm(request.POST, mine=mine)
        deal = perform(form, services.create_opportunity, by=person_id(request))
        if deal is not None:
            messages.success(request, _("%(name)s is in your pipeline.") % {"name": deal.name})
            return redirect("opportunity_detail", deal.pk)
    else:
        account = account_of(mine, whole(strict_query(request, "account"), "account"))
        form = OpportunityForm(mine=mine, initial=account)
    return form_page(request, "pipeline/opportunity_create.html", form)


def opportunity_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything of a deal that is typed; a stale form shows both versions."""
    mine = reach()
    deal = opportunity(mine, pk)
    mine.require("opportunity", "update", deal)
    form = OpportunityEditForm(request.POST or None, deal=deal, mine=mine)
    done = perform(form, services.edit_opportunity, by=person_id(request), opportunity_id=pk)
    if done is not None:
        messages.success(request, _("Saved."))
        return redirect("opportunity_detail", pk)
    conflict = conflict_of(form, OpportunityEditForm(deal=deal, mine=mine), deal)
    return form_page(request, "pipeline/opportunity_edit.html", form, deal=deal, conflict=conflict)


def opportunity_lines(request: HttpRequest, pk: int) -> HttpResponse:
    """The products of a deal; saving them makes the amount their sum."""
    mine = reach()
    deal = opportunity(mine, pk)
    mine.require("opportunity", "update", deal)
    form = LinesForm(request.POST or None, initial={"version": deal.version})
    formset = line_formset(deal, detail.lines(deal), request.POST or None)
    are_valid = form.is_bound and form.is_valid() and formset.is_valid()
    if are_valid:
        lines = [line for line in (each.line() for each in formset) if line]
        act = {"by": person_id(request), "opportunity_id": pk, "lines": lines}
        if perform(form, services.set_lines, **act) is not None:
            messages.success(request, _("Saved."))
            return redirect("opportunity_detail", pk)
    elif form.is_bound and form.is_valid():
        form.add_error(None, _("Look at the lines below."))
    conflict = conflict_of(form, LinesForm(initial={"version": deal.version}), deal)
    context = {"deal": deal, "formset": formset, "conflict": conflict, "saved": detail.lines(deal)}
    return form_page(request, "pipeline/opportunity_lines.html", form, **context)
