"""Bulk writing: rows go by COPY into temporary tables, from there by one INSERT … SELECT per table."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection

from common.staging import BATCH, Value, copy, line


class Staging:
    """Temporary tables that rows are copied into as they come, a batch at a time."""

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = {}

    def create(self, name: str, columns: str) -> None:
        """A temporary table `demo_<name>` with those columns and types."""
        _run([f"CREATE TEMPORARY TABLE demo_{name} ({columns}) ON COMMIT DROP"])
        self._lines[name] = []

    def add(self, name: str, *values: Value) -> None:
        lines = self._lines[name]
        lines.append(line(values))
        if len(lines) >= BATCH:
            self._copy(name)

    def finish(self) -> None:
        """Copy what still waits, and let the planner know the sizes."""
        for name in self._lines:
            self._copy(name)
            _run([f"ANALYZE demo_{name}"])

    def _copy(self, name: str) -> None:
        copy(f"demo_{name}", self._lines[name])
        self._lines[name].clear()


def insert(table: str, columns: str, rows: Iterable[Sequence[Value]]) -> None:
    """Write rows into a table through a temporary one of the same columns."""
    _run([f"CREATE TEMPORARY TABLE demo_rows AS SELECT {columns} FROM {table} WITH NO DATA"])  # noqa: S608
    copy("demo_rows", [line(row) for row in rows])
    _run([f"INSERT INTO {table} ({columns}) SELECT {columns} FROM demo_rows", "DROP TABLE demo_rows"])  # noqa: S608


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
    _run(["SET CONSTRAINTS ALL IMMEDIATE"])  # a table with checks still to come can't be altered
    _run(f"ALTER TABLE {table} DROP CONSTRAINT {name}" for table, name, _ in keys)
    _run(f"DROP INDEX {name}" for name, _ in indexes)
    _run(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in quiet)
    yield
    _run(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in quiet)
    _run(definition for _, definition in indexes)
    _run(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}" for table, name, definition in keys)
    _run(f"ANALYZE {table}" for table in tables)


def advance_ids(tables: Iterable[str]) -> None:
    """Let the next row of each table follow the last one that was written."""
    _run(
        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 0) + 1, false) FROM {table}"  # noqa: S608
        for table in tables
    )


def _rows(statement: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def _run(statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
