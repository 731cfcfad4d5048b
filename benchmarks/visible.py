"""How long a booked order takes to be in the attainment cells, with a real worker and its clock."""

import time
from typing import Any

from benchmarks import jobs, pages
from devstack.processes import beat, worker

NAME = "an order booked is in attainment after, s at the slowest of 10"
ORDERS = 10
LONGEST = 120
CREDITS = "SELECT coalesce(sum(credits), 0) FROM quotas_leafcell WHERE person_id = %s"


def seconds(people: dict[str, Any], environment: dict[str, str], cursor: Any) -> float:
    """The slowest of ten, after a first one that waits for the worker to be up and nothing else to be due."""
    with pages.server(environment) as (address, _), pages.processes(environment, "worker") as clockwork:
        clockwork.start("worker", worker())
        clockwork.start("beat", beat(clockwork.children.path.with_name("beat")))
        site = pages.Site(address)
        waits = [_wait(site, people, cursor) for _ in range(ORDERS + 1)]
    return round(max(waits[1:]), 2)


def _wait(site: pages.Site, people: dict[str, Any], cursor: Any) -> float:
    cursor.execute(CREDITS, [people["rep_id"]])
    before = cursor.fetchone()
    jobs.book(site, people, jobs.create(site, people))
    begun = time.perf_counter()
    while time.perf_counter() - begun < LONGEST:
        cursor.execute(CREDITS, [people["rep_id"]])
        if cursor.fetchone() != before:
            return time.perf_counter() - begun
        time.sleep(0.05)
    raise RuntimeError(f"the order was not counted within {LONGEST} s")
