"""How often something is sold beside something else."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from common.definitions import named
from common.http import (
    chosen,
    may,
    page_by_key,
    strict_query,
    whole,
)
from common.selectors import today
from common.transaction import reach
from orders.models import Order
from orders.selectors import attach
from pipeline.forms.insight import DAYS, PLACE, InsightForm, asked_of
from pipeline.views.insight import LIST, by_segments, page_context, shown_url, typed_in


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
