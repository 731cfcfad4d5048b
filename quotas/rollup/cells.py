"""Ledger → leaf cells → node cells, by the same statements for a whole night and for a few dirty cells.

Everything is computed into temporary tables and compared with what stands; only what differs is written. As sold: a
credit counts under the tree of its booking date, as known now. Runs inside `common.transaction.job`, which makes its
commit the publication.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from quotas.rollup.asking import column, rows, run, value
from quotas.rollup.digests import QUOTA_CELLS, digest
from territories.selectors import CHAINS

SLICE = "month_on, family_id, motion, is_new_business, measure, kind"
LEAF_KEY = f"seat_id, territory_id, person_id, part_on, {SLICE}"

# Wide keys: sorting them for a merge costs three times as much as hashing them.
MEMORY = "SET LOCAL work_mem = '256MB'; SET LOCAL enable_mergejoin = off"

# What a roll-up leaves behind where its transaction goes on with another one.
CLEAR = (
    "DROP TABLE IF EXISTS pg_temp.rollup_day, pg_temp.rollup_chain, pg_temp.rollup_part, pg_temp.rollup_leaf, "
    "pg_temp.rollup_leaf_change, pg_temp.rollup_node, pg_temp.rollup_node_change"
)

DAYS = """
CREATE TEMP TABLE rollup_day ON COMMIT DROP AS
SELECT d::date AS day, m.starts_on AS month_on
FROM common_period m, generate_series(m.starts_on::timestamp, m.stops_on::timestamp - '1 day'::interval, '1 day') d
WHERE m.kind = 'month' AND (%(months)s::date[] IS NULL OR m.starts_on = ANY(%(months)s::date[]));
ANALYZE rollup_day
"""

# `above`: the nodes, root first, whose node cells a credit on this territory counts in.
CHAIN_TABLE = f"""
CREATE TEMP TABLE rollup_chain ON COMMIT DROP AS
WITH RECURSIVE {CHAINS}, inner_node AS (
    SELECT DISTINCT parent_id AS node FROM territories_edge WHERE superseded_at IS NULL AND parent_id IS NOT NULL
)
SELECT c.node, c.starts_on, c.stops_on,
       CASE WHEN i.node IS NULL THEN trim_array(c.ids, 1) ELSE c.ids END AS above
FROM chains c LEFT JOIN inner_node i ON i.node = c.node;
ANALYZE rollup_chain
"""

# Only the days of months in which a territory's place in the tree changed: everybody else needs no work by day.
# Node and day make one key, because of two the planner expects long chains, and hashes the whole ledger instead.
PLACE = "{node} * 200000 + ({day} - DATE '1900-01-01')"
PARTS = f"""
CREATE TEMP TABLE rollup_part ON COMMIT DROP AS
SELECT {PLACE.format(node="cut.node", day="d.day")} AS place, max(cut.cut_on) AS part_on
FROM (SELECT node, starts_on AS cut_on FROM rollup_chain UNION SELECT node, stops_on FROM rollup_chain) cut
JOIN rollup_day first ON first.day = cut.cut_on AND first.month_on < first.day
JOIN rollup_day d ON d.month_on = first.month_on AND d.day >= cut.cut_on
GROUP BY 1;
ANALYZE rollup_part
"""

DIRTY = """
CREATE TEMP TABLE rollup_dirty ON COMMIT DROP AS
SELECT seat_id, territory_id, person_id, month_on, month_on AS stops_on FROM orders_dirtycell LIMIT 0;
WITH drained AS (DELETE FROM orders_dirtycell RETURNING seat_id, territory_id, person_id, month_on)
INSERT INTO rollup_dirty
SELECT DISTINCT k.seat_id, k.territory_id, k.person_id, k.month_on, m.stops_on
FROM drained k JOIN common_period m ON m.kind = 'month' AND m.starts_on = k.month_on;
ANALYZE rollup_dirty
"""

LEAVES = """
CREATE TEMP TABLE rollup_leaf ON COMMIT DROP AS
SELECT c.seat_id, c.territory_id, c.person_id, greatest(d.month_on, s.part_on, t.part_on) AS part_on,
       d.month_on, c.family_id, c.motion, c.is_new_business, c.measure, c.kind,
       sum(c.plan_minor)::bigint AS amount_minor, count(*)::int AS credits
FROM {ledger}
JOIN rollup_day d ON d.day = c.booked_on
LEFT JOIN rollup_part s ON s.place = {seat_day}
LEFT JOIN rollup_part t ON t.place = {territory_day}
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10;
ANALYZE rollup_leaf
"""
DAYS_OF = {
    "seat_day": PLACE.format(node="c.seat_id", day="c.booked_on"),
    "territory_day": PLACE.format(node="c.territory_id", day="c.booked_on"),
}
LEDGER_WHOLE = "orders_credit c"
LEDGER_BETWEEN = "(SELECT * FROM orders_credit WHERE booked_on BETWEEN %(first)s AND %(last)s) c"
LEDGER_DIRTY = "rollup_credit c"

# In a table of their own, so that it is known how many they are before anything is joined to them.
DIRTY_CREDITS = """
CREATE TEMP TABLE rollup_credit ON COMMIT DROP AS
SELECT c.seat_id, c.territory_id, c.person_id, c.booked_on, c.family_id, c.motion, c.is_new_business, c.measure,
       c.kind, c.plan_minor
FROM rollup_dirty k JOIN orders_credit c
    ON c.person_id = k.person_id AND c.seat_id = k.seat_id AND c.territory_id = k.territory_id
   AND c.booked_on >= k.month_on AND c.booked_on < k.stops_on;
ANALYZE rollup_credit
"""

LEAF_CHANGES = f"""
CREATE TEMP TABLE rollup_leaf_change ON COMMIT DROP AS
SELECT s.id, {LEAF_KEY}, n.amount_minor, n.credits,
       coalesce(n.amount_minor, 0) - coalesce(s.amount_minor, 0) AS more_minor,
       coalesce(n.credits, 0) - coalesce(s.credits, 0) AS more_credits
FROM ({{stored}}) s FULL JOIN rollup_leaf n USING ({LEAF_KEY})
WHERE s.amount_minor IS DISTINCT FROM n.amount_minor OR s.credits IS DISTINCT FROM n.credits
"""
STORED_WHOLE = "SELECT * FROM {table} WHERE %(months)s::date[] IS NULL OR month_on = ANY(%(months)s::date[])"
STORED_DIRTY = f"""SELECT l.id, {LEAF_KEY}, l.amount_minor, l.credits
    FROM rollup_dirty JOIN quotas_leafcell l USING (seat_id, territory_id, person_id, month_on)"""

# First together per chain, which is few, and only then up to every node of the chain.
NODES = f"""
CREATE TEMP TABLE rollup_node ON COMMIT DROP AS
SELECT above[i] AS node_id, above[i - 1] AS parent_id, {SLICE}, sum(amount_minor)::bigint AS amount_minor,
       sum(territory_minor)::bigint AS territory_minor, sum(credits)::int AS credits
FROM (
    SELECT above, {SLICE}, sum(amount_minor) AS amount_minor, sum(territory_minor) AS territory_minor,
           sum(credits) AS credits
    FROM (
        SELECT seat_id AS node, part_on, {SLICE}, {{amount}} AS amount_minor,
               CASE WHEN seat_id = territory_id THEN {{amount}} ELSE 0 END AS territory_minor, {{credits}} AS credits
        FROM {{leaves}}
        UNION ALL
        SELECT territory_id, part_on, {SLICE}, 0, {{amount}}, {{credits}} FROM {{leaves}} WHERE seat_id <> territory_id
    ) leaf
    JOIN rollup_chain c ON c.node = leaf.node AND leaf.part_on >= c.starts_on AND leaf.part_on < c.stops_on
    GROUP BY above, {SLICE}
) chained, generate_subscripts(above, 1) i
GROUP BY 1, 2, {SLICE};
ANALYZE rollup_node
"""

NODE_CHANGES = f"""
CREATE TEMP TABLE rollup_node_change ON COMMIT DROP AS
SELECT s.id, coalesce(n.node_id, s.node_id) AS node_id, coalesce(n.parent_id, s.parent_id) AS parent_id, {SLICE},
       n.amount_minor, n.territory_minor, n.credits
FROM (SELECT *, coalesce(node_id, 0) AS node, coalesce(parent_id, 0) AS parent FROM ({{stored}}) stored) s
FULL JOIN (SELECT *, coalesce(node_id, 0) AS node, coalesce(parent_id, 0) AS parent FROM rollup_node) n
    USING (node, parent, {SLICE})
WHERE s.amount_minor IS DISTINCT FROM n.amount_minor OR s.territory_minor IS DISTINCT FROM n.territory_minor
   OR s.credits IS DISTINCT FROM n.credits
"""

# What the dirty leaves gained or lost, on top of what stands.
NODE_ADDITIONS = f"""
CREATE TEMP TABLE rollup_node_change ON COMMIT DROP AS
SELECT s.id, n.node_id, n.parent_id, {", ".join(f"n.{name}" for name in SLICE.split(", "))},
       coalesce(s.amount_minor, 0) + n.amount_minor AS amount_minor,
       coalesce(s.territory_minor, 0) + n.territory_minor AS territory_minor,
       nullif(coalesce(s.credits, 0) + n.credits, 0) AS credits
FROM rollup_node n LEFT JOIN quotas_nodecell s
    ON s.node_id = n.node_id AND s.parent_id IS NOT DISTINCT FROM n.parent_id AND s.month_on = n.month_on
   AND s.family_id = n.family_id AND s.motion = n.motion AND s.is_new_business = n.is_new_business
   AND s.measure = n.measure AND s.kind = n.kind
"""

LEAF_VALUES = "amount_minor, credits"
NODE_KEY = f"node_id, parent_id, {SLICE}"
NODE_VALUES = "amount_minor, territory_minor, credits"

# Dates outside the calendar would drop out of the figures without a word: every entry must be in a cell.
UNCOUNTED = """
SELECT (SELECT count(*) FROM orders_credit WHERE %(months)s::date[] IS NULL
            OR booked_on IN (SELECT day FROM rollup_day))
     - (SELECT coalesce(sum(credits), 0) FROM rollup_leaf)
"""
COUNTED = "SELECT coalesce(sum(credits), 0) FROM rollup_leaf"

# A credit on a place that hung nowhere on its day would be in its seat's line and in no team above it.
UNPLACED = """
SELECT count(*) FROM (
    SELECT seat_id AS node, part_on FROM rollup_leaf UNION SELECT territory_id, part_on FROM rollup_leaf
) leaf
WHERE NOT EXISTS (
    SELECT FROM rollup_chain c
    WHERE c.node = leaf.node AND leaf.part_on >= c.starts_on AND leaf.part_on < c.stops_on
)
"""

CHANGED_MONTHS = (
    "SELECT month_on FROM rollup_leaf_change UNION SELECT month_on FROM rollup_node_change ORDER BY 1"
)

AGE_MONTHS = """
INSERT INTO quotas_monthdigest (month_on, digest) SELECT unnest(%(months)s::date[]), ''
ON CONFLICT (month_on) DO UPDATE SET digest = ''
"""
DIGEST_MONTHS = f"""
WITH cells AS (
    SELECT month_on, record_send(row({LEAF_KEY}, {LEAF_VALUES})) AS cell FROM quotas_leafcell
    WHERE month_on = ANY(%(months)s::date[])
    UNION ALL
    SELECT month_on, record_send(row({NODE_KEY}, {NODE_VALUES})) FROM quotas_nodecell
    WHERE month_on = ANY(%(months)s::date[])
)
UPDATE quotas_monthdigest m SET digest = encode(made.digest, 'hex')
FROM (SELECT month_on, sha256(string_agg(cell, ''::bytea ORDER BY cell)) AS digest FROM cells GROUP BY month_on) made
WHERE made.month_on = m.month_on
"""
OUTPUT = """
SELECT string_agg(month_on || ' ' || digest, ',' ORDER BY month_on) FROM quotas_monthdigest WHERE digest <> ''
"""


@dataclass(frozen=True)
class Outcome:
    """How many cells a roll-up wrote or removed, and in which months."""

    changed_rows: int
    months: list[date]


def roll_up(months: Sequence[date] | None, entries: int | None = None) -> Outcome:
    """Make the cells of these fiscal months anew from the ledger; None: of all months. As `work_out` and `publish`."""
    work_out(months, entries)
    return publish()


def work_out(months: Sequence[date] | None, entries: int | None = None) -> None:
    """Find what differs in the cells of these fiscal months, made anew from the ledger; None: of all months.

    `entries`: how many the ledger has in them, where that was counted before. Raises ValueError where it has entries
    on days outside the fiscal calendar, or on territories outside the tree.
    """
    scope = {"months": None if months is None else list(months)}
    run(CLEAR)
    _prepare(scope)
    ledger = LEDGER_WHOLE if months is None else LEDGER_BETWEEN
    run(LEAVES.format(ledger=ledger, **DAYS_OF), _days() if months is not None else None)
    refuse_uncounted(value(UNCOUNTED, scope) if entries is None else entries - value(COUNTED))
    unplaced = value(UNPLACED)
    if unplaced:
        raise ValueError(f"order intake of {unplaced} territories and days lies outside the tree")
    run(LEAF_CHANGES.format(stored=STORED_WHOLE.format(table="quotas_leafcell")), scope)
    run(NODES.format(leaves="rollup_leaf", amount="amount_minor", credits="credits"))
    run(NODE_CHANGES.format(stored=STORED_WHOLE.format(table="quotas_nodecell")), scope)


def refuse_uncounted(entries: int) -> None:
    """Raises ValueError where so many entries are in no cell."""
    if entries:
        raise ValueError(f"{entries} entries of the ledger lie outside the fiscal calendar")


def roll_up_dirty() -> Outcome:
    """Drain the queue of dirty cells: make those leaf cells anew and add what they gained to every node above."""
    run(DIRTY)
    months = column("SELECT DISTINCT month_on FROM rollup_dirty ORDER BY 1")
    _prepare({"months": months})
    run(DIRTY_CREDITS)
    run(LEAVES.format(ledger=LEDGER_DIRTY, **DAYS_OF))
    run(LEAF_CHANGES.format(stored=STORED_DIRTY))
    run(NODES.format(leaves="rollup_leaf_change", amount="more_minor", credits="more_credits"))
    run(NODE_ADDITIONS)
    return publish()


def _days() -> dict[str, date]:
    """The first and the last day of what is added up, which the ledger can be asked for."""
    first, last = rows("SELECT min(day), max(day) FROM rollup_day")[0]
    return {"first": first, "last": last}


def _prepare(scope: dict[str, Any]) -> None:
    run(MEMORY)
    run(DAYS, scope)
    run(CHAIN_TABLE)
    run(PARTS)


def publish() -> Outcome:
    """Write what differs; the digests of those months are behind until `digest_months`."""
    changed = _apply("quotas_leafcell", LEAF_KEY, LEAF_VALUES, "rollup_leaf_change")
    changed += _apply("quotas_nodecell", NODE_KEY, NODE_VALUES, "rollup_node_change")
    months = column(CHANGED_MONTHS) if changed else []
    run(AGE_MONTHS, {"months": months})
    return Outcome(changed, months)


def _apply(table: str, key: str, values: str, changes: str) -> int:
    sets = ", ".join(f"{name} = n.{name}" for name in values.split(", "))
    match = f"FROM {changes} n WHERE n.id = cell.id AND n.credits IS"
    removed = run(f"DELETE FROM {table} cell USING {changes} n WHERE n.id = cell.id AND n.credits IS NULL")
    updated = run(f"UPDATE {table} cell SET {sets} {match} NOT NULL")
    added = run(
        f"INSERT INTO {table} ({key}, {values}) SELECT {key}, {values} FROM {changes} WHERE id IS NULL"
    )
    return removed + updated + added


def digest_months() -> None:
    """Work out the digest of every month whose cells changed since; a month without cells has none."""
    aged = column("SELECT month_on FROM quotas_monthdigest WHERE digest = '' ORDER BY 1")
    if aged:
        run(DIGEST_MONTHS, {"months": aged})


def output_digest() -> str:
    """The digests of all months and of the quota cells, for the run's output hash."""
    return f"{value(OUTPUT)} {digest(QUOTA_CELLS)}"


def waiting_months() -> list[date]:
    """The months that bookings marked as behind the ledger; the queue is emptied."""
    return column(
        "WITH drained AS (DELETE FROM orders_dirtycell RETURNING month_on) SELECT DISTINCT month_on FROM drained"
    )


def months_since(ledger_seq: int) -> list[date]:
    """The fiscal months of the ledger's entries after that sequence number."""
    query = """SELECT DISTINCT m.starts_on FROM orders_credit c
        JOIN common_period m ON m.kind = 'month' AND c.booked_on >= m.starts_on AND c.booked_on < m.stops_on
        WHERE c.ledger_seq > %(seq)s"""
    return column(query, {"seq": ledger_seq})


def aged_months() -> list[date]:
    """The months whose cells changed since their digest was worked out."""
    return column("SELECT month_on FROM quotas_monthdigest WHERE digest = ''")


TOTALS = """
SELECT jsonb_object_agg(code, total) FROM (
    SELECT q.code, sum(cell.amount_minor)::bigint AS total
    FROM quotas_leafcell cell JOIN common_period q
        ON q.kind = 'quarter' AND cell.month_on >= q.starts_on AND cell.month_on < q.stops_on
    WHERE cell.kind <> 'overlay' GROUP BY q.code
) quarters
"""


def quarter_totals() -> dict[str, int]:
    """The company's order intake of each quarter by its code, in plan money, as the cells say."""
    made = value(TOTALS)
    return json.loads(made) if isinstance(made, str) else made or {}
