"""Where a team stands: the tree as a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django_stubs_ext import StrOrPromise

from catalog.models import Family
from common.charts import bullet
from common.definitions import named
from common.errors import NotInReach
from common.http import BadQuery, chosen, may, strict_query, whole
from common.locale import format_money, format_percent, format_times
from common.models import Period
from common.segments import segments
from common.selectors import measured, the_organisation, today
from common.transaction import reach
from orders.models import Basis
from orders.selectors.awaiting import is_awaiting_used
from orders.selectors.credits import NOW, SOLD, TREES, CreditFilter
from orders.selectors.known import CLOCKS, AsOf
from orders.views.clocks import clocks
from quotas.forms import TeamFilterForm, quarter_of
from quotas.selectors import team
from quotas.selectors.covering import deals_url
from quotas.selectors.crediting import basis_of, is_by_owner, shows_owners
from quotas.selectors.figures import Figures
from quotas.selectors.quarters import year_to_date
from quotas.selectors.runs import freshness
from quotas.selectors.team import Question, Row
from quotas.views.person import credits_url, gap_note, outside
from quotas.views.quarters import quarter_tabs
from quotas.views.trees import left_of, tree_segments

QUERY = ("period", "view", "family", "basis", "tree", "open", "sort", "coverage", *CLOCKS)
METRICS = (
    "attainment",
    "year-to-date-attainment",
    "pace",
    "gap",
    "pipeline-coverage",
    "quota",
    "order-intake",
    "awaiting-booking",
    "assigned-quota",
    "rolled-up-quota",
    "over-assignment",
    "as-sold",
    "as-organised-now",
    "as-known-at",
    "crediting-rule",
    "out-of-territory",
)
METRIC_OF = {"intake": "order-intake", "awaiting": "awaiting-booking", "coverage": "pipeline-coverage"}
MOST_OPEN = 150


@dataclass(frozen=True)
class Column:
    """One column of the table: its head, and how it writes a row's figures (in a currency, under the row's name).

    `name`: the figure that rows are sorted by, as in the address; a drawing has none.
    """

    name: str
    head: StrOrPromise
    write: Callable[[Figures, str, str], str]

    @property
    def metric(self) -> str:
        """The key of the definition that its head opens."""
        return METRIC_OF.get(self.name, self.name)


def _money(name: str, head: StrOrPromise) -> Column:
    return Column(name, head, lambda figures, currency, _row: format_money(getattr(figures, name), currency))


def _ratio(name: str, head: StrOrPromise) -> Column:
    return Column(name, head, lambda figures, _currency, _row: format_percent(getattr(figures, name)))


def _bar(figures: Figures, currency: str, row: str) -> str:
    figure = measured(row, figures.intake, figures.quota, figures.due)
    return bullet(figure, lambda minor: format_money(minor, currency)) if row else ""


COLUMNS = (
    _money("quota", gettext_lazy("Quota")),
    _money("intake", gettext_lazy("Order intake")),
    _money("awaiting", gettext_lazy("Awaiting booking")),
    _ratio("attainment", gettext_lazy("Attainment")),
    Column("", gettext_lazy("Order intake against quota"), _bar),
    _ratio("pace", gettext_lazy("Pace")),
    _money("gap", gettext_lazy("Gap")),
    Column(
        "coverage",
        gettext_lazy("Pipeline coverage"),
        lambda figures, *_beside: format_times(figures.coverage),
    ),
)
"""The table's columns in their order: head, rows, total and sorting read them here."""


def _columns(question: Question) -> list[Column]:
    """Those that the table shows: what awaits its booking where anything does or may, coverage where asked for."""
    is_shown = {
        "awaiting": question.as_of.is_now and is_awaiting_used(reach(), question.span),
        "coverage": question.covers,
    }
    return [column for column in COLUMNS if is_shown.get(column.name, True)]


@require_safe
@may("node_cell", "read")
def team_attainment(request: HttpRequest) -> HttpResponse:
    """Who is ahead, who is behind, will we make it: the tree as a table, opened to any level."""
    query, families = strict_query(request, *QUERY), families_named()
    question, currency = question_of(query, families), the_organisation().reporting_currency
    found = team.team_attainment(reach(), question)
    left, url = left_of(question.last, question.due_on, question.as_of), credits_url(found.credits)
    columns = _columns(question)
    context = {
        "question": question,
        "is_ruled": is_by_owner(question.period),
        "team": found,
        "since": team.team_since(reach(), question, found.top_nodes),
        "columns": columns,
        "lines": [_line(row, query, question, found.opened, currency, columns) for row in found.rows],
        "total": _cells(
            found.total,
            currency,
            columns,
            url,
            deals=_deals(found.total, found.credits, question),
            waits=_waits(question.credits),
        ),
        "credits_url": url,
        "outside": outside(_figures_of(found)),
        "vacant": sum(row.is_vacant for row in found.rows),
        "has_shared": any(row.notes for row in found.rows),
        "gap_note": gap_note(found.total, left, currency),
        **clocks(TeamFilterForm(query, families), question.as_of, query),
        "freshness": freshness(),
        "metrics": named(*METRICS),
        **_choices(query, question),
    }
    return render(request, "quotas/team_attainment.html", context)


def _figures_of(found: team.Team) -> list[tuple[str, CreditFilter | None]]:
    """The credits behind the total, or behind each top row where several teams make it."""
    return [("", found.credits)] if found.credits else [(row.name, row.credits) for row in found.tops]


@require_safe
@may("node_cell", "read")
def team_attainment_rows(request: HttpRequest) -> HttpResponse:
    """The rows below one node of the table, for the page to put in."""
    query = strict_query(request, *QUERY, "path")
    path = _ids(query.pop("path", ""), "/", _("The path names nodes from the top down, such as 1/4."))
    question = question_of(query, families_named())
    rows = team.rows_below(reach(), question, path)
    currency, columns = the_organisation().reporting_currency, _columns(question)
    lines = [_line(row, query, question, frozenset(path), currency, columns) for row in rows]
    return render(request, "quotas/_team_rows.html", {"lines": lines, "question": question})


def families_named() -> dict[int, str]:
    """The product families by their ids."""
    return dict(Family.objects.values_list("pk", "name"))


def question_of(query: dict[str, str], families: Mapping[int, str]) -> Question:
    """What the address of the table asks. Raises BadQuery; NotInReach for a family that there is not."""
    period, family = quarter_of(query), whole(query, "family")
    is_year = chosen(query, "view", ("quarter", "year"), "quarter") == "year"
    names = ["name", *(column.name for column in COLUMNS if column.name)]
    if family and family not in families:
        raise NotInReach()
    as_of = AsOf.of(query)
    quarters = year_to_date(period, as_of.due_on(today())) if is_year else [period]
    is_now = chosen(query, "tree", TREES, SOLD) == NOW
    basis = chosen(query, "basis", Basis.values, basis_of(period))
    return Question(
        period=period,
        quarters=quarters,
        on=today(),
        is_year=is_year,
        family_id=family,
        basis=basis,
        opened=_opened(query),
        sort=chosen(query, "sort", [sign + name for name in names for sign in ("", "-")], "-attainment"),
        is_now=is_now,
        covers=as_of.is_now and _covers(query, quarters[-1]),
        as_of=as_of,
        is_by_owner=shows_owners(period, basis),
    )


def _covers(query: dict[str, str], last: Period) -> bool:
    """Whether pipeline coverage stands beside, until the time ends: for a team at once, for a company when asked."""
    asked = chosen(query, "coverage", ("0", "1"), "0" if "org" in reach().relations("opportunity") else "1")
    return asked == "1" and last.stops_on > today()


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
    """The quarters, the views, the places and the trees to choose between."""
    views = {"quarter": _("Quarter"), "year": _("Year to date")}
    bases = {Basis.SEAT.value: _("By seat"), Basis.TERRITORY.value: _("By territory")}
    is_over = question.span.stop <= question.on
    coverages = (
        {} if is_over or not question.as_of.is_now else {"0": _("Without coverage"), "1": _("With coverage")}
    )
    return {
        "tabs": quarter_tabs(query, question.period, question.on),
        "views": segments(query, "view", views, "year" if question.is_year else "quarter"),
        "bases": segments(query, "basis", bases, question.basis),
        "trees": tree_segments(query, question),
        "coverages": segments(query, "coverage", coverages, "1" if question.covers else "0"),
    }


class Cell(NamedTuple):
    """What stands in a column of a row, the address of what makes it, and a note (`more`: where there is room).

    `label`: what it is, for a row that is shown as a card; attainment stands beside the name without one.
    """

    text: str
    css: str = "num"
    url: str = ""
    note: str = ""
    more: str = ""
    label: StrOrPromise = ""


def _cells(
    figures: Figures,
    currency: str,
    columns: Sequence[Column],
    url: str,
    row: str = "",
    deals: str = "",
    waits: str = "",
    **beside: str,
) -> list[Cell]:
    """A row's cells: its order intake opens the credits behind it, its coverage the deals, what awaits booking those
    orders; `beside` its quota stands where that comes from.
    """
    own: dict[str, dict[str, str]] = {
        "quota": beside,
        "intake": {"url": url, "css": "num neg" if figures.intake < 0 else "num"},
        "": {"css": "drawn"},
        "awaiting": {"url": waits if figures.awaiting else ""},
        "coverage": {"url": "" if figures.uncovered else deals, "note": figures.uncovered},
    }
    return [
        Cell(
            column.write(figures, currency, row),
            label="" if column.name in ("", "attainment") else column.head,
            **own.get(column.name, {}),
        )
        for column in columns
    ]


def _deals(
    figures: Figures, credits: CreditFilter | None, question: Question, basis: Basis | None = None
) -> str:
    """The deals behind a coverage, where there are any; `basis`: by what they hang there, else as the credits do."""
    if credits and basis:
        credits = replace(credits, basis=basis)
    return deals_url(credits, question.span, question.on) if figures.in_play else ""


def _waits(credits: CreditFilter | None, person_id: int | None = None) -> str:
    """The address of what awaits its booking beside these credits; by who sells it, also where owners are credited."""
    if credits is None:
        return ""
    return f"{reverse('awaited_list')}?{replace(credits, person_id=person_id, owner_id=None).query}"


@dataclass(frozen=True)
class Line:
    """A row of the table with its cells, and the addresses that open and close it."""

    row: Row
    cells: list[Cell]
    toggle: str = ""
    children: str = ""


def _line(
    row: Row,
    query: dict[str, str],
    question: Question,
    opened: frozenset[int],
    currency: str,
    columns: Sequence[Column],
) -> Line:
    url, deals = credits_url(row.credits), _deals(row.figures, row.credits, question, row.covered_by)
    waits = _waits(row.credits, row.person_id)
    cells = _cells(row.figures, currency, columns, url, row.name, deals, waits, **_rolled_up(row, currency))
    if not row.is_openable:
        return Line(row, cells)
    others = {key: value for key, value in query.items() if key != "open"}
    toggle = urlencode({**others, "open": _turned(row, opened)}, safe=",")
    below = urlencode({**others, "path": row.path}, safe="/")
    return Line(row, cells, f"?{toggle}", f"{reverse('team_attainment_rows')}?{below}")


def _rolled_up(row: Row, currency: str) -> dict[str, str]:
    """What the quotas below come to, where that is not the assigned quota."""
    if row.rolled_up is None or row.rolled_up == row.assigned:
        return {}
    if row.assigned is None:
        return {"note": _("rolled up")}
    over, amount = row.over_assignment, format_money(row.rolled_up, currency)
    if over is None:
        return {"more": _("rolled up %(amount)s") % {"amount": amount}}
    words = _("rolled up %(amount)s, %(over)s under-assigned")
    if over >= 0:
        words = _("rolled up %(amount)s, %(over)s over-assigned")
    return {"more": words % {"amount": amount, "over": format_percent(abs(over))}}


def _turned(row: Row, opened: frozenset[int]) -> str:
    """The nodes that stand open after a click on this row, as many as an address holds, its own path first."""
    path = [int(part) for part in row.path.split("/")]
    if row.is_open:
        path = path[:-1]
    others = sorted(opened - {*path, row.node_id or 0})
    return ",".join(map(str, [*path, *others][:MOST_OPEN])) or "none"
