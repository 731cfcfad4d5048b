"""Pages of the organisation itself: everybody reads its calendar and rates, administrators keep them."""

from uuid import uuid4

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from common import selectors, services
from common.access import found
from common.editing import Edit
from common.euro_rates import Published
from common.forms import OrganisationForm, YearForm, YearPreviewForm
from common.history import history_of
from common.http import (
    FORM,
    chosen,
    form_page,
    may,
    page_by_key,
    perform,
    person_id,
    sent,
    strict_query,
    whole,
)
from common.locale import format_date
from common.models import DayOff, Organisation, Rate, RateFile, WorkCalendar
from common.published_rates import Asked, Plan, file_of, plan_of
from common.rate_forms import RateFileForm, RateForm, RateImportForm
from common.transaction import reach
from common.working_day_forms import DayOffForm, PublicHolidaysForm, WorkCalendarForm


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """The fiscal years with their quarters and months, open or closed."""
    strict_query(request)
    years, today = selectors.years(), selectors.today()
    context = {
        "years": years,
        "today": today,
        "first_to_close": selectors.first_to_close(years, today),
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


@require_safe
@may("period", "update")
def year_preview(request: HttpRequest) -> HttpResponse:
    """The periods of a fiscal year as it would be made: of the named one, else the next, by settings not saved yet."""
    form = YearPreviewForm(strict_query(request, *YearPreviewForm.base_fields))
    if not form.is_valid():
        return HttpResponse()
    return render(request, "common/_year_preview.html", selectors.year_preview(**form.cleaned_data))


@require_safe
def day_off_list(request: HttpRequest) -> HttpResponse:
    """The days on which nobody works, the next ones first, and who named or removed them.

    `?calendar=7`: those of a work calendar; else those of the organisation.
    """
    chosen_calendar = _calendar_of(request)
    rows, day = selectors.named_days_off(chosen_calendar), selectors.today()
    of_calendar = f"?calendar={chosen_calendar.pk}" if chosen_calendar else ""
    context = {
        "coming": [row for row in rows if row.starts_on >= day],
        "passed": [row for row in reversed(rows) if row.starts_on < day],
        "recorded": selectors.recorded_days_off(chosen_calendar),
        "may_change": reach().allows("day_off", "update"),
        "calendars": list(WorkCalendar.objects.order_by("name")),
        "calendar": chosen_calendar,
        "of_calendar": of_calendar,
        "new_url": reverse("day_off_create") + of_calendar,
        "weekdays": ", ".join(str(WEEKDAYS[day]) for day in chosen_calendar.weekdays)
        if chosen_calendar
        else "",
    }
    return render(request, "common/day_off_list.html", context)


def _calendar_of(request: HttpRequest) -> WorkCalendar | None:
    """The work calendar that an address names. Raises NotInReach where there is none of that number."""
    pk = whole(strict_query(request, "calendar"), "calendar")
    return None if pk is None else found(WorkCalendar.objects.filter(pk=pk).first())


def _days_off_of(calendar_id: int | None) -> HttpResponse:
    return redirect(f"{reverse('day_off_list')}{f'?calendar={calendar_id}' if calendar_id else ''}")


@FORM
@may("day_off", "update")
def work_calendar_create(request: HttpRequest) -> HttpResponse:
    form = WorkCalendarForm(sent(request))
    if row := perform(form, services.create_work_calendar, by=person_id()):
        words = {"name": row.name}
        messages.success(request, _("%(name)s is there: name its days off, and give it to people.") % words)
        return _days_off_of(row.pk)
    return form_page(request, "common/work_calendar_create.html", form)


@require_http_methods(["GET", "HEAD", "POST"])
@may("day_off", "update")
def day_off_create(request: HttpRequest) -> HttpResponse:
    calendar = _calendar_of(request)
    form = DayOffForm(sent(request))
    of = {"by": person_id(), "calendar_id": calendar and calendar.pk}
    if row := perform(form, services.add_day_off, **of):
        words = {"day": format_date(row.starts_on), "name": row.name}
        messages.success(request, _("%(day)s is off: %(name)s.") % words)
        return _days_off_of(row.calendar_id)
    return form_page(request, "common/day_off_create.html", form, calendar=calendar)


@require_http_methods(["GET", "HEAD", "POST"])
@may("day_off", "update")
def public_holidays_add(request: HttpRequest) -> HttpResponse:
    """Name all public holidays of a year at once; what is too much can be removed on the list."""
    calendar = _calendar_of(request)
    form = PublicHolidaysForm(sent(request), initial={"year": selectors.today().year})
    of = {"by": person_id(), "calendar_id": calendar and calendar.pk}
    if rows := perform(form, services.add_public_holidays, **of):
        told = ngettext("%(count)s day is off now.", "%(count)s days are off now.", len(rows))
        messages.success(request, told % {"count": len(rows)})
        return _days_off_of(rows[0].calendar_id)
    return form_page(request, "common/public_holidays_add.html", form, calendar=calendar)


@FORM
@may("day_off", "update")
def day_off_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a day off a working day again, once one has read what that means."""
    row: DayOff = found(DayOff.objects.current().filter(pk=pk).first())
    form = Form(sent(request))
    if perform(form, services.remove_day_off, by=person_id(), day_off_id=pk):
        messages.success(request, _("%(day)s is a working day again.") % {"day": format_date(row.starts_on)})
        return _days_off_of(row.calendar_id)
    return form_page(request, "common/day_off_remove.html", form, row=row)


@require_safe
def rate_list(request: HttpRequest) -> HttpResponse:
    """The rates that hold today or will; `?currency=EUR&kind=plan`: all of one currency and kind, newest first."""
    query = strict_query(request, "currency", "kind", "after")
    context = {"company": selectors.the_organisation(), "may_change": reach().allows("rate", "update")}
    context |= {"currency": "", "kind": ""}
    if "currency" in query:
        kind = chosen(query, "kind", Rate.Kind.values, Rate.Kind.BOOKED)
        rows = selectors.rates_of(query["currency"], kind)
        page = page_by_key(rows, selectors.RATE_ORDER, query.get("after"))
        context |= {
            "currency": query["currency"],
            "kind": Rate.Kind(kind),
            "rates": page.rows,
            "after": page.after,
        }
    else:
        context["rates"] = selectors.rates()
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
@may("rate", "update")
def rate_file_create(request: HttpRequest) -> HttpResponse:
    """Choose a file of published rates; what of it is brought in is asked next."""
    form = RateFileForm(sent(request), request.FILES or None)
    if row := perform(form, services.keep_rate_file, by=person_id()):
        return redirect("rate_import", row.pk)
    return form_page(request, "common/rate_file_create.html", form)


def _looked_at(*, asked: Asked, shown: str, file: Published) -> Plan:
    return plan_of(file, asked)


@FORM
@may("rate", "update")
def rate_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose what of a file is brought in, look at what that does, and bring it in."""
    kept, file = found(RateFile.objects.defer("content").filter(pk=pk).first()), found(file_of(pk))
    company = selectors.the_organisation()
    offered = [code for code in file.currencies if code != company.reporting_currency]
    initial = {"starts_on": selectors.today(), "currencies": selectors.currencies()}
    form = RateImportForm(sent(request), currencies=offered, initial=initial)
    plan = perform(form, _looked_at, file=file)
    if (
        plan
        and form.cleaned_data["shown"]
        and perform(form, services.bring_rates, by=person_id(), file_id=pk)
    ):
        messages.success(request, selectors.brought(plan.added, plan.changed))
        return redirect("rate_list")
    context = {"kept": kept, "company": company, "plan": plan, "fresh_key": uuid4().hex}
    return form_page(request, "common/rate_import.html", form, **context)


@FORM
@may("organisation", "update")
def organisation_edit(request: HttpRequest) -> HttpResponse:
    company = selectors.the_organisation()
    edit = Edit(request, OrganisationForm, company, services.edit_organisation)
    if edit.is_saved:
        return redirect("organisation_edit")
    history = history_of(company, services.ORGANISATION_FIELDS)
    return edit.page("common/organisation_edit.html", history=history)
