"""The runs of the rules: asked for, watched, and taken back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.forms.rules import RunForm
from accounts.models import RuleRun
from accounts.selectors import runs
from accounts.selectors.taking_back import earliest, taking_back
from accounts.services import runs as run_services
from common.access import seen
from common.errors import Refused
from common.http import a_day, may, page_by_key, perform, person_id, strict_query
from common.transaction import reach


@require_POST
@may("rule", "update")
def rule_run_start(request: HttpRequest) -> HttpResponse:
    """Run the rules, or take a run back, as the preview showed it."""
    strict_query(request)
    form = RunForm(request.POST)
    if run := perform(form, run_services.ask_run, by=person_id()):
        return redirect("rule_run_detail", run.pk)
    refused: Refused | None = getattr(form, "refusal", None)
    messages.error(request, str(refused.message) if refused else _("Look at the preview again, then run it."))
    back = form.cleaned_data.get("takes_back_id")
    return redirect("rule_run_back", back) if back else redirect("rule_preview")


@require_safe
@may("rule", "update")
def rule_run_back(request: HttpRequest, pk: int) -> HttpResponse:
    """What taking back a run from a day on would do: accounts in and out of each territory, and which stay."""
    query = strict_query(request, "from")
    run: RuleRun = seen(RuleRun.objects.all(), reach(), pk)
    first = earliest(run)
    day = a_day(query, "from") or first
    found = taking_back(run, day)
    context = {
        "run": run,
        "day": day,
        "day_iso": day.isoformat(),
        "first_iso": first.isoformat(),
        "found": found,
        "outcome": None if found.refusal else runs.outcome_to_be(found),
        "is_preview": True,
    }
    return render(request, "accounts/rule_run_back.html", context)


@require_safe
@may("rule_run", "read")
def rule_run_list(request: HttpRequest) -> HttpResponse:
    """When the rules were run, by whom, and what that did."""
    query = strict_query(request, "after")
    rows = RuleRun.objects.visible_to(reach()).select_related("asked_by", "takes_back")
    page = page_by_key(rows, ["-id"], query.get("after"))
    return render(request, "accounts/rule_run_list.html", {"page": page})


@require_safe
@may("rule_run", "read")
def rule_run_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One run: whether it is done, and what it did. While it is not, the page asks again by itself."""
    strict_query(request)
    run: RuleRun = seen(RuleRun.objects.select_related("asked_by", "takes_back"), reach(), pk)
    day = run.starts_on.isoformat()
    back = run.takes_back
    again = reverse("rule_run_back", args=[back.pk]) if back else reverse("rule_preview")
    context = {
        "run": run,
        "is_open": run.state in run_services.OPEN,
        "outcome": runs.outcome_of(run) if run.state == RuleRun.State.DONE else None,
        "day_iso": day,
        "again": f"{again}?from={day}",
        "counter_run": run.counter_runs.filter(state=RuleRun.State.DONE).first(),
        "may_change": reach().allows("rule", "update"),
    }
    part = "accounts/_rule_run.html" if request.headers.get("HX-Request") else "accounts/rule_run_detail.html"
    return render(request, part, context)
