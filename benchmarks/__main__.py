"""`./bench [--sizes medium,large,territories] [--fresh] [--json FILE]`: figures and their ratios to the floor."""

import argparse
import json
import subprocess
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import databases, jobs, pages, rules, territories, visible
from devstack import ROOT

Result = dict[str, Any]
PAGES = (
    ("rep", "home", "/"),
    ("rep", "opportunity list", "/opportunities/"),
    ("rep", "board", "/opportunities/board/"),
    ("rep", "opportunity page", "/opportunities/{deal}/"),
    ("director", "opportunity list", "/opportunities/"),
    ("director", "board", "/opportunities/board/"),
    ("director", "team attainment", "/quotas/team/?period={period}"),
    ("executive", "territory workbench", "/territories/workbench/"),
    ("executive", "opportunity list", "/opportunities/"),
    ("executive", "team attainment", "/quotas/team/?period={period}"),
    ("director", "team attainment now", "/quotas/team/?period={period}&tree=now"),
    ("executive", "team attainment now", "/quotas/team/?period={period}&tree=now"),
    ("executive", "team now, by territory", "/quotas/team/?period={period}&tree=now&basis=territory"),
)
LIMITS = {
    "opportunity list": 20,
    "board": 20,
    "team attainment": 20,
    "team attainment now": 25,
    "territory workbench": 20,
    "opportunity page": 20,
    "create an opportunity": 25,
    "book an order": 25,
}
# Asked of a million credits; beside fewer the fixed cost of a job outweighs them.
JOB_LIMITS = {jobs.WHOLE_NIGHT: 5, jobs.OPEN_QUARTER: 1, visible.NAME: 5}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="medium,large,territories")
    parser.add_argument("--fresh", action="store_true", help="make the databases anew")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    sizes = options.sizes.split(",")
    results = {size: run(size, fresh=options.fresh) for size in sizes if size != "territories"}
    if results:
        show_growth(results)
    if "territories" in sizes:
        results["territories"] = territories.run(fresh=options.fresh)
        territories.show(results["territories"])
        results["rules"] = rules.run(fresh=options.fresh)
        rules.show(results["rules"])
    if options.json:
        options.json.write_text(json.dumps(results, indent=2, default=asdict), encoding="utf-8")


def run(size: str, *, fresh: bool) -> Result:
    """Seed a size if it is not there yet, then measure its pages and jobs."""
    environment = databases.made(f"spm_bench_{size}", partial(seed, size), fresh=fresh)
    people = _json("people", environment)
    with pages.cursor(environment["DATABASE_URL"]) as cursor:
        figures = measure_pages(people, environment, cursor)
        work = _json("work", environment)
        work[visible.NAME] = visible.seconds(people, environment, cursor)
    show(size, figures, work)
    return {"pages": figures, "jobs": work}


def seed(size: str, environment: dict[str, str]) -> None:
    for command in (["prepare", "--empty", "--no-static"], ["seed_demo", "--size", size]):
        subprocess.run([sys.executable, "manage.py", *command], env=environment, cwd=ROOT, check=True)


def _json(what: str, environment: dict[str, str]) -> Any:
    role = "owner" if what == "people" else "worker"
    command = [sys.executable, "-m", "benchmarks.jobs", what]
    answer = subprocess.run(
        command, env={**environment, "DATABASE_ROLE": role}, cwd=ROOT, check=True, stdout=subprocess.PIPE
    )
    return json.loads(answer.stdout.splitlines()[-1])


def measure_pages(people: dict[str, Any], environment: dict[str, str], cursor: Any) -> list[pages.Figure]:
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
        return [pages.mean(before, floor()), *figures]


def show(size: str, figures: list[pages.Figure], work: dict[str, Any]) -> None:
    floor = figures[0]
    print(f"\n{size}\n{'':34}{'app ms':>9}{'db ms':>9}{'wall ms':>9}{'x floor':>9}")
    for figure in figures:
        limit = next((most for name, most in LIMITS.items() if figure.name.endswith(name)), None)
        ratio = figure.cpu_ms / floor.cpu_ms
        print(
            f"{figure.name:34}{figure.app_ms:9.2f}{figure.database_ms:9.2f}{figure.wall_ms:9.2f}{ratio:9.1f}"
            f"{mark(ratio, limit)}"
        )
    for name, value in work.items():
        print(f"{name:62} {value}{mark(value, JOB_LIMITS.get(name) if size != 'medium' else None)}")


def mark(value: float, limit: float | None) -> str:
    return "" if limit is None else f"  {'within' if value <= limit else 'OVER'} {limit}"


def show_growth(results: dict[str, Result]) -> None:
    """How much dearer each page is, against its own floor, at each size than at the smallest."""
    first, *others = results
    if not others:
        return
    print(f"\n{f'x {first}':34}" + "".join(f"{size:>9}" for size in others))
    for row, page in enumerate(results[first]["pages"]):
        grown = [ratio(results[size], row) / ratio(results[first], row) for size in others]
        print(f"{page.name:34}" + "".join(f"{one:9.2f}" for one in grown))


def ratio(result: Result, row: int) -> float:
    figures: list[pages.Figure] = result["pages"]
    return figures[row].cpu_ms / figures[0].cpu_ms


if __name__ == "__main__":
    main()
