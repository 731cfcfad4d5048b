"""A week of nights with all that goes wrong in one: each figure right, and each page honest about its age.

The oracle is a list of what was sold and one sum; it knows nothing of cells, months or runs.
"""

import signal
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import OperationalError, connections

from common.errors import Refused
from common.models import Period, Run
from orders.models import DirtyCell
from quotas.models import Publication
from quotas.tasks import nightly_due, refresh_dirty
from salesops.celery import app
from tests.cast import Cast
from tests.quotas.conftest import Sell, everything, night, node_intake, sell, worker
from tests.quotas.test_nightly import command, holds_the_gate
from tests.salesops.conftest import plain

__all__ = ["night", "sell"]

OF = {"Acorn": "East 1", "Beech": "East 2", "Cedar": "West 1"}
BELOW = {
    "East 1": {"East 1"},
    "East 2": {"East 2"},
    "East": {"East 1", "East 2"},
    "West": {"West 1"},
    "Company": {"East 1", "East 2", "West 1"},
}


class Week:
    """What was sold so far, and what the product says that was sold."""

    def __init__(
        self, cast: Cast, sell: Sell, browse: Callable[[Any], Any], clock: Any, owner: Any, db: str
    ) -> None:
        self.cast, self.sell, self.browse, self.clock = cast, sell, browse, clock
        self.owner, self.db = owner, db
        self.sold: list[tuple[str, date, int]] = []

    def at(self, day: int, hour: int, minute: int = 0, second: int = 0) -> None:
        """Move the clock to that moment of May 2026, in UTC; the company's midnight is at four."""
        self.clock.move_to(datetime(2026, 5, day, hour, minute, second, tzinfo=UTC))

    def sells(self, account: str, cents: int, on: date) -> None:
        self.sell(account, cents, on)
        self.sold.append((account, on, cents))

    def expected(self, node: str, quarter: Period) -> int:
        return sum(
            cents
            for account, on, cents in self.sold
            if OF[account] in BELOW[node] and quarter.starts_on <= on < quarter.stops_on
        )

    def is_right(self) -> None:
        """Every node of both quarters, to the cent, and the director's page."""
        quarters = (self.cast.q1, self.cast.q2)
        with everything():
            found = {
                (node, quarter.code): node_intake(self.cast.territories[node].pk, quarter)
                for node in BELOW
                for quarter in quarters
            }
        assert found == {
            (node, quarter.code): self.expected(node, quarter) for node in BELOW for quarter in quarters
        }
        east = self.expected("East", self.cast.q2) // 100
        assert f"{east:,}" in self.page()

    def page(self) -> str:
        return plain(self.browse(self.cast.director).get("/quotas/team/?period=2026-Q2"))

    def as_of(self) -> date:
        with everything():
            return Publication.objects.get().as_of

    def is_late(self) -> bool:
        return "has not been published" in self.page()


def tick() -> None:
    """What the worker does when the clock wakes it."""
    with worker():
        nightly_due()
        refresh_dirty()


def kill_one(db: str, owner: Any, day: str) -> None:
    """A run of that day, ended by `kill -9` as soon as it is at work."""
    process = command(db, "--as-of", day, "--full")
    while process.poll() is None and not holds_the_gate(owner):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)
    while holds_the_gate(owner):
        time.sleep(0.01)


def cut_every_connection(owner: Any) -> None:
    """What a restart of the database does to those who are connected."""
    owner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> 'puts back'"
    )


def wednesday(week: Week) -> None:
    """An order a second before midnight and one at it; the night counts each on its own day."""
    week.at(20, 20)
    week.sells("Acorn", 100_001, date(2026, 5, 20))
    week.at(21, 3, 59, 59)
    week.sells("Beech", 250_000, date(2026, 5, 20))
    tick()
    assert week.as_of() == date(2026, 5, 19)
    week.at(21, 4, 0, 0)
    week.sells("Cedar", 70_000, date(2026, 5, 21))
    tick()
    assert week.as_of() == date(2026, 5, 20)
    week.is_right()


def thursday(week: Week) -> None:
    """Two runs are killed in the middle. What stood stands, and the next tick makes it good."""
    week.at(21, 20)
    week.sells("Acorn", 33_333, date(2026, 5, 21))
    tick()
    week.at(22, 4, 5)
    for _attempt in range(2):
        kill_one(week.db, week.owner, "2026-05-21")
        week.is_right()
    tick()
    assert week.as_of() == date(2026, 5, 21)
    week.is_right()


def friday(week: Week) -> None:
    """Redis is wiped with wake-ups in it. They were only wake-ups; the rows still say what waits. Fault F-13."""
    week.at(22, 20)
    week.sells("Beech", 1, date(2026, 5, 22))
    app.send_task("quotas.refresh_dirty")
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
    with everything():
        assert DirtyCell.objects.exists()
    tick()
    week.is_right()
    week.at(23, 4, 1)
    tick()


def saturday(week: Week) -> None:
    """Nothing happens. The night publishes the same figures and says that nothing changed."""
    before = last_run()
    week.at(24, 4, 1)
    tick()
    assert week.as_of() == date(2026, 5, 23)
    assert last_run().output_hash == before.output_hash
    assert last_run().changed_rows == 0
    week.is_right()


def sunday(week: Week) -> None:
    """The database restarts while people work. Whoever was cut off is told; the next one is served."""
    week.sells("Cedar", 12_345, date(2026, 5, 24))
    cut_every_connection(week.owner)
    with pytest.raises(OperationalError), everything():
        Run.objects.first()
    connections.close_all()  # as every request and every task begins
    week.at(25, 4, 1)
    tick()
    assert week.as_of() == date(2026, 5, 24)
    week.is_right()


def monday(week: Week) -> None:
    """No worker until ten. From six the pages say whose figures they show; then the missed night comes."""
    week.at(25, 20)
    week.sells("Acorn", 500_00, date(2026, 5, 25))
    week.at(26, 9, 59)
    assert not week.is_late()
    week.at(26, 10, 1)
    assert week.is_late()
    assert "Figures are those of May 24, 2026" in week.page()
    assert week.browse(week.cast.admin).get("/health/ready/").status_code == 503
    tick()
    assert week.as_of() == date(2026, 5, 25)
    assert not week.is_late()
    assert week.browse(week.cast.admin).get("/health/ready/").status_code == 200
    week.is_right()


def tuesday(week: Week) -> None:
    """Orders come late, one of April and one of a quarter that is closed meanwhile."""
    week.sells("Beech", 99_99, date(2026, 4, 2))
    week.sells("Acorn", 1_00, date(2026, 3, 31))
    tick()
    week.is_right()
    week.owner.execute("SELECT set_config('pghistory.context_id', gen_random_uuid()::text, false)")
    week.owner.execute(
        """SELECT set_config('pghistory.context_metadata', '{"by": null, "why": "close"}', false)"""
    )
    week.owner.execute("UPDATE common_period SET is_closed = true WHERE starts_on < '2026-04-01'")
    with pytest.raises(Refused, match="closed"):
        week.sell("Acorn", 1_00, date(2026, 3, 31))
    week.at(27, 4, 1)
    tick()
    assert week.as_of() == date(2026, 5, 26)
    week.is_right()


@pytest.mark.slow
def test_a_week_with_everything_that_goes_wrong(
    cast: Cast, sell: Sell, browse: Any, clock: Any, owner: Any, db: str
) -> None:
    week = Week(cast, sell, browse, clock, owner, db)
    for day in (wednesday, thursday, friday, saturday, sunday, monday, tuesday):
        day(week)
    # Every night came once, and none is left waiting or failed.
    with everything():
        nights = list(Run.objects.filter(job="attainment").order_by("pk").values_list("as_of", "state"))
    assert nights == [(date(2026, 5, day), "published") for day in range(19, 27)]


def last_run() -> Run:
    with everything():
        return Run.objects.filter(job="attainment").latest("pk")
