"""Did the night come, and can its figures be trusted."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from common.errors import Refused
from common.http import chosen, may, page_by_key, person_id, strict_query, whole
from common.models import Run
from common.segments import segments
from common.transaction import reach
from quotas import services
from quotas.selectors import differences, runs

JOBS = {
    "attainment": gettext_lazy("Attainment"),
    "forecast": gettext_lazy("Forecast"),
    "refresh": gettext_lazy("During the day"),
}


@require_safe
@may("run", "list")
def run_list(request: HttpRequest) -> HttpResponse:
    """Did the night come: the runs, newest first, and the one in progress."""
    query = strict_query(request, "job", "run", "after")
    job = chosen(query, "job", tuple(JOBS), "attainment")
    context = {
        "page": page_by_key(Run.objects.filter(job=job), ["-id"], query.get("after")),
        "tabs": segments({}, "job", JOBS, job),
        "freshness": runs.freshness(),
        "may_start": reach().allows("run", "start"),
        "failure": runs.failed_refresh(),
        "watched": runs.watched(whole(query, "run")),
        "steps": len(services.STEPS),
    }
    return render(request, "quotas/run_list.html", context)


@require_safe
@may("run", "list")
def run_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One run: what went in, what came out, and the events and changes since the one before or that of `with`."""
    other = whole(strict_query(request, "with"), "with")
    return render(request, "quotas/run_detail.html", {"row": differences.run_detail(reach(), pk, other)})


@require_POST
@may("run", "start")
def run_start(request: HttpRequest) -> HttpResponse:
    """Run the night now."""
    try:
        run = services.start_nightly(by=person_id())
    except Refused as refused:
        messages.warning(request, str(refused.message))
        return redirect("run_list")
    return redirect(f"{reverse('run_list')}?run={run.pk}")


@require_safe
@may("run", "list")
def run_progress(request: HttpRequest) -> HttpResponse:
    """How far the run is that somebody waits for; when it ended the page is loaded again."""
    watched = runs.watched(whole(strict_query(request, "run"), "run"))
    if not watched.is_awaited:
        return HttpResponseClientRefresh()
    context = {"watched": watched, "steps": len(services.STEPS)}
    return render(request, "quotas/_run_progress.html", context)
