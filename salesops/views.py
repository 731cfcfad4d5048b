"""Home pages by role, search, the words of the product, and health."""

from typing import cast

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from common.access import Reach
from common.definitions import by_key, metrics, named
from common.errors import NotInReach
from common.http import strict_query
from common.selectors import the_organisation, today
from common.transaction import reach, work
from quotas.selectors import freshness, readiness
from salesops import services
from salesops.selectors import homes
from salesops.selectors.search import search as find
from territories.models import User

KEYS = ("attainment", "year-to-date-attainment", "pace", "gap", "pipeline-coverage", "order-intake", "quota")


def home(request: HttpRequest) -> HttpResponse:
    """Where do I stand, and what next: one answer per role, the widest role first."""
    person, mine = cast("User", request.user), reach()
    if mine.has_role("admin"):
        return render(request, "salesops/home_admin.html", homes.admin_home(mine, today()))
    if mine.has_role("manager", "director", "executive"):
        return _figures(request, "salesops/home_team.html", homes.team_home(mine, person, today()))
    if mine.has_role("coordinator"):
        return render(request, "salesops/home_coordinator.html", homes.coordinator_home(mine))
    return _figures(request, "salesops/home_rep.html", homes.rep_home(mine, person, today()))


def _figures(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    services.note_visit(person_id=cast("User", request.user).pk)
    more = {
        "currency": the_organisation().reporting_currency,
        "freshness": freshness(timezone.now()),
        "metrics": by_key(KEYS),
        "metric_list": named(*KEYS),
    }
    return render(request, template, {**context, **more})


def search(request: HttpRequest) -> HttpResponse:
    """Accounts, deals, territories and people by name, in reach."""
    text = strict_query(request, "q").get("q", "")
    return render(request, "salesops/search.html", {"text": text, "hits": find(reach(), text)})


def definitions(request: HttpRequest) -> HttpResponse:
    """Every word and formula of the product."""
    return render(request, "salesops/definitions.html", {"sections": metrics().values()})


def closed(request: HttpRequest) -> HttpResponse:
    """The sign-in library's page for one's own e-mail address: who somebody is, an administrator changes."""
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
