"""The list of customers, one customer, and their profile."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import selectors, services
from accounts.forms import AccountCreateForm, AccountEditForm
from accounts.models import Account
from common.access import seen
from common.conflict import conflict_of
from common.history import history_of
from common.http import FORM, form_page, may, page_by_key, perform, person_id, sent, strict_query, whole
from common.selectors import the_organisation, today
from common.transaction import reach
from territories.selectors import territory_choices

SHOWN = (
    "name",
    "number",
    "industry",
    "employees",
    "annual_revenue_minor",
    "town",
    "region",
    "country",
    "postcode",
)


@require_safe
def account_list(request: HttpRequest) -> HttpResponse:
    query = strict_query(request, "q", "industry", "place", "territory", "after")
    search = selectors.Search(
        query.get("q", ""), query.get("industry", ""), query.get("place", ""), whole(query, "territory")
    )
    page = page_by_key(selectors.account_list(reach(), search), ["name_key", "id"], query.get("after"))
    context = {
        "page": page,
        "query": query,
        "search": search,
        "industries": selectors.industries(reach()),
        "territories": territory_choices(today()),
        "may_create": bool(reach().relations("account", "create")),
    }
    return render(request, "accounts/account_list.html", context)


@require_safe
def account_suggest(request: HttpRequest) -> HttpResponse:
    """At most eight options for what is typed into a field that takes an account; `?new=1` offers to add one."""
    query, mine = strict_query(request, "q", "new"), reach()
    typed = query.get("q", "").strip()
    found = selectors.account_suggest(mine, typed)
    is_new = bool(typed) and not any(account.name_key == typed.lower() for account in found)
    offers_new = is_new and "new" in query and bool(mine.relations("account", "create"))
    context = {"accounts": found, "typed": typed, "offers_new": offers_new}
    return render(request, "accounts/account_suggest.html", context)


@require_safe
def account_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A customer: profile, family, people, where it is by date and why, and what changed."""
    strict_query(request)
    mine, company = reach(), the_organisation()
    account: Account = seen(Account.objects.select_related("territory"), mine, pk)
    family = Account.objects.visible_to(mine)
    context = {
        "account": account,
        "currency": company.reporting_currency,
        "today": today(),
        "parent": family.filter(pk=account.parent_id).first() if account.parent_id else None,
        "subsidiaries": family.filter(parent=account)[: selectors.FAMILY],
        "contacts": selectors.contacts(pk),
        "assignments": selectors.assignments(pk),
        "history": history_of(account, [*SHOWN, "parent", "territory"], company.reporting_currency),
        "may_edit": mine.allows("account", "update", account),
        "may_assign": mine.allows("account", "assign", account),
    }
    return render(request, "accounts/account_detail.html", context)


@FORM
@may("account", "create")
def account_create(request: HttpRequest) -> HttpResponse:
    """Add a customer, for those who may; into the territory where they sit unless they choose."""
    mine, company = reach(), the_organisation()
    form = AccountCreateForm(sent(request), mine=mine, day=today(), currency=company.reporting_currency)
    if account := perform(form, services.create_account, by=person_id(request)):
        messages.success(request, _("%(name)s is an account now.") % {"name": account.name})
        return redirect("account_detail", account.pk)
    return form_page(request, "accounts/account_create.html", form, currency=company.reporting_currency)


@FORM
def account_edit(request: HttpRequest, pk: int) -> HttpResponse:
    mine, currency = reach(), the_organisation().reporting_currency
    account: Account = seen(Account.objects.select_related("parent"), mine, pk)
    mine.require("account", "update", account)
    form = AccountEditForm(sent(request), initial=_values(account), mine=mine, currency=currency)
    perform(form, services.edit_account, by=person_id(request), account_id=pk)
    if form.is_bound and not form.errors:
        messages.success(request, _("Saved."))
        return redirect("account_detail", pk)
    conflict = conflict_of(
        form, lambda: AccountEditForm(initial=_values(account), mine=mine, currency=currency), account
    )
    context = {"account": account, "currency": currency, "conflict": conflict}
    return form_page(request, "accounts/account_edit.html", form, **context)


def _values(account: Account) -> dict[str, Any]:
    """The saved profile as the form shows it; a parent out of reach stays without its name."""
    parent = Account.objects.filter(pk=account.parent_id).first() if account.parent_id else None
    values = {name: getattr(account, name) for name in (*SHOWN, "parent_id", "version")}
    return {**values, "parent_name": parent.name if parent else ""}
