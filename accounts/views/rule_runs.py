"""The runs of the rules: those that wait for an approval, that are at work, and that are done."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import RuleRun
from accounts.selectors import runs
from accounts.services import runs as run_services
from common.access import seen
from common.http import may, page_by_key, strict_query
from common.slots import slot_urls
from common.transaction import reach


@require_safe
@may("rule_run", "read")
def rule_run_list(request: HttpRequest) -> HttpResponse:
    """When the rules were run, by whom, and what that did."""
    query = strict_query(request, "after")
    rows = RuleRun.objects.visible_to(reach()).select_related("asked_by", "takes_back")
    page = page_by_key(rows, ["-id"], query.get("after"))
    context = {
        "page": page,
        "waiting": runs.runs_asked_for(),
        "may_change": reach().allows("rule", "update"),
    }
    return render(request, "accounts/rule_run_list.html", context)


@require_safe
@may("rule_run", "read")
def rule_run_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One run: whether it is done, and what it did. While it is not, the page asks again by itself."""
    strict_query(request)
    run: RuleRun = seen(RuleRun.objects.select_related("asked_by", "takes_back"), reach(), pk)
    day = run.starts_on.isoformat()
    back = run.takes_back
    again = slot_urls("rule_run.back", back.pk) if back else slot_urls("rules.preview")
    context = {
        "run": run,
        "is_open": run.state in run_services.OPEN,
        "outcome": runs.outcome_of(run) if run.state == RuleRun.State.DONE else None,
        "day_iso": day,
        "again": f"{again[0]}?from={day}" if again else "",
        "approval": runs.approval_of(run),
        "counter_run": run.counter_runs.filter(state=RuleRun.State.DONE).first(),
        "may_change": reach().allows("rule", "update"),
    }
    part = "accounts/_rule_run.html" if request.headers.get("HX-Request") else "accounts/rule_run_detail.html"
    return render(request, part, context)
