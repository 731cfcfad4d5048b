"""What a customer could buy; the norms behind workload."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import services
from accounts.forms import CoverageModelForm, NormForm, PotentialForm
from accounts.models import Account
from accounts.selectors import potential as selectors
from catalog.models import Family
from common.access import seen
from common.http import FORM, form_page, may, perform, person_id, sent, strict_query, whole
from common.models import Period
from common.selectors import the_organisation, today
from common.transaction import reach


@require_safe
def account_potential_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """What a customer could buy this fiscal year and the next, by family; a panel of its page."""
    strict_query(request)
    account: Account = seen(Account.objects.all(), reach(), pk)
    years = Period.objects.filter(kind=Period.Kind.YEAR, stops_on__gt=today()).order_by("starts_on")[:2]
    found = selectors.potential_table(pk, list(years))
    families = list(Family.objects.all())
    context = {
        "account": account,
        "years": found,
        "rows": [(row, [one.cells.get(row.pk) for one in found]) for row in families],
        "currency": the_organisation().reporting_currency,
        "may_edit": not account.merged_into_id
        and reach().allows("account", "update", {"territory_id": account.territory_id}),
    }
    return render(request, "accounts/account_potential_panel.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def account_potential_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what a customer could buy of a family in a fiscal year."""
    query = strict_query(request, "family", "year")
    account: Account = seen(Account.objects.all(), reach(), pk)
    reach().require("account", "update", {"territory_id": account.territory_id})
    chosen = {"family_id": whole(query, "family"), "year_id": whole(query, "year"), "as_of": today()}
    form = PotentialForm(sent(request), initial=chosen)
    if perform(form, services.set_potential, by=person_id(), account_id=pk):
        messages.success(request, _("The potential is entered."))
        return redirect("account_detail", pk)
    context = {"account": account, "currency": the_organisation().reporting_currency}
    return form_page(request, "accounts/account_potential_edit.html", form, **context)


@require_safe
@may("touch_norm", "update")
def touch_norm_list(request: HttpRequest) -> HttpResponse:
    """How often accounts are to be touched, and how their segments are sold to, today."""
    strict_query(request)
    context = {"norms": selectors.norms(today()), "models": selectors.coverage_models(today())}
    return render(request, "accounts/touch_norm_list.html", context)


@FORM
@may("touch_norm", "update")
def touch_norm_set(request: HttpRequest) -> HttpResponse:
    form = NormForm(sent(request), initial={"starts_on": today()})
    if perform(form, services.set_norm, by=person_id()):
        messages.success(request, _("The norm is set."))
        return redirect("touch_norm_list")
    return form_page(request, "accounts/touch_norm_set.html", form)


@FORM
@may("coverage_model", "update")
def coverage_model_set(request: HttpRequest) -> HttpResponse:
    form = CoverageModelForm(sent(request), initial={"starts_on": today()})
    if perform(form, services.set_coverage_model, by=person_id()):
        messages.success(request, _("The coverage is set."))
        return redirect("touch_norm_list")
    return form_page(request, "accounts/coverage_model_set.html", form)
