"""Pages of the organisation itself: everybody reads its calendar and rates, administrators keep them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common import selectors, services
from common.access import found
from common.editing import Edit
from common.forms import CloseForm, OrganisationForm, RateForm, YearForm
from common.history import history_of
from common.http import FORM, form_page, may, perform, person_id, sent, strict_query
from common.models import Period
from common.transaction import reach


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """The fiscal years with their quarters and months, open or closed."""
    strict_query(request)
    context = {
        "years": selectors.years(),
        "today": selectors.today(),
        "may_change": reach().allows("period", "update"),
    }
    return render(request, "common/calendar.html", context)


@FORM
@may("period", "update")
def year_create(request: HttpRequest) -> HttpResponse:
    form = YearForm(sent(request), initial={"year": selectors.next_year()})
    if year := perform(form, services.create_year, by=person_id()):
        messages.success(request, _("The fiscal year %(code)s is in the calendar.") % {"code": year.code})
        return redirect("calendar")
    return form_page(request, "common/year_create.html", form)


@FORM
@may("period", "update")
def period_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a period, once one has read what that means."""
    period: Period = found(Period.objects.filter(pk=pk).first())
    form = CloseForm(sent(request), initial={"version": period.version})
    if perform(form, services.close_period, by=person_id(), period_id=pk):
        messages.success(request, _("%(code)s is closed.") % {"code": period.code})
        return redirect("calendar")
    return form_page(request, "common/period_close.html", form, period=period)


@require_safe
def rate_list(request: HttpRequest) -> HttpResponse:
    """Plan and booked rates with their days."""
    strict_query(request)
    context = {
        "rates": selectors.rates(),
        "company": selectors.the_organisation(),
        "may_change": reach().allows("rate", "update"),
    }
    return render(request, "common/rate_list.html", context)


@FORM
@may("rate", "update")
def rate_create(request: HttpRequest) -> HttpResponse:
    form = RateForm(sent(request), initial={"starts_on": selectors.today(), "kind": "booked"})
    if perform(form, services.set_rate, by=person_id()):
        messages.success(request, _("The rate is entered."))
        return redirect("rate_list")
    return form_page(request, "common/rate_create.html", form, company=selectors.the_organisation())


@FORM
@may("organisation", "update")
def organisation_edit(request: HttpRequest) -> HttpResponse:
    company = selectors.the_organisation()
    edit = Edit(request, OrganisationForm, company, services.edit_organisation)
    if edit.is_saved:
        return redirect("organisation_edit")
    history = history_of(company, services.ORGANISATION_FIELDS)
    return edit.page("common/organisation_edit.html", history=history)
