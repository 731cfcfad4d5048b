"""Pages of orders and of the ledger."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from catalog.models import Family
from common.access import found
from common.calendars import Span
from common.definitions import by_key, named
from common.errors import Conflict, Forbidden, Refused, Stale
from common.forms import take_version
from common.http import (
    BadQuery,
    chosen,
    for_roles,
    form_page,
    page_by_key,
    perform,
    person_id,
    seen,
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
    suggested_people,
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
)
from orders.selectors import order_detail as detail_of
from pipeline.models import Opportunity
from pipeline.selectors.detail import lines as deal_lines
from pipeline.selectors.opportunities import account_of
from territories.models import Territory, User

METRICS = ("order-intake",)
CREDIT_READERS = ("rep", "manager", "director", "admin", "executive")


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


def order_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What is this order, what happened to it, and who got credit for it?"""
    strict_query(request)
    mine = reach()
    detail = detail_of(mine, pk)
    context = {
        "detail": detail,
        "order": detail.order,
        "may_counter": mine.allows("order", "counter", detail.order) and _stands(detail),
        "is_reduced": detail.value_minor != detail.lines_minor,
        "sees_credits": mine.has_role(*CREDIT_READERS),
        "plan_currency": the_organisation().reporting_currency,
    }
    return render(request, "orders/order_detail.html", context)


@for_roles("rep", "manager", "director", "admin", "coordinator")
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


def order_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back an order, or a part of it."""
    detail = _countered(request, pk)
    initial = {"booked_on": services.person_today(person_id(request)), "version": detail.order.version}
    form = CancelForm(request.POST or None, currency=detail.order.currency, initial=initial)
    order = perform(form, services.cancel, by=person_id(request), order_id=pk)
    if order is not None:
        messages.success(
            request, _("Order %(number)s: the cancellation is posted.") % {"number": order.number}
        )
        return redirect("order_detail", pk)
    _take_now(form, detail)
    return form_page(request, "orders/order_cancel.html", form, detail=detail, order=detail.order)


def order_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an order's lines or split right."""
    detail = _countered(request, pk)
    initial = {"booked_on": services.person_today(person_id(request)), "version": detail.order.version}
    form = CorrectForm(request.POST or None, detail=detail, initial=initial)
    order = perform(form, services.correct, by=person_id(request), order_id=pk)
    if order is not None:
        messages.success(request, _("Order %(number)s: the correction is posted.") % {"number": order.number})
        return redirect("order_detail", pk)
    _take_now(form, detail)
    context = {"detail": detail, "order": detail.order, "people": suggested_people(reach())}
    return form_page(request, "orders/order_correct.html", form, **context)


@for_roles("admin")
def opening_create(request: HttpRequest) -> HttpResponse:
    """Bring in one person's order intake from before the product was in use."""
    strict_query(request)
    form = OpeningForm(request.POST or None)
    if perform(form, services.post_opening, by=person_id(request)) is not None:
        messages.success(request, _("The opening entry is posted."))
        return redirect("opening_create")
    return form_page(request, "orders/opening_create.html", form, people=suggested_people(reach()))


@for_roles(*CREDIT_READERS)
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
        "filters": CreditFilterForm(periods=asked.periods, initial=asked.initial),
        "metrics": by_key(METRICS),
        "metric_list": named(*METRICS),
    }
    return render(request, "orders/credit_list.html", context)


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
    since: date | None
    until: date | None
    person: User | None
    node: Territory | None
    family: Family | None

    @property
    def initial(self) -> dict[str, str]:
        return {**self.query, "period": self.period.code}

    @property
    def periods(self) -> list[str]:
        """The codes to choose from, newest first: what has begun, and the one that is asked for."""
        begun = Period.objects.filter(starts_on__lte=today()).order_by("-starts_on", "kind")
        return list(dict.fromkeys([self.period.code, *begun.values_list("code", flat=True)]))

    @property
    def note(self) -> str:
        """The filter in words."""
        words = [self.period.code]
        if self.since:
            words.append(_("since %(day)s") % {"day": format_date(self.since)})
        if self.until:
            words.append(_("until %(day)s") % {"day": format_date(self.until)})
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
        "since",
        "until",
        "after",
    )
    query = strict_query(request, *names)
    period, since, until = _period(query), _day(query, "since"), _day(query, "until")
    person, node, family = whole(query, "person"), whole(query, "node"), whole(query, "family")
    wanted = CreditFilter(
        span=_span(period, since, until),
        person_id=person,
        node_id=node,
        basis=chosen(query, "basis", BASES, "seat"),
        family_id=family,
        kind=chosen(query, "kind", KINDS, "intake"),
        is_alone=chosen(query, "alone", ["", "1"], "") == "1",
    )
    return Asked(
        query,
        wanted,
        period,
        since,
        until,
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


def _day(query: dict[str, str], name: str) -> date | None:
    try:
        return parse_date(query[name]) if name in query else None
    except Refused as refused:
        raise BadQuery(refused.message) from refused


def _span(period: Period, since: date | None, until: date | None) -> Span:
    """The period's days from `since` and through `until`."""
    start = max(since or period.starts_on, period.starts_on)
    stop = min(until + timedelta(days=1), period.stops_on) if until else period.stops_on
    if start >= stop:
        raise BadQuery(_("The days lie outside of the period."))
    return Span(start, stop)


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
    initial: dict[str, Any] = {"booked_on": services.person_today(person_id(request))}
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
    strict_query(request)
    detail = detail_of(reach(), pk)
    reach().require("order", "counter", detail.order)
    if not _stands(detail):
        raise Forbidden(_("This order is cancelled: nothing is left to change."))
    return detail


def _stands(detail: OrderDetail) -> bool:
    return detail.order.state == Order.State.BOOKED


def _take_now(form: CancelForm | CorrectForm, detail: OrderDetail) -> None:
    """After a stale counter-entry: the page shows the order as it is now, and the form carries its version."""
    if isinstance(getattr(form, "refusal", None), Stale):
        take_version(form, detail.order.version)
