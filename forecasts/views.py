"""The pages of calls and of their accuracy."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.definitions import by_key, named
from common.http import chosen, for_roles, form_page, perform, person_id, strict_query
from common.models import Period
from common.selectors import last_run, period_by_code, the_organisation, today
from common.transaction import reach
from forecasts import selectors, services
from forecasts.forms import SubmissionForm
from forecasts.models import Submission
from forecasts.scoring import HORIZONS

CALLERS = ("rep", "manager", "director")


@for_roles(*CALLERS)
def submission_list(request: HttpRequest) -> HttpResponse:
    """My call for a quarter, what stands behind it, and the calls before it."""
    query = strict_query(request, "period")
    periods = selectors.callable_periods(today())
    period = period_by_code(query["period"]) if "period" in query else periods[0]
    company = the_organisation()
    form = SubmissionForm(
        request.POST or None,
        periods=periods,
        teams=selectors.led_nodes(reach()),
        currency=company.reporting_currency,
        initial={"period_id": str(period.pk)},
    )
    if perform(form, services.submit, by=person_id(request)):
        messages.success(request, _("Your call is in. The last one before the due time counts."))
        return redirect(request.get_full_path())
    return form_page(
        request, "forecasts/submission_list.html", form, **_call_context(request, period, periods)
    )


def _call_context(request: HttpRequest, period: Period, periods: list[Period]) -> dict[str, object]:
    own = person_id(request)
    keys = ("forecast-call", "forecast-categories", "order-intake", "quota", "gap")
    return {
        "period": period,
        "periods": periods,
        "segments": [
            {"label": row.code, "url": f"?period={row.code}", "active": row.pk == period.pk}
            for row in periods
        ],
        "stand": selectors.stand(reach(), own, period, today()),
        "calls": selectors.own_calls(own, period),
        "currency": the_organisation().reporting_currency,
        "metrics": by_key(keys),
        "metric_list": named(*keys),
    }


@for_roles(*CALLERS, "admin", "executive")
def forecast_accuracy(request: HttpRequest) -> HttpResponse:
    """How good the calls of ended quarters were, by person and team, at a chosen horizon."""
    query = strict_query(request, "horizon", "category")
    horizon = int(chosen(query, "horizon", [str(days) for days in HORIZONS], "30"))
    category = chosen(query, "category", Submission.Category.values, Submission.Category.COMMIT)
    periods = selectors.ended_periods(today())
    keys = ("forecast-call", "error", "wape", "bias")
    context = {
        "rows": selectors.accuracy(reach(), category=category, horizon=horizon, periods=periods),
        "periods": periods,
        "horizons": _segments(request, "horizon", _horizon_labels(), str(horizon)),
        "categories": _segments(request, "category", _category_labels(), category),
        "horizon": horizon,
        "currency": the_organisation().reporting_currency,
        "run": last_run(services.JOB),
        "metrics": by_key(keys),
        "metric_list": named(*keys),
    }
    return render(request, "forecasts/forecast_accuracy.html", context)


def _segments(
    request: HttpRequest, name: str, choices: dict[str, str], active: str
) -> list[dict[str, object]]:
    rows = []
    for value, label in choices.items():
        query = request.GET.copy()
        query[name] = value
        rows.append({"label": label, "url": f"?{query.urlencode()}", "active": value == active})
    return rows


def _horizon_labels() -> dict[str, str]:
    return {str(days): ngettext("%d day", "%d days", days) % days for days in HORIZONS}


def _category_labels() -> dict[str, str]:
    return {value: str(label) for value, label in Submission.Category.choices}
