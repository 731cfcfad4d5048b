"""Attainment as a file."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from common.http import address_of, csv_file, may, person_id, strict_query
from common.locale import format_percent
from common.policies import POLICIES
from common.selectors import the_organisation
from common.transaction import reach
from common.written import Cell
from orders.models import Basis
from orders.selectors.written import CLOCK_HEADS, clock_cells, money_cell
from quotas.selectors.figures import Figures
from quotas.selectors.team import Question, Team, team_attainment
from quotas.views.team import QUERY, families_named, question_of
from quotas.views.trees import MOVED, TREE_WORDS
from workspace.services.exports import record_export

HEADS = (
    _("Level"), _("Team"), _("Person"), _("Quarter"), _("Tree"), _("Credited"), _("By"), _("Family"), _("Currency"),
    _("Quota"), _("Order intake"), _("Attainment"), _("Gap"), *CLOCK_HEADS,
)  # fmt: skip


@require_safe
@may("node_cell", "read")
def team_attainment_csv(request: HttpRequest) -> HttpResponse:
    """The rows of the table that stand open with their total, by its tree, its crediting rule and its two clocks."""
    query, families = strict_query(request, *QUERY), families_named()
    question = question_of(query, families)
    team, said = team_attainment(reach(), question), _said(question, families)
    lines = [
        [level, *who, *said, *_figures(figures, question)] for level, who, figures in _rows(team, question)
    ]
    asked = address_of("", query).removeprefix("?")
    record_export(by=person_id(), page="team_attainment", query=asked, format="csv", rows=len(lines))
    return csv_file(f"attainment-{question.period.code}", [[str(head) for head in HEADS], *lines])


def _rows(team: Team, question: Question) -> Iterator[tuple[Cell, tuple[str, str], Figures]]:
    """The level of each row, of which team and of whom it is, its figures; the total last."""
    places = {row.path: row.name for row in team.rows}
    for row in team.rows:
        above, _slash, _last = row.path.rpartition("/")
        name = row.name or str(MOVED[question.is_now])
        who = (places[above], name) if row.node_id is None else (row.name, row.who)
        yield row.level, who, row.figures
    yield "", (gettext("Total"), ""), team.total


def _said(question: Question, families: Mapping[int, str]) -> list[Cell]:
    """What every row is asked by."""
    quarters = (
        f"{question.quarters[0].code} – {question.last.code}" if question.is_year else question.last.code
    )
    rule, basis = POLICIES["crediting_rule"].choices[question.rule], Basis(question.basis).label
    family = families[question.family_id] if question.family_id else ""
    return [quarters, str(TREE_WORDS[question.is_now]), str(rule), str(basis), family]


def _figures(figures: Figures, question: Question) -> list[Cell]:
    currency = the_organisation().reporting_currency
    money = [money_cell(minor, currency) for minor in (figures.quota, figures.intake)]
    made = [_ratio(figures.attainment), money_cell(figures.gap, currency)]
    return [currency, *money, *made, *clock_cells(question.as_of)]


def _ratio(ratio: Fraction | None) -> str:
    return "" if ratio is None else format_percent(ratio)
