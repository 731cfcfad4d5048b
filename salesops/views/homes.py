"""Home pages by role, the words of the product, and health."""

from typing import Any, cast

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.access import Reach
from common.definitions import metrics, named
from common.errors import NotInReach
from common.http import person_id, strict_query
from common.selectors import period_of, today
from common.transaction import reach, work
from quotas.selectors.runs import freshness, is_ready
from salesops import services
from salesops.selectors import homes as homes_of
from salesops.selectors.tours import due_tour
from territories.models import User

METRICS = ("attainment", "year-to-date-attainment", "pace", "gap", "crediting-rule")
AWAITING = "awaiting-booking"
OF_A_TEAM = (AWAITING, "pipeline-coverage", "forecast-categories")
OF_A_REP = ("pipeline-coverage", AWAITING, "forecast-categories", "overdue", "days-in-a-stage")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Where do I stand, and what next: one answer per role, the widest role first."""
    strict_query(request)
    template, context = _home(cast("User", request.user))
    return render(request, f"salesops/{template}", {**context, "tour": due_tour(reach())})


def _home(person: User) -> tuple[str, dict[str, Any]]:
    """The template of the reader's home page, and what it shows."""
    mine, day = reach(), today()
    leads = mine.has_role("manager", "director", "executive")
    if mine.has_role("admin"):
        return "home_admin.html", homes_of.admin_home(mine, day)
    if mine.has_role("coordinator") and not leads:
        return "home_coordinator.html", homes_of.coordinator_home(mine)
    quarter = period_of(day)
    if quarter is None:
        return "home_no_year.html", {}
    if leads:
        since = services.note_visit(person_id=person_id())
        shown = homes_of.team_home(mine, quarter, day, since)
        return "home_team.html", {**shown, "freshness": freshness(), "metrics": named(*METRICS, *OF_A_TEAM)}
    shown = homes_of.rep_home(mine, person, quarter, day)
    words = named(*METRICS, *OF_A_REP)
    return "home_rep.html", {**shown, "freshness": freshness(), "metrics": words}


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
        ready = is_ready()
    return JsonResponse({"state": "ready" if ready else "late"}, status=200 if ready else 503)
