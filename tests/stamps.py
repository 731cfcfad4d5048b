"""The database tells the machine's time: what was recorded is dated to the product's clock behind its back."""

from datetime import datetime
from typing import Any

import pytest

DATED = ("territories_edge", "territories_seat", "quotas_quota", "common_dayoff", "common_rate")
LEDGER = ("orders_credit", "orders_bookingevent")


class Stamps:
    """`stamps(instant)`: all that was recorded, or superseded, since the last call was so at that instant.

    `tables`: of which rows; orders can be added where no night compares them with their history.
    """

    tables: tuple[str, ...] = (*DATED, *LEDGER)

    def __init__(self, owner: Any) -> None:
        self.owner = owner
        self.given: list[datetime] = []

    def __call__(self, at: datetime) -> None:
        for table in self.tables:
            self.owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            columns = ("recorded_at", "superseded_at") if table in DATED else ("recorded_at",)
            # First the end: a row may not end before it was recorded.
            for column in columns:
                self.owner.execute(
                    f"UPDATE {table} SET {column} = %s WHERE {column} IS NOT NULL"
                    f" AND {column} <> ALL(%s::timestamptz[])",
                    [at, self.given],
                )
            self.owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        self.given.append(at)


@pytest.fixture
def stamps(owner: Any) -> Stamps:
    return Stamps(owner)
