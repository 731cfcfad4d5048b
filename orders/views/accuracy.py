"""How accurately and how soon orders are entered."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from common.definitions import named
from common.http import (
    Page,
    a_period,
    chosen,
    csv_file,
    may,
    person_id,
    strict_query,
    whole,
)
from common.locale import format_percent
from common.models import Period
from common.selectors import running_quarter, today
from common.transaction import now, reach
from common.written import Cell
from orders.forms.filters import PeriodForm
from orders.models import BookingEvent, Order
from orders.rules import IN_TIME
from orders.selectors import accuracy
from orders.selectors.periods import period_codes
from workspace.services.exports import record_export

HEADS = (
    _("Entered by"), _("Quarter"), _("Orders"), _("Without correction"), _("Entry accuracy"),
    *(cause.label for cause in accuracy.ERRORS), _("In time"), _("Late"), _("Median of days"), _("As known at"),
)  # fmt: skip


@require_safe
@may("order", "inspect")
def entry_accuracy(request: HttpRequest) -> HttpResponse:
    """How many orders had to be put right, for what, and how soon were they entered?"""
    query, mine = strict_query(request, "period", "show", "key", "after"), reach()
    period = a_period(query) or running_quarter()
    show, key = chosen(query, "show", ("", *accuracy.SHOWS), ""), whole(query, "key")
    found = accuracy.Entries(mine, period.span)
    page = found.page(show, key, query.get("after"))
    context = {
        "period": period,
        "lines": [_linked(query, line) for line in found.lines],
        "total": _linked(query, found.total),
        "shown": _words(show),
        "whose": next((line.name for line in found.lines if line.key == key), ""),
        "page": page if show else None,
        "rows": list(_with_entry(page, found)),
        "most_days": IN_TIME,
        "filters": PeriodForm(period_codes(period, today()), initial={"period": period.code}),
        "metrics": named("entry-accuracy", "entry-time"),
    }
    return render(request, "orders/entry_accuracy.html", context)


@require_safe
@may("order", "inspect")
def entry_accuracy_csv(request: HttpRequest) -> HttpResponse:
    """The lines of a quarter as a file, their total last, each with the quarter and when it was known."""
    query = strict_query(request, "period")
    period = a_period(query) or running_quarter()
    found = accuracy.Entries(reach(), period.span)
    rows = [_cells(line, line.name, period) for line in found.lines]
    rows.append(_cells(found.total, gettext("Total"), period))
    record_export(by=person_id(), page="entry_accuracy", query=urlencode(query), format="csv", rows=len(rows))
    return csv_file(f"entry-accuracy-{period.code}", [[str(head) for head in HEADS], *rows])


def _cells(line: accuracy.Line, name: str, period: Period) -> list[Cell]:
    causes = [line.by_cause.get(cause, 0) for cause in accuracy.ERRORS]
    days = "" if line.days is None else f"{float(line.days):.1f}"
    made: list[Cell] = [line.orders, line.right, _ratio(line.accuracy), *causes]
    return [
        name,
        period.code,
        *made,
        _ratio(line.in_time),
        line.late,
        days,
        now().isoformat(timespec="seconds"),
    ]


def _ratio(ratio: Fraction | None) -> str:
    return "" if ratio is None else format_percent(ratio)


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
    return {"right": gettext("without correction"), "late": gettext("entered late")}.get(show, "")


def _with_entry(page: Page[Order], found: accuracy.Entries) -> Iterator[dict[str, Any]]:
    """The orders of a page with how late each was entered, and what it was put right for."""
    told = found.told(page.rows)
    for order in page.rows:
        days, causes = told[order.pk]
        yield {"order": order, "days": days, "causes": [cause.label for cause in causes]}
