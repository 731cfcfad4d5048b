"""The pages of calls and of their accuracy."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from common.access import seen
from common.definitions import named
from common.http import (
    PAGE_SIZE,
    BadQuery,
    chosen,
    form_page,
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
from orders.selectors.credits import CreditFilter
from quotas.selectors.crediting import is_by_owner
from quotas.selectors.runs import freshness as attainment_freshness
from quotas.views.person import credits_url

METRICS = (
    "forecast-call",
    "forecast-categories",
    "overdue",
    "awaiting-booking",
    "order-intake",
    "quota",
    "gap",
    "crediting-rule",
)


@require_http_methods(["GET", "HEAD", "POST"])
@may("submission", "create")
def submission_list(request: HttpRequest) -> HttpResponse:
    """My call for a quarter, or my team's, what stands behind it, and the calls before it."""
    query, mine, own = strict_query(request, "period", "for"), reach(), person_id()
    running, periods = running_quarter(), {row.code: row for row in selectors.callable_periods(today())}
    teams = {str(team.pk): team for team in selectors.led_nodes(own, today())}
    period = periods[chosen(query, "period", tuple(periods), running.code)]
    whose = chosen(query, "for", ("own", *teams), next(iter(teams), "own"))
    form = SubmissionForm(
        sent(request),
        periods=periods.values(),
        teams=teams.values(),
        currency=the_organisation().reporting_currency,
        initial={"period_id": str(period.pk), "scope": whose},
    )
    if perform(form, services.submit, by=own):
        messages.success(request, _("Your call is in. The last one before the due time counts."))
        return redirect(request.get_full_path())
    labels = {"own": _("Myself"), **{key: team.name for key, team in teams.items()}}
    team = teams.get(whose)
    context = {
        "quarters": segments(query, "period", {code: code for code in periods}, period.code),
        "scopes": segments(query, "for", labels, whose) if teams else [],
        "period": period,
        "team": team,
        "stand": selectors.team_stand(mine, team.pk, period, today())
        if team
        else selectors.stand(mine, own, period, today()),
        "closed_url": credits_url(
            CreditFilter(period, node_id=team.pk) if team else CreditFilter(period, person_id=own)
        ),
        "is_ruled": is_by_owner(period),
        "calls": selectors.own_calls(own, period),
        "freshness": attainment_freshness(),
        "metrics": named(*METRICS),
    }
    return form_page(request, "forecasts/submission_list.html", form, **context)


@require_safe
@may("submission", "read")
def submission_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One call: what was said when, and what was said about it."""
    strict_query(request)
    rows = Submission.objects.select_related("person", "node", "period")
    call: Submission = seen(rows, reach(), pk)
    context = {
        "call": call,
        "currency": the_organisation().reporting_currency,
        "may_call": bool(reach().relations("submission", "create")),
        "metrics": named("forecast-call"),
    }
    return render(request, "forecasts/submission_detail.html", context)


@require_safe
@may("score", "read")
def forecast_accuracy(request: HttpRequest) -> HttpResponse:
    """How good the calls of ended quarters were, by person and team, at a chosen horizon."""
    query = strict_query(request, "horizon", "category", "after")
    horizons = {str(days): ngettext("%d day", "%d days", days) % days for days in HORIZONS}
    horizon = chosen(query, "horizon", tuple(horizons), "30")
    category = chosen(query, "category", Submission.Category.values, Submission.Category.COMMIT)
    periods = selectors.ended_periods(today())
    scores = selectors.scores_at(reach(), category=category, horizon=int(horizon), periods=periods)
    context = {
        **_page_of(selectors.ranked(scores), whole(query, "after") or 0, scores, periods),
        "periods": periods,
        "horizons": segments(query, "horizon", horizons, horizon),
        "categories": segments(query, "category", dict(Submission.Category.choices), category),
        "horizon": horizon,
        "may_call": bool(reach().relations("submission", "create")),
        "is_ruled": any(map(is_by_owner, periods)),
        "freshness": selectors.freshness(),
        "metrics": named("forecast-call", "error", "wape", "bias", "crediting-rule"),
    }
    return render(request, "forecasts/forecast_accuracy.html", context)


def _page_of(
    ranked: list[selectors.Who], after: int, scores: QuerySet[Score], periods: list[Period]
) -> dict[str, object]:
    """The rows behind the rank `after`, and where the next ones begin. Raises BadQuery beyond the last."""
    if after and after >= len(ranked):
        raise BadQuery(_("The list ends before that. Start again from the first page."), path="after")
    last, count = min(after + PAGE_SIZE, len(ranked)), len(ranked)
    places = {"first": after + 1, "last": last, "count": count}
    written = {name: format_number(place) for name, place in places.items()}
    return {
        "rows": selectors.accuracy(scores, ranked[after:last], periods),
        "summary": _("%(first)s to %(last)s of %(count)s") % written,
        "after": last if last < count else None,
    }
