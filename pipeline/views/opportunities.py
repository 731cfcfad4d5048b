"""Pages of deals: list, one deal, quick entry, edit; and the deals on an account's page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.selectors.merging import takes_new
from common.editing import conflict_of
from common.http import (
    FORM,
    Page,
    a_day,
    chosen,
    form_page,
    may,
    page_by_key,
    perform,
    person_id,
    sent,
    strict_query,
    whole,
)
from common.pickers import settled
from common.selectors import Count, capped_count, today
from common.transaction import reach
from pipeline import services
from pipeline.forms.filters import NAMES, FilterForm, filters_of
from pipeline.forms.opportunities import OpportunityEditForm, OpportunityForm
from pipeline.models import Opportunity, OpportunityQuerySet
from pipeline.selectors import detail
from pipeline.selectors import opportunities as deals
from pipeline.selectors.criteria import qualification
from pipeline.selectors.lines import entries
from pipeline.selectors.offers import Owners
from pipeline.views.past import as_it_stood, unsorted
from territories.models import Territory


@require_safe
def opportunity_list(request: HttpRequest) -> HttpResponse:
    """What is in play, in pages."""
    if address := settled(request, owner=Owners()):
        return redirect(address)
    query, mine, day = strict_query(request, *NAMES, "on", "sort", "after"), reach(), today()
    if past := a_day(query, "on"):
        return as_it_stood(request, query, past)
    filters = filters_of(query)
    rows = deals.opportunities(mine, filters, day)
    sort = chosen(query, "sort", deals.SORTS, "close")
    if sort.endswith("amount") and deals.too_many_to_sort(rows):
        return unsorted(request)
    shown = deals.marked(rows, day).select_related("account", "owner", "stage")
    ordered, order = deals.sorted_by(shown, sort, day)
    page = page_by_key(ordered, order, query.get("after"))
    context = {
        "page": page,
        "count": _count(page, rows, filters),
        "filters": FilterForm(query, mine, day, (*NAMES, "on")),
        "place": _place(query),
        "is_filtered": any(name in query for name in NAMES),
        "may_create": bool(mine.relations("opportunity", "create")),
        "today": day,
    }
    return render(request, "pipeline/opportunity_list.html", context)


def _place(query: dict[str, str]) -> Territory | None:
    """The territory that a link of another page asked for."""
    node = whole(query, "within") or whole(query, "territory")
    return Territory.objects.filter(pk=node).first() if node else None


def _count(page: Page[Opportunity], rows: OpportunityQuerySet, filters: deals.Filters) -> Count:
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
    deal = deals.opportunity(mine, pk)
    if deal.merged_into_id:
        return _merged(request, deal)
    standing, activities = entries(deal), detail.activities(mine, opportunity_id=pk)
    context = {
        "deal": deal,
        "path": detail.path(deal, day),
        "qualification": qualification(deal),
        "entries": standing,
        "lines_total": sum(entry.amount_minor for entry in standing),
        "lines_tax": sum(entry.tax_minor for entry in standing),
        "activities": activities,
        "about": f"opportunity={pk}",
        "may_complete": {row.pk for row in activities if mine.allows("activity", "update", row)},
        "may_edit": mine.allows("opportunity", "update", deal),
        "may_book": mine.allows("opportunity", "book", deal),
        "may_give": bool(mine.relations("opportunity", "give") - {"own"}),
        "may_log": bool(mine.relations("activity", "create"))
        and (not mine.peers or mine.without_peers.allows("opportunity", "read", deal)),
        "today": day,
    }
    return render(request, "pipeline/opportunity_detail.html", context)


def _merged(request: HttpRequest, deal: Opportunity) -> HttpResponse:
    """To the deal that stayed."""
    text = _("%(name)s (%(number)s) was merged into this opportunity.")
    messages.info(request, text % {"name": deal.name, "number": deal.number})
    return redirect("opportunity_detail", deal.merged_into_id)


@require_http_methods(["GET", "HEAD", "POST"])
@may("opportunity", "create")
def opportunity_create(request: HttpRequest) -> HttpResponse:
    """Quick entry of a deal, in a dialog on any page or on a page of its own."""
    mine = reach()
    account = deals.account_of(mine, whole(strict_query(request, "account"), "account"))
    form = OpportunityForm(sent(request), mine=mine, initial=account)
    deal = perform(form, services.create_opportunity, by=person_id())
    if deal is not None:
        messages.success(request, _("%(name)s is in your pipeline.") % {"name": deal.name})
        return redirect("opportunity_detail", deal.pk)
    return form_page(request, "pipeline/opportunity_create.html", form)


@FORM
def opportunity_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything of a deal that is typed; a stale form shows both versions."""
    mine = reach()
    deal = deals.opportunity(mine, pk)
    mine.require("opportunity", "update", deal)
    form = OpportunityEditForm(sent(request), deal=deal, mine=mine)
    done = perform(form, services.edit_opportunity, by=person_id(), opportunity_id=pk)
    if done is not None:
        messages.success(request, _("Saved."))
        return redirect("opportunity_detail", pk)
    conflict = conflict_of(form, lambda: OpportunityEditForm(deal=deal, mine=mine), deal)
    return form_page(request, "pipeline/opportunity_edit.html", form, deal=deal, conflict=conflict)


@require_safe
def account_opportunities_panel(request: HttpRequest, account_id: int) -> HttpResponse:
    """An account's deals, open ones first, for the account's page."""
    strict_query(request)
    mine = reach()
    context = {
        "deals": deals.account_deals(mine, account_id),
        "account_id": account_id,
        "may_create": bool(mine.relations("opportunity", "create")) and takes_new(mine, account_id),
        "today": today(),
    }
    return render(request, "pipeline/_account_opportunities_panel.html", context)
