"""Ten million deals: the large company with nine years more of deals that are over, and an act that changes many."""

import time
from datetime import timedelta
from typing import Any

from benchmarks import databases, pages

NAME = "history"
MANY = "10,000 deals changed in one act, s"
MANY_LIMIT = 10
DEALS = 10_000
YEARS = 9
A_WEEK = timedelta(days=7)
OPEN = """
SELECT id, version, close_on FROM pipeline_opportunity WHERE state = 'open' AND close_on >= current_date
ORDER BY id LIMIT %s
"""
COPY = """
SET session_replication_role = replica;
INSERT INTO pipeline_opportunity (id, version, account_id, name, number, owner_id, territory_id, stage_id, state,
    category, category_is_manual, motion, currency, amount_minor, close_on, next_step, lost_reason, created_on,
    stage_since_on, closed_on, pushes)
SELECT d.id + %(above)s, 1, account_id, d.name, 'OPP-' || d.id + %(above)s, owner_id, territory_id, s.id, s.kind,
    s.category, false, motion, currency, amount_minor, closed.day, '',
    CASE WHEN s.kind = 'lost' THEN 'no decision' ELSE '' END, created_on - %(days)s, closed.day, closed.day, pushes
FROM pipeline_opportunity d
JOIN pipeline_stage before ON before.id = d.stage_id
JOIN pipeline_stage s ON s.sales_model_id = before.sales_model_id
    AND s.kind = CASE d.state WHEN 'won' THEN 'won' ELSE 'lost' END
CROSS JOIN LATERAL (SELECT coalesce(closed_on, close_on) - %(days)s AS day) closed
WHERE d.id <= %(of)s;
INSERT INTO pipeline_standing (opportunity_id, starts_on, stops_on, owner_id, territory_id, state, stage_id, category,
    close_on, closed_on, currency, amount_minor)
SELECT d.id, part.starts_on, part.stops_on, owner_id, territory_id, part.state,
    CASE part.state WHEN 'open' THEN NULL ELSE stage_id END, CASE part.state WHEN 'open' THEN '' ELSE category END,
    close_on, CASE part.state WHEN 'open' THEN NULL ELSE closed_on END, currency, amount_minor
FROM pipeline_opportunity d
CROSS JOIN LATERAL (VALUES (created_on, closed_on, 'open'), (closed_on, NULL, d.state))
    AS part (starts_on, stops_on, state)
WHERE d.id > %(above)s AND d.id <= %(above)s + %(of)s AND created_on < closed_on;
RESET session_replication_role;
"""
"""One more year of deals: those of the company some years earlier, all of them over."""


def company(large: databases.Environment, *, fresh: bool) -> databases.Environment:
    """The environment of that company's database, which is made out of the large one's where there is none."""
    template = large["DATABASE_URL"].rsplit("/", 1)[1]
    return databases.made(f"spm_bench_{NAME}", _fill, by=[__file__], fresh=fresh, template=template)


def _fill(environment: databases.Environment) -> None:
    with pages.cursor(environment["DATABASE_URL"]) as cursor:
        cursor.execute("SELECT max(id) FROM pipeline_opportunity")
        (last,) = cursor.fetchone()
        for year in range(1, YEARS + 1):
            cursor.execute(COPY, {"of": last, "above": year * last, "days": year * 364})
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('pipeline_opportunity', 'id'), %s)", [(YEARS + 1) * last]
        )
        cursor.execute("VACUUM ANALYZE pipeline_opportunity")
        cursor.execute("VACUUM ANALYZE pipeline_standing")


def many_seconds(site: pages.Site, token: str, cursor: Any) -> float:
    """How long one request takes that re-dates ten thousand open deals, with the history of each."""
    cursor.execute(OPEN, [DEALS])
    rows = [
        {"id": pk, "version": version, "fields": {"close_on": (close_on + A_WEEK).isoformat()}}
        for pk, version, close_on in cursor.fetchall()
    ]
    if len(rows) < DEALS:
        raise RuntimeError(f"only {len(rows)} deals are open: ask a larger company")
    begun = time.perf_counter()
    site.call("/api/v1/opportunities/bulk/", token, {"rows": rows}, method="PATCH")
    return round(time.perf_counter() - begun, 1)
