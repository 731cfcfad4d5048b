"""`./bench [--sizes medium,large,history,ledger,territories] [--fresh] [--json FILE]`: figures, ratios to a floor."""

import argparse
import json
import subprocess
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import databases, deals, intake, jobs, ledger, pages, rules, territories, visible
from devstack import ROOT

Result = dict[str, Any]
PAGES = (
    ("rep", "home", "/"),
    ("rep", "opportunity list", "/opportunities/"),
    ("rep", "board", "/opportunities/board/"),
    ("rep", "opportunity page", "/opportunities/{deal}/"),
    ("rep", "worklist", "/opportunities/worklist/"),
    ("rep", "calendar", "/opportunities/calendar/"),
    ("rep", "pipeline changes", "/forecasts/pipeline-changes/?from={before}&to={today}"),
    ("rep", "search by the beginning of a name", "/search/found/?q={beginning}"),
    ("rep", "search by number", "/search/found/?q={number}"),
    ("director", "opportunity list", "/opportunities/"),
    ("director", "board", "/opportunities/board/"),
    ("director", "calendar", "/opportunities/calendar/"),
    ("director", "pipeline changes", "/forecasts/pipeline-changes/?from={before}&to={today}"),
    ("director", "funnel", "/pipeline/funnel/"),
    ("director", "win rates", "/pipeline/win-rates/"),
    ("director", "hygiene", "/pipeline/hygiene/"),
    ("director", "generation", "/pipeline/generation/"),
    ("director", "dates kept", "/pipeline/dates/"),
    ("director", "accounts touched", "/activities/accounts/"),
    ("director", "team attainment", "/quotas/team/?period={period}"),
    ("executive", "territory workbench", "/territories/workbench/"),
    ("executive", "opportunity list", "/opportunities/"),
    ("executive", "team attainment", "/quotas/team/?period={period}"),
    ("director", "team attainment now", "/quotas/team/?period={period}&tree=now"),
    ("executive", "team attainment now", "/quotas/team/?period={period}&tree=now"),
    ("executive", "team now, by territory", "/quotas/team/?period={period}&tree=now&basis=territory"),
)
LIMITS = {
    "rep: opportunity list": 15,
    "opportunity list": 20,
    "board": 20,
    "search by the beginning of a name": 20,
    "search by number": 20,
    "team attainment": 20,
    "team attainment now": 25,
    "territory workbench": 20,
    "opportunity page": 20,
    ledger.CREDITS: 15,
    "create an opportunity": 15,
    "book an order": 25,
}
# Asked of a million credits; beside fewer the fixed cost of a job outweighs them.
DATABASE_LIMITS = {"pipeline changes": 300, ledger.AS_OF: 20}
"""Of the database alone, in milliseconds."""
JOB_LIMITS = {
    deals.MANY: deals.MANY_LIMIT,
    jobs.WHOLE_NIGHT: 4,
    jobs.OPEN_QUARTER: 0.6,
    visible.NAME: 5,
    **intake.LIMITS,
}


JOB_LEAST = {jobs.TWO_WORKERS: 1.6, **intake.LEAST}
"""On a quiet machine with two cores."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="medium,large,territories")
    parser.add_argument("--fresh", action="store_true", help="make the databases anew")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    sizes = options.sizes.split(",")
    results = {size: run(size, fresh=options.fresh) for size in sizes if size != "territories"}
    show_growth({size: result for size, result in results.items() if size != ledger.NAME})
    if "territories" in sizes:
        results["territories"] = territories.run(fresh=options.fresh)
        territories.show(results["territories"])
        results["rules"] = rules.run(fresh=options.fresh)
        rules.show(results["rules"])
    if options.json:
        options.json.write_text(json.dumps(results, indent=2, default=asdict), encoding="utf-8")


def run(size: str, *, fresh: bool) -> Result:
    """Seed a size if it is not there yet, then measure its pages and jobs."""
    environment = company(size, fresh=fresh)
    people = _json("jobs", environment, "people")
    with pages.cursor(environment["DATABASE_URL"]) as cursor:
        if size == ledger.NAME:
            figures, work = ledger.measure_pages(people, environment, cursor), _json("intake", environment)
            show(size, figures, work)
            return {"pages": figures, "jobs": work}
        figures, work = measure_pages(people, environment, cursor)
        if size != deals.NAME:  # its ledger is that of the large company
            work |= _json("jobs", environment, "work")
            work[visible.NAME] = visible.seconds(people, environment, cursor)
    show(size, figures, work)
    return {"pages": figures, "jobs": work}


def company(size: str, *, fresh: bool) -> databases.Environment:
    if size == deals.NAME:
        return deals.company(company("large", fresh=False), fresh=fresh)
    if size == ledger.NAME:
        return ledger.company(company("large", fresh=False), fresh=fresh)
    return databases.made(f"spm_bench_{size}", partial(seed, size), fresh=fresh)


def seed(size: str, environment: dict[str, str]) -> None:
    for command in (["prepare", "--empty", "--no-static"], ["seed_demo", "--size", size]):
        subprocess.run([sys.executable, "manage.py", *command], env=environment, cwd=ROOT, check=True)


def _json(module: str, environment: dict[str, str], *what: str) -> Any:
    role = "owner" if "people" in what else "worker"
    command = [sys.executable, "-m", f"benchmarks.{module}", *what]
    answer = subprocess.run(
        command, env={**environment, "DATABASE_ROLE": role}, cwd=ROOT, check=True, stdout=subprocess.PIPE
    )
    return json.loads(answer.stdout.splitlines()[-1])


def measure_pages(
    people: dict[str, Any], environment: dict[str, str], cursor: Any
) -> tuple[list[pages.Figure], dict[str, Any]]:
    """What each page and act of a rep's and a leader's day costs, and how long an act on many deals takes."""
    with pages.server(environment) as (address, worker):
        sites = {role: pages.Site(address) for role in ("rep", "director", "executive")}
        for role, site in sites.items():
            site.sign_in(people[role], jobs.PASSWORD)
        measure = partial(pages.measure, worker, cursor)
        floor = partial(measure, "floor", partial(sites["rep"].get, "/health/floor/"), 500)
        program, made = pages.Site(address), []
        before = floor()
        figures = [
            measure(f"{role}: {name}", partial(sites[role].get, path.format(**people)))
            for role, name, path in PAGES
        ]
        figures += [
            measure("create an opportunity", lambda: made.append(jobs.create(program, people)), 60),
            measure("book an order", lambda: jobs.book(program, people, made.pop()), 50),
        ]
        work = {deals.MANY: deals.many_seconds(program, people["admin_token"], cursor)}
        return [pages.mean(before, floor()), *figures], work


def show(size: str, figures: list[pages.Figure], work: dict[str, Any]) -> None:
    floor = figures[0]
    print(f"\n{size}\n{'':44}{'app ms':>9}{'db ms':>9}{'wall ms':>9}{'x floor':>9}{'p95':>9}")
    for figure in figures:
        mean, slow = figure.cpu_ms / floor.cpu_ms, figure.p95_ms / floor.p95_ms
        costs = f"{figure.app_ms:9.2f}{figure.database_ms:9.2f}{figure.wall_ms:9.2f}{mean:9.1f}{slow:9.1f}"
        marks = mark(slow, limit_of(figure, LIMITS)) + mark(
            figure.database_ms, limit_of(figure, DATABASE_LIMITS)
        )
        print(f"{figure.name:44}{costs}{marks}")
    for name, value in work.items():
        limits = (
            "" if size == "medium" else mark(value, JOB_LIMITS.get(name)) + least(value, JOB_LEAST.get(name))
        )
        print(f"{name:62} {value}{limits}")


def limit_of(figure: pages.Figure, limits: dict[str, int]) -> int | None:
    return next((most for name, most in limits.items() if figure.name.endswith(name)), None)


def mark(value: float, limit: float | None) -> str:
    return "" if limit is None else f"  {'within' if value <= limit else 'OVER'} {limit}"


def least(value: float, limit: float | None) -> str:
    return "" if limit is None else f"  {'within' if value >= limit else 'BELOW'} {limit}"


def show_growth(results: dict[str, Result]) -> None:
    """How much dearer each page is, against its own floor, at each size than at the smallest."""
    if len(results) < 2:
        return
    first, *others = results
    print(f"\n{f'x {first}':34}" + "".join(f"{size:>9}" for size in others))
    for row, page in enumerate(results[first]["pages"]):
        grown = [ratio(results[size], row) / ratio(results[first], row) for size in others]
        print(f"{page.name:34}" + "".join(f"{one:9.2f}" for one in grown))


def ratio(result: Result, row: int) -> float:
    figures: list[pages.Figure] = result["pages"]
    return figures[row].cpu_ms / figures[0].cpu_ms


if __name__ == "__main__":
    main()
