"""What is planned for empty seats. Administrators only."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common.access import found
from common.http import FORM, a_day, chosen, form_page, may, perform, person_id, sent, strict_query, whole
from common.selectors import today
from territories import services
from territories.forms import ChangeVacancyForm, DropVacancyForm, VacancyForm
from territories.models import Seat, Vacancy
from territories.selectors import empty_from, needed_on


@require_http_methods(["GET", "HEAD", "POST"])
@may("vacancy", "update")
def vacancy_plan(request: HttpRequest) -> HttpResponse:
    """Plan who comes to an empty seat; `?territory=`, `?kind=` and `?from=` fill the form."""
    query = strict_query(request, "territory", "kind", "from")
    place, day = whole(query, "territory"), a_day(query, "from") or today() + timedelta(days=1)
    needed = needed_on(place, day) if place else Seat.Kind.OWNER
    kind = chosen(query, "kind", Seat.LASTING, needed)
    starts_on = empty_from(place, kind, day) if place else day
    initial = {"territory_id": place, "kind": kind, "starts_on": starts_on}
    form = VacancyForm(sent(request), initial=initial)
    if plan := perform(form, services.plan_vacancy, by=person_id()):
        messages.success(request, _("The vacancy on %(name)s is planned.") % {"name": plan.territory.name})
        return redirect("territory_detail", plan.territory_id)
    return form_page(request, "territories/vacancy_plan.html", form)


@FORM
@may("vacancy", "update")
def vacancy_change(request: HttpRequest, pk: int) -> HttpResponse:
    plan = _plan(pk)
    initial = {
        "starts_on": plan.starts_on,
        "planned_on": plan.stops_on,
        "ramp": plan.ramp,
        "reason": plan.reason,
    }
    form = ChangeVacancyForm(sent(request), initial=initial)
    if perform(form, services.change_vacancy, by=person_id(), vacancy_id=pk):
        messages.success(request, _("Saved."))
        return redirect("territory_detail", plan.territory_id)
    return form_page(request, "territories/vacancy_change.html", form, plan=plan)


@FORM
@may("vacancy", "update")
def vacancy_drop(request: HttpRequest, pk: int) -> HttpResponse:
    plan = _plan(pk)
    form = DropVacancyForm(sent(request))
    if perform(form, services.drop_vacancy, by=person_id(), vacancy_id=pk):
        messages.success(request, _("The plan is taken back."))
        return redirect("territory_detail", plan.territory_id)
    return form_page(request, "territories/vacancy_drop.html", form, plan=plan)


def _plan(pk: int) -> Vacancy:
    plan: Vacancy = found(Vacancy.objects.filter(pk=pk).select_related("territory").first())
    return plan
