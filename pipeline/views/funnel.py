"""The page of the funnel: how deals go from stage to stage."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.charts import Bar, Chart, stacked
from common.definitions import named
from common.errors import NotInReach
from common.http import chosen, may, strict_query, whole
from common.locale import UNDEFINED, format_number, format_percent
from common.selectors import today
from common.transaction import reach
from pipeline.forms.insight import NAMES, InsightForm, asked_of
from pipeline.models import SalesModel
from pipeline.rules.funnel import End
from pipeline.selectors.funnel import Funnel, Step, funnel, model_of, stage_page, won_deals
from pipeline.selectors.insight import Asked
from pipeline.views.insight import Behind, behind, page_context, shown_url, typed_in, without_list

WITHIN = ("30", "60", "90", "180", "365")
OUTCOMES = ("", *(end.value for end in End))
ALL_WON = "won"


@require_safe
@may("opportunity", "read")
def pipeline_funnel(request: HttpRequest) -> HttpResponse:
    """Where do deals go on, and where do they stop?"""
    if address := typed_in(request):
        return redirect(address)
    query, day = strict_query(request, *NAMES, "days", "stage", "show", "after"), today()
    asked, within = asked_of(query, day), chosen(query, "days", WITHIN, "90")
    model = model_of(asked)
    found = funnel(reach(), asked, model, int(within), day)
    context = {
        **page_context(query, "pipeline_funnel", day),
        "asked": asked,
        "model": model,
        "within": int(within),
        "withins": without_list(
            query, "days", {one: _("%(days)s days") % {"days": one} for one in WITHIN}, within
        ),
        "found": found,
        "won_url": shown_url({key: one for key, one in query.items() if key != "stage"}, ALL_WON),
        "lines": [(step, _urls(query, step)) for step in found.steps],
        "finding": _finding(found),
        "chart": _chart(found, int(within)) if any(step.conversion.entered for step in found.steps) else None,
        "filters": InsightForm(query, asked, kept=["days"]),
        "behind": _behind(query, asked, model, found),
        "metrics": named("stage-conversion", "sales-cycle"),
    }
    return render(request, "pipeline/pipeline_funnel.html", context)


def _urls(query: Mapping[str, str], step: Step) -> dict[str, str]:
    """Where the deals behind the figures of a stage are listed."""
    kept = {**query, "stage": str(step.stage.position)}
    return {outcome or "entered": shown_url(kept, outcome) for outcome in OUTCOMES}


def _finding(found: Funnel) -> str:
    """Where most is lost: the stage with the lowest conversion."""
    known = [step for step in found.steps if step.conversion.share is not None]
    if not known:
        return _("Too little has happened in these days to say how deals go on.")
    worst = min(known, key=lambda step: step.conversion.share or 0)
    words = {
        "stage": worst.stage.name,
        "following": worst.following.name,
        "share": format_percent(worst.conversion.share, 0),
        "entered": format_number(worst.conversion.entered),
    }
    return (
        _(
            "Fewest go on from %(stage)s to %(following)s: %(share)s are likely to, after %(entered)s that came in."
        )
        % words
    )


def _chart(found: Funnel, within: int) -> Chart:
    """A bar for each stage: what went on, what is open, what was lost."""
    series = [_("Went on"), _("Still open"), _("Lost")]
    bars = [
        Bar(step.stage.name, [step.conversion.gone, step.conversion.open, step.conversion.lost])
        for step in found.steps
    ]
    summary = _(
        "Opportunities that first came into each stage in these days, and what became of them by now."
    )
    drawn = stacked(_finding(found), summary, series, bars, format_number, colours=("went", "waits", "lost"))
    share = _("Go on within %(days)s days") % {"days": within}
    return replace(
        drawn,
        columns=[_("Stage"), _("Came in"), *series, share],
        rows=[_row(step) for step in found.steps],
        legend=drawn.legend[:-1],
    )


def _row(step: Step) -> Sequence[str]:
    one = step.conversion
    numbers = map(format_number, (one.entered, one.gone, one.open, one.lost))
    return [step.stage.name, *numbers, UNDEFINED if one.share is None else format_percent(one.share, 0)]


def _behind(query: dict[str, str], asked: Asked, model: SalesModel, found: Funnel) -> Behind | None:
    """The deals behind one figure of a stage."""
    position, outcome = whole(query, "stage"), chosen(query, "show", (*OUTCOMES, ALL_WON), "")
    if outcome == ALL_WON:
        return behind(_("Won"), found.won, None, won_deals(reach(), asked, model), query.get("after"))
    if position is None:
        return None
    step = next((one for one in found.steps if one.stage.position == position), None)
    if step is None:
        raise NotInReach()
    page = stage_page(reach(), asked, model, position, outcome, today(), query.get("after"))
    words = {
        "": _("Came into %(stage)s"),
        End.REACHED: _("Went on from %(stage)s"),
        End.LOST: _("Lost in %(stage)s"),
        End.OPEN: _("Came into %(stage)s and still open"),
    }
    numbers = {"": step.conversion.entered, End.REACHED: step.conversion.gone}
    number = {**numbers, End.LOST: step.conversion.lost, End.OPEN: step.conversion.open}[outcome]
    return Behind(words[outcome] % {"stage": step.stage.name}, number, None, page)
