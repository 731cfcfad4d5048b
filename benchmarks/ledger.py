"""Ten million credits: the large company ten times over, each copy under one root, in four times the families.

About 10,000 territories, 10,000 people, 20 families and nine quarters. Deals are not copied: `history` has those.
"""

from datetime import date, timedelta
from functools import partial
from typing import Any

from benchmarks import databases, jobs, pages

NAME = "ledger"
COPIES = 9
BETWEEN = 10_000_000
"""How far the ids of one copy are from those of the next: more than any table of the large company has rows."""
FAMILIES = 5

# What of a row names another row of its copy; every other column is as it was, or as `OTHERWISE` says.
NAMES = {
    "catalog_family": ["id"],
    "territories_user": ["id"],
    "territories_rolegrant": ["id", "user_id"],
    "territories_territory": ["id"],
    "territories_edge": ["id", "child_id", "parent_id"],
    "territories_seat": ["id", "user_id", "territory_id"],
    "accounts_account": ["id", "territory_id", "parent_id", "merged_into_id"],
    "accounts_accountterritory": ["id", "account_id", "territory_id"],
    "orders_order": ["id", "account_id", "owner_id", "territory_id", "renews_id"],
    "orders_bookingevent": ["id", "order_id", "by_id"],
    "orders_orderline": ["id", "order_id", "event_id", "origin_id"],
    "orders_splitshare": ["id", "event_id", "line_id", "person_id"],
    "orders_participant": ["id", "order_id", "user_id"],
    "quotas_quota": ["id", "person_id", "territory_id"],
    "orders_credit": ["id", "event_id", "line_id", "person_id", "seat_id", "territory_id", "reverses_id"],
}
OTHERWISE = {
    "catalog_family": {"code": "'C' || %(copy)s || '-' || code", "name": "name || ' ' || %(copy)s"},
    "territories_user": {"email": "%(copy)s || '-' || email"},
    "territories_territory": {
        "code": "'C' || %(copy)s || '-' || code",
        "kind": "CASE kind WHEN 'company' THEN 'region' ELSE kind END",
        "is_unassigned": "false",
    },
    "territories_edge": {"parent_id": "coalesce(parent_id + %(above)s, (SELECT child_id FROM root))"},
    "accounts_account": {"number": "number || '-' || %(copy)s"},
    "orders_order": {"number": "number || '-' || %(copy)s", "opportunity_id": "NULL"},
    "orders_credit": {"ledger_seq": "ledger_seq + %(copy)s * %(credits)s"},
}
COUNTED = {
    "catalog_family": "%(copy)s <= 3",
    "territories_rolegrant": "role IN ('rep', 'manager', 'director')",
}
"""Which rows a copy has; all of a table that is not here."""
WIDE = """
UPDATE territories_edge SET parent_id = %(between)s + (SELECT id FROM territories_territory WHERE code = 'RHI')
WHERE child_id = %(between)s + (SELECT id FROM territories_territory WHERE code = 'ISL')
"""
"""One region of the first copy below another: a team of more than 200 people."""
TEAMS = {
    "11": "(SELECT child_id FROM territories_edge WHERE parent_id = rhine.id ORDER BY 1 LIMIT 1)",
    "111": "rhine.id",
    "222": "rhine.id + %(between)s",
}
"""Where who leads a team of so many people sits."""
LEADER = """
SELECT u.email FROM territories_territory rhine, territories_seat s JOIN territories_user u ON u.id = s.user_id
WHERE rhine.code = 'RHI' AND s.kind = 'lead' AND s.superseded_at IS NULL AND s.stops_on IS NULL
    AND s.territory_id = {where}
"""
AS_OF = "as booked and known a month ago"
CREDITS = "credits behind a figure"
TEAM = "/quotas/team/?period={period}"
PAGES = (
    *((people, "team attainment", TEAM) for people in (*TEAMS, "all")),
    *((people, AS_OF, TEAM + "&valid={then}&known={then}") for people in TEAMS),
    *((people, CREDITS, "/orders/credits/?period={period}") for people in (*TEAMS, "all")),
    ("222", "measures", "/quotas/measures/?period={period}"),
)
ROOT = "WITH root AS (SELECT child_id FROM territories_edge WHERE parent_id IS NULL AND superseded_at IS NULL LIMIT 1)"
INDEXED = ("orders_order", "orders_bookingevent", "orders_orderline", "orders_splitshare", "orders_credit")
INDEXES = """
SELECT format('DROP INDEX %%I', c.relname), pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisunique
"""
COLUMNS = """
SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
    AND attgenerated = '' ORDER BY attnum
"""
# A family of another copy for three of four lines; the line and its credits agree.
SPREAD = """
UPDATE orders_orderline SET family_id = family_id + (id %% 4) * %(between)s WHERE id %% 4 > 0;
UPDATE orders_credit SET family_id = family_id + (line_id %% 4) * %(between)s WHERE line_id %% 4 > 0
"""
CHAIN = """
CREATE FUNCTION pg_temp.link(before text, entry text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN RETURN encode(sha256(convert_to(before || '|' || entry, 'UTF8')), 'hex'); END $$;
CREATE AGGREGATE pg_temp.chain(text) (SFUNC = pg_temp.link, STYPE = text, INITCOND = '');
CREATE TEMP TABLE plain AS SELECT * FROM orders_credit;
TRUNCATE orders_credit CASCADE;
INSERT INTO orders_credit ({columns}, hash)
SELECT {columns}, pg_temp.chain(orders_credit_text(ROW(plain.*)::orders_credit))
    OVER (ORDER BY ledger_seq ROWS UNBOUNDED PRECEDING)
FROM plain;
DROP TABLE plain;
UPDATE orders_ledgerhead SET seq = last.ledger_seq, hash = last.hash
FROM (SELECT ledger_seq, hash FROM orders_credit ORDER BY ledger_seq DESC LIMIT 1) last WHERE id = 1
"""


def company(large: databases.Environment, *, fresh: bool) -> databases.Environment:
    """The environment of that company's database, which is made out of the large one's where there is none."""
    template = large["DATABASE_URL"].rsplit("/", 1)[1]
    return databases.made(f"spm_bench_{NAME}", _fill, by=[__file__], fresh=fresh, template=template)


def _fill(environment: databases.Environment) -> None:
    with pages.cursor(environment["DATABASE_URL"]) as cursor:
        cursor.execute("SET session_replication_role = replica; SET maintenance_work_mem = '1GB'")
        cursor.execute(INDEXES, [list(INDEXED)])
        indexes = cursor.fetchall()
        for drop, _ in indexes:
            cursor.execute(drop)
        cursor.execute("SELECT max(ledger_seq) FROM orders_credit")
        (credits,) = cursor.fetchone()
        for table in NAMES:
            _copy(cursor, table, credits)
        cursor.execute(WIDE, {"between": BETWEEN})
        cursor.execute(SPREAD, {"between": BETWEEN})
        rest = ", ".join(name for name in _columns(cursor, "orders_credit") if name != "hash")
        cursor.execute(CHAIN.format(columns=rest))
        for _, make in indexes:
            cursor.execute(make)
        for table in NAMES:
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")  # noqa: S608
            cursor.execute(f"VACUUM ANALYZE {table}")


def measure_pages(
    people: dict[str, Any], environment: databases.Environment, cursor: Any
) -> list[pages.Figure]:
    """What those who lead the teams pay for their pages, the floor first."""
    then = date.fromisoformat(people["today"]) - timedelta(days=30)
    asked = {**people, "then": then.isoformat()}
    with pages.server(environment) as (address, worker):
        sites = {name: pages.Site(address) for name in (*TEAMS, "all")}
        for name, email in {**leaders(cursor), "all": people["executive"]}.items():
            sites[name].sign_in(email, jobs.PASSWORD)
        measure = partial(pages.measure, worker, cursor)
        floor = measure("floor", partial(sites["all"].get, "/health/floor/"), calls=500)
        return [
            floor,
            *(
                measure(f"{name}: {what}", partial(sites[name].get, path.format(**asked)), calls=30)
                for name, what, path in PAGES
            ),
        ]


def leaders(cursor: Any) -> dict[str, str]:
    """Who leads a team of how many people, by e-mail."""
    found = {}
    for people, where in TEAMS.items():
        cursor.execute(LEADER.format(where=where), {"between": BETWEEN})
        (found[people],) = cursor.fetchone()
    return found


def _copy(cursor: Any, table: str, credits: int) -> None:
    columns = _columns(cursor, table)
    moved = {name: f"{name} + %(above)s" for name in NAMES[table]} | OTHERWISE.get(table, {})
    values = ", ".join(moved.get(name, name) for name in columns)
    which = COUNTED.get(table, "true")
    copied = f"""{ROOT} INSERT INTO {table} ({", ".join(columns)})
        SELECT {values} FROM {table} WHERE id < %(between)s AND {which}"""  # noqa: S608
    for copy in range(1, COPIES + 1):
        asked = {"copy": copy, "above": copy * BETWEEN, "between": BETWEEN, "credits": credits}
        cursor.execute(copied, asked)


def _columns(cursor: Any, table: str) -> list[str]:
    cursor.execute(COLUMNS, [table])
    return [name for (name,) in cursor.fetchall()]
