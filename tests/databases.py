"""One database for a worker's tests, put back after each to what the template holds.

A test writes few rows. To copy those few back from the schema `kept` costs a twentieth of a new database; whoever
altered a table gets the next test a new one. Templates are shared by all workers and runs of a day.
"""

import hashlib
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import dj_database_url
import psycopg2
from django.conf import settings
from django.db import connections
from psycopg2.extensions import TRANSACTION_STATUS_IDLE

MOST_USES = 150
"""A database is left after so many tests: rows put back leave dead ones behind."""
MOST_ROWS = 2_000
"""And after a test that wrote more than so many: every later one would read past them."""

MADE_OF = (
    "*/migrations/*.py",
    "*/models.py",
    "*/models/*.py",
    "salesops/access.toml",
    "common/*.py",
    "tests/databases.py",
)

TABLES = """
SELECT relname, string_agg(quote_ident(attname), ', ' ORDER BY attnum)
FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
  AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
GROUP BY relname ORDER BY relname
"""
SHAPE = " UNION ALL ".join(
    f"SELECT '{name}', count(*), coalesce(sum(xmin::text::bigint), 0) FROM {name}"
    for name in ("pg_class", "pg_attribute", "pg_trigger", "pg_policy", "pg_proc", "pg_constraint")
)
WRITTEN = """
SELECT relname, pg_stat_get_tuples_inserted(oid) + pg_stat_get_tuples_updated(oid) + pg_stat_get_tuples_deleted(oid)
FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""
COUNTED = "SELECT pg_stat_force_next_flush()"
"""A backend's counts are in `WRITTEN` when it has answered this; those of one that ended are."""
SEQUENCES = "SELECT quote_ident(sequencename), last_value FROM pg_sequences WHERE schemaname = 'public'"
OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND NOT pid = ANY (%s)
"""


def connect(name: str) -> Any:
    """A plain connection as the schema's owner, in autocommit."""
    config = dj_database_url.parse(settings.DATABASE_URL)
    parts = {
        "host": config["HOST"],
        "port": config["PORT"],
        "user": config["USER"],
        "password": config["PASSWORD"],
    }
    given: dict[str, Any] = {key: value for key, value in parts.items() if value}
    connection = psycopg2.connect(dbname=name, **given)
    connection.autocommit = True
    return connection


def administer(statement: str) -> None:
    """One statement on the server, past all databases."""
    connection = connect("postgres")
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def prepare(name: str) -> None:
    """Migrate that database, with its bound roles and without a company."""
    address = settings.DATABASE_URL.rsplit("/", 1)[0] + f"/{name}"
    environment = {**os.environ, "DATABASE_URL": address, "DATABASE_ROLE": "owner"}
    command = [sys.executable, "manage.py", "prepare", "--empty", "--no-static", "--skip-checks"]
    subprocess.run(command, check=True, env=environment, cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL)


def template(kind: str, make: Callable[[str], None], *made_of: str) -> str:
    """The database that others are copied of: the first who needs it has `make` fill an empty name with it.

    Its name changes with whatever it is made of. It is made under another one first: what a killed run left half done
    is never used.
    """
    name = _template_name(kind, made_of)
    admin = connect("postgres")
    with admin.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if not cursor.fetchone():
            cursor.execute(f"DROP DATABASE IF EXISTS {name}_new WITH (FORCE)")
            _forget(cursor)
            make(f"{name}_new")
            cursor.execute(f"ALTER DATABASE {name}_new RENAME TO {name}")
    admin.close()
    return name


def _template_name(kind: str, made_of: tuple[str, ...]) -> str:
    paths = sorted({path for pattern in MADE_OF + made_of for path in settings.BASE_DIR.glob(pattern)})
    content = b"".join(path.read_bytes() for path in paths)
    return f"spm_template_{date.today():%Y%m%d}_{kind}_{hashlib.sha256(content).hexdigest()[:16]}"  # noqa: DTZ011


def _forget(cursor: Any) -> None:
    """Drop the templates of other days."""
    cursor.execute(r"SELECT datname FROM pg_database WHERE datname LIKE 'spm\_template\_%'")
    for (name,) in cursor.fetchall():
        if f"_{date.today():%Y%m%d}_" not in name:  # noqa: DTZ011
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def prepared() -> str:
    """The template without a company."""

    def make(name: str) -> None:
        administer(f"CREATE DATABASE {name}")
        prepare(name)
        keep(name)

    return template("prepared", make)


def use(name: str) -> None:
    """Point the product at that database."""
    for alias in ("default", "aside"):
        connections.settings[alias]["NAME"] = name


def keep(name: str) -> None:
    """Lay a copy of every row aside, in the schema `kept`."""
    connection = connect(name)
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS kept CASCADE")
        cursor.execute("CREATE SCHEMA kept")
        cursor.execute(TABLES)
        for table, _columns in cursor.fetchall():
            cursor.execute(f"CREATE TABLE kept.{table} AS TABLE public.{table}")
    connection.close()


class Clone:
    """A copy of the template, and a connection past all triggers that puts it back."""

    def __init__(self, template: str) -> None:
        self.name, self.uses = f"spm_test_{uuid.uuid4().hex[:12]}", 0
        administer(f"CREATE DATABASE {self.name} TEMPLATE {template}")
        administer(f"ALTER DATABASE {self.name} SET synchronous_commit = off")
        self.connection = connect(self.name)
        self.cursor = self.connection.cursor()
        self.cursor.execute("SET application_name = 'puts back'")
        self.cursor.execute("SET session_replication_role = replica")  # no trigger, no foreign key
        self.columns: dict[str, str] = dict(self._read(TABLES))
        self.cursor.execute(f"PREPARE shape AS {SHAPE}")
        self.written, self.shape = self._written(), self._read("EXECUTE shape")
        self.sequences: dict[str, int | None] = dict(self._read(SEQUENCES))

    def put_back(self, pids: list[int]) -> bool:
        """Undo what was written, past all but these backends; False where that cannot be done."""
        self._end_others(pids)
        if self.uses == MOST_USES or self._read("EXECUTE shape") != self.shape:
            return False
        now = self._written()
        written = [table for table in self.columns if now[table] != self.written[table]]
        if sum(now[table] - self.written[table] for table in written) > MOST_ROWS:
            return False
        statements = [
            f"DELETE FROM {table}; INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE"
            f" SELECT {columns} FROM kept.{table};"
            for table in written
            for columns in [self.columns[table]]
        ]
        for sequence, last in self._read(SEQUENCES):
            if last != (kept := self.sequences[sequence]):
                statements.append(f"SELECT setval('{sequence}', {kept or 1}, {kept is not None});")
        if statements:
            self.cursor.execute("".join(statements))
            self.written = self._written()
        return True

    def drop(self) -> None:
        self.connection.close()
        administer(f"DROP DATABASE {self.name} WITH (FORCE)")

    def _read(self, statement: str) -> list[tuple[Any, ...]]:
        self.cursor.execute(statement)
        return list(self.cursor.fetchall())

    def _written(self) -> dict[str, int]:
        """How many rows were ever written to each table, by whatever backend."""
        self.cursor.execute(COUNTED)
        return dict(self._read(WRITTEN))

    def _end_others(self, pids: list[int]) -> None:
        """Threads and processes that outlived their test must not write into the next one's."""
        while True:
            self.cursor.execute(OTHERS, [pids])
            if not self.cursor.rowcount:
                return
            time.sleep(0.01)


class Database:
    """What the tests of one worker take in turn: one clone as long as it can be put back, then another."""

    def __init__(self, template: str) -> None:
        self.template = template
        self.clone: Clone | None = None

    def take(self) -> str:
        """The name of a database that holds what the template holds."""
        self.clone = self.clone or Clone(self.template)
        self.clone.uses += 1
        use(self.clone.name)
        return self.clone.name

    def give_back(self) -> None:
        """Undo what the test wrote, or drop the database."""
        pids = [pid for pid in map(_idle_backend, connections.all()) if pid]
        if self.clone and not self.clone.put_back(pids):
            self.drop()

    def drop(self) -> None:
        connections.close_all()
        if self.clone:
            self.clone.drop()
            self.clone = None


def _idle_backend(connection: Any) -> int:
    """The backend of a connection that the next test may go on with; any other connection is closed."""
    raw = connection.connection
    if (
        raw is None
        or raw.closed
        or connection.in_atomic_block
        or raw.info.transaction_status != TRANSACTION_STATUS_IDLE
    ):
        connection.close()
        return 0
    with raw.cursor() as cursor:
        cursor.execute(f"RESET ROLE; RESET ALL; {COUNTED}")
    return int(raw.info.backend_pid)
