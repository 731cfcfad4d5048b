"""How a customer is classified, by date."""

import re
import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts import services
from accounts.forms import ClassifyForm, ClassifyManyForm
from accounts.models import Account
from accounts.selectors import modules, standing
from common.access import seen
from common.http import FORM, form_page, may, perform, person_id, sent, strict_query
from common.locale import format_number
from common.selectors import today
from common.transaction import reach


@FORM
def account_classify(request: HttpRequest, pk: int) -> HttpResponse:
    """Say from which day on a customer is in another segment, tier or business unit, or strategic."""
    account: Account = seen(Account.objects.all(), reach(), pk)
    reach().require("account", "classify", {"territory_id": account.territory_id})
    held = standing.classes_on(account, today())
    form = ClassifyForm(sent(request), initial={"starts_on": today()}, held=held)
    if perform(form, services.classify_account, by=person_id(), account_id=pk):
        messages.success(request, _("%(name)s is classified.") % {"name": account.name})
        return redirect("account_detail", pk)
    return form_page(request, "accounts/account_classify.html", form, account=account)


@require_http_methods(["GET", "HEAD", "POST"])
@may("account", "classify")
def accounts_classify(request: HttpRequest) -> HttpResponse:
    """Classify accounts that were picked: the list posts them, and the form that it gets posts them again."""
    strict_query(request)
    picked = [int(text) for text in request.POST.getlist("account") if re.fullmatch("[0-9]{1,18}", text)]
    accounts = modules.picked(reach(), picked)
    is_filled = "starts_on" in request.POST
    form = ClassifyManyForm(
        request.POST if is_filled else None, initial={"account": picked, "starts_on": today()}
    )
    back = _back(request)
    if changed := perform(form, services.classify_accounts, by=person_id()):
        messages.success(request, _told(len(changed)), extra_tags="chosen-done")
        return redirect(back)
    context = {"accounts": accounts, "back": back, "fresh_key": None if is_filled else uuid.uuid4()}
    return form_page(request, "accounts/accounts_classify.html", form, **context)


def _told(count: int) -> str:
    said = ngettext("%(count)s account is classified.", "%(count)s accounts are classified.", count)
    return said % {"count": format_number(count)}


def _back(request: HttpRequest) -> str:
    """The page of this site from which the person came, else the list."""
    path = request.POST.get("back", "")
    is_ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_ours else reverse("account_list")


@require_safe
def account_classes_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """How a customer is classified today and on other days; a panel of its page."""
    strict_query(request)
    account: Account = seen(Account.objects.all(), reach(), pk)
    context = {
        "account": account,
        "held": standing.classes_on(account, today()),
        "others": [(row, standing.named(row)) for row in standing.classifications(account, today())],
        "book": standing.book_of_classes(account),
        "today": today(),
        "may_classify": not account.merged_into_id
        and reach().allows("account", "classify", {"territory_id": account.territory_id}),
    }
    return render(request, "accounts/account_classes_panel.html", context)
