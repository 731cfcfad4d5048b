"""The territory that a customer is in, by date, and customers in none."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import selectors, services
from accounts.forms import AssignForm
from accounts.models import Account
from common.access import seen
from common.http import FORM, form_page, may, page_by_key, perform, person_id, sent, strict_query
from common.locale import format_date
from common.selectors import capped_count, policy, today
from common.transaction import reach
from territories.models import Territory


@FORM
@may("account", "assign")
def account_assign(request: HttpRequest, pk: int) -> HttpResponse:
    account: Account = seen(Account.objects.select_related("territory"), reach(), pk)
    form = AssignForm(sent(request), initial={"coverage": "field", "starts_on": today()})
    if row := perform(form, services.assign_account, by=person_id(), account_id=pk):
        words = {"name": account.name, "territory": row.territory.name, "day": format_date(row.starts_on)}
        messages.success(request, _("%(name)s is in %(territory)s from %(day)s.") % words)
        return redirect("account_detail", pk)
    return form_page(request, "accounts/account_assign.html", form, account=account)


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
