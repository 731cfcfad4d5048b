"""The pages of calls and of their accuracy."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from common.definitions import by_key, named
from common.http import (
    PAGE_SIZE,
    BadQuery,
    chosen,
    form_page,
    form_view,
    may,
    perform,
    person_id,
    sent,
    strict_query,
    whole,
)
from common.locale import format_number
from common.models import Period
from common.segments import segments
from common.selectors import running_quarter, the_organisation, today
from common.transaction import reach
from forecasts import selectors, services
from forecasts.forms import SubmissionForm
from forecasts.models import Score, Submission
from forecasts.scoring import HORIZONS
from forecasts.selectors import Who
from quotas.selectors import freshness as attainment_freshness
from territories.models import Territory


@form_view("period", "for")
@may("submission", "create")
def submission_list(request: HttpRequest) -> HttpResponse:
    """My call for a quarter, or my team's, what stands behind it, and the calls before it."""
    query, running = strict_query(request, "period", "for"), running_quarter()
    periods = {row.code: row for row in selectors.callable_periods(today())}
    teams = {str(team.pk): team for team in selectors.led_nodes(person_id(request), today())}
    period = periods[chosen(query, "period", tuple(periods), running.code)]
    whose = chosen(query, "for", ("own", *teams), next(iter(teams), "own"))
    form = SubmissionForm(
        sent(request),
        periods=periods.values(),
        teams=teams.values(),
        currency=the_organisation().reporting_currency,
        initial={"period_id": str(period.pk), "scope": whose},
    )
    if perform(form, services.submit, by=person_id(request)):
        messages.success(request, _("Your call is in. The last one before the due time counts."))
        return redirect(request.get_full_path())
    labels = {"own": _("Myself"), **{key: team.name for key, team in teams.items()}}
    context = {
        "quarters": segments(query, "period", {code: code for code in periods}, period.code),
        "scopes": segments(query, "for", labels, whose) if teams else [],
        **_call_context(person_id(request), period, teams.get(whose)),
    }
    return form_page(request, "forecasts/submission_list.html", form, **context)


def _call_context(own: int, period: Period, team: Territory | None) -> dict[str, object]:
    keys = ("forecast-call", "forecast-categories", "order-intake", "quota", "gap")
    return {
        "period": period,
        "team": team,
        "stand": selectors.team_stand(reach(), team.pk, period, today())
        if team
        else selectors.stand(reach(), own, period, today()),
        "calls": selectors.own_calls(own, period),
        "freshness": attainment_freshness(timezone.now()),
        "currency": the_organisation().reporting_currency,
        "metrics": by_key(keys),
        "metric_list": named(*keys),
    }


@require_safe
@may("score", "read")
def forecast_accuracy(request: HttpRequest) -> HttpResponse:
    """How good the calls of ended quarters were, by person and team, at a chosen horizon."""
    query = strict_query(request, "horizon", "category", "after")
    horizon = int(chosen(query, "horizon", [str(days) for days in HORIZONS], "30"))
    category = chosen(query, "category", Submission.Category.values, Submission.Category.COMMIT)
    periods = selectors.ended_periods(today())
    scores = selectors.scores_at(reach(), category=category, horizon=horizon, periods=periods)
    keys = ("forecast-call", "error", "wape", "bias")
    context = {
        **_page_of(selectors.ranked(scores), whole(query, "after") or 0, scores, periods),
        "periods": periods,
        "horizons": segments(query, "horizon", _horizon_labels(), str(horizon)),
        "categories": segments(query, "category", dict(Submission.Category.choices), category),
        "horizon": horizon,
        "may_call": bool(reach().relations("submission", "create")),
        "currency": the_organisation().reporting_currency,
        "freshness": selectors.freshness(timezone.now()),
        "metrics": by_key(keys),
        "metric_list": named(*keys),
    }
    return render(request, "forecasts/forecast_accuracy.html", context)


def _page_of(
    ranked: list[Who], after: int, scores: QuerySet[Score], periods: list[Period]
) -> dict[str, object]:
    """The rows behind the rank `after`, and where the next ones begin. Raises BadQuery beyond the last."""
    if after and after >= len(ranked):
        raise BadQuery(_("The list ends before that. Start again from the first page."), path="after")
    last, count = min(after + PAGE_SIZE, len(ranked)), len(ranked)
    places = {"first": after + 1, "last": last, "count": count}
    summary = _("%(first)s to %(last)s of %(count)s") % {
        name: format_number(place) for name, place in places.items()
    }
    return {
        "rows": selectors.accuracy(scores, ranked[after:last], periods),
        "summary": summary,
        "after": last if last < count else None,
    }


def _horizon_labels() -> dict[str, str]:
    return {str(days): ngettext("%d day", "%d days", days) % days for days in HORIZONS}
