"""A part that the account's page loads."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.http import strict_query
from common.selectors import today
from common.transaction import reach
from pipeline.selectors.opportunities import account_deals


@require_safe
def account_opportunities_panel(request: HttpRequest, account_id: int) -> HttpResponse:
    """An account's deals, open ones first, for the account's page."""
    strict_query(request)
    mine = reach()
    context = {
        "deals": account_deals(mine, account_id),
        "account_id": account_id,
        "may_create": bool(mine.relations("opportunity", "create")),
        "today": today(),
    }
    return render(request, "pipeline/_account_opportunities_panel.html", context)
