"""Parts that pages load: an account's deals, and the accounts that a quick entry finds."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.selectors import account_suggest
from common.http import strict_query
from common.selectors import today
from common.transaction import reach
from pipeline.selectors.opportunities import account_deals


def account_opportunities_panel(request: HttpRequest, account_id: int) -> HttpResponse:
    """An account's deals, open ones first, for the account's page."""
    strict_query(request)
    deals = account_deals(reach(), account_id)
    context = {"deals": deals, "account_id": account_id, "today": today()}
    return render(request, "pipeline/_account_opportunities_panel.html", context)


def account_options(request: HttpRequest) -> HttpResponse:
    """The accounts that match what was typed so far, and the offer to create one of that name."""
    query = strict_query(request, "q", "new")
    typed, mine = query.get("q", "").strip(), reach()
    found = account_suggest(mine, typed)
    named = any(account.name.lower() == typed.lower() for account in found)
    offers_new = "new" in query and bool(typed) and not named and bool(mine.relations("account", "create"))
    context = {"accounts": found, "typed": typed, "offers_new": offers_new}
    return render(request, "pipeline/_account_options.html", context)
