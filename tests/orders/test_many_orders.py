"""Many orders in one act: they come in whole, and leave the database's table of locks to others."""

from datetime import date
from typing import Any

from django.db import connection

from common.importing import Row
from orders.models import Credit, SplitShare
from orders.rollup import verify_ledger
from orders.services import apply_import
from tests.cast import Cast
from tests.conftest import Acting

MANY = 600
LOCKS_OF_SPLITS = 256


def rows(cast: Cast) -> list[Row]:
    facts: dict[str, Any] = {"owner": cast.rep.email, "booked_on": date(2026, 5, 12), "currency": "USD"}
    line = {"motion": "new", "product": cast.products["Licence"].code, "quantity": 1, "amount": 10_00}
    accounts = [cast.accounts["Acorn"].number, cast.accounts["Beech"].number]
    return [
        Row("orders.csv", n, {"number": f"R{n}", "account": accounts[n % 2], **facts, **line})
        for n in range(1, MANY + 1)
    ]


def test_hundreds_of_orders_come_in_with_few_locks(cast: Cast, acting: Acting) -> None:
    with acting(cast.admin):
        assert apply_import(by=cast.admin.pk, entity="order", rows=rows(cast)).created == MANY
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
            )
            assert cursor.fetchone()[0] <= LOCKS_OF_SPLITS + 10
        assert SplitShare.objects.count() == MANY
        assert sum(Credit.objects.values_list("amount_minor", flat=True)) == MANY * 10_00
        assert verify_ledger().is_sound
        cast.accounts["Acorn"].refresh_from_db()
        assert cast.accounts["Acorn"].first_ordered_on == date(2026, 5, 12)
