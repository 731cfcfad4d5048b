"""Pages of the organisation itself: everybody reads its calendar and rates, administrators keep them."""

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common import selectors, services
from common.access import found
from common.editing import Edit
from common.forms import CloseForm, DayOffForm, OrganisationForm, RateForm, YearForm
from common.history import history_of
from common.http import FORM, form_page, may, perform, person_id, sent, strict_query
from common.locale import format_date
from common.models import DayOff, Organisation, Period
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
    if selectors.the_organisation().fiscal_label == Organisation.FiscalLabel.END:
        form.fields["year"].help_text = _("The year in which it ends.")
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
def day_off_list(request: HttpRequest) -> HttpResponse:
    """The days on which nobody works, the next ones first, and who named or removed them."""
    strict_query(request)
    rows, day = selectors.named_days_off(), selectors.today()
    context = {
        "coming": [row for row in rows if row.starts_on >= day],
        "passed": [row for row in reversed(rows) if row.starts_on < day],
        "recorded": selectors.recorded_days_off(),
        "may_change": reach().allows("day_off", "update"),
    }
    return render(request, "common/day_off_list.html", context)


@FORM
@may("day_off", "update")
def day_off_create(request: HttpRequest) -> HttpResponse:
    form = DayOffForm(sent(request))
    if row := perform(form, services.add_day_off, by=person_id()):
        words = {"day": format_date(row.starts_on), "name": row.name}
        messages.success(request, _("%(day)s is off: %(name)s.") % words)
        return redirect("day_off_list")
    return form_page(request, "common/day_off_create.html", form)


@FORM
@may("day_off", "update")
def day_off_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a day off a working day again, once one has read what that means."""
    row: DayOff = found(DayOff.objects.current().filter(pk=pk).first())
    form = Form(sent(request))
    if perform(form, services.remove_day_off, by=person_id(), day_off_id=pk):
        messages.success(request, _("%(day)s is a working day again.") % {"day": format_date(row.starts_on)})
        return redirect("day_off_list")
    return form_page(request, "common/day_off_remove.html", form, row=row)


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
