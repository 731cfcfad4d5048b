"""Bulk writing: rows go by COPY into temporary tables, from there by one INSERT … SELECT per table."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection

from common.staging import BATCH, Value, copy, line


class Staging:
    """Rows on their way into the temporary tables `demo_<name>`, a batch at a time."""

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = defaultdict(list)

    def add(self, name: str, *values: Value) -> None:
        lines = self._lines[name]
        lines.append(line(values))
        if len(lines) >= BATCH:
            self._copy(name)

    def finish(self) -> None:
        """Copy what still waits, and let the planner know the sizes."""
        for name in self._lines:
            self._copy(name)
            run([f"ANALYZE demo_{name}"])

    def _copy(self, name: str) -> None:
        copy(f"demo_{name}", self._lines[name])
        self._lines[name].clear()


def insert(table: str, columns: str, rows: Iterable[Sequence[Value]]) -> None:
    """Write rows into a table through a temporary one of the same columns."""
    run([f"CREATE TEMPORARY TABLE demo_rows AS SELECT {columns} FROM {table} WITH NO DATA"])  # noqa: S608
    copy("demo_rows", [line(row) for row in rows])
    run([f"INSERT INTO {table} ({columns}) SELECT {columns} FROM demo_rows", "DROP TABLE demo_rows"])  # noqa: S608
    if columns.startswith("id,"):
        _advance_ids([table])


@contextmanager
def bare(tables: Sequence[str], quiet: Sequence[str]) -> Iterator[None]:
    """The tables without foreign keys and secondary indexes while they are filled; `quiet` ones without triggers.

    Keys and indexes are made again at the end, which checks every row at once instead of one by one.
    """
    keys = _rows(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND conrelid = ANY(%s::regclass[]) ORDER BY 1, 2",
        [list(tables)],
    )
    indexes = _rows(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index i "
        "WHERE indrelid = ANY(%s::regclass[]) AND NOT indisunique AND NOT indisexclusion ORDER BY 1",
        [list(tables)],
    )
    run(["SET CONSTRAINTS ALL IMMEDIATE"])  # a table with checks still to come can't be altered
    run(f"ALTER TABLE {table} DROP CONSTRAINT {name}" for table, name, _ in keys)
    run(f"DROP INDEX {name}" for name, _ in indexes)
    run(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in quiet)
    yield
    run(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in quiet)
    run(definition for _, definition in indexes)
    run(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}" for table, name, definition in keys)
    run(f"ANALYZE {table}" for table in tables)
    _advance_ids(tables)


def _advance_ids(tables: Iterable[str]) -> None:
    """Let the next row of each table follow the last one that was written."""
    run(
        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 0) + 1, false) FROM {table}"  # noqa: S608
        for table in tables
    )


def _rows(statement: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def run(statements: Iterable[str], values: Mapping[str, Any] | None = None) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, values)
