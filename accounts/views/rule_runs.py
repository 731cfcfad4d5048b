"""The runs of the rules: those that wait for an approval, that are at work, and that are done."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import RuleRun
from accounts.selectors import runs
from accounts.selectors.run_rows import all_moves, moved_accounts, moves_of
from accounts.services import runs as run_services
from common.access import seen
from common.http import BadQuery, csv_file, may, page_by_key, person_id, strict_query
from common.locale import format_number
from common.slots import slot_urls
from common.transaction import reach
from territories.models import Territory
from workspace.services.exports import record_export

MOST_IN_FILE = 20_000


@require_safe
@may("rule_run", "read")
def rule_run_list(request: HttpRequest) -> HttpResponse:
    """When the rules were run, by whom, and what that did."""
    query = strict_query(request, "after")
    page = page_by_key(runs.runs_in_order(reach()), ["-id"], query.get("after"))
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


@require_safe
@may("rule_run", "read")
def rule_run_accounts(request: HttpRequest, pk: int) -> HttpResponse:
    """The accounts that a run moved, each with from where to where; the page of the run asks for the first of them."""
    query = strict_query(request, "after")
    run: RuleRun = seen(RuleRun.objects.all(), reach(), pk)
    page = page_by_key(moved_accounts(run, reach()), ["name_key", "pk"], query.get("after"))
    context = {"run": run, "page": page, "moves": moves_of(run, page.rows)}
    is_part = request.headers.get("HX-Request")
    return render(
        request, f"accounts/{'_rule_run_accounts' if is_part else 'rule_run_accounts'}.html", context
    )


@require_safe
@may("rule_run", "read")
def rule_run_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """All accounts that a run moved, as a file."""
    strict_query(request)
    run: RuleRun = seen(RuleRun.objects.all(), reach(), pk)
    if moved_accounts(run, reach())[MOST_IN_FILE : MOST_IN_FILE + 1].exists():
        message = _(
            "A file holds at most %(most)s accounts, and this run moved more. Read them page by page."
        )
        raise BadQuery(message % {"most": format_number(MOST_IN_FILE)})
    heads = [_("Account number"), _("Account"), _("From"), _("To"), _("Coverage")]
    lines = [
        [one.account.number, one.account.name, *map(_name, (one.before, one.after)), str(one.coverage)]
        for one in all_moves(run, reach())
    ]
    record_export(by=person_id(), page="rule_run_accounts", query=f"run={pk}", format="csv", rows=len(lines))
    return csv_file(f"run-{run.starts_on}-{pk}", [heads, *lines])


def _name(place: Territory | None) -> str:
    return place.name if place else ""
