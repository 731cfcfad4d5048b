"""The jobs' cost beside one scan and hash aggregate of the ledger, and the writes of a rep's day."""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

PASSWORD = "a long benchmark password"  # noqa: S105  of throw-away people
AGGREGATE = """
SELECT count(*) FROM (
    SELECT seat_id, territory_id, person_id, date_trunc('month', booked_on), family_id, motion,
           sum(plan_minor), count(*)
    FROM orders_credit GROUP BY 1, 2, 3, 4, 5, 6
) cells
"""


def people() -> dict[str, Any]:
    """One person per role with a known password, a deal and the ids that the pages need."""
    from django.contrib.auth.hashers import make_password

    from catalog.models import Product
    from common.access import Reach
    from common.selectors import period_of, today
    from common.transaction import work
    from pipeline.models import Opportunity, Stage
    from territories.models import RoleGrant, User

    with work(by=None, why="a benchmark", reach=Reach.everything()):
        User.objects.update(password=make_password(PASSWORD))
        owner = (
            User.objects.filter(role_grants__role="rep", opportunities__state="open").order_by("pk").first()
        )
        assert owner is not None
        deal = Opportunity.objects.open().filter(owner=owner, account__isnull=False).order_by("pk").first()
        stage = Stage.objects.filter(kind="open").first()
        product = Product.objects.filter(is_sold=True).order_by("pk").first()
        period = period_of(today())
        assert deal
        assert stage
        assert product
        assert period
        by_role = {
            role: RoleGrant.objects.on(today()).filter(role=role).order_by("pk").first().user.email  # type: ignore[union-attr]
            for role in ("director", "executive")
        }
        return {
            **by_role,
            "rep": owner.email,
            "rep_id": owner.pk,
            "deal": deal.pk,
            "account": deal.account_id,
            "stage": stage.pk,
            "product": product.pk,
            "period": period.code,
            "today": today().isoformat(),
        }


def cost(call: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of this process and its backend for one call, and what the call returned."""
    from django.db import connection

    from benchmarks import cpu

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    before = cpu.of_process(os.getpid()) + cpu.of_process(backend)
    answer = call()
    return cpu.of_process(os.getpid()) + cpu.of_process(backend) - before, answer


def aggregate() -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.grants', 'credit:org', true)")
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        cursor.execute(AGGREGATE)


def work_figures() -> dict[str, Any]:
    """The roll-up of everything and of the open quarter, as ratios to the aggregate."""
    from common.selectors import period_of, today
    from quotas import services

    floor = sorted(cost(aggregate)[0] for _ in range(3))[1]
    everything, _run = cost(services.rebuild)
    period = period_of(today())
    assert period is not None
    quarter, _run = cost(lambda: services.rebuild(periods=[period]))
    return {
        "ledger aggregate, CPU s": round(floor, 2),
        "roll-up of everything, CPU s": round(everything, 2),
        "roll-up of everything, x aggregate (at most 5)": round(everything / floor, 2),
        "roll-up of the open quarter, x aggregate (at most 1)": round(quarter / floor, 2),
        "peak memory of the process, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def measure_writes(site: Any, people: dict[str, Any], worker: int, cursor: Any) -> list[Any]:
    """Creating and booking through the web, each a real form post."""
    from benchmarks import pages

    def create() -> None:
        data = {"account_id": str(people["account"]), "name": "A benchmark", "amount_minor": "1,000.00"}
        site.post(
            "/opportunities/new/", {**data, "close_on": people["today"], "stage_id": str(people["stage"])}
        )

    return [pages.measure_calls("create an opportunity", create, worker, cursor, 50)]


def seconds_until(call: Callable[[], bool], limit: float = 30.0) -> float:
    """How long until the call says yes."""
    start = time.perf_counter()
    while not call():
        if time.perf_counter() - start > limit:
            raise RuntimeError(f"not within {limit} s")
        time.sleep(0.05)
    return time.perf_counter() - start


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesops.settings")
    import django

    django.setup()
    print(json.dumps({"people": people, "work": work_figures}[sys.argv[1]]()))
