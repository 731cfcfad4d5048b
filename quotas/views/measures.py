"""What was booked, in every measure and at every rate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe
from django_stubs_ext import StrOrPromise

from catalog.models import Family
from common.definitions import named
from common.errors import NotInReach
from common.http import address_of, chosen, csv_file, may, person_id, strict_query, whole
from common.locale import UNDEFINED, format_money, format_number
from common.segments import segments
from common.selectors import the_organisation, today
from common.transaction import now, reach
from common.written import Cell as Written
from orders.selectors.credits import NOW, SOLD, TREES, CreditFilter
from orders.selectors.known import CLOCKS, AsOf
from orders.selectors.written import CLOCK_HEADS, clock_cells, money_cell
from orders.views.clocks import clocks
from quotas.forms import TeamFilterForm, quarter_of
from quotas.selectors.crediting import is_by_owner
from quotas.selectors.measures import Measured, MeasuredRow, Sums, measured, measured_since
from quotas.selectors.quarters import year_to_date
from quotas.selectors.question import Question
from quotas.views.person import credits_url
from quotas.views.quarters import quarter_tabs
from quotas.views.trees import MOVED, TREE_WORDS, tree_segments
from workspace.services.exports import record_export

QUERY = ("period", "view", "family", "tree", "node", *CLOCKS)
METRICS = (
    "order-intake",
    "tcv",
    "acv",
    "arr-and-mrr",
    "units",
    "new-and-existing",
    "exchange-effect",
    "rates",
    "as-sold",
    "as-organised-now",
    "as-known-at",
    "crediting-rule",
)


@dataclass(frozen=True)
class Column:
    """One column: what it is, its head, the definition that it opens, and how it writes a figure in a currency."""

    name: str
    head: StrOrPromise
    metric: str
    write: Callable[[Sums, str], str]


def _money(name: str, head: StrOrPromise, metric: str) -> Column:
    return Column(name, head, metric, lambda sums, currency: format_money(getattr(sums, name), currency))


def _current(sums: Sums, currency: str) -> str:
    """Nothing where there is no rate at all for what was booked."""
    return UNDEFINED if sums.unrated and not sums.current else format_money(sums.current, currency)


MEASURES = (
    _money("intake", gettext_lazy("Order intake"), "order-intake"),
    _money("tcv", gettext_lazy("TCV"), "tcv"),
    _money("acv", gettext_lazy("ACV"), "acv"),
    _money("arr", gettext_lazy("ARR booked"), "arr-and-mrr"),
    _money("mrr", gettext_lazy("MRR booked"), "arr-and-mrr"),
    Column("units", gettext_lazy("Units"), "units", lambda sums, _currency: format_number(sums.units)),
    _money("new", gettext_lazy("New customers"), "new-and-existing"),
    _money("existing", gettext_lazy("Existing customers"), "new-and-existing"),
)
RATES = (
    _money("intake", gettext_lazy("At plan rate"), "order-intake"),
    _money("booked", gettext_lazy("At booked rate"), "rates"),
    _money("effect", gettext_lazy("Exchange effect"), "exchange-effect"),
    Column("current", gettext_lazy("At current rate"), "rates", _current),
)
"""The columns of the two tables: heads, rows and totals read them here."""
IN_FILE = (*MEASURES, *RATES[1:])
HEADS = (
    gettext_lazy("Team"),
    gettext_lazy("Person"),
    gettext_lazy("Quarter"),
    gettext_lazy("Tree"),
    gettext_lazy("Family"),
    gettext_lazy("Currency"),
    *(column.head for column in IN_FILE),
    gettext_lazy("Without a rate"),
    *CLOCK_HEADS,
)


class Cell(NamedTuple):
    """What stands in a column of a row, the address of what makes it, and a note."""

    text: str
    label: StrOrPromise
    url: str = ""
    note: str = ""


class Line(NamedTuple):
    """A row of both tables, and the address of what lies below it."""

    name: str
    url: str
    measures: list[Cell]
    rates: list[Cell]


@require_safe
@may("node_cell", "read")
def measures(request: HttpRequest) -> HttpResponse:
    """How much business was booked, in every measure: of one node, by what lies below it."""
    query, families = strict_query(request, *QUERY), dict(Family.objects.values_list("pk", "name"))
    question, currency = question_of(query, families), the_organisation().reporting_currency
    found = measured(reach(), question, whole(query, "node"))
    since = measured_since(reach(), question, found)
    views = {"quarter": _("Quarter"), "year": _("Year to date")}
    context = {
        "question": question,
        "read_at": now(),
        "measured": found,
        "since": since.of_intake() if since else None,
        "lines": [_line(row, query, question, currency) for row in found.rows],
        "total": _cells(MEASURES, found.total, currency, found.credits, found.customers),
        "rate_total": _cells(RATES, found.total, currency, found.credits),
        "columns": MEASURES,
        "rate_columns": RATES,
        "above": [(node.name, _address(query, node.pk)) for node in found.above],
        "unrated": ", ".join(sorted(found.total.unrated)),
        **clocks(TeamFilterForm(query, families), question.as_of, query),
        "tabs": quarter_tabs(query, question.period, question.on),
        "views": segments(query, "view", views, "year" if question.is_year else "quarter"),
        "trees": tree_segments(query, question),
        "metrics": named(*METRICS),
        "is_ruled": is_by_owner(question.period),
    }
    return render(request, "quotas/measures.html", context)


@require_safe
@may("node_cell", "read")
def measures_csv(request: HttpRequest) -> HttpResponse:
    """The rows of the page with their total as a file, by its tree and its two clocks; who took it is kept."""
    query, families = strict_query(request, *QUERY), dict(Family.objects.values_list("pk", "name"))
    question = question_of(query, families)
    found = measured(reach(), question, whole(query, "node"))
    lines = [[*_who(row, found, question), *_written(row.sums, question, families)] for row in found.rows]
    lines.append([_("Total"), "", *_written(found.total, question, families)])
    asked = address_of("", query).removeprefix("?")
    record_export(by=person_id(), page="measures", query=asked, format="csv", rows=len(lines))
    return csv_file(f"measures-{question.period.code}", [[str(head) for head in HEADS], *lines])


def _who(row: MeasuredRow, found: Measured, question: Question) -> tuple[str, str]:
    """The team of a row, and the person whose it is."""
    if row.person_id and found.node:
        return found.node.name, row.name
    return row.name or str(MOVED[question.is_now]), ""


def _written(sums: Sums, question: Question, families: Mapping[int, str]) -> list[Written]:
    """What a row is asked by, its figures, what is in no sum at current rate, and the two clocks."""
    quarters = list(dict.fromkeys([question.quarters[0].code, question.last.code]))
    currency = the_organisation().reporting_currency
    family = families[question.family_id] if question.family_id else ""
    figures = [
        sums.units if column.name == "units" else money_cell(_figure(column, sums), currency)
        for column in IN_FILE
    ]
    said = [" – ".join(quarters), str(TREE_WORDS[question.is_now]), family, currency]
    return [*said, *figures, ", ".join(sorted(sums.unrated)), *clock_cells(question.as_of)]


def _figure(column: Column, sums: Sums) -> int | None:
    figure: int = getattr(sums, column.name)
    return None if column.name == "current" and sums.unrated and not figure else figure


def question_of(query: dict[str, str], families: Mapping[int, str]) -> Question:
    """Which quarters, which family, which tree and which clocks the address asks for. Raises BadQuery, NotInReach."""
    period, family, day, as_of = quarter_of(query), whole(query, "family"), today(), AsOf.of(query)
    if family and family not in families:
        raise NotInReach()
    is_year = chosen(query, "view", ("quarter", "year"), "quarter") == "year"
    quarters = year_to_date(period, as_of.due_on(day)) if is_year else [period]
    is_now = chosen(query, "tree", TREES, SOLD) == NOW
    return Question(period, quarters, day, is_year, family, is_now=is_now, as_of=as_of)


def _line(row: MeasuredRow, query: dict[str, str], question: Question, currency: str) -> Line:
    url = _address(query, row.node_id) if row.node_id else ""
    name = row.name or str(MOVED[question.is_now])
    cells = [_cells(columns, row.sums, currency, row.credits) for columns in (MEASURES, RATES)]
    return Line(name, url, *cells)


def _cells(
    columns: tuple[Column, ...],
    sums: Sums,
    currency: str,
    credits: CreditFilter | None,
    customers: tuple[int, ...] = (),
) -> list[Cell]:
    """Each opens the credits behind it; how many `customers` there are stands below what they ordered."""
    counts = dict(zip(("new", "existing"), customers, strict=False))
    return [
        Cell(
            column.write(sums, currency),
            column.head,
            _behind(column, credits),
            _accounts(counts[column.name]) if column.name in counts else "",
        )
        for column in columns
    ]


def _behind(column: Column, credits: CreditFilter | None) -> str:
    """The address of the credits behind a figure, with every measure where it is not their order intake."""
    if credits is None or column.name == "intake":
        return credits_url(credits)
    if column.name in ("new", "existing"):
        return credits_url(replace(credits, kind=column.name))
    return f"{credits_url(credits)}&show=measures"


def _accounts(number: int) -> str:
    words = ngettext("%(n)s account", "%(n)s accounts", number)
    return words % {"n": format_number(number)}


def _address(query: Mapping[str, str], node_id: int) -> str:
    return f"?{urlencode({**query, 'node': node_id})}"
