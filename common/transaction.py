"""Who, why and reach of every transaction; the savepoint of every act; the gate of every job."""

import functools
import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ParamSpec, TypeVar, cast

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, DataError, IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from common.access import Reach
from common.constraints import explained
from common.errors import Conflict

P = ParamSpec("P")
R = TypeVar("R")
NOBODY = Reach.nothing()
SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
GONE = ("22023", "42704", "55000")
"""So PostgreSQL refuses a snapshot whose transaction has ended: there is no such name, or no such process."""
GRANT = "SELECT set_config('app.grants', %s, true)"
WHY = "SELECT set_config('pghistory.context_metadata', %s, true)"


@dataclass(frozen=True)
class Context:
    """Who acts (None: the organisation's own jobs), why, what they may see, since when, and what is remembered.

    `wider`: what `widened` grants besides the reach. `answers`: what was read once.
    """

    by_id: int | None
    why: str
    reach: Reach
    wider: frozenset[str] = frozenset()
    request_id: uuid.UUID = field(default_factory=uuid.uuid4)
    now: datetime = field(default_factory=timezone.now)
    answers: dict[object, object] = field(default_factory=dict)

    def said(self) -> str:
        """Who and why, as history keeps it."""
        return json.dumps({"by": self.by_id, "why": self.why})

    def grants(self) -> str:
        return ",".join(sorted(self.wider.union(self.reach.grants())))


_context: ContextVar[Context | None] = ContextVar("transaction_context", default=None)


def context() -> Context:
    """The running transaction's context. Raises ImproperlyConfigured outside of one."""
    running = _context.get()
    if running is None:
        raise ImproperlyConfigured("no transaction with who and why is open here: use transaction.work()")
    return running


def reach() -> Reach:
    return context().reach


def now() -> datetime:
    """The instant at which the running transaction began, so that no midnight falls into it; else the clock's."""
    running = _context.get()
    return running.now if running else timezone.now()


@contextmanager
def work(
    *, by: int | None, why: str, reach: Reach | None = NOBODY, snapshot: bool | str = False
) -> Iterator[Context]:
    """One transaction with its context, for an edge: the middleware, a task, a command.

    `snapshot` asks for REPEATABLE READ, or for what the transaction sees that exported the snapshot of that name;
    raises Conflict where that one has ended. Where `reach` is not known yet (None), `set_reach` follows.
    """
    with transaction.atomic():
        if snapshot:
            _tell(SNAPSHOT)
        if isinstance(snapshot, str):
            _look_with(snapshot)
        with _running(Context(by, why, reach or NOBODY)) as running:
            if reach:
                _publish(running)
            yield running


def _look_with(snapshot: str) -> None:
    try:
        _tell("SET TRANSACTION SNAPSHOT %s", [snapshot])
    except DatabaseError as error:
        if getattr(error.__cause__, "pgcode", None) in GONE:
            raise Conflict("What this was a part of has ended.", code="snapshot_gone") from error
        raise


def _tell(statement: str, values: Sequence[str] = ()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@contextmanager
def _running(opened: Context) -> Iterator[Context]:
    token = _context.set(opened)
    try:
        yield opened
    finally:
        _context.reset(token)


def once(read: Callable[[], R]) -> Callable[[], R]:
    """A read that a transaction asks once; who writes what it reads calls `forget_answers`."""

    @functools.wraps(read)
    def answer() -> R:
        return kept(read, read)

    return answer


def kept(key: object, read: Callable[[], R]) -> R:
    """What a read answered earlier in the transaction under that key, else what it answers now."""
    running = _context.get()
    if running is None:
        return read()
    if key not in running.answers:
        running.answers[key] = read()
    return cast(R, running.answers[key])


def forget_answers() -> None:
    context().answers.clear()


def set_reach(new: Reach, *, by: int | None = None) -> None:
    """Give the running transaction its person and reach, once they are known."""
    running = replace(context(), reach=new, by_id=by)
    _context.set(running)
    _publish(running)


@contextmanager
def widened(*objects: str) -> Iterator[None]:
    """Let the running act read and write rows of the named objects outside the person's reach.

    For the product's own book-keeping after authority was checked: crediting a colleague in another team,
    reading the seat that a credit stamps. The reach that queries are given stays as it was.
    """
    before = context()
    wider = before.wider.union(f"{name}:org" for name in objects)
    with _running(replace(before, wider=wider)) as after:
        is_new = after.grants() != before.grants()
        if is_new:
            _tell(GRANT, [after.grants()])
        yield
        if is_new:
            _tell(GRANT, [before.grants()])


@contextmanager
def as_the_organisation() -> Iterator[None]:
    """Let the running act read and do what the organisation's own jobs may, once its authority was checked.

    For acts that do what others will have approved, or that take back all they did, such as a preview.
    """
    before = context()
    with _running(replace(before, reach=Reach.everything())) as after:
        _publish(after)
        yield
    _publish(before)


@contextmanager
def because(why: str) -> Iterator[None]:
    """Let the changes that are made meanwhile say this as their reason, instead of the address that asked for them."""
    before = context()
    with _running(replace(before, why=why)) as after:
        _tell(WHY, [after.said()])
        yield
    _tell(WHY, [before.said()])


@contextmanager
def rehearsed() -> Iterator[None]:
    """Let the database check what is done meanwhile, and take it back: nothing of it stays, nor of what was read."""
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        forget_answers()


def _publish(running: Context) -> None:
    """Write the context into the transaction's settings, which policies and history triggers read."""
    value = running.reach
    values = {
        "app.now": running.now.isoformat(),
        "app.user": str(value.user_id or ""),
        "app.nodes": _array(value.nodes),
        "app.peers": _array(value.peers),
        "app.territories": _array(value.territories),
        "app.people": _array(value.people),
        "app.grants": running.grants(),
        "pghistory.context_id": str(running.request_id),
        "pghistory.context_metadata": running.said(),
    }
    calls = ", ".join("set_config(%s, %s, true)" for _ in values)
    _tell(f"SELECT {calls}", [part for pair in values.items() for part in pair])


def _array(ids: frozenset[int]) -> str:
    return "{" + ",".join(map(str, sorted(ids))) + "}"


def act(service: Callable[P, R]) -> Callable[P, R]:
    """One business act: needs a context, runs in a savepoint, and hears the database's refusals at its end.

    A constraint's refusal comes back as `Refused` with the constraint's own message.
    """

    @functools.wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        context()
        try:
            with transaction.atomic():
                result = service(*args, **kwargs)
                _tell("SET CONSTRAINTS ALL IMMEDIATE")
                return result
        except (IntegrityError, DataError) as error:
            raise explained(error) from error

    return run


@contextmanager
def job(why: str) -> Iterator[Context]:
    """The transaction of a nightly or sweeping job: one at a time, a snapshot taken after the gate is held.

    Raises Conflict where another job holds the gate.
    """
    with transaction.atomic():
        _tell(SNAPSHOT)
        try:
            _tell("LOCK TABLE common_rungate IN EXCLUSIVE MODE NOWAIT")
        except OperationalError as error:
            message = "Another run is in progress; this one will follow."
            raise Conflict(message, code="run_in_progress") from error
        with _running(Context(None, why, Reach.everything())) as running:
            _publish(running)
            yield running
