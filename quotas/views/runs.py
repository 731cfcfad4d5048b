"""Did the night come, and can its figures be trusted."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh

from common.errors import Conflict
from common.http import chosen, for_roles, page_by_key, person_id, strict_query, whole
from common.models import Run
from common.transaction import reach
from quotas import selectors, services
from quotas.views.quarters import choices
from territories.models import User

READERS = ("admin", "executive")
JOBS = {
    "attainment": gettext_lazy("Attainment"),
    "forecast": gettext_lazy("Forecast"),
    "refresh": gettext_lazy("During the day"),
}


@for_roles(*READERS)
def run_list(request: HttpRequest) -> HttpResponse:
    """Did the night come: the runs, newest first, and the one in progress."""
    query = strict_query(request, "job", "since", "after")
    job = chosen(query, "job", tuple(JOBS), "attainment")
    context = {
        "page": page_by_key(Run.objects.filter(job=job), ["-id"], query.get("after")),
        "tabs": choices({}, "job", {key: str(label) for key, label in JOBS.items()}, job),
        "freshness": selectors.freshness(timezone.now()),
        "may_start": reach().allows("run", "start"),
        **_watched(whole(query, "since")),
    }
    return render(request, "quotas/run_list.html", context)


def _watched(since: int | None) -> dict[str, object]:
    """The run that somebody waits for (the first after the run `since`), or else the one in progress."""
    progress, last = selectors.progress(), Run.objects.filter(job="attainment").first()
    if since is None and progress:
        since = last.pk if last else 0
    ended = last if last and since is not None and last.pk > since else None
    url = f"{reverse('run_progress')}?since={since}"
    return {"since": since, "ended": ended, "progress": progress, "watch_url": url}


@for_roles(*READERS)
def run_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One run: what went in, what came out, and what differs from the one before."""
    strict_query(request)
    row = selectors.run_detail(reach(), pk)
    asked_by = User.objects.filter(pk=row.run.asked_by_id or 0).first()
    return render(request, "quotas/run_detail.html", {"row": row, "asked_by": asked_by})


@require_POST
@for_roles("admin")
def run_start(request: HttpRequest) -> HttpResponse:
    """Run the night now."""
    last = Run.objects.filter(job="attainment").first()
    try:
        services.start_nightly(by=person_id(request))
    except Conflict as busy:
        messages.warning(request, str(busy.message))
        return redirect("run_list")
    return redirect(f"{reverse('run_list')}?since={last.pk if last else 0}")


@for_roles(*READERS)
def run_progress(request: HttpRequest) -> HttpResponse:
    """How far the run is that somebody waits for; when it ended the page is loaded again."""
    watched = _watched(whole(strict_query(request, "since"), "since"))
    if watched["ended"]:
        return HttpResponseClientRefresh()
    return render(request, "quotas/_run_progress.html", watched)
