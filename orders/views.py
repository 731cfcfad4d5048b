"""Pages of orders and of the ledger."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.models import Family
from common.access import found, seen
from common.calendars import Span
from common.conflict import conflict_of
from common.definitions import by_key, named
from common.errors import Conflict, Refused, Stale
from common.forms import take_version
from common.http import (
    FORM,
    BadQuery,
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
from common.locale import format_date, parse_date
from common.models import Period
from common.selectors import period_of, the_organisation, today
from common.transaction import reach
from orders import services
from orders.forms import (
    BookingForm,
    CancelForm,
    CorrectForm,
    CreditFilterForm,
    OpeningForm,
    OrderFilterForm,
    PurchaseOrderForm,
)
from orders.models import Order
from orders.selectors import (
    BASES,
    KINDS,
    CreditFilter,
    OrderDetail,
    credit_total,
    credits_of,
    explained,
    order_of_deal,
    order_rows,
    orders_in,
    orders_of_account,
    period_codes,
    suggested_people,
)
from orders.selectors import order_detail as detail_of
from pipeline.models import Opportunity
from pipeline.selectors.detail import lines as deal_lines
from pipeline.selectors.opportunities import account_of
from territories.models import Territory, User
from territories.selectors import today_of

METRICS = ("order-intake",)
MOST_PIECES = 40


@require_safe
def order_list(request: HttpRequest) -> HttpResponse:
    """What was ordered, newest first."""
    query, mine = strict_query(request, "q", "state", "owner", "waiting", "after"), reach()
    owner = whole(query, "owner")
    rows = orders_in(
        mine,
        text=query.get("q", "").strip(),
        state=chosen(query, "state", ["", *Order.State.values], ""),
        owner_id=owner,
        is_waiting=chosen(query, "waiting", ["", "1"], "") == "1",
    )
    page = page_by_key(rows, ["-booked_on", "-id"], query.get("after"))
    context = {
        "page": page,
        "rows": order_rows(page.rows, mine),
        "filters": OrderFilterForm(initial=query),
        "owner": User.objects.filter(pk=owner).first() if owner else None,
        "is_filtered": bool(set(query) - {"after"}),
        "may_create": bool(mine.relations("order", "create")),
        "may_open": mine.allows("order", "opening"),
    }
    return render(request, "orders/order_list.html", context)


@require_safe
def order_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What is this order, what happened to it, and who got credit for it?"""
    strict_query(request)
    mine = reach()
    detail = detail_of(mine, pk)
    context = {
        "detail": detail,
        "order": detail.order,
        "may_note": mine.allows("order", "update", detail.order),
        "may_counter": mine.allows("order", "counter", detail.order)
        and detail.order.state == Order.State.BOOKED,
        "is_reduced": detail.value_minor != detail.lines_minor,
        "sees_credits": bool(mine.relations("credit")),
        "plan_currency": the_organisation().reporting_currency,
    }
    return render(request, "orders/order_detail.html", context)


@form_view("opportunity", "account")
@may("order", "create")
def order_book(request: HttpRequest) -> HttpResponse:
    """Book an order: a deal's, prefilled, or one without a deal."""
    mine, deal = reach(), _deal_to_book(request)
    if deal and not deal.is_open and request.method != "POST":
        return _closed(deal)
    lines = deal_lines(deal) if deal else []
    initial = {} if request.method == "POST" else _booking(request, deal)
    form = BookingForm(request.POST or None, mine=mine, deal=deal, lines=lines, initial=initial)
    order = perform(form, services.book, by=person_id(request))
    if order is not None:
        messages.success(request, _("Order %(number)s is booked.") % {"number": order.number})
        return redirect("order_detail", order.pk)
    deal_now = _restart(form, deal)
    context = {"deal": deal, "deal_now": deal_now, "people": suggested_people(mine)}
    return form_page(request, "orders/order_book.html", form, **context)


@FORM
def order_purchase_order(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter the customer's purchase order number, or change it."""
    order: Order = seen(Order.objects.all(), reach(), pk)
    reach().require("order", "update", order)
    form = PurchaseOrderForm(sent(request), initial=_noted(order))
    noted = perform(form, services.note_purchase_order, by=person_id(request), order_id=pk)
    if noted is not None:
        saved, waits = _("The purchase order number is saved."), _("The order waits for its number.")
        messages.success(request, saved if noted.purchase_order else waits)
        return redirect("order_detail", pk)
    conflict = conflict_of(form, lambda: PurchaseOrderForm(initial=_noted(order)), order)
    context = {"order": order, "conflict": conflict}
    return form_page(request, "orders/order_purchase_order.html", form, **context)


def _noted(order: Order) -> dict[str, Any]:
    return {"purchase_order": order.purchase_order, "version": order.version}


@FORM
def order_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back an order, or a part of it."""
    detail = _countered(request, pk)
    initial = {"booked_on": today_of(person_id(request)), "version": detail.order.version}
    form = CancelForm(request.POST or None, currency=detail.order.currency, initial=initial)
    order = perform(form, services.cancel, by=person_id(request), order_id=pk)
    if order is not None:
        messages.success(
            request, _("Order %(number)s: the cancellation is posted.") % {"number": order.number}
        )
        return redirect("order_detail", pk)
    _take_now(form, detail)
    return form_page(request, "orders/order_cancel.html", form, detail=detail, order=detail.order)


@FORM
def order_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an order's lines or split right."""
    detail = _countered(request, pk)
    initial = {"booked_on": today_of(person_id(request)), "version": detail.order.version}
    form = CorrectForm(request.POST or None, detail=detail, initial=initial)
    order = perform(form, services.correct, by=person_id(request), order_id=pk)
    if order is not None:
        messages.success(request, _("Order %(number)s: the correction is posted.") % {"number": order.number})
        return redirect("order_detail", pk)
    _take_now(form, detail)
    context = {"detail": detail, "order": detail.order, "people": suggested_people(reach())}
    return form_page(request, "orders/order_correct.html", form, **context)


@FORM
@may("order", "opening")
def opening_create(request: HttpRequest) -> HttpResponse:
    """Bring in one person's order intake from before the product was in use."""
    form = OpeningForm(request.POST or None)
    if perform(form, services.post_opening, by=person_id(request)) is not None:
        messages.success(request, _("The opening entry is posted."))
        return redirect("opening_create")
    return form_page(request, "orders/opening_create.html", form, people=suggested_people(reach()))


@require_safe
@may("credit", "read")
def credit_list(request: HttpRequest) -> HttpResponse:
    """Which credits make this figure?"""
    asked, mine = _asked(request), reach()
    page = page_by_key(
        credits_of(asked.filter, mine), ["-booked_on", "-ledger_seq"], asked.query.get("after")
    )
    context = {
        "asked": asked,
        "page": page,
        "rows": explained(page.rows, mine),
        "total": credit_total(asked.filter, mine),
        "currency": the_organisation().reporting_currency,
        "filters": CreditFilterForm(periods=period_codes(asked.period, today()), initial=asked.initial),
        "metrics": by_key(METRICS),
        "metric_list": named(*METRICS),
    }
    return render(request, "orders/credit_list.html", context)


@require_safe
def account_orders_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """An account's orders, for the account's page."""
    strict_query(request)
    mine = reach()
    context = {
        "rows": orders_of_account(mine, pk),
        "account_id": pk,
        "may_create": bool(mine.relations("order", "create")),
    }
    return render(request, "orders/_account_orders_panel.html", context)


@require_safe
def opportunity_order_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The order that won a deal, for the deal's page."""
    strict_query(request)
    return render(request, "orders/_opportunity_order_panel.html", {"row": order_of_deal(reach(), pk)})


@dataclass(frozen=True)
class Asked:
    """What the address of the credit list asks for, as words and as a filter."""

    query: dict[str, str]
    filter: CreditFilter
    period: Period
    person: User | None
    node: Territory | None
    family: Family | None

    @property
    def initial(self) -> dict[str, str]:
        return {**self.query, "period": self.period.code}

    @property
    def note(self) -> str:
        """The filter in words."""
        words = [self.period.code, *(map(_words, self.filter.spans) if "days" in self.query else [])]
        if self.node:
            basis = _("by seat") if self.filter.basis == "seat" else _("by the account's territory")
            words.append(f"{self.node.name}, {basis}")
        return " · ".join([*words, *(row.name for row in (self.person, self.family) if row)])


def _asked(request: HttpRequest) -> Asked:
    names = (
        "person",
        "node",
        "alone",
        "basis",
        "period",
        "month",
        "family",
        "kind",
        "place",
        "days",
        "after",
    )
    query = strict_query(request, *names)
    period = _period(query)
    person, node, family = whole(query, "person"), whole(query, "node"), whole(query, "family")
    wanted = CreditFilter(
        spans=_spans(period, query.get("days", "")),
        person_id=person,
        node_id=node,
        basis=chosen(query, "basis", BASES, "seat"),
        family_id=family,
        kind=chosen(query, "kind", KINDS, "intake"),
        is_alone=chosen(query, "alone", ["", "1"], "") == "1",
        is_out=chosen(query, "place", ["", "out"], "") == "out",
    )
    return Asked(
        query,
        wanted,
        period,
        found(User.objects.filter(pk=person).first()) if person else None,
        found(Territory.objects.filter(pk=node).first()) if node else None,
        found(Family.objects.filter(pk=family).first()) if family else None,
    )


def _period(query: dict[str, str]) -> Period:
    if "period" in query and "month" in query:
        raise BadQuery(_("Give a period or a month, not both."))
    code = query.get("period") or query.get("month")
    period = Period.objects.filter(code=code).first() if code else period_of(today())
    if period is None:
        raise BadQuery(_("There is no period %(code)s.") % {"code": code or today().isoformat()})
    return period


def _spans(period: Period, text: str) -> tuple[Span, ...]:
    """The days of the period, or those that the address names: `days=2026-04-01..2026-04-19,2026-05-10..2026-06-30`."""
    if not text:
        return (Span(period.starts_on, period.stops_on),)
    pieces = text.split(",")
    if len(pieces) > MOST_PIECES:
        raise BadQuery(_("Name at most %(most)s pieces of days.") % {"most": MOST_PIECES}, path="days")
    return tuple(_piece(period, *piece.partition("..")) for piece in pieces)


def _piece(period: Period, first: str, _dots: str, last: str) -> Span:
    try:
        start, stop = parse_date(first), parse_date(last) + timedelta(days=1)
    except Refused as refused:
        raise BadQuery(refused.message, path="days") from refused
    start, stop = max(start, period.starts_on), min(stop, period.stops_on)
    if start >= stop:
        raise BadQuery(_("The days lie outside of the period."), path="days")
    return Span(start, stop)


def _words(span: Span) -> str:
    days = {"first": format_date(span.start), "last": format_date(span.last_day)}
    return _("%(first)s to %(last)s") % days if span.days > 1 else days["first"]


def _deal_to_book(request: HttpRequest) -> Opportunity | None:
    pk = whole(strict_query(request, "opportunity", "account"), "opportunity")
    if pk is None:
        return None
    deal: Opportunity = seen(Opportunity.objects.select_related("owner", "stage"), reach(), pk)
    reach().require("opportunity", "book", deal)
    return deal


def _closed(deal: Opportunity) -> HttpResponse:
    """A deal that is not open has its order already, or has to be re-opened first."""
    row = order_of_deal(reach(), deal.pk)
    if row is None:
        raise Conflict(
            _("This opportunity is closed. Re-open it before it is won."), code="opportunity_closed"
        )
    return redirect("order_detail", row.order.pk)


def _booking(request: HttpRequest, deal: Opportunity | None) -> dict[str, Any]:
    """What the booking form starts with."""
    initial: dict[str, Any] = {"booked_on": today_of(person_id(request))}
    if deal:
        return {**initial, "motion": deal.motion, "version": deal.version}
    return {**initial, **account_of(reach(), whole(strict_query(request, "account"), "account"))}


def _restart(form: BookingForm, deal: Opportunity | None) -> Opportunity | None:
    """After a stale booking: the deal as it is now, whose version the form then carries."""
    if deal is None or not isinstance(getattr(form, "refusal", None), Stale):
        return None
    deal.refresh_from_db()
    take_version(form, deal.version)
    return deal


def _countered(request: HttpRequest, pk: int) -> OrderDetail:
    """The order, for those who may post counter-entries to it."""
    detail = detail_of(reach(), pk)
    reach().require("order", "counter", detail.order)
    return detail


def _take_now(form: CancelForm | CorrectForm, detail: OrderDetail) -> None:
    """After a stale counter-entry: the page shows the order as it is now, and the form carries its version."""
    if isinstance(getattr(form, "refusal", None), Stale):
        take_version(form, detail.order.version)
