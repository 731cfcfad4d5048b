"""The page of how far promised days hold."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.definitions import named
from common.http import Page, chosen, may, strict_query, whole
from common.models import Period
from common.selectors import today
from common.transaction import reach
from pipeline.forms.insight import NAMES, InsightForm, asked_of
from pipeline.selectors.dates import Keeper, keepers, milestones_behind, reliability_of_all, slip_deals, slips
from pipeline.selectors.insight import Asked, come_to
from pipeline.views.insight import Behind, behind, page_context, shown_url, typed_in

MILESTONES, DEALS = ("due", "kept"), ("closing", "slipped")


@require_safe
@may("opportunity", "read")
def date_reliability(request: HttpRequest) -> HttpResponse:
    """Which days hold: those of close plans, and the close dates of a quarter?"""
    if address := typed_in(request):
        return redirect(address)
    query, day, mine = strict_query(request, *NAMES, "show", "key", "after"), today(), reach()
    asked, show = asked_of(query, day), chosen(query, "show", ("", *MILESTONES, *DEALS), "")
    key, lines = None if show in DEALS else whole(query, "key"), keepers(mine, asked, day)
    context = {
        **page_context(query, "date_reliability", day),
        "asked": asked,
        "lines": [(line, _urls(query, MILESTONES, str(line.key))) for line in lines],
        "total": reliability_of_all(lines),
        "total_urls": _urls(query, MILESTONES),
        "slips": [(one, _urls(query, DEALS, one.period.code)) for one in slips(mine, asked, day)],
        **(_milestones(query, asked, lines, show, key) if show in MILESTONES else {}),
        "behind": _behind(query, asked, is_slipped=show == "slipped") if show in DEALS else None,
        "filters": InsightForm(query, asked),
        "metrics": named("date-reliability", "slip-rate"),
    }
    return render(request, "pipeline/date_reliability.html", context)


def _urls(query: dict[str, str], shows: tuple[str, ...], key: str = "") -> dict[str, str]:
    """Where what is behind the figures of a line is listed."""
    return {show: shown_url(query, show, key) for show in shows}


def _milestones(
    query: dict[str, str], asked: Asked, lines: list[Keeper], show: str, key: int | None
) -> dict[str, Any]:
    """The milestones behind a figure, and what they are called."""
    is_kept = show == "kept"
    page: Page[Any] = milestones_behind(reach(), asked, today(), key, query.get("after"), is_kept=is_kept)
    whose = next((line.label for line in lines if line.key == key), "") if key else ""
    words = _("Kept: %(whose)s") if is_kept else _("Due: %(whose)s")
    everybodys = _("All that were kept") if is_kept else _("All that were due")
    return {"page": page, "page_name": words % {"whose": whose} if whose else everybodys}


def _behind(query: dict[str, str], asked: Asked, *, is_slipped: bool) -> Behind | None:
    """The deals behind a quarter's slip rate; none of what is no quarter, or of what slipped before its end."""
    period = Period.objects.quarters().filter(code=query.get("key", "")).first()
    if period is None or (is_slipped and period.stops_on > today()):
        return None
    rows = slip_deals(reach(), asked, period, today(), is_slipped=is_slipped)
    words = _("%(quarter)s: slipped") if is_slipped else _("%(quarter)s: to close at its start")
    return behind(words % {"quarter": period.code}, *come_to(rows), rows, query.get("after"))
