"""The page of what moved in the pipeline between two days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django_stubs_ext import StrOrPromise

from common.charts import fall
from common.definitions import named
from common.http import BadQuery, a_day, a_period, chosen, may, strict_query, whole
from common.locale import format_money_whole
from common.models import Period
from common.pickers import settled
from common.segments import segments
from common.selectors import running_quarter, the_organisation, today
from common.transaction import reach
from forecasts.forms import MovementForm
from forecasts.selectors.movement import Asked, Movement, Step, asked_of, changes_of, movement, tie
from pipeline.rules.movement import Part
from quotas.views.quarters import quarter_tabs
from territories.selectors.offers import Led

QUERY = ("from", "to", "period", "territory", "of", "part")
A_WEEK = timedelta(days=7)
LISTED = 100
WORDS: dict[Part, tuple[StrOrPromise, StrOrPromise]] = {
    Part.NEW: (gettext_lazy("New"), gettext_lazy("was not there")),
    Part.REOPENED: (gettext_lazy("Re-opened"), gettext_lazy("was closed or left out")),
    Part.MOVED_IN: (gettext_lazy("Moved in"), gettext_lazy("came from another owner or territory")),
    Part.PULLED_IN: (gettext_lazy("Pulled in"), gettext_lazy("was to close in a later quarter")),
    Part.SLIPPED_IN: (gettext_lazy("Slipped in"), gettext_lazy("was to close in an earlier quarter")),
    Part.REDATED: (gettext_lazy("Re-dated"), gettext_lazy("was overdue")),
    Part.INCREASED: (gettext_lazy("Increased"), gettext_lazy("is worth more")),
    Part.RATE: (gettext_lazy("Plan rate"), gettext_lazy("is converted at another rate")),
    Part.DECREASED: (gettext_lazy("Decreased"), gettext_lazy("is worth less")),
    Part.MOVED_OUT: (gettext_lazy("Moved out"), gettext_lazy("went to another owner or territory")),
    Part.PUSHED_OUT: (gettext_lazy("Pushed out"), gettext_lazy("closes in a later quarter")),
    Part.PULLED_OUT: (gettext_lazy("Pulled out"), gettext_lazy("closes in an earlier quarter")),
    Part.OVERDUE: (gettext_lazy("Overdue"), gettext_lazy("its close date has passed")),
    Part.REMOVED: (gettext_lazy("Removed"), gettext_lazy("was merged or omitted")),
    Part.LOST: (gettext_lazy("Lost"), gettext_lazy("at its last open amount")),
    Part.WON: (gettext_lazy("Won"), gettext_lazy("at its booked amount")),
}


@dataclass(frozen=True)
class Line:
    """A line of the waterfall: its name and meaning, its figure, its deals and where they are listed, and its bar."""

    name: StrOrPromise
    about: StrOrPromise
    minor: int
    deals: int
    bar: SafeString
    url: str = ""
    is_level: bool = False


@dataclass(frozen=True)
class Asking:
    """What the address asks for: from the end of one day to the end of another, of which quarter."""

    first: date
    last: date
    period: Period


@require_safe
@may("opportunity", "read")
def pipeline_changes(request: HttpRequest) -> HttpResponse:
    """What moved between two days: from what was open through each step to what is open; each opens its deals."""
    if address := settled(request, territory=Led()):
        return redirect(address)
    query, mine = strict_query(request, *QUERY), reach()
    asking, own = _asking(query), chosen(query, "of", ("", "own"), "") == "own"
    asked = asked_of(mine, whole(query, "territory"), asking.first, asking.last, own=own)
    moved = movement(asking.first, asking.last, asking.period, asked.whose)
    part = chosen(query, "part", ("", *Part), "")
    step = moved.of(Part(part)) if part else None
    context = {
        "asking": asking,
        "asked": asked,
        "moved": moved,
        "lines": _lines(moved, query),
        "finding": _finding(moved, asking),
        "quarters": quarter_tabs(query, asking.period),
        "scopes": _scopes(query, asked),
        "filters": MovementForm(query, asking.first, asking.last),
        "part": WORDS[step.part] if step else None,
        "step": step,
        "changes": changes_of(mine, step, LISTED) if step else [],
        "more": max(len(step.changes) - LISTED, 0) if step else 0,
        "tie": tie(moved, asking.first, asking.last, asking.period, asked.whose)
        if mine.relations("credit")
        else None,
        "currency": the_organisation().reporting_currency,
        "metrics": named("pipeline-changes", "overdue", "order-intake"),
    }
    return render(request, "forecasts/pipeline_changes.html", context)


def _asking(query: Mapping[str, str]) -> Asking:
    """Without days the last week, without a quarter the one that runs. Raises BadQuery for days that make no span."""
    asked = dict(query)
    last = a_day(asked, "to") or today()
    first = a_day(asked, "from") or last - A_WEEK
    if last > today():
        raise BadQuery(_("What stands at the end of that day is not known yet."), path="to")
    if first >= last:
        raise BadQuery(_("The first day lies before the last one."), path="from")
    period = a_period(asked) or running_quarter()
    if period.kind != Period.Kind.QUARTER:
        raise BadQuery(_("%(code)s is no quarter.") % {"code": period.code}, path="period")
    return Asking(first, last, period)


def _scopes(query: Mapping[str, str], asked: Asked) -> list[dict[str, Any]]:
    """For who leads others: all that they lead, or their own deals."""
    if not Led().choices() and not asked.territories:
        return []
    kept = {name: value for name, value in query.items() if name not in ("territory", "part")}
    return segments(kept, "of", {"": _("All that I lead"), "own": _("My own")}, "own" if asked.is_own else "")


def _lines(moved: Movement, query: Mapping[str, str]) -> list[Line]:
    """The start, each step from the level that the ones before left, and the end."""
    start, end = moved.start.minor, moved.end.minor
    levels = [*accumulate((step.minor for step in moved.steps), initial=start)]
    room = [*levels, end]
    return [
        Line(
            _("Open at the start"),
            "",
            start,
            moved.start.deals,
            fall(0, start, room, is_level=True),
            is_level=True,
        ),
        *(
            Line(
                *WORDS[step.part], step.minor, len(step.changes), fall(before, after, room), _url(query, step)
            )
            for step, before, after in zip(moved.steps, levels, levels[1:], strict=False)
        ),
        Line(
            _("Open at the end"), "", end, moved.end.deals, fall(0, end, room, is_level=True), is_level=True
        ),
    ]


def _url(query: Mapping[str, str], step: Step) -> str:
    return f"?{urlencode({**query, 'part': step.part.value})}#deals"


def _finding(moved: Movement, asking: Asking) -> str:
    """The sentence above the chart: by how much the pipeline changed, and what did most of it."""
    currency, net = the_organisation().reporting_currency, moved.end.minor - moved.start.minor
    words = {"period": asking.period.code, "end": format_money_whole(moved.end.minor, currency)}
    if not moved.steps:
        return _("Nothing moved in the pipeline of %(period)s: it stands at %(end)s.") % words
    biggest = max(moved.steps, key=lambda step: step.minor * net if net else abs(step.minor))
    words |= {
        "net": format_money_whole(abs(net), currency),
        "part": str(WORDS[biggest.part][0]),
        "minor": format_money_whole(biggest.minor, currency),
    }
    if net > 0:
        said = _("The pipeline of %(period)s grew by %(net)s to %(end)s. Most of it: %(part)s, %(minor)s.")
    elif net < 0:
        said = _("The pipeline of %(period)s shrank by %(net)s to %(end)s. Most of it: %(part)s, %(minor)s.")
    else:
        said = _("The pipeline of %(period)s is back at %(end)s. The biggest step: %(part)s, %(minor)s.")
    return said % words
