"""Closing a period and opening it again: asking another administrator, and what was asked and answered."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.access import found
from common.http import FORM, form_page, may, perform, person_id, sent, strict_query
from common.models import Period
from common.selectors import today
from common.transaction import reach
from workspace import services
from workspace.forms.approvals import PeriodForm
from workspace.selectors.periods import closing, period_acts, reopening


@FORM
@may("period", "update")
def period_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask another administrator to close a period, once one has read what that means."""
    period, form = _period(pk), PeriodForm(sent(request))
    if perform(form, services.ask_closing, by=person_id(), period_id=pk):
        text = _("Another administrator is asked to close %(code)s.")
        messages.success(request, text % {"code": period.code})
        return redirect("calendar")
    context = {"period": period, "asking": closing(period, person_id(), today())}
    return form_page(request, "workspace/period_close.html", form, **context)


@FORM
@may("period", "update")
def period_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask another administrator to open a closed period again."""
    period, form = _period(pk), PeriodForm(sent(request))
    if perform(form, services.ask_reopening, by=person_id(), period_id=pk):
        text = _("Another administrator is asked to reopen %(code)s.")
        messages.success(request, text % {"code": period.code})
        return redirect("calendar")
    context = {"period": period, "asking": reopening(period, person_id(), today())}
    return form_page(request, "workspace/period_reopen.html", form, **context)


def _period(pk: int) -> Period:
    period: Period = found(Period.objects.filter(pk=pk).first())
    return period


@require_safe
def period_acts_panel(request: HttpRequest) -> HttpResponse:
    """Which periods were closed and opened, by whom and when; for administrators also why, and what waits."""
    strict_query(request)
    entries = period_acts(with_reasons=reach().allows("period", "update"))
    return render(request, "workspace/_period_acts_panel.html", {"entries": entries})
