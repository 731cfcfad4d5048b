"""Home pages by role, search, the words of the product, and health."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from common.definitions import metrics
from common.http import strict_query
from common.transaction import reach
from salesops import home as homes
from salesops import selectors


def home(request: HttpRequest) -> HttpResponse:
    """Where do I stand, and what next: one answer per role."""
    template, context = homes.home_of(request.user, reach())  # type: ignore[arg-type]
    return render(request, template, context)


def search(request: HttpRequest) -> HttpResponse:
    """Accounts, deals, territories and people by name, in reach."""
    text = strict_query(request, "q").get("q", "")
    return render(request, "salesops/search.html", {"text": text, "hits": selectors.search(reach(), text)})


def definitions(request: HttpRequest) -> HttpResponse:
    """Every word and formula of the product."""
    return render(request, "salesops/definitions.html", {"sections": metrics().values()})


@login_not_required
def health_live(request: HttpRequest) -> HttpResponse:
    """The web server answers."""
    return JsonResponse({"state": "live"})


@login_not_required
def health_ready(request: HttpRequest) -> HttpResponse:
    """The database answers and the night was published in time; without details for strangers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    is_ready = selectors.is_ready()
    return JsonResponse({"state": "ready" if is_ready else "late"}, status=200 if is_ready else 503)
