"""Booking an order, and what awaits its booking."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from common.errors import Conflict, Stale
from common.forms import take_version
from common.http import (
    FORM,
    form_page,
    may,
    page_by_key,
    perform,
    person_id,
    sent,
    strict_query,
    whole,
)
from common.policies import CONTRACT
from common.transaction import reach
from orders import services
from orders.forms import booking as forms
from orders.models import Order, OrderRequest
from orders.selectors import awaiting
from orders.selectors.awaiting import (
    missing_of,
    request_of_deal,
    waiting_request,
    waiting_requests,
    words_for,
)
from orders.selectors.orders import order_of_deal, renewable_order, renewable_orders, terms_of
from orders.selectors.people import suggested_people
from pipeline.models import Opportunity
from pipeline.selectors.detail import lines as deal_lines
from pipeline.selectors.opportunities import account_of
from pipeline.services import deal_for
from territories.selectors import today_of


@require_http_methods(["GET", "HEAD", "POST"])
@may("order", "create")
def order_book(request: HttpRequest) -> HttpResponse:
    """Book an order: a deal's, prefilled, or one without a deal."""
    query, is_sent = strict_query(request, "opportunity", "account", "renews"), request.method == "POST"
    asked = whole(query, "opportunity")
    deal = deal_for("book", asked) if asked is not None else None
    if deal and not (deal.is_open or deal.awaits_booking_since or is_sent):
        return _closed(deal)
    waiting = request_of_deal(reach(), deal.pk) if deal and deal.awaits_booking_since else None
    named = whole(query, "renews") or (waiting.renews_id if waiting else None)
    renews = renewable_order(reach(), named)
    initial = {} if is_sent else _booking(query, deal, waiting, renews)
    form = forms.BookingForm(sent(request), mine=reach(), deal=deal, renews=renews, initial=initial)
    done = perform(form, services.win if deal else services.book, by=person_id())
    if done is not None:
        return _booked(request, done)
    context = {
        "deal": deal,
        "renews": renews,
        "renewable": renewable_orders(reach(), deal) if deal and not renews else [],
        "deal_now": _restart(form, deal),
        "people": suggested_people(reach()),
        "lacks_contract": deal is not None and CONTRACT in missing_of(deal, ""),
    }
    return form_page(request, "orders/order_book.html", form, **context)


def _booked(request: HttpRequest, done: Order | OrderRequest) -> HttpResponse:
    """To the order, or to the won deal whose order awaits its booking."""
    if isinstance(done, Order):
        messages.success(request, _("Order %(number)s is booked.") % {"number": done.number})
        return redirect("order_detail", done.pk)
    lacks = words_for(missing_of(done.opportunity, done.purchase_order))
    text = _("%(name)s is won. It will be order intake once this is there: %(missing)s.")
    messages.success(request, text % {"name": done.opportunity.name, "missing": ", ".join(lacks)})
    return redirect("opportunity_detail", done.opportunity_id)


def _closed(deal: Opportunity) -> HttpResponse:
    """A deal that is not open has its order already, or has to be re-opened first."""
    order = order_of_deal(reach(), deal.pk)
    if order is None:
        message = _("This opportunity is closed. Re-open it before it is won.")
        raise Conflict(message, code="opportunity_closed")
    return redirect("order_detail", order.pk)


def _booking(
    query: dict[str, str], deal: Opportunity | None, waiting: OrderRequest | None, renews: Order | None
) -> dict[str, Any]:
    """What the booking form starts with."""
    if waiting:
        return {"booked_on": today_of(person_id()), **forms.from_request(waiting)}
    if deal is None:
        terms = account_of(reach(), renews.account_id if renews else whole(query, "account"))
    else:
        terms = forms.from_deal(deal, deal_lines(deal))
    renewal = forms.renewing(renews, terms_of(renews), terms.get("lines", ())) if renews else {}
    return {"booked_on": today_of(person_id()), **terms, **renewal}


def _restart(form: forms.BookingForm, deal: Opportunity | None) -> Opportunity | None:
    """After a stale booking: the deal as it is now, whose version the form then carries."""
    if deal is None or not isinstance(getattr(form, "refusal", None), Stale):
        return None
    deal.refresh_from_db()
    take_version(form, deal.version)
    return deal


@require_safe
@may("opportunity", "book")
def order_request_list(request: HttpRequest) -> HttpResponse:
    """Which won deals await their booking, since when, and what is missing?"""
    query, mine = strict_query(request, "after"), reach()
    page = page_by_key(waiting_requests(mine), ["id"], query.get("after"))
    context = {"page": page, "rows": awaiting.explained(page.rows, mine)}
    return render(request, "orders/order_request_list.html", context)


@FORM
def order_request_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Send an order back that awaits its booking: its deal is open again."""
    asked = waiting_request(reach(), pk)
    reach().require("opportunity", "book", asked.opportunity)
    form = forms.SendBackForm(sent(request), initial={"version": asked.version})
    if perform(form, services.send_order_back, by=person_id(), request_id=pk) is not None:
        messages.success(request, _("%(name)s is open again.") % {"name": asked.opportunity.name})
        return redirect("order_request_list")
    return form_page(request, "orders/order_request_back.html", form, asked=asked)
