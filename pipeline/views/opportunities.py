"""Pages of deals: list, one deal, quick entry, edit, lines."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.conflict import conflict_of
from common.http import (
    FORM,
    Page,
    chosen,
    form_page,
    form_view,
    may,
    page_by_key,
    perform,
    person_id,
    sent,
    strict_query,
    whole,
)
from common.selectors import Count, capped_count, today
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
    Filters,
    account_of,
    opportunities,
    opportunity,
    sorted_by,
    too_many_to_sort,
)


@require_safe
def opportunity_list(request: HttpRequest) -> HttpResponse:
    """What is in play, in pages."""
    query, mine, day = strict_query(request, *NAMES, "sort", "after"), reach(), today()
    filters = filters_of(query)
    rows = opportunities(mine, filters, day)
    sort = chosen(query, "sort", SORTS, "close")
    if sort.endswith("amount") and too_many_to_sort(rows):
        return _unsorted(request)
    ordered, order = sorted_by(rows.select_related("account", "owner", "stage"), sort, day)
    page = page_by_key(ordered, order, query.get("after"))
    context = {
        "page": page,
        "count": _count(page, rows, filters),
        "filters": FilterForm(query, mine, day),
        "is_filtered": any(name in query for name in NAMES),
        "may_create": bool(mine.relations("opportunity", "create")),
        "today": day,
    }
    return render(request, "pipeline/opportunity_list.html", context)


def _unsorted(request: HttpRequest) -> HttpResponse:
    """The same deals in their usual order, with why they are not sorted."""
    messages.warning(
        request, _("There are too many opportunities to sort them by amount. Filter them first.")
    )
    kept = request.GET.copy()
    for name in ("sort", "after"):
        kept.pop(name, None)
    return redirect(f"{request.path}?{kept.urlencode()}")


def _count(page: Page[Opportunity], rows: OpportunityQuerySet, filters: Filters) -> Count:
    """How many pass the filters, at no more cost than the page: a search by text is not counted to its end."""
    if page.is_first and not page.after:
        return Count(len(page.rows), is_capped=False)
    if filters.text:
        return Count(len(page.rows), is_capped=True)
    return capped_count(rows)


@require_safe
def opportunity_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Will this close, when, for how much?"""
    strict_query(request)
    mine, day = reach(), today()
    deal = opportunity(mine, pk)
    lines, activities = detail.lines(deal), detail.activities(mine, opportunity_id=pk)
    context = {
        "deal": deal,
        "path": detail.path(deal, day),
        "lines": lines,
        "lines_total": detail.lines_total(lines),
        "activities": activities,
        "may_complete": {row.pk for row in activities if mine.allows("activity", "update", row)},
        "history": history(deal),
        "may_edit": mine.allows("opportunity", "update", deal),
        "may_book": mine.allows("opportunity", "book", deal),
        "may_log": bool(mine.relations("activity", "create")),
        "today": day,
    }
    return render(request, "pipeline/opportunity_detail.html", context)


@form_view("account")
@may("opportunity", "create")
def opportunity_create(request: HttpRequest) -> HttpResponse:
    """Quick entry of a deal, in a dialog on any page or on a page of its own."""
    mine = reach()
    account = account_of(mine, whole(strict_query(request, "account"), "account"))
    form = OpportunityForm(sent(request), mine=mine, initial=account)
    deal = perform(form, services.create_opportunity, by=person_id(request))
    if deal is not None:
        messages.success(request, _("%(name)s is in your pipeline.") % {"name": deal.name})
        return redirect("opportunity_detail", deal.pk)
    return form_page(request, "pipeline/opportunity_create.html", form)


@FORM
def opportunity_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything of a deal that is typed; a stale form shows both versions."""
    mine = reach()
    deal = opportunity(mine, pk)
    mine.require("opportunity", "update", deal)
    form = OpportunityEditForm(sent(request), deal=deal, mine=mine)
    done = perform(form, services.edit_opportunity, by=person_id(request), opportunity_id=pk)
    if done is not None:
        messages.success(request, _("Saved."))
        return redirect("opportunity_detail", pk)
    conflict = conflict_of(form, lambda: OpportunityEditForm(deal=deal, mine=mine), deal)
    return form_page(request, "pipeline/opportunity_edit.html", form, deal=deal, conflict=conflict)


@FORM
def opportunity_lines(request: HttpRequest, pk: int) -> HttpResponse:
    """The products of a deal; saving them makes the amount their sum."""
    mine = reach()
    deal = opportunity(mine, pk)
    mine.require("opportunity", "update", deal)
    form = LinesForm(sent(request), initial={"version": deal.version})
    formset = line_formset(deal, detail.lines(deal), sent(request))
    are_valid = form.is_bound and form.is_valid() and formset.is_valid()
    if are_valid:
        lines = [line for line in (each.line() for each in formset) if line]
        act = {"by": person_id(request), "opportunity_id": pk, "lines": lines}
        if perform(form, services.set_lines, **act) is not None:
            messages.success(request, _("Saved."))
            return redirect("opportunity_detail", pk)
    elif form.is_bound and form.is_valid():
        form.add_error(None, _("Look at the lines below."))
    conflict = conflict_of(form, LinesForm, deal)
    saved = detail.lines(deal) if conflict else []
    context = {"deal": deal, "formset": formset, "conflict": conflict, "saved": saved}
    return form_page(request, "pipeline/opportunity_lines.html", form, **context)
