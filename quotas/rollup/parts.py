"""The parts of a run that several workers share: which wait, who works one out, and what it changes.

A part is some whole fiscal quarters. Its row, and what it changes in the form of COPY, go over the connection beside
the run's own transaction (`aside`), so that others see them at once; once that transaction is over they mean nothing.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, connections, transaction

from quotas.rollup.asking import rows, run, value
from quotas.rollup.cells import Outcome, publish, refuse_uncounted
from quotas.rollup.digests import CODE_VERSION
from quotas.rules import cut

ASIDE = "aside"
CHANGES = ("rollup_leaf_change", "rollup_node_change")
PIECE = 4 * 1024 * 1024
"""So many bytes of changes are in one row."""

QUARTERS = """
SELECT array_agg(starts_on ORDER BY starts_on), min(starts_on), max(stops_on) FROM common_period
WHERE kind = 'month' AND (%(months)s::date[] IS NULL OR starts_on = ANY(%(months)s::date[]))
GROUP BY parent_id ORDER BY min(starts_on) DESC
"""
ENTRIES = """
SELECT m.starts_on, sum(c.entries)::bigint
FROM (
    SELECT booked_on, count(*) AS entries FROM orders_credit
    WHERE booked_on >= %(first)s::date AND booked_on < %(last)s::date GROUP BY booked_on
) c
LEFT JOIN common_period m ON m.kind = 'month' AND c.booked_on >= m.starts_on AND c.booked_on < m.stops_on
GROUP BY 1
"""

OFFER = """
INSERT INTO quotas_runpart (months, entries, snapshot, code)
VALUES (%(months)s::date[], %(entries)s, %(snapshot)s, %(code)s) RETURNING id
"""
# A part of a run that was killed may be somebody's still, who will find out; then the next run deletes it.
FORGET = """
SELECT set_config('app.grants', 'part_piece:org', true);
DELETE FROM quotas_partpiece;
DELETE FROM quotas_runpart WHERE id IN (SELECT id FROM quotas_runpart FOR UPDATE SKIP LOCKED)
"""
TAKE = """
SELECT id, months, entries, snapshot FROM quotas_runpart
WHERE done_at IS NULL AND code = %(code)s AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s::bigint[]))
ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
DONE = "UPDATE quotas_runpart SET done_at = clock_timestamp() WHERE id = %(id)s"
DROP = "DELETE FROM quotas_runpart WHERE id = %(id)s"
FINISHED = (
    "SELECT id FROM quotas_runpart WHERE done_at IS NOT NULL AND id = ANY(%(ids)s::bigint[]) ORDER BY id"
)
GRANT = "SELECT set_config('app.grants', 'part_piece:org', true)"
KEEP = "INSERT INTO quotas_partpiece (part_id, cells, content) VALUES (%(part)s, %(cells)s, %(content)s)"
READ = """
SELECT id, content FROM quotas_partpiece
WHERE part_id = %(part)s AND cells = %(cells)s AND id > %(after)s ORDER BY id LIMIT 1
"""


@dataclass(frozen=True)
class Part:
    """Some fiscal months of a run and how many entries the ledger has in them, by its row and what the run sees."""

    months: list[date]
    entries: int
    id: int = 0
    snapshot: str = ""


def parts(months: Sequence[date] | None) -> list[Part]:
    """What a run of these months (None: all) is cut into, the latest first; nothing where they are of one quarter.

    Raises ValueError where all are asked for and the ledger has entries on days outside the fiscal calendar.
    """
    quarters = rows(QUARTERS, {"months": None if months is None else list(months)})
    if len(quarters) < 2:
        return []
    first, last = min(one[1] for one in quarters), max(one[2] for one in quarters)
    between = {"first": "-infinity", "last": "infinity"} if months is None else {"first": first, "last": last}
    entries = dict(rows(ENTRIES, between))
    if months is None:
        refuse_uncounted(entries.get(None, 0))
    pieces = [Part(held, sum(entries.get(month, 0) for month in held)) for held, _first, _last in quarters]
    return [
        Part(
            [month for place in places for month in pieces[place].months],
            sum(pieces[place].entries for place in places),
        )
        for places in cut([piece.entries for piece in pieces])
    ]


def offer(waiting: Sequence[Part]) -> dict[int, Part]:
    """Let others take these parts of the running transaction's work; by the ids of their rows.

    What it wrote itself they do not see. What earlier runs left is deleted.
    """
    seen = {"snapshot": value("SELECT pg_export_snapshot()"), "code": CODE_VERSION}
    offered = {}
    forget()
    with transaction.atomic(ASIDE), connections[ASIDE].cursor() as cursor:
        for part in waiting:
            cursor.execute(OFFER, {"months": part.months, "entries": part.entries, **seen})
            offered[cursor.fetchone()[0]] = part
    return offered


@contextmanager
def taken(ids: Collection[int] | None = None) -> Iterator[Part | None]:
    """A part that waits, of these or of any, if there is one: nobody else's meanwhile, and done at the end.

    Its row is locked over the connection aside: with the process that works on it ends the lock.
    """
    asked = {"code": CODE_VERSION, "ids": None if ids is None else list(ids)}
    with transaction.atomic(ASIDE), connections[ASIDE].cursor() as cursor:
        cursor.execute(TAKE, asked)
        row = cursor.fetchone()
        part = Part(row[1], row[2], row[0], row[3]) if row else None
        yield part
        if part:
            cursor.execute(DONE, {"id": part.id})


def drop(part: Part) -> None:
    """Delete a part that is taken, because its run has ended."""
    with connections[ASIDE].cursor() as cursor:
        cursor.execute(DROP, {"id": part.id})


def hand_in(part: Part) -> None:
    """Keep what was worked out for a part that is taken, with its being done."""
    with connection.cursor() as own, connections[ASIDE].cursor() as aside:
        aside.execute(GRANT)
        for table in CHANGES:
            pieces = _Pieces(aside, part.id, table)
            own.copy_expert(f"COPY {table} TO STDOUT (FORMAT binary)", pieces)
            pieces.keep()


def finished(ids: Collection[int]) -> list[int]:
    """Which of these parts are done."""
    with connections[ASIDE].cursor() as cursor:
        cursor.execute(FINISHED, {"ids": list(ids)})
        return [row[0] for row in cursor.fetchall()]


def publish_handed_in(part_id: int) -> Outcome:
    """Write what somebody else found to differ in that part, after a part of one's own in the same transaction."""
    run(f"TRUNCATE {', '.join(CHANGES)}")
    with transaction.atomic(ASIDE), connection.cursor() as own, connections[ASIDE].cursor() as aside:
        aside.execute(GRANT)
        for table in CHANGES:
            own.copy_expert(f"COPY {table} FROM STDIN (FORMAT binary)", _Pieces(aside, part_id, table))
    return publish()


def forget() -> None:
    """Delete all parts and what was handed in for them, for whoever holds the gate."""
    with transaction.atomic(ASIDE), connections[ASIDE].cursor() as cursor:
        cursor.execute(FORGET)


class _Pieces:
    """What is handed in of one kind of cells for a part, as a file that COPY writes or reads."""

    def __init__(self, cursor: Any, part_id: int, cells: str) -> None:
        self.cursor, self.asked = cursor, {"part": part_id, "cells": cells}
        self.held, self.after = bytearray(), 0

    def write(self, line: bytes) -> None:
        self.held += line
        if len(self.held) >= PIECE:
            self.keep()

    def keep(self) -> None:
        """Write what is held to a row."""
        self.cursor.execute(KEEP, {**self.asked, "content": bytes(self.held)})
        self.held.clear()

    def read(self, _size: int) -> bytes:
        self.cursor.execute(READ, {**self.asked, "after": self.after})
        row = self.cursor.fetchone()
        self.after = row[0] if row else self.after
        return bytes(row[1]) if row else b""
