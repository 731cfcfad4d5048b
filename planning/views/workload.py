"""Workload, capacity and potential of a territory."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.access import seen
from common.http import strict_query
from common.selectors import the_organisation, today
from common.transaction import reach
from planning.selectors.workload import workload_below
from territories.models import Territory


@require_safe
def territory_workload_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """How much work the accounts of a territory ask for, who does it, and what they could buy; a panel of its page."""
    strict_query(request)
    territory: Territory = seen(Territory.objects.all(), reach(), pk)
    found = workload_below(reach(), pk, today())
    context = {
        "territory": territory,
        "found": found,
        "currency": the_organisation().reporting_currency,
        "may_set": bool(reach().relations("touch_norm", "update")),
    }
    return render(request, "planning/territory_workload_panel.html", context)
