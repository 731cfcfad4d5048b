"""Many rows at once: by COPY into a temporary table, from there by one statement.

PostgreSQL refuses COPY into a table under row-level security, so that rows never go straight into the product's own.
"""

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db import connection, transaction

Value = str | int | bool | Decimal | date | datetime | None
Cell = Value | dict[str, Any]
"""What a column takes; a dict is written as JSON."""
BATCH = 50_000

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def line(values: Iterable[Cell]) -> str:
    """One row in COPY's text form. Example: ("a", None, True) → "a\\t\\N\\tt"."""
    return "\t".join([_text(value) for value in values])


def _text(value: Cell) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, dict):
        return json.dumps(value).translate(_ESCAPES)
    return str(value)


def copy(table: str, lines: Sequence[str]) -> None:
    """Append rows, as `line` writes them, to a temporary table."""
    if lines:
        with connection.cursor() as cursor:
            cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO("\n".join(lines) + "\n"))


def stage(table: str, columns: Mapping[str, str], rows: Iterable[Sequence[Cell]]) -> None:
    """Make a temporary table of those columns and types, gone at the commit, and fill it."""
    types = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    _fill(table, f"({types}) ON COMMIT DROP", rows)


def _fill(table: str, definition: str, rows: Iterable[Sequence[Cell]]) -> None:
    lines = map(line, rows)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
        cursor.execute(f"CREATE TEMPORARY TABLE {table} {definition}")
        while batch := list(islice(lines, BATCH)):
            copy(table, batch)
        cursor.execute(f"ANALYZE {table}")


@contextmanager
def by_index() -> Iterator[None]:
    """Let foreign keys and triggers be checked by index for the rows that are written meanwhile.

    A connection keeps the plans of these checks: one made while a table was small reads the whole of it for each row.
    """
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")
    with without("enable_seqscan"):
        yield


@contextmanager
def without(setting: str) -> Iterator[None]:
    """Let the planner do without one of its methods meanwhile; then the setting is what it was.

    In a savepoint: where something fails, what takes the rest back takes the setting back too.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [setting])
        before = cursor.fetchone()[0]
        cursor.execute("SELECT set_config(%s, 'off', true)", [setting])
        yield
        cursor.execute("SELECT set_config(%s, %s, true)", [setting, before])


def new_ids(table: str, count: int) -> list[int]:
    """Ids for rows that will be written, from the table's own sequence."""
    with connection.cursor() as cursor:
        ids = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        cursor.execute(ids, [table, count])
        return [row[0] for row in cursor.fetchall()]


def ids_for(table: str, keys: Sequence[str], known: Mapping[str, int]) -> list[int]:
    """The id of each key: that of the row that has it, else a new one."""
    missing = [key for key in keys if key not in known]
    fresh = dict(zip(missing, new_ids(table, len(missing)), strict=True))
    return [known.get(key) or fresh[key] for key in keys]


def merge(
    table: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, once: Sequence[str] = ()
) -> tuple[int, set[int]]:
    """Write rows by id: new ones are inserted, those that differ are updated with their version, others stay.

    `columns` begins with `id`; those named in `once` are written with a new row and left alone in an old one.
    Returns how many were inserted, and the ids of those that were updated.
    """
    listed = ", ".join(columns)
    _fill("merged", f"ON COMMIT DROP AS SELECT {listed} FROM {table} WITH NO DATA", rows)  # noqa: S608
    with connection.cursor() as cursor:
        updated = _update(table, [name for name in columns if name != "id" and name not in once])
        cursor.execute(
            f"INSERT INTO {table} ({listed}, version) SELECT {listed}, 1 FROM merged "  # noqa: S608
            f"WHERE NOT EXISTS (SELECT 1 FROM {table} old WHERE old.id = merged.id) ORDER BY id"
        )
        return cursor.rowcount, updated


def append(table: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write new rows, in their order."""
    listed = ", ".join(columns)
    _fill("appended", f"ON COMMIT DROP AS SELECT {listed} FROM {table} WITH NO DATA", rows)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({listed}) SELECT {listed} FROM appended")  # noqa: S608


def _update(table: str, columns: Sequence[str]) -> set[int]:
    """Bring those columns of old rows to what was staged; returns the ids of the rows that differed."""
    if not columns:
        return set()
    sets = ", ".join(f"{name} = merged.{name}" for name in columns)
    old = ", ".join(f"old.{name}" for name in columns)
    new = ", ".join(f"merged.{name}" for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} old SET {sets}, version = old.version + 1 FROM merged "  # noqa: S608
            f"WHERE old.id = merged.id AND ROW({old}) IS DISTINCT FROM ROW({new}) RETURNING old.id"
        )
        return {row[0] for row in cursor.fetchall()}
