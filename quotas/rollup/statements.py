"""The statements by which the ledger becomes cells, each into a temporary table of the running transaction."""

from collections.abc import Sequence

from orders.models import Credit
from pipeline.models import Motion
from territories.selectors import CHAINS_OF

SLICE = "month_on, family_id, motion, is_new_business, measure, kind"
LEAF_KEY = f"seat_id, territory_id, person_id, part_on, {SLICE}"

# Wide keys: sorting them costs three times as much as hashing them.
MEMORY = "SET LOCAL work_mem = '256MB'; SET LOCAL enable_mergejoin = off; SET LOCAL enable_sort = off"


def _place_of(name: str, values: Sequence[str]) -> str:
    return f"CASE {name} " + " ".join(f"WHEN '{value}' THEN {at}" for at, value in enumerate(values)) + " END"


# Whose family, motion, measure and kind they are, as one number: grouping by texts costs half as much again.
MOTIONS, MEASURES, KINDS = Motion.values, Credit.Measure.values, Credit.Kind.values
SLICE_OF = f"""(((family_id * {len(MOTIONS)} + {_place_of("motion", MOTIONS)}) * 2 + is_new_business::int)
    * {len(MEASURES)} + {_place_of("measure", MEASURES)}) * {len(KINDS)} + {_place_of("kind", KINDS)}"""
SLICES = f"""
CREATE TEMP TABLE rollup_slice ON COMMIT DROP AS
SELECT {SLICE_OF} AS slice, slices.* FROM (
    SELECT family.id AS family_id, motion, is_new_business, measure, kind
    FROM catalog_family family, unnest(ARRAY{MOTIONS}) motion, unnest(ARRAY[true, false]) is_new_business,
         unnest(ARRAY{MEASURES}) measure, unnest(ARRAY{KINDS}) kind
) slices
"""

# What a roll-up leaves behind where its transaction goes on with another one.
CLEAR = (
    "DROP TABLE IF EXISTS pg_temp.rollup_slice, pg_temp.rollup_day, pg_temp.rollup_chain, pg_temp.rollup_step, "
    "pg_temp.rollup_part, pg_temp.rollup_leaf, pg_temp.rollup_leaf_change, pg_temp.rollup_node, "
    "pg_temp.rollup_node_change"
)

DAYS = """
CREATE TEMP TABLE rollup_day ON COMMIT DROP AS
SELECT d::date AS day, m.starts_on AS month_on
FROM common_period m, generate_series(m.starts_on::timestamp, m.stops_on::timestamp - '1 day'::interval, '1 day') d
WHERE m.kind = 'month' AND (%(months)s::date[] IS NULL OR m.starts_on = ANY(%(months)s::date[]));
ANALYZE rollup_day
"""

# The edges from the places of what is dirty up to the root: all others have no part in it.
EDGES_ABOVE = """
CREATE TEMP TABLE rollup_edge ON COMMIT DROP AS
WITH RECURSIVE near(node) AS (
    SELECT seat_id FROM rollup_dirty UNION SELECT territory_id FROM rollup_dirty
    UNION
    SELECT e.parent_id FROM near JOIN territories_edge e ON e.child_id = near.node AND e.superseded_at IS NULL
)
SELECT e.* FROM near JOIN territories_edge e ON e.child_id = near.node AND e.superseded_at IS NULL
"""
EDGES_WHOLE, EDGES_DIRTY = "territories_edge", "rollup_edge"

# `above`: the nodes, root first, whose node cells a credit on this territory counts in; the same ones are one `path`.
CHAIN_TABLE = f"""
CREATE TEMP TABLE rollup_chain ON COMMIT DROP AS
WITH RECURSIVE {CHAINS_OF}
SELECT node, starts_on, stops_on, above, dense_rank() OVER (ORDER BY above)::int AS path
FROM (
    SELECT node, starts_on, stops_on, CASE
        WHEN EXISTS (SELECT FROM territories_edge below WHERE below.parent_id = node AND below.superseded_at IS NULL)
        THEN ids ELSE trim_array(ids, 1) END AS above
    FROM chains
) placed;
ANALYZE rollup_chain;
CREATE TEMP TABLE rollup_step ON COMMIT DROP AS
SELECT DISTINCT path, above[i] AS node_id, above[i - 1] AS parent_id
FROM rollup_chain, generate_subscripts(above, 1) i;
ANALYZE rollup_step
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

LEAVES = f"""
CREATE TEMP TABLE rollup_leaf ON COMMIT DROP AS
SELECT c.seat_id, c.territory_id, c.person_id, greatest(d.month_on, s.part_on, t.part_on) AS part_on,
       d.month_on, {SLICE_OF} AS slice, total_minor(c.plan_minor) AS amount_minor, count(*)::int AS credits
FROM {{ledger}}
JOIN rollup_day d ON d.day = c.booked_on
LEFT JOIN rollup_part s ON s.place = {{seat_day}}
LEFT JOIN rollup_part t ON t.place = {{territory_day}}
GROUP BY 1, 2, 3, 4, 5, 6;
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
SELECT id, {LEAF_KEY}, amount_minor, credits, more_minor, more_credits, slice
FROM (
    SELECT s.id, seat_id, territory_id, person_id, part_on, month_on, slice, n.amount_minor, n.credits,
           coalesce(n.amount_minor, 0) - coalesce(s.amount_minor, 0) AS more_minor,
           coalesce(n.credits, 0) - coalesce(s.credits, 0) AS more_credits
    FROM ({{stored}}) s
    FULL JOIN rollup_leaf n USING (seat_id, territory_id, person_id, part_on, month_on, slice)
    WHERE s.amount_minor IS DISTINCT FROM n.amount_minor OR s.credits IS DISTINCT FROM n.credits
) differing JOIN rollup_slice USING (slice)
"""
STORED_WHOLE = f"""SELECT *, {SLICE_OF} AS slice FROM {{table}}
    WHERE %(months)s::date[] IS NULL OR month_on = ANY(%(months)s::date[])"""
STORED_DIRTY = f"""SELECT l.*, {SLICE_OF} AS slice
    FROM rollup_dirty JOIN quotas_leafcell l USING (seat_id, territory_id, person_id, month_on)"""

# First together per path, which is few, and only then up to every node of the path.
NODES = """
CREATE TEMP TABLE rollup_node ON COMMIT DROP AS
SELECT node_id, parent_id, month_on, slice, total_minor(amount_minor) AS amount_minor,
       total_minor(territory_minor) AS territory_minor, total_minor(credits)::int AS credits
FROM (
    SELECT path, month_on, slice, total_minor(amount_minor) AS amount_minor,
           total_minor(territory_minor) AS territory_minor, sum(credits) AS credits
    FROM (
        SELECT seat_id AS node, part_on, month_on, slice, {amount} AS amount_minor,
               CASE WHEN seat_id = territory_id THEN {amount} ELSE 0 END AS territory_minor, {credits} AS credits
        FROM {leaves}
        UNION ALL
        SELECT territory_id, part_on, month_on, slice, 0, {amount}, {credits} FROM {leaves}
        WHERE seat_id <> territory_id
    ) leaf
    JOIN rollup_chain c ON c.node = leaf.node AND leaf.part_on >= c.starts_on AND leaf.part_on < c.stops_on
    GROUP BY path, month_on, slice
) chained JOIN rollup_step USING (path)
GROUP BY node_id, parent_id, month_on, slice;
ANALYZE rollup_node
"""

NODE_CHANGES = f"""
CREATE TEMP TABLE rollup_node_change ON COMMIT DROP AS
SELECT id, node_id, parent_id, {SLICE}, amount_minor, territory_minor, credits
FROM (
    SELECT s.id, coalesce(n.node_id, s.node_id) AS node_id, coalesce(n.parent_id, s.parent_id) AS parent_id, month_on,
           slice, n.amount_minor, n.territory_minor, n.credits
    FROM (SELECT *, coalesce(node_id, 0) AS node, coalesce(parent_id, 0) AS parent FROM ({{stored}}) stored) s
    FULL JOIN (SELECT *, coalesce(node_id, 0) AS node, coalesce(parent_id, 0) AS parent FROM rollup_node) n
        USING (node, parent, month_on, slice)
    WHERE s.amount_minor IS DISTINCT FROM n.amount_minor OR s.territory_minor IS DISTINCT FROM n.territory_minor
       OR s.credits IS DISTINCT FROM n.credits
) differing JOIN rollup_slice USING (slice)
"""

# What the dirty leaves gained or lost, on top of what stands.
NODE_ADDITIONS = f"""
CREATE TEMP TABLE rollup_node_change ON COMMIT DROP AS
SELECT s.id, n.node_id, n.parent_id, {", ".join(f"n.{name}" for name in SLICE.split(", "))},
       coalesce(s.amount_minor, 0) + n.amount_minor AS amount_minor,
       coalesce(s.territory_minor, 0) + n.territory_minor AS territory_minor,
       nullif(coalesce(s.credits, 0) + n.credits, 0) AS credits
FROM (SELECT * FROM rollup_node JOIN rollup_slice USING (slice)) n LEFT JOIN quotas_nodecell s
    ON s.node_id = n.node_id AND s.parent_id IS NOT DISTINCT FROM n.parent_id AND s.month_on = n.month_on
   AND s.family_id = n.family_id AND s.motion = n.motion AND s.is_new_business = n.is_new_business
   AND s.measure = n.measure AND s.kind = n.kind
"""

LEAF_VALUES = "amount_minor, credits"
NODE_KEY = f"node_id, parent_id, {SLICE}"
NODE_VALUES = "amount_minor, territory_minor, credits"

# Dates outside the calendar would drop out of the figures without a word: every entry must be in a cell.
UNCOUNTED = """
SELECT (SELECT count(*) FROM {ledger} WHERE %(months)s::date[] IS NULL OR booked_on IN (SELECT day FROM rollup_day))
     - (SELECT coalesce(sum(credits), 0) FROM rollup_leaf)
"""
COUNTED = "SELECT coalesce(sum(credits), 0) FROM rollup_leaf"

# A credit on a place that hung nowhere on its day would be in its seat's line and in no team above it, so that the
# nodes at the top count fewer credits: each once by its seat, and again where its territory is another one.
IS_UNPLACED = """
SELECT (SELECT coalesce(sum(credits) + coalesce(sum(credits) FILTER (WHERE seat_id <> territory_id), 0), 0)
        FROM rollup_leaf)
    <> (SELECT coalesce(sum(credits), 0) FROM rollup_node WHERE parent_id IS NULL)
"""
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
