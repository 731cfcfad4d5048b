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
from quotas.rollup.statements import (
    AGE_MONTHS,
    CHAIN_TABLE,
    CHANGED_MONTHS,
    CLEAR,
    COUNTED,
    DAYS,
    DAYS_OF,
    DIGEST_MONTHS,
    DIRTY,
    DIRTY_CREDITS,
    EDGES_ABOVE,
    EDGES_DIRTY,
    EDGES_WHOLE,
    IS_UNPLACED,
    LEAF_CHANGES,
    LEAF_KEY,
    LEAF_VALUES,
    LEAVES,
    LEDGER_BETWEEN,
    LEDGER_DIRTY,
    LEDGER_WHOLE,
    MEMORY,
    NODE_ADDITIONS,
    NODE_CHANGES,
    NODE_KEY,
    NODE_VALUES,
    NODES,
    OUTPUT,
    PARTS,
    SLICES,
    STORED_DIRTY,
    STORED_WHOLE,
    UNCOUNTED,
    UNPLACED,
)


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
    ledger, days = (LEDGER_WHOLE, {}) if months is None else (LEDGER_BETWEEN, _days())
    run(LEAVES.format(ledger=ledger, **DAYS_OF), days)
    refuse_uncounted(
        value(UNCOUNTED.format(ledger=ledger), scope | days) if entries is None else entries - value(COUNTED)
    )
    run(LEAF_CHANGES.format(stored=STORED_WHOLE.format(table="quotas_leafcell")), scope)
    run(NODES.format(leaves="rollup_leaf", amount="amount_minor", credits="credits"))
    _refuse_unplaced()
    run(NODE_CHANGES.format(stored=STORED_WHOLE.format(table="quotas_nodecell")), scope)


def refuse_uncounted(entries: int) -> None:
    """Raises ValueError where so many entries are in no cell."""
    if entries:
        raise ValueError(f"{entries} entries of the ledger lie outside the fiscal calendar")


def _refuse_unplaced() -> None:
    """Raises ValueError where credits lie on territories outside the tree."""
    if unplaced := value(IS_UNPLACED) and value(UNPLACED):
        raise ValueError(f"order intake of {unplaced} territories and days lies outside the tree")


def roll_up_dirty() -> Outcome:
    """Drain the queue of dirty cells: make those leaf cells anew and add what they gained to every node above."""
    run(DIRTY)
    months = column("SELECT DISTINCT month_on FROM rollup_dirty ORDER BY 1")
    run(EDGES_ABOVE)
    _prepare({"months": months}, EDGES_DIRTY)
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


def _prepare(scope: dict[str, Any], edges: str = EDGES_WHOLE) -> None:
    run(MEMORY)
    run(SLICES)
    run(DAYS, scope)
    run(CHAIN_TABLE.format(edges=edges))
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
