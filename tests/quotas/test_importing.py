"""Quotas from files in whichever grain they have: rows of one quarter are added up, what does not fit is refused."""

from datetime import date
from typing import Any

import pytest

from common.errors import Forbidden
from common.importing import Outcome, Row
from quotas.models import Quota
from quotas.services import apply_import
from tests.cast import Cast
from tests.conftest import Acting


def bring(cast: Cast, *rows: dict[str, Any]) -> Outcome:
    values = {"person": "rep@example.com", "on": date(2026, 4, 1), "amount": 100_00}
    read = [Row("targets.csv", line, {**values, **row}) for line, row in enumerate(rows, 2)]
    return apply_import(by=cast.admin.pk, entity="quota", rows=read)


def standing() -> list[tuple[int, str]]:
    return list(Quota.objects.current().order_by("period__starts_on").values_list("amount_minor", "reason"))


def test_months_make_a_quarter_and_each_quota_keeps_its_reason(cast: Cast, acting: Acting) -> None:
    months: list[dict[str, Any]] = [{"on": date(2026, month, 1)} for month in (4, 5, 6)]
    july = {"on": date(2026, 7, 1), "reason": "A larger patch"}
    with acting(cast.admin):
        first = bring(cast, *months, july)
        again = bring(cast, *months, july)
        assert (first.created, first.changed, first.unchanged) == (2, 0, 0)
        assert (again.created, again.changed, again.unchanged) == (0, 0, 2)
        assert standing() == [(300_00, "import"), (100_00, "A larger patch")]
        raised = bring(cast, *months, {**july, "amount": 250_00, "reason": "Larger still"})
        assert (raised.created, raised.changed, raised.unchanged) == (0, 1, 1)
        assert standing() == [(300_00, "import"), (250_00, "Larger still")]
        assert Quota.objects.count() == 3


@pytest.mark.parametrize(
    ("change", "column", "problem"),
    [
        ({"person": None}, "person", "It names both or neither."),
        ({"territory": "EAST-1"}, "person", "It names both or neither."),
        ({"on": date(1999, 1, 1)}, "on", "No fiscal year holds this day."),
        ({"on": date(2026, 1, 1)}, "on", "That quarter is closed."),
        ({"amount": -1}, "amount", "It is below zero."),
    ],
)
def test_a_row_that_does_not_fit_is_refused_and_the_others_come_in(
    cast: Cast, acting: Acting, owner: Any, change: dict[str, Any], column: str, problem: str
) -> None:
    owner.execute("SET session_replication_role = replica")
    owner.execute("UPDATE common_period SET is_closed = true WHERE code = '2026-Q1'")
    with acting(cast.admin):
        outcome = bring(cast, change, {})
        assert [(reject.line, reject.column, reject.problem) for reject in outcome.rejects] == [
            (2, column, problem)
        ]
        assert standing() == [(100_00, "import")]


def test_only_an_administrator_brings_quotas_in(cast: Cast, acting: Acting) -> None:
    with acting(cast.director), pytest.raises(Forbidden):
        bring(cast, {})
