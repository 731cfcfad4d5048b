"""A company of ten thousand territories: what its closure costs, its workbench, and a search in it.

    python -m benchmarks.territories [--fresh]

The database `spm_bench_territories` is the small demo company with a tree of generated territories below its own root;
`benchmarks.rules` adds accounts and rules to it.
"""

import argparse
import os
import subprocess
import sys
import time
from functools import partial
from typing import Any

import django
from django.contrib.auth.hashers import make_password

from benchmarks import databases, jobs, pages, painted
from devstack import ROOT

NAME = "spm_bench_territories"
LEVELS = (6, 36, 216, 1_296, 8_446)
"""Territories on each level below the root, 10,000 in all."""
DEALS = 30_000
CLOSURE_TABLE = "CREATE TEMP TABLE bench_closure AS WITH RECURSIVE {chains} SELECT * FROM chains"
CLOSURE = "closure of 10,000 territories, s"
PAINTED = "found, painted after the last key, ms"
MOST_SECONDS, MOST_FLOORS, MOST_WALL_MS = 0.5, 20, 200
PAGES = (
    ("admin", "workbench", "/territories/workbench/"),
    ("director", "workbench", "/territories/workbench/"),
    ("admin", "workbench on another day", "/territories/workbench/?on=2026-03-01"),
    ("admin", "a branch opened", "/territories/workbench/{branch}/rows/"),
    ("admin", "a filter by one letter", "/territories/workbench/found/?q=a"),
    ("admin", "a filter by name", "/territories/workbench/found/?q=territory+41"),
    ("admin", "a filter by person", "/territories/workbench/found/?q=otto"),
    ("admin", "a filter by vacancy", "/territories/workbench/found/?vacant=1"),
    ("director", "a filter by name", "/territories/workbench/found/?q=territory+41"),
)
ADMIN = """
SELECT u.email FROM territories_user u JOIN territories_rolegrant g ON g.user_id = u.id AND g.role = 'admin' LIMIT 1
"""
DIRECTOR = """
SELECT u.email FROM territories_user u JOIN territories_seat s ON s.user_id = u.id
JOIN territories_territory t ON t.id = s.territory_id WHERE t.code = 'B1-2' AND s.superseded_at IS NULL
"""

# What the history triggers of every table ask for.
CONTEXT = """
SELECT set_config('pghistory.context_id', gen_random_uuid()::text, false),
       set_config('pghistory.context_metadata', '{"by": null, "why": "a benchmark"}', false)
"""
TREE = """
CREATE TEMP TABLE made AS
SELECT level, number, CASE WHEN level < 3 THEN 'region' WHEN level < 5 THEN 'area' ELSE 'territory' END AS kind,
       'B' || level || '-' || number AS code
FROM unnest(%(counts)s::int[]) WITH ORDINALITY AS counts(most, level), generate_series(1, most) AS number;
INSERT INTO territories_territory (version, name, code, is_unassigned, kind)
SELECT 1, initcap(kind) || ' ' || CASE WHEN level IN (2, 4) THEN level || '.' ELSE '' END || number, code, false, kind
FROM made;
CREATE TEMP TABLE placed AS SELECT made.*, t.id FROM made JOIN territories_territory t USING (code);
"""
# Each level evenly below the one above it.
EDGES = """
INSERT INTO territories_edge (child_id, parent_id, starts_on)
SELECT c.id, coalesce(p.id, root.child_id), DATE '2024-01-01'
FROM placed c
LEFT JOIN placed p ON p.level = c.level - 1 AND p.number = (c.number - 1) %% %(above)s + 1,
     (SELECT e.child_id FROM territories_edge e WHERE e.parent_id IS NULL AND e.superseded_at IS NULL LIMIT 1) root
WHERE c.level = %(level)s
"""
# On a day of 2025 or 2026, most of them alone, some with others below.
MOVES = """
CREATE TEMP TABLE moving AS
SELECT e.id, e.child_id, p.level, DATE '2025-01-01' + ((p.number * 37 + p.level * 11) %% 700)::int AS moved_on
FROM placed p JOIN territories_edge e ON e.child_id = p.id
WHERE p.number %% (ARRAY[NULL, NULL, 6, 8, 21])[p.level] = 0;
UPDATE territories_edge e SET superseded_at = statement_timestamp() FROM moving m WHERE m.id = e.id;
INSERT INTO territories_edge (child_id, parent_id, starts_on, stops_on)
SELECT e.child_id, e.parent_id, e.starts_on, m.moved_on FROM moving m JOIN territories_edge e ON e.id = m.id;
INSERT INTO territories_edge (child_id, parent_id, starts_on)
SELECT m.child_id, other.id, m.moved_on
FROM moving m JOIN territories_edge e ON e.id = m.id JOIN placed p ON p.id = e.parent_id
JOIN placed other ON other.level = p.level
    AND other.number = p.number %% (SELECT max(number) FROM placed x WHERE x.level = p.level) + 1;
"""
PEOPLE = """
INSERT INTO territories_user (password, version, email, name, locale, time_zone, is_active)
SELECT '!', 1, 'p' || p.id || '@bench.example',
       (ARRAY['Ada','Otto','Nina','Emil','Rosa','Hugo','Lena','Ivan','Mira','Karl'])[p.number %% 10 + 1] || ' ' ||
       (ARRAY['Abel','Bauer','Costa','Dahl','Evans','Fuchs','Gray'])[p.number %% 7 + 1] || p.level || p.number,
       'en-US', 'UTC', true
FROM placed p;
CREATE TEMP TABLE sitting AS
SELECT p.*, u.id AS user_id, CASE WHEN level = 5 THEN 'owner' ELSE 'lead' END AS seat,
       CASE WHEN level = 5 THEN 'rep' WHEN level < 3 THEN 'director' ELSE 'manager' END AS role
FROM placed p JOIN territories_user u ON u.email = 'p' || p.id || '@bench.example';
INSERT INTO territories_rolegrant (user_id, role, starts_on) SELECT user_id, role, DATE '2024-01-01' FROM sitting;
INSERT INTO territories_seat (user_id, territory_id, kind, starts_on, reason)
SELECT user_id, id, seat, DATE '2024-01-01', '' FROM sitting WHERE number %% 50 <> 0;
INSERT INTO territories_seat (user_id, territory_id, kind, starts_on, stops_on, reason)
SELECT s.user_id, o.id, 'cover', current_date - 9, current_date + 40, ''
FROM sitting o JOIN sitting s ON s.level = o.level AND s.number = o.number + 1 WHERE o.level = 5 AND o.number %% 50 = 0;
"""
WORK = """
INSERT INTO pipeline_opportunity (version, name, number, owner_id, territory_id, stage_id, state, category,
    category_is_manual, motion, currency, amount_minor, close_on, next_step, lost_reason, created_on, stage_since_on,
    pushes)
SELECT 1, 'Deal ' || n, 'BT-' || n, s.user_id, s.id, stage.id, 'open', stage.category, false, 'new',
       CASE WHEN n %% 5 = 0 THEN 'EUR' ELSE org.reporting_currency END, 100000 + n * 7, current_date + n %% 120, '', '',
       current_date - 60, current_date - 9, 0
FROM generate_series(1, %(deals)s) n JOIN sitting s ON s.level = 5 AND s.number = n %% 8446 + 1,
     (SELECT id, category FROM pipeline_stage WHERE kind = 'open' ORDER BY position LIMIT 1) stage,
     common_organisation org;
INSERT INTO quotas_quotacell (node_id, period_id, assigned_minor, rolled_minor)
SELECT p.id, q.id, CASE WHEN level = 5 THEN 5000000 END, 5000000
FROM placed p, common_period q WHERE q.kind = 'quarter' AND current_date >= q.starts_on AND current_date < q.stops_on;
ANALYZE;
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="make the database anew")
    parser.add_argument("--database", default=NAME, help="measure a copy with more in it")
    options = parser.parse_args()
    show(run(fresh=options.fresh, name=options.database))


def run(*, fresh: bool = False, name: str = NAME) -> dict[str, Any]:
    """Make the company if it is not there yet, then measure it."""
    database(fresh=fresh)
    environment = databases.environment_of(name)
    with pages.cursor(environment["DATABASE_URL"]) as cursor:
        return {CLOSURE: closure_seconds(cursor), **measure(environment, cursor)}


def database(*, fresh: bool = False) -> databases.Environment:
    """The environment of the company's database, which is made where there is none."""
    return databases.made(NAME, seed, by=[__file__], fresh=fresh)


def seed(environment: databases.Environment) -> None:
    for command in (["prepare", "--empty", "--no-static"], ["seed_demo", "--size", "small"]):
        subprocess.run([sys.executable, "manage.py", *command], env=environment, cwd=ROOT, check=True)
    with pages.cursor(environment["DATABASE_URL"]) as inside:
        _make(inside)


def _make(cursor: Any) -> None:
    """The tree, its moves, who sits there, and what is open there."""
    cursor.execute(CONTEXT)
    cursor.execute(TREE, {"counts": list(LEVELS)})
    for level, above in enumerate((1, *LEVELS[:-1]), 1):
        cursor.execute(EDGES, {"level": level, "above": above})
    cursor.execute("ANALYZE territories_edge")
    cursor.execute(MOVES, {})
    cursor.execute(PEOPLE, {})
    cursor.execute(WORK, {"deals": DEALS})
    cursor.execute("VACUUM ANALYZE")  # as a database in use is


def _setup() -> None:
    # Passwords are hashed here for servers that run so (databases.environment_of).
    os.environ["SALESOPS_ENV"] = "test"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesops.settings")
    django.setup()


def closure_seconds(cursor: Any) -> float:
    """How long the closure of the whole tree takes to be made anew as a table, the best of five."""
    _setup()
    from territories.selectors import CHAINS

    times = []
    for _ in range(5):
        begun = time.perf_counter()
        cursor.execute(CLOSURE_TABLE.format(chains=CHAINS))
        times.append(time.perf_counter() - begun)
        cursor.execute("DROP TABLE bench_closure")
    return round(min(times), 3)


def measure(environment: dict[str, str], cursor: Any) -> dict[str, Any]:
    """The floor, then each page; and what a browser paints as somebody types."""
    _setup()
    emails = dict(zip(("admin", "director"), _people(cursor), strict=True))
    cursor.execute("SELECT id FROM territories_territory WHERE code = 'B2-7'")
    branch = cursor.fetchone()[0]
    with pages.server(environment) as (address, worker):
        sites = {who: pages.Site(address) for who in emails}
        for who, site in sites.items():
            site.sign_in(emails[who], jobs.PASSWORD)
        take = partial(pages.measure, worker, cursor)
        floor = partial(take, "floor", partial(sites["admin"].get, "/health/floor/"), 300)
        before = floor()
        found = [
            take(f"{who}: {name}", partial(sites[who].get, path.format(branch=branch)), 30)
            for who, name, path in PAGES
        ]
        figures = [pages.mean(before, floor()), *found]
    # A browser opens lines before it asks on them; a worker of one thread would wait on the wrong one.
    with pages.server(environment, "--threads", "4") as (address, _worker):
        shown = {who: painted.milliseconds(address, email) for who, email in emails.items()}
    return {"pages": figures, PAINTED: shown}


def _people(cursor: Any) -> tuple[str, str]:
    """An administrator, and the director of a sixth of the company; both can sign in."""
    cursor.execute(CONTEXT)
    cursor.execute(ADMIN)
    (admin,) = cursor.fetchone()
    cursor.execute(DIRECTOR)
    (director,) = cursor.fetchone()
    cursor.execute(
        "UPDATE territories_user SET password = %s WHERE email = ANY(%s)",
        [make_password(jobs.PASSWORD), [admin, director]],
    )
    return admin, director


def show(result: dict[str, Any]) -> None:
    floor, *others = result["pages"]
    print(f"{CLOSURE:40} {result[CLOSURE]}  (at most {MOST_SECONDS})")
    print(f"{PAINTED:40} {result[PAINTED]}  (at most {MOST_WALL_MS})")
    print(f"{'':34}{'app ms':>9}{'db ms':>9}{'wall ms':>9}{'x floor':>9}")
    for figure in (floor, *others):
        ratio = figure.cpu_ms / floor.cpu_ms
        costs = f"{figure.app_ms:9.2f}{figure.database_ms:9.2f}{figure.wall_ms:9.2f}{ratio:9.1f}"
        print(f"{figure.name:34}{costs}{'' if ratio <= MOST_FLOORS else f'  OVER {MOST_FLOORS}'}")


if __name__ == "__main__":
    main()
