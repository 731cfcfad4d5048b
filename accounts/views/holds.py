"""Holds: who keeps which customer until when."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import selectors, services
from accounts.forms import EndHoldForm, HoldForm
from accounts.models import Account, Hold
from common.access import seen
from common.http import FORM, form_page, may, page_by_key, perform, person_id, sent, strict_query
from common.locale import format_date
from common.selectors import policy, today
from common.transaction import reach
from territories.selectors import owner_of


@require_safe
@may("account", "assign")
def hold_list(request: HttpRequest) -> HttpResponse:
    """The holds in reach of today and later, those that end soonest first."""
    query = strict_query(request, "after")
    page = page_by_key(selectors.holds(reach(), today()), ["stops_on", "id"], query.get("after"))
    soon = today() + timedelta(days=policy("gaps_ahead_days"))
    return render(request, "accounts/hold_list.html", {"page": page, "today": today(), "soon": soon})


@FORM
@may("account", "assign")
def hold_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a customer with a person; with who owns it today, unless another one is chosen."""
    account: Account = seen(Account.objects.select_related("territory"), reach(), pk)
    owner = owner_of(account.territory_id, today())
    form = HoldForm(sent(request), initial={"person_id": owner.pk if owner else None, "starts_on": today()})
    if hold := perform(form, services.hold_account, by=person_id(), account_id=pk):
        words = {"name": account.name, "person": hold.person.name, "day": format_date(hold.stops_on)}
        messages.success(request, _("%(name)s stays with %(person)s until %(day)s.") % words)
        return redirect("account_detail", pk)
    return form_page(request, "accounts/hold_create.html", form, account=account)


@FORM
@may("account", "assign")
def hold_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a hold before its day."""
    hold: Hold = seen(Hold.objects.current().select_related("account", "person"), reach(), pk)
    form = EndHoldForm(sent(request), initial={"stops_on": max(today(), hold.starts_on)})
    perform(form, services.end_hold, by=person_id(), hold_id=pk)
    if form.is_bound and not form.errors:
        messages.success(request, _("The hold of %(name)s is changed.") % {"name": hold.account.name})
        return redirect("account_detail", hold.account_id)
    return form_page(request, "accounts/hold_end.html", form, hold=hold)
