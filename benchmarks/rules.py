"""A million accounts and two thousand rules: what deciding about all of them costs, writing it, and a change to twenty.

    python -m benchmarks.rules [--fresh]

The database `spm_bench_rules` is that of `benchmarks.territories` with accounts and rules.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks import databases, jobs, pages, territories
from devstack import ROOT

NAME = "spm_bench_rules"
ACCOUNTS, RULES, CHANGED = 1_000_000, 2_000, 20
COMPUTED = "all accounts read and decided, CPU s of both"
CHANGE = f"preview of a change to {CHANGED} rules, CPU s of both"
LIMITS = {COMPUTED: 5.0, CHANGE: 3.0}

# Seven in ten are in the United States, with states and five-digit codes; sizes and classes are spread evenly.
MADE = """
SET session_replication_role = replica;
INSERT INTO accounts_account (version, name, number, industry, employees, annual_revenue_minor, town, region, country,
    postcode, territory_id, segment, tier, parent_id)
SELECT 1, 'Account ' || n, 'BR-' || n, 'Industry ' || n %% 40, n %% 5000, (n %% 9000) * 1000000::bigint,
    'Town ' || n %% 900,
    CASE WHEN n %% 10 < 7 THEN 'State ' || n %% 51 ELSE '' END,
    CASE WHEN n %% 10 < 7 THEN 'United States' ELSE 'Country ' || n %% 37 END,
    lpad(((n::bigint * 7919) %% 100000)::text, 5, '0'), nobody.id, (ARRAY['Large','Mid','Small','Public'])[n %% 4 + 1],
    (ARRAY['A','B','C'])[n %% 3 + 1], NULL
FROM generate_series(1, %(accounts)s) n, (SELECT id FROM territories_territory WHERE is_unassigned) nobody;
SET session_replication_role = origin;
VACUUM ANALYZE accounts_account;
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="make the database anew")
    show(run(fresh=parser.parse_args().fresh))


def run(*, fresh: bool = False) -> dict[str, Any]:
    """Make the company if it is not there yet, then measure it as the worker."""
    environment = {**database(fresh=fresh), "DATABASE_ROLE": "worker"}
    command = [sys.executable, "-m", "benchmarks.rules", "figures"]
    answer = subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    figures: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return figures


def database(*, fresh: bool = False) -> databases.Environment:
    """The environment of the company's database, which is made where there is none."""
    territories.database()
    by = [territories.__file__, __file__]
    return databases.made(NAME, seed, by=by, fresh=fresh, template=territories.NAME)


def seed(environment: databases.Environment) -> None:
    begun = {**environment, "DATABASE_ROLE": "owner"}
    with pages.cursor(begun["DATABASE_URL"]) as inside:
        for statement in filter(str.strip, MADE.split(";")):
            inside.execute(statement, {"accounts": ACCOUNTS})
    subprocess.run([sys.executable, "-m", "benchmarks.rules", "rules"], env=begun, cwd=ROOT, check=True)


def asked(number: int) -> list[list[dict[str, Any]]]:
    """What the rule of that number asks: mostly how a code begins, some a state, a country, a class or a size."""
    us = {"kind": "country", "values": ["United States"]}
    if number < 1_000:
        return [[us, {"kind": "postcode", "values": [f"{number:03}"]}]]
    if number < 1_600:
        return [
            [us, {"kind": "postcode", "values": [f"{number * 7 % 10_000:04}", f"{number * 13 % 10_000:04}"]}]
        ]
    if number < 1_800:
        industry = {"kind": "industry", "values": [f"Industry {number % 40}"]}
        return [[{"kind": "region", "values": [f"State {number % 51}"]}, industry]]
    if number < 1_900:
        segment = {"kind": "segment", "values": [["Large", "Mid", "Small"][number % 3]]}
        return [[{"kind": "country", "values": [f"Country {number % 37}"]}, segment]]
    if number < 1_950:
        tier, size = (
            {"kind": "tier", "values": ["A"]},
            {"kind": "employees", "from": number % 9 * 500, "to": None},
        )
        return [[{"kind": "industry", "values": [f"Industry {number % 40}"]}, tier, size]]
    first = f"{number % 100:02}000"
    return [[{"kind": "postcode_range", "from": first, "to": f"{number % 100:02}499"}, us]]


def make_rules() -> None:
    from accounts.bulk.counts import count_anew
    from accounts.models import Rule
    from common.access import Reach
    from common.transaction import work
    from territories.models import Territory

    with work(by=None, why="a benchmark", reach=Reach.everything()):
        count_anew()
        leaves = Territory.objects.filter(code__startswith="B5-").order_by("pk").values_list("pk", flat=True)
        nodes = list(leaves[:RULES])
        Rule.objects.bulk_create(
            Rule(
                name=f"Rule {number}",
                territory_id=nodes[number],
                priority=10 if 1_000 <= number < 1_600 else 20 + number // 400,
                conditions=asked(number),
            )
            for number in range(RULES)
        )


def figures() -> dict[str, Any]:
    """The full preview, the run, the run again, and the preview of a change, in seconds."""
    from datetime import timedelta

    from accounts.selectors.previews import last_run, preview
    from common.access import Reach
    from common.selectors import today
    from common.transaction import work

    found: dict[str, Any] = {}

    def read(since: bool = False) -> None:
        with work(by=None, why="a benchmark", reach=Reach.everything()):
            day = today() + timedelta(days=1)
            found["preview"] = preview(day, last_run(day) if since else None)

    first = timed(read)
    moved, conflicts = found["preview"].moved, len(found["preview"].conflicts)
    whole = timed(lambda: run_as_seen(found["preview"])) if moved else Cost(0, 0, 0)
    again = timed(read)
    change_rules()
    part = timed(lambda: read(since=True))
    narrow = found["preview"]
    full = timed(read)
    assert narrow.digest == found["preview"].digest
    return {
        COMPUTED: round(again.both, 2),
        "of which in the database, CPU s": round(again.both - again.own, 2),
        f"the same where {moved:,} accounts move, CPU s": round(first.own, 2),
        f"writing these {moved:,} back, CPU s": round(whole.both - first.both, 1),
        "the whole run by the clock, s": round(whole.clock, 1),
        CHANGE: round(part.both, 2),
        f"the same by the clock, s; {len(narrow.changed or [])} rules, {narrow.accounts:,} accounts": round(
            part.clock, 2
        ),
        "the same change, all accounts decided and read, CPU s": round(full.both, 2),
        "pairs of rules in conflict": conflicts,
        "peak memory of the process, MB": _peak(),
    }


def run_as_seen(seen: Any) -> None:
    """The run of what a preview said, as the worker does it."""
    from accounts.models import RuleRun
    from accounts.services.runs import run_waiting
    from common.access import Reach
    from common.transaction import work
    from territories.models import User

    with work(by=None, why="a benchmark", reach=Reach.everything()):
        by = User.objects.earliest("pk").pk
        run = RuleRun.objects.create(starts_on=seen.day, digest=seen.digest, asked_by_id=by)
    run_waiting()
    with work(by=None, why="a benchmark", reach=Reach.everything()):
        run.refresh_from_db()
        assert run.state == "done", run.error


def change_rules() -> None:
    """Another territory, another priority and other conditions, for twenty rules of all kinds."""
    from accounts.models import Rule
    from common.access import Reach
    from common.transaction import work

    with work(by=None, why="a benchmark", reach=Reach.everything()):
        rules = list(Rule.objects.order_by("pk"))[:: RULES // CHANGED]
        for place, rule in enumerate(rules):
            other = rules[place - 1]
            changes: list[dict[str, Any]] = [
                {"territory_id": other.territory_id},
                {"priority": rule.priority % 90 + 1},
                {"conditions": other.conditions},
            ]
            Rule.objects.change(rule.pk, rule.version, **changes[place % 3])


@dataclass(frozen=True)
class Cost:
    """CPU seconds of this process, of it and its backend, and seconds of the clock."""

    own: float
    both: float
    clock: float


def timed(call: Callable[[], Any]) -> Cost:
    own, clock = time.process_time(), time.perf_counter()
    both = jobs.cost(call)
    return Cost(time.process_time() - own, both, time.perf_counter() - clock)


def _peak() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def show(found: dict[str, Any]) -> None:
    for name, value in found.items():
        limit = LIMITS.get(name)
        mark = "" if limit is None else f"  {'within' if value <= limit else 'OVER'} {limit}"
        print(f"{name:90} {value}{mark}")


if __name__ == "__main__":
    inner = {"figures": figures, "rules": make_rules}.get(sys.argv[-1])
    if inner is None:
        main()
    else:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesops.settings")
        import django

        django.setup()
        answer = inner()
        if answer:
            print(json.dumps(answer))
