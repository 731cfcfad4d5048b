"""Attainment as a file."""

from collections.abc import Iterable
from fractions import Fraction

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from common.http import address_of, csv_file, may, person_id, strict_query
from common.locale import format_percent
from common.selectors import the_organisation
from common.transaction import reach
from common.written import Cell
from orders.selectors.written import CLOCK_HEADS, clock_cells, money_cell
from quotas.selectors.team import Question, Row, team_attainment
from quotas.views.team import QUERY, families_named, question_of
from workspace.services.exports import record_export

HEADS = (
    _("Level"), _("Team"), _("Person"), _("Quarter"), _("Tree"), _("Currency"), _("Quota"), _("Order intake"),
    _("Attainment"), _("Gap"), *CLOCK_HEADS,
)  # fmt: skip
TREES = {False: _("As sold"), True: _("As organised now")}


@require_safe
@may("node_cell", "read")
def team_attainment_csv(request: HttpRequest) -> HttpResponse:
    """The rows of the table that stand open, by its tree and its two clocks."""
    query = strict_query(request, *QUERY)
    question = question_of(query, families_named())
    rows = team_attainment(reach(), question).rows
    asked = address_of("", query).removeprefix("?")
    record_export(by=person_id(), page="team_attainment", query=asked, format="csv", rows=len(rows))
    return csv_file(
        f"attainment-{question.period.code}", [[str(head) for head in HEADS], *_lines(rows, question)]
    )


def _lines(rows: Iterable[Row], question: Question) -> Iterable[list[Cell]]:
    currency, clocks = the_organisation().reporting_currency, clock_cells(question.as_of)
    quarters = (
        f"{question.quarters[0].code} – {question.last.code}" if question.is_year else question.last.code
    )
    for row in rows:
        figures = row.figures
        money = [money_cell(minor, currency) for minor in (figures.quota, figures.intake)]
        made = [_ratio(figures.attainment), money_cell(figures.gap, currency)]
        named: list[Cell] = [row.level, row.name, row.who, quarters, str(TREES[question.is_now]), currency]
        yield [*named, *money, *made, *clocks]


def _ratio(ratio: Fraction | None) -> str:
    return "" if ratio is None else format_percent(ratio)
