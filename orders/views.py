"""Pages of orders and of the ledger."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.selectors.merging import takes_new
from catalog.models import Family
from common.access import found, seen
from common.calendars import Span
from common.definitions import named
from common.editing import Edit
from common.errors import Conflict, Stale
from common.forms import take_version
from common.history import history_of
from common.http import (
    FORM,
    a_period,
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
from common.locale import format_date
from common.policies import CONTRACT
from common.selectors import running_quarter, today
from common.transaction import reach
from orders import forms, services
from orders.models import Basis, Order, OrderRequest
from orders.selectors import attach, awaiting
from orders.selectors.awaiting import (
    missing_of,
    request_of_deal,
    waiting_request,
    waiting_requests,
    words_for,
)
from orders.selectors.credits import CreditFilter, credit_page, credit_total, explained, period_codes
from orders.selectors.orders import order_detail as detail_of
from orders.selectors.orders import order_of_deal, orders_in, orders_of_account, terms_of
from orders.selectors.people import suggested_people
from pipeline.forms.insight import DAYS, PLACE, InsightForm, asked_of
from pipeline.models import Opportunity
from pipeline.selectors.detail import lines as deal_lines
from pipeline.selectors.opportunities import account_of
from pipeline.services import deal_for
from pipeline.views.insight import LIST, by_segments, page_context, shown_url, typed_in
from territories.models import Territory, User
from territories.selectors import today_of
from workspace.forms.own import own_asked, own_names
from workspace.selectors.documents import documents_of
from workspace.selectors.own import held, own_changes
from workspace.selectors.own_columns import usual_columns


@require_safe
def order_list(request: HttpRequest) -> HttpResponse:
    """What was ordered, newest first."""
    mine = reach()
    query = strict_query(request, "q", "state", "owner", "waiting", "after", *own_names(mine, "order"))
    owner = whole(query, "owner")
    rows = orders_in(
        mine,
        text=query.get("q", "").strip(),
        state=chosen(query, "state", ["", *Order.State.values], ""),
        owner_id=owner,
        lacks_purchase_order=chosen(query, "waiting", ["", "1"], "") == "1",
        own=own_asked(mine, "order", query),
    )
    page = page_by_key(rows, ["-booked_on", "-id"], query.get("after"))
    context = {
        "page": page,
        "filters": forms.OrderFilterForm(query, mine),
        "own_columns": usual_columns(mine, "order"),
        "owner": User.objects.filter(pk=owner).first() if owner else None,
        "is_filtered": bool(set(query) - {"after"}),
        "may_create": bool(mine.relations("order", "create")),
        "may_open": mine.allows("order", "opening"),
        "may_see_waiting": bool(mine.relations("opportunity", "book")),
    }
    return render(request, "orders/order_list.html", context)


@require_safe
def order_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What is this order, what happened to it, and who got credit for it?"""
    strict_query(request)
    mine = reach()
    detail = detail_of(mine, pk)
    order = detail.terms.order
    context = {
        "detail": detail,
        "terms": detail.terms,
        "order": order,
        "own": held(mine, "order", order),
        "deal_documents": documents_of("opportunity", detail.deal.pk) if detail.deal else [],
        "history": history_of(order, ["purchase_order", "own"], parts={"own": own_changes(mine, "order")})[
            :-1
        ],
        "may_note": mine.allows("order", "update", order),
        "may_counter": mine.allows("order", "counter", order) and order.state == Order.State.BOOKED,
        "is_reduced": order.amount_minor != detail.terms.lines_minor,
        "sees_credits": bool(mine.relations("credit")),
        "metrics": named("booking-date", "motion", "new-and-existing", "split"),
    }
    return render(request, "orders/order_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("order", "create")
def order_book(request: HttpRequest) -> HttpResponse:
    """Book an order: a deal's, prefilled, or one without a deal."""
    query, is_sent = strict_query(request, "opportunity", "account"), request.method == "POST"
    asked = whole(query, "opportunity")
    deal = deal_for("book", asked) if asked is not None else None
    if deal and not (deal.is_open or deal.awaits_booking_since or is_sent):
        return _closed(deal)
    form = forms.BookingForm(
        sent(request), mine=reach(), deal=deal, initial={} if is_sent else _booking(query, deal)
    )
    done = perform(form, services.win if deal else services.book, by=person_id())
    if done is not None:
        return _booked(request, done)
    context = {
        "deal": deal,
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


def _booking(query: dict[str, str], deal: Opportunity | None) -> dict[str, Any]:
    """What the booking form starts with."""
    if deal is None:
        terms = account_of(reach(), whole(query, "account"))
    elif deal.awaits_booking_since and (asked := request_of_deal(reach(), deal.pk)):
        terms = forms.from_request(asked)
    else:
        terms = forms.from_deal(deal, deal_lines(deal))
    return {"booked_on": today_of(person_id()), **terms}


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


@FORM
def order_purchase_order(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter the customer's purchase order number, or change it."""
    order: Order = seen(Order.objects.all(), reach(), pk)
    reach().require("order", "update", order)
    edit = Edit(request, forms.PurchaseOrderForm, order, services.note_purchase_order, order_id=pk)
    if edit.is_saved:
        return redirect("order_detail", pk)
    return edit.page("orders/order_purchase_order.html", order=order)


@FORM
def order_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back an order, or a part of it."""
    order = _to_counter(pk)
    is_sent = request.method == "POST"
    initial = {} if is_sent else {"booked_on": today_of(person_id()), "version": order.version}
    form = forms.CancelForm(sent(request), currency=order.currency, initial=initial)
    said = _("Order %(number)s: the cancellation is posted.")
    done = _counter(request, form, services.cancel, order, said)
    return done or form_page(request, "orders/order_cancel.html", form, order=order)


@FORM
def order_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an order's lines or split right."""
    order = _to_counter(pk)
    terms = terms_of(order)
    is_sent = request.method == "POST"
    initial = {} if is_sent else {"booked_on": today_of(person_id()), **forms.from_terms(terms)}
    form = forms.CorrectForm(sent(request), terms=terms, initial=initial)
    said = _("Order %(number)s: the correction is posted.")
    done = _counter(request, form, services.correct, order, said)
    if done is not None:
        return done
    people = suggested_people(reach())
    return form_page(request, "orders/order_correct.html", form, order=order, people=people)


def _to_counter(pk: int) -> Order:
    """The order with its value, for those who may post counter-entries to it."""
    order: Order = seen(Order.objects.valued(), reach(), pk)
    reach().require("order", "counter", order)
    return order


def _counter(
    request: HttpRequest, form: Form, act: Callable[..., Any], order: Order, said: str
) -> HttpResponse | None:
    """Post the counter-entry; a stale form then carries the version of the order that its page shows."""
    if perform(form, act, by=person_id(), order_id=order.pk) is not None:
        messages.success(request, said % {"number": order.number})
        return redirect("order_detail", order.pk)
    if isinstance(getattr(form, "refusal", None), Stale):
        take_version(form, order.version)
    return None


@FORM
@may("order", "opening")
def opening_create(request: HttpRequest) -> HttpResponse:
    """Bring in one person's order intake from before the product was in use."""
    form = forms.OpeningForm(sent(request))
    if perform(form, services.post_opening, by=person_id()) is not None:
        messages.success(request, _("The opening entry is posted."))
        return redirect("opening_create")
    return form_page(request, "orders/opening_create.html", form, people=suggested_people(reach()))


@require_safe
@may("credit", "read")
def credit_list(request: HttpRequest) -> HttpResponse:
    """Which credits make this figure?"""
    query, mine = strict_query(request, *CreditFilter.NAMES, "after"), reach()
    asked = CreditFilter.of(query, a_period(query) or running_quarter())
    page = credit_page(asked, mine, query.get("after"))
    context = {
        "asked": asked,
        "note": _note(asked),
        "page": page,
        "rows": explained(page.rows, mine),
        "total": credit_total(asked, mine),
        "filters": forms.CreditFilterForm(
            periods=period_codes(asked.period, today()), initial={**query, "period": asked.period.code}
        ),
        "metrics": named("order-intake", *(["as-organised-now"] if asked.is_now else [])),
    }
    return render(request, "orders/credit_list.html", context)


def _note(asked: CreditFilter) -> str:
    """The filter in words. Raises NotInReach for a person, a node or a family that there is not."""
    models = ((Territory, asked.node_id), (User, asked.person_id), (Family, asked.family_id))
    named = {model: found(model.objects.filter(pk=pk).first()) for model, pk in models if pk is not None}
    words = [asked.period.code, *map(_words, asked.days)]
    for model, row in named.items():
        words.append(f"{row.name}, {Basis(asked.basis).label}" if model is Territory else row.name)
    if asked.is_now:
        words.append(_("as organised now"))
    return " · ".join(words)


def _words(span: Span) -> str:
    days = {"first": format_date(span.start), "last": format_date(span.last_day)}
    return _("%(first)s to %(last)s") % days if span.days > 1 else days["first"]


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
    context = {"order": order, "waiting": waiting, "asked": asked}
    return render(request, "orders/_opportunity_order_panel.html", context)


@require_safe
@may("order", "read")
def attach_rate(request: HttpRequest) -> HttpResponse:
    """How often do we sell more than the main thing, and how much in bundles?"""
    if address := typed_in(request):
        return redirect(address)
    query, mine, day = strict_query(request, *DAYS, *PLACE, *LIST), reach(), today()
    asked, by = asked_of(query, day), chosen(query, "by", tuple(attach.BY), "owner")
    show, key = chosen(query, "show", ("", *attach.SHOWS), ""), whole(query, "key")
    lines = attach.attach_rates(mine, asked, by, day)
    [total] = attach.attach_rates(mine, asked, "", day)
    rows = attach.attached_orders(mine, asked, by, key, show) if show else Order.objects.none()
    context = {
        **page_context(query, request.path, day),
        "asked": asked,
        "lines": [(line, *_shown(query, str(line.key))) for line in lines],
        "total": total,
        "total_urls": _shown(query),
        "is_product": by == "product",
        "by": attach.BY[by],
        "bys": by_segments(query, by, attach.BY),
        "page": page_by_key(rows, ["-booked_on", "-id"], query.get("after")) if show else None,
        "whose": next((line.label for line in lines if line.key == key), "") if key else "",
        "filters": InsightForm(query, asked, (*DAYS, *PLACE), kept=["by"]),
        "metrics": named("attach-rate", "bundle-share"),
    }
    return render(request, "orders/attach_rate.html", context)


def _shown(query: dict[str, str], key: str = "") -> tuple[str, str]:
    """Where the orders with something primary are listed, and those with ancillary beside it."""
    return shown_url(query, "primary", key), shown_url(query, "attached", key)
