"""The list of customers, one customer, and their profile."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import selectors, services
from accounts.forms import AccountCreateForm, AccountEditForm, TerritoryFilterForm
from accounts.models import PROFILE, Account
from accounts.selectors.merging import merges_told, survivor_of
from accounts.selectors.modules import module_of
from common.access import found, seen
from common.editing import Edit
from common.history import Change, history_of
from common.http import (
    FORM,
    a_day,
    form_page,
    may,
    page_by_key,
    perform,
    person_id,
    sent,
    strict_query,
    whole,
)
from common.pickers import settled
from common.selectors import the_organisation, today
from common.transaction import reach
from territories.models import Territory
from territories.selectors.offers import Territories
from workspace.forms.own import OwnFilterForm, own_asked, own_names
from workspace.selectors.own import held, own_changes
from workspace.selectors.own_columns import usual_columns

PLACES = ("territory", "specialist_territory", "partner_territory")


@require_safe
def account_list(request: HttpRequest) -> HttpResponse:
    if address := settled(request, territory=Territories()):
        return redirect(address)
    mine, names = reach(), ("q", "industry", "place", "territory", "within", "on", "after")
    query = strict_query(request, *names, *own_names(mine, "account"))
    search = selectors.Search(
        query.get("q", ""),
        query.get("industry", ""),
        query.get("place", ""),
        whole(query, "territory"),
        whole(query, "within"),
        a_day(query, "on"),
        own_asked(mine, "account", query),
    )
    page = page_by_key(selectors.account_list(mine, search), ["name_key", "id"], query.get("after"))
    is_past = search.on is not None and search.on < today()  # nothing moves on a day that is over
    context = {
        "page": page,
        "query": query,
        "search": search,
        "industries": selectors.industries(reach()),
        "filter": TerritoryFilterForm(initial=query),
        "own_filter": OwnFilterForm(query, mine, "account"),
        "own_columns": usual_columns(mine, "account"),
        "within": Territory.objects.filter(pk=search.within_id).first() if search.within_id else None,
        "may_create": bool(reach().relations("account", "create")),
        "sees_rules": bool(reach().relations("rule", "list")),
        "sees_holds": bool(reach().relations("account", "assign")),
        "may_assign": not is_past and bool(reach().relations("account", "assign")),
        "may_bundle": not is_past and bool(reach().relations("account", "bundle")),
        "may_classify": not is_past and bool(reach().relations("account", "classify")),
        "may_draft": bool(reach().relations("draft", "create")),
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
    mine, currency = reach(), the_organisation().reporting_currency
    account: Account | None = Account.objects.visible_to(mine).select_related(*PLACES).filter(pk=pk).first()
    survivor = survivor_of(mine, pk) if account is None or account.merged_into_id else None
    if survivor and account is None:
        messages.info(request, _("This account was merged into %(name)s.") % {"name": survivor.name})
        return redirect("account_detail", survivor.pk)
    account = found(account)
    family = Account.objects.visible_to(mine)
    merge = account.mergers.filter(undone_at=None).first() if account.merged_into_id else None
    context = {
        "account": account,
        "survivor": survivor,
        "merge": merge,
        # One that went on with the account it was merged into is taken apart from there first.
        "may_undo": merge is not None
        and merge.survivor_id == account.merged_into_id
        and mine.allows("account_merge", "update"),
        "today": today(),
        "parent": family.filter(pk=account.parent_id).first() if account.parent_id else None,
        "subsidiaries": family.filter(parent=account)[: selectors.FAMILY],
        "contacts": [(contact, held(mine, "contact", contact)) for contact in account.contacts.all()],
        "own": held(mine, "account", account),
        "placed": selectors.placed(mine, pk),
        "holds": selectors.holds(mine, today()).filter(account=account).order_by("starts_on"),
        "history": _history(account, currency),
        "may_edit": not account.merged_into_id
        and mine.allows("account", "update", {"territory_id": account.territory_id}),
        "may_meet": not account.merged_into_id and mine.allows("account", "update", account),
        "may_assign": not account.merged_into_id
        and mine.allows("account", "assign", {"territory_id": account.territory_id}),
        "may_merge": mine.allows("account_merge", "update"),
        "membership": module_of(pk, today()),
        "may_report": bool(mine.relations("seat", "list")),
        "may_realign": bool(mine.relations("draft", "read")),
        "may_bundle": not account.merged_into_id
        and mine.allows("account", "bundle", {"territory_id": account.territory_id}),
    }
    return render(request, "accounts/account_detail.html", context)


def _history(account: Account, currency: str) -> list[Change]:
    """What changed on an account, and what was merged into it."""
    fields = [*PROFILE, "parent", "territory", "merged_into", "own"]
    changes = history_of(account, fields, currency, parts={"own": own_changes(reach(), "account")})
    return sorted([*changes, *merges_told(account, reach())], key=lambda change: change.at, reverse=True)


@FORM
@may("account", "create")
def account_create(request: HttpRequest) -> HttpResponse:
    """Add a customer, for those who may; into the territory where they sit unless they choose."""
    form = AccountCreateForm(sent(request))
    if account := perform(form, services.create_account, by=person_id()):
        messages.success(request, _("%(name)s is an account now.") % {"name": account.name})
        return redirect("account_detail", account.pk)
    return form_page(request, "accounts/account_create.html", form)


@FORM
def account_edit(request: HttpRequest, pk: int) -> HttpResponse:
    account: Account = seen(Account.objects.all(), reach(), pk)
    reach().require("account", "update", {"territory_id": account.territory_id})
    edit = Edit(request, AccountEditForm, account, services.edit_account, account_id=pk)
    if edit.is_saved:
        return redirect("account_detail", pk)
    return edit.page("accounts/account_edit.html", account=account)
