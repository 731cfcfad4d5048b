"""How accurately and how soon orders are entered."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.definitions import named
from common.http import Page, a_period, chosen, may, page_by_key, strict_query, whole
from common.selectors import running_quarter, today
from common.transaction import reach
from orders.forms.filters import PeriodForm
from orders.models import BookingEvent, Order
from orders.rules import IN_TIME
from orders.selectors import accuracy
from orders.selectors.credits import period_codes


@require_safe
@may("order", "inspect")
def entry_accuracy(request: HttpRequest) -> HttpResponse:
    """How many orders had to be put right, for what, and how soon were they entered?"""
    query, mine = strict_query(request, "period", "show", "key", "after"), reach()
    period = a_period(query) or running_quarter()
    show, key = chosen(query, "show", ("", *accuracy.SHOWS), ""), whole(query, "key")
    found = accuracy.entries(mine, period.span)
    lines = accuracy.lines_of(found)
    behind = [one for one in found if show and one.is_of(show) and key in (None, one.person_id)]
    page = page_by_key(accuracy.entered_orders(mine, behind), ["-booked_on", "-id"], query.get("after"))
    context = {
        "period": period,
        "lines": [_linked(query, line) for line in lines],
        "total": _linked(query, accuracy.line_of(found)),
        "shown": _words(show),
        "whose": next((line.name for line in lines if line.key == key), ""),
        "page": page if show else None,
        "rows": list(_with_entry(page, behind)),
        "most_days": IN_TIME,
        "filters": PeriodForm(period_codes(period, today()), initial={"period": period.code}),
        "metrics": named("entry-accuracy", "entry-time"),
    }
    return render(request, "orders/entry_accuracy.html", context)


def _linked(query: Mapping[str, str], line: accuracy.Line) -> dict[str, Any]:
    """A line with the addresses of the orders behind its figures."""
    kept = {"period": query["period"]} if "period" in query else {}
    whose = {"key": line.key} if line.key else {}
    urls = {show: f"?{urlencode({**kept, **whose, 'show': show})}#orders" for show in accuracy.SHOWS}
    errors = [(cause.label, number, urls[cause]) for cause, number in line.errors]
    return {"line": line, "urls": urls, "errors": errors}


def _words(show: str) -> str:
    """Which of the orders are shown, where not all are."""
    if show in accuracy.ERRORS:
        return str(BookingEvent.Cause(show).label)
    return {"right": _("without correction"), "late": _("entered late")}.get(show, "")


def _with_entry(page: Page[Order], found: list[accuracy.Entry]) -> Iterator[dict[str, Any]]:
    """The orders of a page with how late each was entered, and what it was put right for."""
    entries = {one.order_id: one for one in found}
    for order in page.rows:
        entry = entries[order.pk]
        causes = [cause.label for cause in accuracy.ERRORS if cause in entry.causes]
        yield {"order": order, "entry": entry, "causes": causes}
