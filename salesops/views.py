"""Home pages by role, search, the words of the product, and health."""

from typing import cast

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from common.access import Reach
from common.definitions import by_key, metrics, named
from common.errors import NotInReach
from common.http import person_id, strict_query
from common.models import Period
from common.selectors import period_of, the_organisation, today
from common.transaction import reach, work
from quotas.selectors import freshness, readiness
from salesops import services
from salesops.selectors import homes
from salesops.selectors.search import search as find
from territories.models import User

METRICS = ("attainment", "year-to-date-attainment", "pace", "gap")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Where do I stand, and what next: one answer per role, the widest role first."""
    strict_query(request)
    mine, day = reach(), today()
    leads = mine.has_role("manager", "director", "executive")
    if mine.has_role("admin"):
        return render(request, "salesops/home_admin.html", homes.admin_home(mine, day))
    if mine.has_role("coordinator") and not leads:
        return render(request, "salesops/home_coordinator.html", homes.coordinator_home(mine))
    quarter = period_of(day)
    if quarter is None:
        return render(request, "salesops/home_no_year.html")
    return _team(request, quarter) if leads else _rep(request, quarter)


def _team(request: HttpRequest, quarter: Period) -> HttpResponse:
    since = services.note_visit(person_id=person_id(request))
    context = homes.team_home(reach(), quarter, today(), since)
    return _figures(request, "salesops/home_team.html", context, METRICS)


def _rep(request: HttpRequest, quarter: Period) -> HttpResponse:
    context = homes.rep_home(reach(), cast("User", request.user), quarter, today())
    return _figures(request, "salesops/home_rep.html", context, (*METRICS, "pipeline-coverage"))


def _figures(
    request: HttpRequest, template: str, context: dict[str, object], words: tuple[str, ...]
) -> HttpResponse:
    more = {
        "currency": the_organisation().reporting_currency,
        "freshness": freshness(timezone.now()),
        "metrics": by_key(words),
        "metric_list": named(*words),
    }
    return render(request, template, {**context, **more})


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Accounts, deals, territories and people by name, in reach."""
    text = strict_query(request, "q").get("q", "")
    return render(request, "salesops/search.html", {"text": text, "hits": find(reach(), text)})


@require_safe
def definitions(request: HttpRequest) -> HttpResponse:
    """Every word and formula of the product."""
    strict_query(request)
    return render(request, "salesops/definitions.html", {"sections": metrics().values()})


def closed(request: HttpRequest) -> HttpResponse:
    """The sign-in library's page for one's own e-mail address: nobody changes who they are by themselves."""
    raise NotInReach()


@login_not_required
def health_live(request: HttpRequest) -> HttpResponse:
    """The web server answers."""
    return JsonResponse({"state": "live"})


@login_not_required
def health_ready(request: HttpRequest) -> HttpResponse:
    """The database answers and the night was published in time; strangers are told no more."""
    with work(by=None, why="readiness", reach=Reach.everything()):
        is_ready = readiness(timezone.now()).is_ready
    return JsonResponse({"state": "ready" if is_ready else "late"}, status=200 if is_ready else 503)
