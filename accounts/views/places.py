"""Customers in no territory, and those of one: panels of territory pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import selectors
from common.access import seen
from common.http import may, page_by_key, strict_query
from common.selectors import capped_count, policy, today
from common.transaction import reach
from territories.models import Territory


@require_safe
@may("account_territory", "list")
def account_gaps(request: HttpRequest) -> HttpResponse:
    """Accounts that are in no territory today, and those that soon will be."""
    query = strict_query(request, "after")
    page = page_by_key(selectors.unassigned_accounts(reach()), ["name_key", "id"], query.get("after"))
    days = policy("gaps_ahead_days")
    ending = selectors.ending_assignments(reach(), today(), days)
    context = {
        "page": page,
        "count": capped_count(selectors.unassigned_accounts(reach())),
        "days": days,
        "ending": ending[: selectors.FAMILY],
        "may_assign": reach().allows("account", "assign"),
        "may_draft": bool(reach().relations("draft", "create")),
    }
    return render(request, "accounts/account_gaps.html", context)


@require_safe
def account_gaps_panel(request: HttpRequest) -> HttpResponse:
    """How many accounts in reach are in no territory; a panel of the territory tree."""
    strict_query(request)
    context = {
        "count": selectors.unassigned_accounts(reach()).count(),
        "sees_rules": bool(reach().relations("rule", "list")),
    }
    return render(request, "accounts/account_gaps_panel.html", context)


@require_safe
def territory_accounts_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """How many accounts in reach a territory has today, alone and with all below it; a panel of its page."""
    strict_query(request)
    territory: Territory = seen(Territory.objects.all(), reach(), pk)
    accounts = selectors.account_list(reach(), selectors.Search(territory_id=pk))
    below = selectors.account_list(reach(), selectors.Search(within_id=pk))
    context = {
        "territory": territory,
        "count": accounts.count(),
        "below": below.count(),
        "first": accounts[:5],
    }
    return render(request, "accounts/territory_accounts_panel.html", context)
