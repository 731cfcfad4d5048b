"""Where a team stands: the tree as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.models import Family
from common.access import found
from common.definitions import by_key, named
from common.http import BadQuery, chosen, may, strict_query, whole
from common.segments import segments
from common.selectors import the_organisation, today
from common.transaction import reach
from quotas import rules, selectors
from quotas.forms import TeamFilterForm
from quotas.models import Basis
from quotas.selectors.figures import Figures, days_left
from quotas.selectors.quarters import year_to_date
from quotas.selectors.team import SORTS, Question, Row, Team, rows_below
from quotas.views.person import gap_note
from quotas.views.quarters import quarter_of, quarter_tabs

QUERY = ("period", "view", "family", "basis", "open", "sort")
METRICS = (
    "attainment",
    "year-to-date-attainment",
    "pace",
    "gap",
    "quota",
    "order-intake",
    "assigned-quota",
    "rolled-up-quota",
    "over-assignment",
    "as-sold",
)
MOST_OPEN = 150


@require_safe
@may("node_cell", "read")
def team_attainment(request: HttpRequest) -> HttpResponse:
    """Who is ahead, who is behind, will we make it: the tree as a table, opened to any level."""
    query = strict_query(request, *QUERY)
    question, currency = _question(query), the_organisation().reporting_currency
    team = selectors.team_attainment(reach(), question)
    context = {
        "question": question,
        "team": team,
        "lines": _lines(team.rows, query, team.opened),
        "credits_url": _all_credits(team, question),
        "vacant": sum(row.is_vacant for row in team.rows),
        "gap_note": _note(team.total, question, currency),
        "filters": TeamFilterForm(initial=query),
        "freshness": selectors.freshness(timezone.now()),
        "currency": currency,
        "metrics": by_key(METRICS),
        "metric_list": named(*METRICS),
        **_choices(query, question),
    }
    return render(request, "quotas/team_attainment.html", context)


@require_safe
@may("node_cell", "read")
def team_attainment_rows(request: HttpRequest) -> HttpResponse:
    """The rows below one node of the table, for the page to put in."""
    query = strict_query(request, *QUERY, "path")
    path = _ids(query.pop("path", ""), "/", _("The path names nodes from the top down, such as 1/4."))
    rows = rows_below(reach(), _question(query), path)
    context = {
        "lines": _lines(rows, query, frozenset(path)),
        "currency": the_organisation().reporting_currency,
    }
    return render(request, "quotas/_team_rows.html", context)


def _question(query: dict[str, str]) -> Question:
    period, family = quarter_of(query), whole(query, "family")
    is_year = chosen(query, "view", ("quarter", "year"), "quarter") == "year"
    sorts = [f"{sign}{name}" for name in SORTS for sign in ("", "-")]
    if family:
        found(Family.objects.filter(pk=family).first())
    return Question(
        period=period,
        quarters=year_to_date(period, today()) if is_year else [period],
        on=today(),
        family_id=family,
        basis=chosen(query, "basis", Basis.values, Basis.SEAT),
        opened=_opened(query),
        sort=chosen(query, "sort", sorts, "-attainment"),
    )


def _opened(query: dict[str, str]) -> frozenset[int] | None:
    if "open" not in query:
        return None
    if query["open"] == "none":
        return frozenset()
    return frozenset(_ids(query["open"], ",", _("open is a list of nodes, such as 4,7, or none.")))


def _ids(text: str, separator: str, remedy: str) -> list[int]:
    parts = text.split(separator)
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        raise BadQuery(remedy)
    return [int(part) for part in parts]


def _choices(query: dict[str, str], question: Question) -> dict[str, Any]:
    """The quarters, the views and the trees to choose between, and which view it is."""
    views = {"quarter": _("Quarter"), "year": _("Year to date")}
    bases = {Basis.SEAT.value: _("By seat"), Basis.TERRITORY.value: _("By territory")}
    view = query.get("view", "quarter")
    return {
        "tabs": quarter_tabs(query, question.period, question.on),
        "views": segments(query, "view", views, view),
        "bases": segments(query, "basis", bases, question.basis),
        "is_year": view == "year",
    }


def _all_credits(team: Team, question: Question) -> str:
    """The address of the credits behind the total; none where several teams make it."""
    if len(team.tops) == 1:
        return f"{reverse('credit_list')}?{team.tops[0].credits}"
    is_all = "org" in reach().relations("node_cell")
    return f"{reverse('credit_list')}?{urlencode(question.credits, safe=',')}" if is_all else ""


def _note(total: Figures, question: Question, currency: str) -> str:
    return gap_note(total, days_left(question.last, question.on), currency)


@dataclass(frozen=True)
class Line:
    """A row of the table with the addresses that open and close it, and how far it is over-assigned."""

    row: Row
    toggle: str
    children: str
    over: Fraction | None


def _lines(rows: Sequence[Row], query: dict[str, str], opened: frozenset[int]) -> list[Line]:
    return [_line(row, query, opened) for row in rows]


def _line(row: Row, query: dict[str, str], opened: frozenset[int]) -> Line:
    over = rules.over_assignment(row.rolled_up, row.assigned)
    if not row.is_openable:
        return Line(row, "", "", over)
    others = {key: value for key, value in query.items() if key != "open"}
    toggle = urlencode({**others, "open": _turned(row, opened)}, safe=",")
    below = urlencode({**others, "path": row.path}, safe="/")
    return Line(row, f"?{toggle}", f"{reverse('team_attainment_rows')}?{below}", over)


def _turned(row: Row, opened: frozenset[int]) -> str:
    """The nodes that stand open after a click on this row, as many as an address holds, its own path first."""
    path = [int(part) for part in row.path.split("/")]
    if row.is_open:
        path = path[:-1]
    others = sorted(opened - {*path, row.node_id or 0})
    return ",".join(map(str, [*path, *others][:MOST_OPEN])) or "none"
