"""What a run of the rules would do, or taking one back, with its effect on people; and asking for it."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.forms.rules import RunForm
from accounts.models import RuleRun
from accounts.selectors import previews, runs
from accounts.selectors.previews import Line, Preview
from accounts.selectors.taking_back import TakingBack, earliest, taking_back
from common.access import seen
from common.errors import Refused
from common.http import a_day, chosen, may, perform, person_id, strict_query
from common.selectors import today
from common.transaction import reach
from planning.selectors.rule_runs import Meaning, Turn, meaning_of
from planning.services.rule_runs import key_of, run_or_ask
from territories.models import User
from workspace.selectors.approvals import who_would_answer


class Row(NamedTuple):
    """A territory of a run, what comes and goes there, and who sells there on the day."""

    line: Line | runs.Done
    turn: Turn
    people: list[User]


@require_safe
@may("rule", "update")
def rule_preview(request: HttpRequest) -> HttpResponse:
    """What a run of the rules from a day on would do: accounts and open deals in and out of each territory, who loses
    and gains, conflicts, and the run; of the rules that changed alone none, because a run does all of it."""
    query = strict_query(request, "from", "of")
    day = a_day(query, "from") or today()
    last = previews.last_run(day)
    is_narrow = chosen(query, "of", ("all", "changed"), "all") == "changed" and last is not None
    found = previews.preview(day, last if is_narrow else None)
    meaning, shown = meaning_of(found), previews.shown(found)
    rows = {
        coverage: list(_rows(meaning, coverage, lines)) for coverage, lines in shown.lines.items() if lines
    }
    context = {
        "preview": found,
        "shown": shown,
        "rows": rows,
        "last": last,
        "is_narrow": is_narrow,
        "day_iso": day.isoformat(),
        **({"meaning": meaning} if is_narrow else _asking(found, meaning)),
    }
    return render(request, "planning/rule_preview.html", context)


def _rows(meaning: Meaning, coverage: str, lines: Iterable[Line]) -> Iterable[Row]:
    for line in lines:
        place = coverage, line.territory.pk if line.territory else None
        yield Row(line, meaning.places[place], meaning.seated.get(place, []))


def _asking(found: Preview | TakingBack, meaning: Meaning) -> dict[str, Any]:
    """The form that asks for a run as it was seen, and what waits for an approval already, this one among it."""
    waiting, key = runs.runs_asked_for(), key_of(found)
    initial = {"starts_on": found.day, "digest": found.digest}
    if isinstance(found, TakingBack):
        initial["takes_back_id"] = found.run.pk
    return {
        "meaning": meaning,
        "answering": who_would_answer(runs.RULE_RUN, person_id(), today())
        if meaning.needs_approval
        else None,
        "waiting": waiting,
        "is_asked": any(approval.key == key for approval in waiting),
        "form": RunForm(initial=initial),
    }


@require_safe
@may("rule", "update")
def rule_run_back(request: HttpRequest, pk: int) -> HttpResponse:
    """What taking back a run from a day on would do: accounts and open deals in and out of each territory, who loses
    and gains, and which stay."""
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
    }
    if not found.refusal:
        outcome, meaning = runs.outcome_to_be(found), meaning_of(found)
        places = [(coverage, pk) for coverage, pk, _came, _went in found.territories()]
        rows = [
            Row(line, meaning.places[place], meaning.seated.get(place, []))
            for line, place in zip(outcome.lines, places, strict=False)
        ]
        context |= {"outcome": outcome, "rows": rows, **_asking(found, meaning)}
    return render(request, "planning/rule_run_back.html", context)


@require_POST
@may("rule", "update")
def rule_run_start(request: HttpRequest) -> HttpResponse:
    """Run the rules, or take a run back, as the preview showed; or ask for it where too many accounts move."""
    strict_query(request)
    form = RunForm(request.POST)
    done = perform(form, run_or_ask, by=person_id())
    if done is None:
        return _shown_again(request, form)
    if done.run:
        return redirect("rule_run_detail", done.run.pk)
    assert done.approval
    messages.success(request, _("An administrator is asked: %(about)s.") % {"about": done.approval.about})
    return redirect("rule_run_list")


def _shown_again(request: HttpRequest, form: RunForm) -> HttpResponseRedirect:
    """Back to the preview of that day, with why nothing was asked for."""
    refused: Refused | None = getattr(form, "refusal", None)
    messages.error(request, str(refused.message) if refused else _("Look at the preview again, then run it."))
    back, day = form.cleaned_data.get("takes_back_id"), form.cleaned_data.get("starts_on")
    url = reverse("rule_run_back", args=[back]) if back else reverse("rule_preview")
    return HttpResponseRedirect(f"{url}?from={day.isoformat()}" if day else url)
