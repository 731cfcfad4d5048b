"""Orders: their list, one of them, and their panels on other pages."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.selectors.merging import takes_new
from common.access import Reach, seen
from common.definitions import named
from common.editing import Edit
from common.history import history_of
from common.http import (
    FORM,
    chosen,
    strict_query,
    whole,
)
from common.selectors import today
from common.transaction import reach
from orders import services
from orders.forms.booking import PAPERS, PurchaseOrderForm
from orders.forms.filters import ClockForm, OrderFilterForm
from orders.forms.progress import ProgressForm
from orders.models import Order, OrderRequest
from orders.selectors import awaiting
from orders.selectors.awaiting import (
    request_of_deal,
)
from orders.selectors.disputes import dispute_of_order, may_raise
from orders.selectors.known import CLOCKS, AsOf
from orders.selectors.orders import (
    ON_ITS_WAY,
    OrderDetail,
    keeps_day,
    order_of_deal,
    order_page,
    orders_in,
    orders_of_account,
    orders_total,
    steps_of,
    terms_of,
)
from orders.selectors.orders import order_detail as detail_of
from orders.views.clocks import clocks
from territories.models import User
from workspace.forms.own import own_asked, own_names
from workspace.selectors.documents import documents_of
from workspace.selectors.own import held, own_changes
from workspace.selectors.own_columns import usual_columns

NOTED = ["purchase_order", *PAPERS, *Order.PROGRESS, "own"]
"""What is noted on an order, of which its page tells the history."""


@require_safe
def order_list(request: HttpRequest) -> HttpResponse:
    """What was ordered, newest first."""
    mine = reach()
    query = strict_query(
        request, "q", "state", "owner", "waiting", "without", "after", *CLOCKS, *own_names(mine, "order")
    )
    owner, as_of, filters = whole(query, "owner"), AsOf.of(query), OrderFilterForm(query, mine)
    told = clocks(filters, as_of, query)
    rows = orders_in(
        mine,
        text=query.get("q", "").strip(),
        state=chosen(query, "state", ["", *Order.State.values], ""),
        owner_id=owner,
        lacks_purchase_order=chosen(query, "waiting", ["", "1"], "") == "1",
        without=chosen(query, "without", ["", *ON_ITS_WAY], ""),
        own=own_asked(mine, "order", query),
    )
    context = {
        "page": order_page(rows, as_of, query.get("after")),
        "totals": orders_total(rows, as_of, today()),
        **told,
        "rare": [*filters.own, *told["rare"]],
        "is_rare": filters.own.is_set() or told["is_rare"],
        "own_columns": usual_columns(mine, "order"),
        "owner": User.objects.filter(pk=owner).first() if owner else None,
        "is_filtered": bool(set(query) - {"after"}),
        "may_create": bool(mine.relations("order", "create")),
        "may_open": mine.allows("order", "opening"),
        "may_see_accuracy": bool(mine.relations("order", "inspect")),
        "may_see_disputes": bool(mine.relations("dispute")),
        "may_see_waiting": bool(mine.relations("opportunity", "book")),
    }
    return render(request, "orders/order_list.html", context)


@require_safe
def order_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What is this order, what happened to it, and who got credit for it?"""
    query, mine = strict_query(request, *CLOCKS), reach()
    as_of = AsOf.of(query)
    detail = detail_of(mine, pk, as_of)
    order = detail.terms.order
    context = {
        "detail": detail,
        "terms": detail.terms,
        "order": order,
        "own": held(mine, "order", order),
        "deal_documents": documents_of("opportunity", detail.deal.pk) if detail.deal else [],
        "steps": steps_of(order),
        "history": history_of(order, NOTED, parts={"own": own_changes(mine, "order")})[:-1],
        "may_progress": mine.allows("order", "progress", order) and order.is_standing,
        "may_note": mine.allows("order", "update", order),
        "may_counter": mine.allows("order", "counter", order) and order.is_standing,
        "may_move_day": not keeps_day(event for event, _rows in detail.entries),
        "ticks": list(order.ticks.select_related("point", "by")),
        "may_repeat": bool(mine.relations("order", "create")) and detail.account is not None,
        "may_renew": bool(mine.relations("order", "create")) and order.is_standing and detail.renewal is None,
        "is_reduced": order.amount_minor != detail.terms.lines_minor,
        "sees_credits": bool(mine.relations("credit")),
        **_missing_credit(mine, detail),
        **clocks(ClockForm(query), as_of, query),
        "metrics": named("booking-date", "motion", "new-and-existing", "renewal", "split", "as-known-at"),
    }
    return render(request, "orders/order_detail.html", context)


def _missing_credit(mine: Reach, detail: OrderDetail) -> dict[str, Any]:
    """Whether the reader may say that they should have credit here, and the dispute of theirs that does."""
    has_some = any(row.is_own for _event, rows in detail.entries for row in rows)
    last = None if has_some or not may_raise(mine) else dispute_of_order(mine, detail.terms.order.pk)
    may = may_raise(mine) and not has_some and not (last and last.is_open) and detail.terms.counted is None
    return {"missing_dispute": last, "may_miss_credit": may}


@FORM
def order_purchase_order(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter the customer's purchase order number, or change it."""
    order: Order = seen(Order.objects.all(), reach(), pk)
    reach().require("order", "update", order)
    edit = Edit(request, PurchaseOrderForm, order, services.note_purchase_order, order_id=pk)
    if edit.is_saved:
        return redirect("order_detail", pk)
    return edit.page("orders/order_purchase_order.html", order=order)


@FORM
def order_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Note when an order was delivered, invoiced and paid."""
    order: Order = seen(Order.objects.all(), reach(), pk)
    reach().require("order", "progress", order)
    edit = Edit(request, ProgressForm, order, services.note_progress, order_id=pk)
    if edit.is_saved:
        return redirect("order_detail", pk)
    return edit.page("orders/order_progress.html", order=order)


@require_safe
def account_orders_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """An account's orders, for the account's page."""
    strict_query(request)
    mine = reach()
    context = {
        "rows": orders_of_account(mine, pk),
        "account_id": pk,
        "may_create": bool(mine.relations("order", "create")) and takes_new(mine, pk),
    }
    return render(request, "orders/_account_orders_panel.html", context)


@require_safe
def opportunity_order_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The order that won a deal, or what it waits for, for the deal's page."""
    strict_query(request)
    mine = reach()
    order = order_of_deal(mine, pk)
    asked = None if order else request_of_deal(mine, pk)
    waits = asked is not None and asked.state == OrderRequest.State.WAITING
    waiting = awaiting.explained([asked], mine)[0] if asked and waits else None
    splits = terms_of(order).groups if order else []
    context = {"order": order, "splits": splits, "waiting": waiting, "asked": asked}
    return render(request, "orders/_opportunity_order_panel.html", context)
