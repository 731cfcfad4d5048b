"""Orders from files with columns of a company's own fields: every line of an order says the same of them."""

from datetime import date
from typing import Any

import pytest

from common.importing import Row
from orders.models import Order
from orders.services import apply_import
from tests.cast import Cast
from tests.conftest import Acting
from workspace.services.own import add_own_field

LINE = {
    "number": "F-1",
    "account": "Acorn",
    "owner": "Rita Rep",
    "booked_on": date(2026, 5, 4),
    "currency": "USD",
    "motion": "new",
    "product": "Licence",
    "quantity": 1,
    "amount": 1_000_00,
}


@pytest.mark.parametrize("other", ["6", ""])
def test_lines_that_say_different_things_are_refused(cast: Cast, acting: Acting, other: str) -> None:
    with acting(cast.admin):
        add_own_field(by=cast.admin.pk, subject="order", label="Seats", kind="number")

        def bring(*seats: str) -> Any:
            lines = enumerate(seats, 2)
            rows = [Row("orders.csv", line, {**LINE, "own:seats": text}) for line, text in lines]
            return apply_import(by=cast.admin.pk, entity="order", rows=rows)

        refused = bring("5", other).rejects
        assert [(one.line, one.column) for one in refused] == [(2, "own:seats"), (3, "own:seats")]
        assert not Order.objects.filter(number="F-1").exists()
        assert bring("5", "5").created == 1
        assert Order.objects.get(number="F-1").own == {"seats": "5"}
