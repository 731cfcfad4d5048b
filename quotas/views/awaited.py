"""What awaits its booking, behind a figure."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.access import Reach, found
from common.definitions import named
from common.http import a_period, may, strict_query
from common.selectors import running_quarter
from common.transaction import reach
from orders.models import Basis, OrderRequest
from orders.selectors.credits import CreditFilter
from quotas.selectors.awaited import Hung, behind
from territories.models import Territory, User

QUERY = ("period", "days", "person", "node", "basis", "family", "alone", "tree")


@require_safe
@may("node_cell", "read")
def awaited_list(request: HttpRequest) -> HttpResponse:
    """Which won deals make this figure, of whom and of when?"""
    query, mine = strict_query(request, *QUERY), reach()
    asked = CreditFilter.of(query, a_period(query) or running_quarter())
    parts = behind(mine, asked)
    node = found(Territory.objects.filter(pk=asked.node_id).first()) if asked.node_id else None
    context = {
        "asked": asked,
        "node": node,
        "basis": Basis(asked.basis).label,
        "rows": _rows(parts, mine),
        "total": sum(part.minor for part in parts),
        "metrics": named("awaiting-booking"),
    }
    return render(request, "quotas/awaited_list.html", context)


def _rows(parts: list[Hung], mine: Reach) -> list[dict[str, Any]]:
    """Each with its deal as far as that is in reach, and whose it is where the reader may be told."""
    asked = OrderRequest.objects.visible_to(mine).filter(pk__in={part.request_id for part in parts})
    deals = {row.pk: row.opportunity for row in asked.select_related("opportunity")}
    names = dict(User.objects.filter(pk__in={part.person_id for part in parts}).values_list("pk", "name"))
    return [
        {"part": part, "deal": deals.get(part.request_id), "name": names.get(part.person_id or 0, "")}
        for part in parts
    ]
