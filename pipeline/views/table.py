"""The list of deals: in pages or in groups, with the columns that its reader chose."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from common.columns import Column, columns_asked, keys_of, remember, remembered
from common.forms import ColumnsForm
from common.http import (
    Page,
    a_day,
    address_of,
    back_from,
    chosen,
    form_page,
    page_by_key,
    sent,
    strict_query,
    whole,
)
from common.pickers import settled
from common.selectors import Count, today
from common.transaction import reach
from pipeline.forms.filters import NAMES, FilterForm, filters_of, table_names
from pipeline.forms.many import MOST_CHOSEN
from pipeline.models import Opportunity, OpportunityQuerySet
from pipeline.selectors import opportunities as deals
from pipeline.selectors.columns import USUAL, columns, with_cells
from pipeline.selectors.groups import ALL, GROUPINGS, Group, groups, unfolded, with_deals
from pipeline.selectors.offers import Owners
from pipeline.selectors.totals import added_up, totals
from pipeline.views.editable import mark_editable
from pipeline.views.past import as_it_stood, unsorted
from pipeline.views.tabs import chips_of, ready_views, tabs_of
from territories.models import Territory
from workspace.selectors.own import PREFIX

PAGE = "opportunities"
"""By which name the browser remembers the columns."""
MOST_SUMMED = 2_000
"""More deals than this are neither counted nor added up to their end."""


@require_safe
def opportunity_list(request: HttpRequest) -> HttpResponse:
    """What is in play: in pages, or in groups with what each comes to."""
    if address := settled(request, owner=Owners()):
        return redirect(address)
    query = strict_query(request, *table_names(), "sort", "after", "open")
    if past := a_day(query, "on"):
        return as_it_stood(request, query, past)
    sort, by = chosen(query, "sort", deals.SORTS, "close"), chosen(query, "group", ["", *GROUPINGS], "")
    rows = deals.opportunities(reach(), filters_of(query), today())
    if (by or sort.endswith("amount")) and deals.too_many_to_sort(rows):
        return unsorted(request)
    shown = columns_asked(columns(), USUAL, query.get("columns"), remembered(request, PAGE))
    context = _frame(request, query, shown)
    if by:
        context |= _grouped(request, query, rows, shown, sort)
    else:
        context |= _paged(request, query, rows, shown, sort)
    answer = render(request, "pipeline/opportunity_list.html", context)
    return remember(answer, PAGE, shown) if "columns" in query else answer


@require_safe
def opportunity_group(request: HttpRequest) -> HttpResponse:
    """The rows of one group of the list, to be put below its head."""
    query = strict_query(request, *table_names(), "sort", "open")
    sort, by = chosen(query, "sort", deals.SORTS, "close"), chosen(query, "group", list(GROUPINGS), "stage")
    rows = deals.opportunities(reach(), filters_of(query), today())
    shown = columns_asked(columns(), USUAL, query.get("columns"), remembered(request, PAGE))
    found = [group for group in groups(rows, by, today()) if group.key == query.get("open")]
    with_deals(found, *_in_order(rows, shown, sort, by), [group.key for group in found])
    _address(request, found)
    context = {**_frame(request, query, shown), "groups": found}
    return render(request, "pipeline/_group_rows.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def opportunity_columns(request: HttpRequest) -> HttpResponse:
    """Which columns the list shows, in which order: its address says it, and the browser remembers it."""
    query, known = strict_query(request, "back", "columns"), columns()
    shown = columns_asked(known, USUAL, query.get("columns"), remembered(request, PAGE))
    chosen_now = {"column": [one.key for one in shown], "order": [one.key for one in shown]}
    offered = [(one.key, one.label) for one in known if not one.is_first]
    form = ColumnsForm(sent(request), known=offered, initial=chosen_now)
    back = back_from(request, "opportunity_list")
    if not form.is_valid() or form.is_moved():
        step, _sign, moved = request.POST.get("do", "").partition(":")
        context = {"back": back, "moved": moved, "is_down": step == "down", "fresh_key": uuid4()}
        return form_page(request, "pipeline/opportunity_columns.html", form, **context)
    address = urlsplit(back)
    asked = {name: value for name, value in parse_qsl(address.query) if name not in ("columns", "after")}
    first = [one.key for one in known if one.is_first]
    return redirect(address_of(address.path, {**asked, "columns": ",".join([*first, *form.chosen()])}))


def _frame(request: HttpRequest, query: Mapping[str, str], shown: list[Column]) -> dict[str, Any]:
    """What every part of the list needs."""
    mine, day = reach(), today()
    filters = FilterForm(dict(query), mine, day, table_names())
    return {
        "columns": shown,
        "keys": keys_of(shown),
        "filters": filters,
        "chips": chips_of(request, filters),
        **ready_views(request, "opportunity_list", query),
        "place": _place(query),
        "tabs": tabs_of("opportunity_list", query),
        "is_filtered": any(name in NAMES or name.startswith(PREFIX) for name in query),
        "may_create": bool(mine.relations("opportunity", "create")),
        "may_edit": bool(mine.relations("opportunity", "update")),
        "today": day,
    }


def _paged(
    request: HttpRequest,
    query: Mapping[str, str],
    rows: OpportunityQuerySet,
    shown: list[Column],
    sort: str,
) -> dict[str, Any]:
    ordered, order = deals.sorted_by(with_cells(rows, shown, today()), sort, today())
    page = page_by_key(ordered, order, query.get("after"))
    summary = _summary(query, page, rows)
    match = _match(summary["count"], len(page.rows))
    page.rows[:0] = _just_entered(request, page, ordered)
    mark_editable(page.rows)
    return {"page": page, **summary, "match": match}


def _just_entered(request: HttpRequest, page: Page[Opportunity], rows: QuerySet[Any]) -> list[Opportunity]:
    """The deal that was entered on this page just now, where it is one of the list but not of its page."""
    named = request.headers.get("Entered")
    entered = whole({"entered": named}, "entered") if named else None
    if entered is None or any(deal.pk == entered for deal in page.rows):
        return []
    return list(rows.filter(pk=entered))


def _match(count: Count, here: int) -> int:
    """How many deals may be changed at once though they stand on several pages; none where they are too many."""
    return count.value if not count.is_capped and here < count.value <= MOST_CHOSEN else 0


def _grouped(
    request: HttpRequest,
    query: Mapping[str, str],
    rows: OpportunityQuerySet,
    shown: list[Column],
    sort: str,
) -> dict[str, Any]:
    by, day = query["group"], today()
    found = groups(rows, by, day)
    opened = [key for key in query.get("open", "").split(",") if key]
    if opened == [ALL]:
        opened = unfolded(found)
    ordered, by, order = _in_order(rows, shown, sort, by)
    with_deals(found, ordered, by, order, opened)
    _address(request, found)
    sums = totals(rows, day)
    count = Count(sums.deals, is_capped=False)
    is_all_open = all(group.is_open for group in found)
    context = {"groups": found, "is_all_open": is_all_open, "totals": sums, "count": count}
    return {**context, "match": _match(count, 0)}


def _in_order(
    rows: OpportunityQuerySet, shown: list[Column], sort: str, by: str
) -> tuple[QuerySet[Any], str, Any]:
    ordered, order = deals.sorted_by(with_cells(rows, shown, today()), sort, today())
    return ordered, by, order


def _address(request: HttpRequest, found: list[Group]) -> None:
    """Each group's list of its own, and where its rows are asked for."""
    asked = {name: value for name, value in request.GET.items() if name not in ("group", "after", "open")}
    for group in found:
        mark_editable(group.rows)
        group.url = address_of(reverse("opportunity_list"), {**asked, **group.filters})
        rows = {**asked, "group": request.GET["group"], "open": group.key}
        group.rows_url = address_of(reverse("opportunity_group"), rows)


def _place(query: Mapping[str, str]) -> Territory | None:
    """The territory that a link of another page asked for."""
    node = whole(dict(query), "within") or whole(dict(query), "territory")
    return Territory.objects.filter(pk=node).first() if node else None


def _summary(query: Mapping[str, str], page: Page[Opportunity], rows: OpportunityQuerySet) -> dict[str, Any]:
    """What all deals of the list come to; how many they are where that would cost more than the page.

    A search by text is neither counted nor added up to its end.
    """
    if page.is_first and not page.after:
        found = added_up(page.rows, today())
        return {"totals": found, "count": Count(found.deals, is_capped=False)}
    if query.get("q"):
        return {"totals": None, "count": Count(len(page.rows), is_capped=True)}
    some = rows.order_by()[: MOST_SUMMED + 1].values("pk")
    found = totals(Opportunity.objects.filter(pk__in=some), today())
    if found.deals > MOST_SUMMED:
        return {"totals": None, "count": Count(MOST_SUMMED, is_capped=True)}
    return {"totals": found, "count": Count(found.deals, is_capped=False)}
