"""Booking an order, and keeping one that cannot be booked yet."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from catalog.models import Product
from catalog.selectors.prices import offers
from catalog.selectors.products import bundles_sold, parts_of
from common.access import seen
from common.errors import Conflict, Stale
from common.forms import take_version
from common.http import chosen, form_page, may, perform, person_id, sent, strict_query, whole
from common.transaction import reach
from orders import services
from orders.forms import booking as forms
from orders.models import Order, OrderRequest
from orders.selectors.awaiting import explained, open_request, page_of, request_of_deal
from orders.selectors.gate import lacks_contract
from orders.selectors.orders import order_of_deal, order_with, renewable_orders, terms_of
from orders.selectors.people import suggested_people
from pipeline.models import Opportunity
from pipeline.selectors.detail import lines as deal_lines
from pipeline.selectors.opportunities import account_of
from pipeline.services import deal_for
from territories.selectors import today_of

ASKED = ("opportunity", "account", "renews", "request", "repeat", "bundle", "currency", "queue")
BOOK, DRAFT, HAND_IN = "", "draft", "in"
"""What becomes of an order as it was typed."""


@require_http_methods(["GET", "HEAD", "POST"])
@may("order", "create")
def order_book(request: HttpRequest) -> HttpResponse:
    """Book an order: a deal's, prefilled, one that was kept, one like another, or one from nothing."""
    query, is_sent = strict_query(request, *ASKED), request.method == "POST"
    kept = open_request(reach(), whole(query, "request") or 0) if "request" in query else None
    if kept and kept.opportunity_id:
        return redirect(page_of(kept, is_queue="queue" in query))
    asked = whole(query, "opportunity")
    deal = deal_for("book", asked) if asked is not None else None
    if deal and not (deal.is_open or deal.awaits_booking_since or is_sent):
        return _closed(deal)
    waiting = request_of_deal(reach(), deal.pk) if deal and deal.awaits_booking_since else kept
    named = whole(query, "renews") or (waiting.renews_id if waiting else None)
    renews = order_with(reach(), named)
    initial = {} if is_sent else _booking(query, deal, waiting, renews)
    form = forms.BookingForm(
        sent(request), mine=reach(), deal=deal, renews=renews, kept=kept, initial=initial
    )
    way = chosen({"way": request.POST.get("way", BOOK)}, "way", [BOOK, DRAFT, HAND_IN], BOOK)
    following = _following(waiting) if is_sent and way == BOOK and "queue" in query else None
    is_waiting = waiting is not None and waiting.state == OrderRequest.State.WAITING
    done = perform(form, _act(deal, way, is_waiting=is_waiting), by=person_id())
    if done is not None:
        return _done(request, done, following, was_waiting=is_waiting, is_queue="queue" in query)
    why = explained([waiting], reach())[0] if waiting and waiting.state in OrderRequest.OPEN else None
    if why and why.lacks and "queue" in query and not is_sent:
        mended = (lack.field for lack in why.lacks if not (why.may_work and lack.is_decided))
        form.begin_at(next(filter(None, mended), "accepted_because"))
    context = {
        "deal": deal,
        "kept": kept,
        "why": why,
        "is_queue": "queue" in query,
        "renews": renews,
        "renewable": renewable_orders(reach(), deal) if deal and not renews else [],
        "deal_now": _restart(form, deal or kept) and deal,
        "bundles": [] if deal or kept or is_sent else bundles_sold(today_of(person_id())),
        "people": suggested_people(reach()),
        "lacks_contract": deal is not None and lacks_contract(deal),
    }
    return form_page(request, "orders/order_book.html", form, **context)


def _act(deal: Opportunity | None, way: str, *, is_waiting: bool) -> Any:
    """What is done with what was typed."""
    if deal and is_waiting and way != BOOK:
        return partial(services.keep_won_order, currency=deal.currency)
    if deal:
        return services.win
    return services.book if way == BOOK else partial(services.keep_order, is_draft=way == DRAFT)


def _following(waiting: OrderRequest | None) -> OrderRequest | None:
    """What comes after the order that is booked now: taken before it, since booking locks the ledger last."""
    if not reach().relations("order_request", "work"):
        return None
    return services.claim_next(by=person_id(), besides=waiting.pk if waiting else None)


def _done(
    request: HttpRequest,
    done: Order | OrderRequest,
    following: OrderRequest | None,
    *,
    was_waiting: bool,
    is_queue: bool,
) -> HttpResponse:
    """To the order or to what is kept of it; to the next one, who works the queue."""
    if isinstance(done, Order):
        messages.success(request, _("Order %(number)s is booked.") % {"number": done.number})
        return to_next(request, following) if is_queue else redirect("order_detail", done.pk)
    messages.success(request, _kept_said(done, was_waiting=was_waiting))
    if done.opportunity_id and not was_waiting:
        return redirect("opportunity_detail", done.opportunity_id)
    is_mine = done.state in (OrderRequest.State.DRAFT, OrderRequest.State.BACK)
    return redirect(reverse("order_request_list") + ("?show=mine" if is_mine else ""))


def _kept_said(done: OrderRequest, *, was_waiting: bool) -> str:
    """What is said of an order that is kept, with what it waits for."""
    if done.state != OrderRequest.State.WAITING:
        return _("The draft is kept. Nothing of it is order intake yet.")
    why = explained([done], reach())[0].lacks
    words = {"missing": ", ".join(lack.text for lack in why)}
    if was_waiting:
        text = (
            _("Saved. It waits for this: %(missing)s.") if why else _("Saved. Nothing is missing any more.")
        )
    elif done.opportunity:
        words["name"] = done.opportunity.name
        papers, decided = (
            _("%(name)s is won. It will be order intake once this is there: %(missing)s."),
            _("%(name)s is won. A coordinator decides before it is order intake: %(missing)s."),
        )
        text = decided if any(lack.is_decided for lack in why) else papers
    else:
        text = (
            _("The order is handed in. It waits for this: %(missing)s.")
            if why
            else _("The order is handed in.")
        )
    return text % words


def to_next(request: HttpRequest, row: OrderRequest | None) -> HttpResponse:
    """To the order that is worked on next; to the list without one."""
    if row is None:
        messages.success(request, _("No order waits for you."))
        return redirect("order_request_list")
    return redirect(page_of(row, is_queue=True))


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
        repeated = order_with(reach(), whole(query, "repeat"))
        about = renews or repeated
        terms = account_of(reach(), about.account_id if about else whole(query, "account"))
        if repeated:
            terms |= forms.repeating(repeated, terms_of(repeated))
        elif "bundle" in query:
            terms |= _bundle(query)
    else:
        terms = forms.from_deal(deal, deal_lines(deal))
    renewal = forms.renewing(renews, terms_of(renews), terms.get("lines", ())) if renews else {}
    return {"booked_on": today_of(person_id()), **terms, **renewal}


def _bundle(query: dict[str, str]) -> dict[str, Any]:
    """The lines of a bundle at today's prices in its currency."""
    bundle: Product = seen(Product.objects.filter(is_bundle=True), reach(), whole(query, "bundle") or 0)
    parts = parts_of([bundle.pk]).get(bundle.pk, [])
    prices = offers([part.product for part in parts], bundle.currency, None, today_of(person_id()))
    return {"currency": bundle.currency, **forms.from_bundle(parts, prices)}


def _restart(form: forms.BookingForm, row: Opportunity | OrderRequest | None) -> Any:
    """After a stale booking: the deal, or what was kept, as it is now, whose version the form then carries."""
    if row is None or not isinstance(getattr(form, "refusal", None), Stale):
        return None
    row.refresh_from_db()
    take_version(form, row.version)
    return row
