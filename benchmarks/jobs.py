"""The jobs' cost beside one scan and hash aggregate of the ledger, and the writes of a rep's day."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import median
from typing import Any
from urllib.parse import quote

from devstack import ROOT
from devstack.system import spawn

PASSWORD = "a long benchmark password"  # noqa: S105  of throw-away people
WHOLE_NIGHT = "roll-up of everything, as in a night, x floor"
A_QUARTER = timedelta(days=91)
OPEN_QUARTER = "roll-up of the open quarter, x floor"
TWO_WORKERS = "two quarters as in a night, two workers x as fast as one"
TWO_FROM_NOTHING = "two quarters from nothing, two workers x as fast as one"
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
    from territories.services import make_token

    with work(by=None, why="a benchmark", reach=Reach.everything()):
        User.objects.update(password=make_password(PASSWORD))
        owner = User.objects.filter(role_grants__role="rep", opportunities__state="open").earliest("pk")
        deal = Opportunity.objects.open().filter(owner=owner, account__isnull=False).earliest("pk")
        period = period_of(today())
        assert period
        by_role = {
            role: RoleGrant.objects.on(today()).filter(role=role).earliest("pk").user.email
            for role in ("director", "executive")
        }
        admin = RoleGrant.objects.on(today()).filter(role="admin").earliest("pk").user_id
        tokens = [
            make_token(by=pk, name="bench", scopes=["read", "write"], days=1)[1] for pk in (owner.pk, admin)
        ]
        return {
            **by_role,
            "token": tokens[0],
            "admin_token": tokens[1],
            "beginning": quote(deal.name[:6]),
            "number": deal.number,
            "currency": deal.currency,
            "rep": owner.email,
            "rep_id": owner.pk,
            "deal": deal.pk,
            "account": deal.account_id,
            "stage": Stage.objects.filter(kind="open").earliest("position").pk,
            "product": Product.objects.filter(retired_on=None).earliest("pk").pk,
            "period": period.code,
            "today": today().isoformat(),
            "before": (today() - A_QUARTER).isoformat(),
        }


def cost(call: Callable[[], Any]) -> float:
    """CPU seconds of this process and its backend for one call."""
    from django.db import connection

    from benchmarks import cpu

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pids = [os.getpid(), cursor.fetchone()[0]]
    before = cpu.of_all(pids)
    call()
    return cpu.of_all(pids) - before


def aggregate() -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.grants', 'credit:org', true)")
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        cursor.execute(AGGREGATE)


def work_figures() -> dict[str, Any]:
    """The roll-up of all months as a night makes it, of the open quarter and from nothing, as ratios."""
    from django.db import connection

    from common.models import Period
    from common.selectors import period_of, today
    from common.transaction import job
    from quotas.services import parts

    def roll_up(months: Any, *, from_nothing: bool = False) -> None:
        with job("a benchmark"), connection.cursor() as cursor:
            if from_nothing:
                cursor.execute("DELETE FROM quotas_leafcell")
                cursor.execute("DELETE FROM quotas_nodecell")
            parts.roll_up(months)

    aggregate()
    floor = median(cost(aggregate) for _ in range(5))
    quarter = period_of(today())
    months = list(Period.objects.months().filter(parent=quarter).values_list("starts_on", flat=True))
    first = cost(lambda: roll_up(None, from_nothing=True))
    again = median(cost(lambda: roll_up(None)) for _ in range(3))
    part = median(cost(lambda: roll_up(months)) for _ in range(3))
    return {
        "ledger aggregate (the jobs' floor), CPU s": round(floor, 2),
        WHOLE_NIGHT: round(again / floor, 2),
        OPEN_QUARTER: round(part / floor, 2),
        "roll-up of everything into empty tables, x floor": round(first / floor, 2),
        **two_workers(),
        "peak memory of the process, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


GREATEST = """
SELECT array_agg(starts_on) FROM common_period WHERE kind = 'month' AND parent_id IN (
    SELECT q.id FROM common_period q JOIN orders_credit c ON c.booked_on >= q.starts_on AND c.booked_on < q.stops_on
    WHERE q.kind = 'quarter' GROUP BY q.id ORDER BY count(*) DESC LIMIT 2
)
"""
EMPTY = """
DELETE FROM quotas_leafcell WHERE month_on = ANY(%(months)s);
DELETE FROM quotas_nodecell WHERE month_on = ANY(%(months)s)
"""


def two_workers() -> dict[str, Any]:
    """How much sooner two quarters are rolled up with a process that helps, where all stands and from nothing."""
    from django.db import connection, transaction

    from common.transaction import job
    from quotas.services import parts

    def seconds() -> float:
        with job("a benchmark"):
            begun = time.perf_counter()
            parts.roll_up(months)
            transaction.set_rollback(True)
            return time.perf_counter() - begun

    def times_as_fast() -> float:
        alone, together = [], []
        with helper() as process:
            for _ in range(5):  # in turn, because what is taken back makes the tables larger
                process.send_signal(signal.SIGSTOP)
                alone.append(seconds())
                process.send_signal(signal.SIGCONT)
                together.append(seconds())
        return round(median(alone) / median(together), 2)

    with job("a benchmark"), connection.cursor() as cursor:
        cursor.execute(GREATEST)
        months = cursor.fetchone()[0]
    as_it_stands = times_as_fast()
    with job("a benchmark"), connection.cursor() as cursor:
        cursor.execute(EMPTY, {"months": months})  # others see it only once it is committed
    from_nothing = times_as_fast()
    with job("a benchmark"):
        parts.roll_up(months)
    return {TWO_WORKERS: as_it_stands, TWO_FROM_NOTHING: from_nothing}


@contextmanager
def helper() -> Iterator[subprocess.Popen[bytes]]:
    """A second process that works on any run in progress."""
    command = [sys.executable, "-m", "benchmarks.jobs", "help_on"]
    process = spawn(command, signal.SIGTERM, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout
    process.stdout.readline()
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def help_on() -> None:
    from quotas.services import help_with_run

    help_with_run()
    print("ready", flush=True)
    while True:
        time.sleep(0.02)
        help_with_run()


def create(site: Any, people: dict[str, Any]) -> Any:
    """A deal of the rep."""
    body = {"account_id": people["account"], "name": "A benchmark", "amount": "1000.00"}
    rest = {"currency": people["currency"], "close_on": people["today"], "stage_id": people["stage"]}
    return site.call("/api/v1/opportunities/", people["token"], {**body, **rest})


def book(site: Any, people: dict[str, Any], deal: Any) -> None:
    """The order that wins the deal, of today and all the rep's own."""
    line = {"product_id": people["product"], "quantity": 1, "amount": "1000.00"}
    won = {"opportunity_id": deal["id"], "opportunity_version": deal["version"]}
    terms = {"booked_on": people["today"], "currency": people["currency"], "motion": "new"}
    share = {"person_id": people["rep_id"], "percent": "100"}
    body = {"account_id": people["account"], **won, **terms, "lines": [line], "shares": [share]}
    site.call("/api/v1/orders/", people["token"], body)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesops.settings")
    import django

    django.setup()
    print(json.dumps({"people": people, "work": work_figures, "help_on": help_on}[sys.argv[1]]()))
