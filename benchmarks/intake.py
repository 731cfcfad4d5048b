"""What order intake costs by the ten million: counting, a night with its checks, refreshing, booking, bringing in."""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

ONE, MANY = 1, 100
REFRESH_ONE = f"refresh after {ONE} order, ms of CPU"
REFRESH_MANY = f"refresh after {MANY} orders, ms of CPU"
BOOKED = "orders booked one by one through the service, a second of CPU"
BROUGHT = "orders brought in as rows of a file, a second of CPU"
NIGHT = "a whole night with every check, x floor"
BOOKINGS = 300
ROWS = 20_000
LIMITS = {REFRESH_ONE: 25, REFRESH_MANY: 150}
Seller = tuple[int, int, str, str]
"""A person and an account, by their ids, and by e-mail and number."""
LEAST = {BOOKED: 200, BROUGHT: 10_000}


def figures() -> dict[str, Any]:
    """All of them, and the most memory that a backend held."""
    from benchmarks import jobs

    counted = jobs.work_figures()
    floor = counted["ledger aggregate (the jobs' floor), CPU s"]
    steps = _night_steps()
    return {
        **counted,
        "peak memory of the backend, MB": _backend_memory(),
        NIGHT: round(sum(steps.values()) / floor, 2),
        **{f"  {name}, CPU s": round(spent, 2) for name, spent in steps.items()},
        BOOKED: _booked_a_second(),
        REFRESH_ONE: _refresh(ONE),
        REFRESH_MANY: _refresh(MANY),
        BROUGHT: _brought_a_second(),
    }


def _backend_memory() -> int:
    """Resident at its highest, what is shared with other backends left out as far as the system tells."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return (int(lines["VmHWM"].split()[0]) - int(lines["RssShmem"].split()[0])) // 1024


def _night_steps() -> dict[str, float]:
    """CPU seconds of each step of a night that makes everything anew."""
    from benchmarks import jobs
    from quotas.services import night

    spent: dict[str, float] = {}

    def timed(name: str, step: Any) -> Any:
        def run(running: Any) -> None:
            spent[name] = jobs.cost(lambda: step(running))

        return name, run

    night.STEPS = tuple(timed(str(name), step) for name, step in night.STEPS)
    with _everything() as day:
        pass
    night.run_nightly(as_of=day, is_full=True)
    return spent


def _sellers(most: int) -> list[Seller]:
    """People with an account in their own territory."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.grants', 'account:org', true)")
        cursor.execute(
            """SELECT DISTINCT ON (s.user_id) s.user_id, a.id, u.email, a.number
            FROM territories_seat s JOIN territories_user u ON u.id = s.user_id
            JOIN accounts_account a ON a.territory_id = s.territory_id
            WHERE s.superseded_at IS NULL AND s.stops_on IS NULL AND s.kind = 'owner' AND a.merged_into_id IS NULL
            ORDER BY s.user_id, a.id LIMIT %s""",
            [most],
        )
        return list(cursor.fetchall())


@contextmanager
def _everything() -> Iterator[date]:
    from common.access import Reach
    from common.selectors import today
    from common.transaction import work

    with work(by=None, why="a benchmark", reach=Reach.everything()):
        yield today() - timedelta(days=1)  # when it is the day everywhere


def _book(sellers: list[Seller]) -> float:
    """The CPU seconds of booking one order for each, each in a transaction of its own, as their owner."""
    from benchmarks import jobs
    from catalog.models import Product
    from common.transaction import work
    from orders.services import LineInput, book
    from territories.models import User
    from territories.selectors import reach_for

    with _everything() as day:
        product = Product.objects.filter(retired_on=None).earliest("pk").pk
        reaches = {pk: reach_for(User.objects.get(pk=pk), day) for pk, *_ in sellers}

    def book_all() -> None:
        for person, account, *_ in sellers:
            with work(by=person, why="a benchmark", reach=reaches[person]):
                book(
                    by=person, account_id=account, booked_on=day, currency="EUR", shares=[], motion="expansion",
                    lines=[LineInput(product, 1, 1_000_00)],
                )  # fmt: skip

    return jobs.cost(book_all)


def _booked_a_second() -> float:
    with _everything():
        sellers = _sellers(BOOKINGS)
    _book(sellers[:20])
    return round(len(sellers) / _book(sellers), 1)


def _refresh(orders: int) -> float:
    """The CPU of counting that many new orders, at the median of five times."""
    from benchmarks import jobs
    from quotas.services import refresh_dirty

    with _everything():
        sellers = _sellers(7 * orders)
    refresh_dirty()
    costs = []
    for start in range(7):
        _book(sellers[start * orders : (start + 1) * orders])
        costs.append(jobs.cost(refresh_dirty))
    return round(1000 * median(costs[2:]), 1)


def _brought_a_second() -> float:
    """New orders of one line, half of them of an account that ordered before, with every rule of the ledger."""
    from benchmarks import jobs
    from catalog.models import Product
    from common.importing import Row
    from orders.services import apply_import

    with _everything() as day:
        product = Product.objects.filter(retired_on=None).earliest("pk").code
        rows = [
            Row(
                "orders", line,
                {
                    "number": f"BENCH-{time.time_ns()}-{line}", "booked_on": day, "currency": "EUR",
                    "motion": "expansion", "quantity": 1, "amount": 1_000_00,
                    "account": account, "owner": person, "product": product,
                },
            )
            for line, (_, _, person, account) in enumerate(islice(cycle(_sellers(2_000)), ROWS), 1)
        ]  # fmt: skip

    def bring() -> None:
        with _everything():
            outcome = apply_import(by=None, entity="order", rows=rows)
        if outcome.created != ROWS:
            raise RuntimeError(f"only {outcome.created} of {ROWS} orders came in: {outcome.rejects[:3]}")

    return round(ROWS / jobs.cost(bring))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesops.settings")
    import django

    django.setup()
    print(json.dumps(figures()))
    sys.stdout.flush()
