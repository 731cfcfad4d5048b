"""A PostgreSQL and a Redis that a test may kill, and the product's own processes on them."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dj_database_url
import psycopg2
import redis
from django.conf import settings
from django.db import connections

from devstack import CannotStart
from devstack.postgres import NAME, Postgres
from devstack.processes import beat, web, worker
from devstack.system import Children, answers, finish, free_port, spawn
from devstack.valkey import Valkey
from salesops.celery import app

PATIENCE = 60
"""What the matrix gives every fault to be over, in seconds; the machine may be busy besides."""
DEBIAN = Path("/usr/lib/postgresql")
ALIASES = ("default", "aside")
GATE = """
SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.granted AND l.relation = 'common_rungate'::regclass AND l.mode = 'ExclusiveLock'
"""


def until(found: Callable[[], Any], patience: float = PATIENCE, every: float = 0.01) -> Any:
    """The first answer that is true. Fails where none came in time."""
    end = time.monotonic() + patience
    while not (answer := found()):
        assert time.monotonic() < end, f"not within {patience} s: {found}"
        time.sleep(every)
    return answer


def children_of(pid: int) -> list[int]:
    """The living processes that this one started."""
    with contextlib.suppress(OSError):
        tasks = Path(f"/proc/{pid}/task").iterdir()
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return []


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


class PrivatePostgres(Postgres):
    """A durable cluster: the embedded programs, or Debian's where there are none."""

    def reachable_binaries(self) -> Path:
        try:
            return super().reachable_binaries()
        except CannotStart:
            found = sorted(DEBIAN.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
            if not found:
                raise
            return found[-1].parent

    def rows(self, sql: str, values: Any = None) -> list[Any]:
        """What one statement answers the owner of the schema."""
        with contextlib.closing(self.session()) as session, session.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    def session(self) -> Any:
        """A session of the owner of the schema, in autocommit."""
        session = psycopg2.connect(host=str(self.socket_folder), user=NAME, dbname=NAME)
        session.autocommit = True
        return session

    def kill(self) -> None:
        """`kill -9` of every process of the server at once."""
        assert self.process
        for pid in (self.process.pid, *children_of(self.process.pid)):
            kill(pid)
        self.process.wait(PATIENCE)

    def again(self) -> None:
        """Start it after a kill, at the address it had."""
        self.launch()

    def restart_at_once(self) -> None:
        """What `pg_ctl --mode immediate restart` does: every session is cut off, the log is replayed."""
        assert self.process
        finish(self.process, signal.SIGQUIT, signal.SIGKILL, patience=PATIENCE)
        self.launch()


class PrivateRedis(Valkey):
    """A queue that keeps nothing: the embedded program, or Debian's."""

    port = 0

    def binary(self) -> Path:
        try:
            return super().binary()
        except CannotStart:
            found = shutil.which("redis-server") or shutil.which("valkey-server")
            if not found:
                raise
            return Path(found)

    def address(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def up(self) -> None:
        """Start it, every time at the same address, with nothing in it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = self.port or free_port()
        self.process = self.launch(self.port, Children(self.folder / "children.json"))
        assert answers(self.process, time.monotonic() + PATIENCE, lambda: self.ping(self.port))

    def down(self) -> None:
        """`SHUTDOWN NOSAVE`, or worse."""
        assert self.process
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait(PATIENCE)

    def signal(self, number: int) -> None:
        assert self.process
        self.process.send_signal(number)


class Program:
    """One of the product's processes in a session of its own, with its lines in a file."""

    def __init__(self, machine: "Machine", name: str, command: list[str]) -> None:
        self.name = name  # as PostgreSQL knows it too
        self.log = machine.folder / f"{name}.log"
        quiet = {"PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore:::celery.platforms"}
        with self.log.open("ab") as log:
            self.process = spawn(
                [sys.executable, "-m", *command],
                signal.SIGTERM,
                cwd=settings.BASE_DIR,
                env={**os.environ, **machine.environment, **quiet, "PGAPPNAME": name},
                stdin=subprocess.DEVNULL,
                stdout=log,
            )

    @property
    def children(self) -> list[int]:
        return children_of(self.process.pid)

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        """`kill -9` of the main process and its children."""
        pids = self.children
        self.process.kill()
        self.process.wait(PATIENCE)
        for pid in pids:
            kill(pid)

    def lives(self) -> bool:
        return self.process.poll() is None

    def has_begun(self) -> bool:
        return bool(self.children) or not self.lives()

    def stop(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)


class Machine:
    """The private servers of some tests, a company in them, and the product's processes."""

    def __init__(self, base: Path) -> None:
        self.folder = base
        self.postgres = PrivatePostgres(base / "postgres", durable=True)
        self.redis = PrivateRedis(base / "redis", durable=False)
        self.programs: list[Program] = []

    def start(self) -> None:
        self.address = self.postgres.start()
        self.redis.up()
        self.environment = {
            "SALESOPS_ENV": "test",
            "DATABASE_URL": self.address,
            "REDIS_URL": self.redis.address(),
        }

    def run(self, name: str, command: list[str], role: str = "worker") -> Program:
        self.environment["DATABASE_ROLE"] = role
        program = Program(self, name, command)
        self.programs.append(program)
        return program

    def workers(self, count: int) -> list[Program]:
        """So many living workers of one child each: those that there are, and new ones for those that were killed."""
        living = {one.name: one for one in self.programs if one.name.startswith("worker") and one.lives()}
        for name in [f"worker-{number}" for number in range(count)]:
            if name not in living:
                command = [*worker(), "--concurrency", "1", "-n", f"{name}@%h"]
                living[name] = self.run(name, command)
        for one in living.values():
            until(one.has_begun)
            assert one.lives(), one.said()
        return list(living.values())

    def at_work(self) -> Program | None:
        """The worker that holds the gate before which jobs wait."""
        found = self.rows(GATE)
        return next((one for one in self.programs if found and one.name == found[0][0] and one.lives()), None)

    def beat(self, name: str = "clock") -> Program:
        return self.run(name, beat(self.folder / f"{name}-schedule"))

    def web(self, port: int) -> Program:
        return self.run("web", web(f"127.0.0.1:{port}"), "web")

    def wake(self, task: str = "quotas.nightly_due", **options: Any) -> None:
        """Send what the clock sends, without waiting for it."""
        with app.connection_for_write(self.redis.address()) as line:
            app.send_task(task, connection=line, retry=False, **options)

    def queued(self) -> int:
        """How many messages wait for a worker."""
        with redis.Redis.from_url(self.redis.address()) as line:
            return int(line.llen("celery"))  # type: ignore[arg-type]

    def rows(self, sql: str, *values: Any) -> list[Any]:
        return self.postgres.rows(sql, values or None)

    def value(self, sql: str, *values: Any) -> Any:
        return self.rows(sql, *values)[0][0]

    @contextlib.contextmanager
    def held(self, table: str, mode: str = "ACCESS EXCLUSIVE") -> Iterator[Callable[[], int]]:
        """A lock on a table, so that a process stops where it first needs it; asks which backend waits there."""
        session = self.postgres.session()
        session.autocommit = False
        with contextlib.closing(session), session.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN {mode} MODE")
            yield lambda: self.waiting(table)

    def waiting(self, table: str) -> int:
        """The backend that waits for a lock on that table; 0 where none does."""
        sql = "SELECT coalesce(max(pid), 0) FROM pg_locks WHERE NOT granted AND relation = %s::regclass"
        return int(self.value(sql, table))

    @contextlib.contextmanager
    def looked_into(self) -> Iterator[None]:
        """Let the product's code in this process work on this machine's database."""
        config: dict[str, Any] = dict(dj_database_url.parse(self.address))
        kept = {alias: dict(connections.settings[alias]) for alias in ALIASES}
        connections.close_all()
        for alias in ALIASES:
            names = ("NAME", "HOST", "PORT", "USER", "PASSWORD")
            connections.settings[alias].update({name: config[name] for name in names})
        try:
            yield
        finally:
            connections.close_all()
            for alias in ALIASES:
                connections.settings[alias].update(kept[alias])

    def end_programs(self) -> None:
        for program in self.programs:
            program.stop()
        self.programs = []

    def stop(self) -> None:
        self.end_programs()
        if self.redis.process:
            self.redis.down()
        if self.postgres.process:
            self.postgres.kill()
        self.postgres.stop()


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's account may pass through, gone afterwards with all in it."""
    path = Path(tempfile.mkdtemp(prefix="salesops-faults-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
