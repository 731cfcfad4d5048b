"""The page of what moved in the pipeline between two days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django_stubs_ext import StrOrPromise

from common.charts import fall
from common.definitions import named
from common.http import BadQuery, a_day, a_period, address_of, chosen, may, strict_query, whole
from common.locale import format_money_whole
from common.models import Period
from common.pickers import settled
from common.segments import segments
from common.selectors import running_quarter, the_organisation, today
from common.transaction import reach
from forecasts.forms import MovementForm
from forecasts.selectors.movement import (
    Asked,
    Change,
    Movement,
    asked_of,
    changes_of,
    movement,
    open_deals,
    tie,
)
from pipeline.rules.movement import Part
from pipeline.selectors.open_pipeline import COUNTING
from pipeline.selectors.standings import Value
from quotas.selectors.crediting import is_by_owner
from quotas.views.quarters import quarter_tabs
from territories.selectors.offers import Led

QUERY = ("from", "to", "period", "territory", "of", "part")
A_WEEK = timedelta(days=7)
LISTED = 100
START, END = "start", "end"
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


OWN: dict[Part, tuple[StrOrPromise, StrOrPromise]] = {
    Part.MOVED_IN: (
        gettext_lazy("Moved in"),
        gettext_lazy("came from another owner, or with a greater share"),
    ),
    Part.MOVED_OUT: (
        gettext_lazy("Moved out"),
        gettext_lazy("went to another owner, or a smaller share is left"),
    ),
    Part.WON: (gettext_lazy("Won"), gettext_lazy("at the credit of its order")),
}
"""How the parts of one person's own view are told where they differ."""


@dataclass(frozen=True)
class Line:
    """A line of the waterfall: its name and meaning, its figure, its deals and where they are listed, and its bar."""

    name: StrOrPromise
    about: StrOrPromise
    minor: int
    deals: int
    bar: SafeString
    url: str
    is_level: bool = False
    is_good: bool = False

    @property
    def is_loss(self) -> bool:
        return self.minor < 0 and not self.is_level and not self.is_good


@dataclass(frozen=True)
class Listed:
    """The deals of a line, the biggest first, and how many more; `url`: the list of deals as it stood that `day`."""

    line: Line
    changes: list[Change]
    more: int
    url: str = ""
    day: date | None = None


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
    lines = _lines(moved, query, asked)
    context = {
        "asking": asking,
        "asked": asked,
        "moved": moved,
        "lines": [*lines.values()],
        "finding": _finding(moved, asking),
        "quarters": quarter_tabs(query, asking.period),
        "scopes": _scopes(query, asked),
        "filters": MovementForm(query, asking.first, asking.last),
        "listed": _listed(chosen(query, "part", ("", START, END, *Part), ""), lines, moved, asking, asked),
        "tie": tie(moved, asking.first, asking.last, asking.period, asked.whose)
        if mine.relations("credit")
        else None,
        "currency": the_organisation().reporting_currency,
        "is_ruled": is_by_owner(asking.period),
        "metrics": named("pipeline-changes", "overdue", "order-intake", "crediting-rule"),
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


def _lines(moved: Movement, query: Mapping[str, str], asked: Asked) -> dict[str, Line]:
    """The start, each step from the level that the ones before left, and the end."""
    start, end = moved.start.minor, moved.end.minor
    levels = [*accumulate((step.minor for step in moved.steps), initial=start)]
    room = [*levels, end]
    lines = {START: _level(_("Open at the start"), moved.start, room, _url(query, START))}
    for step, before, after in zip(moved.steps, levels, levels[1:], strict=False):
        is_good = step.part is Part.WON
        bar = fall(before, after, room, is_good=is_good)
        url = _url(query, step.part)
        words = _words(step.part, asked)
        lines[step.part] = Line(*words, step.minor, len(step.changes), bar, url, is_good=is_good)
    return {**lines, END: _level(_("Open at the end"), moved.end, room, _url(query, END))}


def _level(name: str, value: Value, room: Sequence[int], url: str) -> Line:
    bar = fall(0, value.minor, room, is_level=True)
    return Line(name, "", value.minor, value.deals, bar, url, is_level=True)


def _words(part: Part, asked: Asked) -> tuple[StrOrPromise, StrOrPromise]:
    return OWN.get(part, WORDS[part]) if asked.is_own else WORDS[part]


def _url(query: Mapping[str, str], part: str) -> str:
    return f"?{urlencode({**query, 'part': part})}#deals"


def _listed(
    part: str, lines: Mapping[str, Line], moved: Movement, asking: Asking, asked: Asked
) -> Listed | None:
    """The deals of the line that was asked for; of a step that is none of these, that there are none."""
    if not part:
        return None
    if part not in lines:
        return Listed(Line(*_words(Part(part), asked), 0, 0, fall(0, 0, []), ""), [], 0)
    line, days = lines[part], (asking.first, asking.last)
    if part not in (START, END):
        changes = moved.of(Part(part)).changes[:LISTED]
        return Listed(line, changes_of(reach(), changes), line.deals - len(changes))
    changes = open_deals(*days, asking.period, asked.whose, LISTED, is_end=part == END)
    day = days[part == END]
    return Listed(
        line, changes_of(reach(), changes), line.deals - len(changes), _list_of(day, asking, asked), day
    )


def _list_of(day: date, asking: Asking, asked: Asked) -> str:
    """The list of deals as it stood that day; none for what it has no filter: shares, and several territories."""
    if asked.is_own or len(asked.territories) > 1:
        return ""
    span = asking.period.span
    closing = {"from": max(span.start, day), "to": span.stop - timedelta(days=1), "category": COUNTING}
    within = asked.territories[0].pk if asked.territories else None
    return address_of(reverse("opportunity_list"), {"on": day, **closing, "within": within})


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
