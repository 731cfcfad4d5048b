"""Who, why and reach of every transaction; the savepoint of every act; the gate of every job."""

import functools
import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import ParamSpec, TypeVar, cast

from django.core.exceptions import ImproperlyConfigured
from django.db import DataError, IntegrityError, OperationalError, connection, transaction

from common.access import Reach, table
from common.constraints import explained
from common.errors import Conflict

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Context:
    """Who acts (None: the organisation's own jobs), why, under which request, and what they may see.

    `answers`: what a snapshot was asked once and answers the same to its end; None where rows may change.
    """

    by_id: int | None
    why: str
    reach: Reach
    request_id: uuid.UUID
    answers: dict[Callable[[], object], object] | None = None


_context: ContextVar[Context | None] = ContextVar("transaction_context", default=None)


def context() -> Context:
    """The running transaction's context. Raises ImproperlyConfigured outside of one."""
    running = _context.get()
    if running is None:
        raise ImproperlyConfigured(
            "no transaction with who and why is open here: use common.transaction.work()"
        )
    return running


def reach() -> Reach:
    return context().reach


@contextmanager
def work(
    *, by: int | None, why: str, reach: Reach | None = None, snapshot: bool = False
) -> Iterator[Context]:
    """One transaction with its context, for an edge: the middleware, a task, a command.

    `snapshot` asks for REPEATABLE READ. Without `reach` the person reaches nothing until `set_reach`.
    """
    asked = Context(by, why, reach or Reach.nothing(), uuid.uuid4(), {} if snapshot else None)
    with transaction.atomic():
        if snapshot:
            _keep_one_snapshot()
        with _running(asked) as running:
            yield running


def _keep_one_snapshot() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


@contextmanager
def _running(opened: Context) -> Iterator[Context]:
    """The context of what runs inside, in Python and in the transaction's settings."""
    token = _context.set(opened)
    try:
        _publish(opened)
        yield opened
    finally:
        _context.reset(token)


def once_in_a_snapshot(read: Callable[[], R]) -> Callable[[], R]:
    """A read that depends on nothing but the snapshot: while one is open it is asked once, and else every time."""

    @functools.wraps(read)
    def answer() -> R:
        running = _context.get()
        if running is None or running.answers is None:
            return read()
        if read not in running.answers:
            running.answers[read] = read()
        return cast(R, running.answers[read])

    return answer


def set_reach(new: Reach, *, by: int | None = None) -> None:
    """Give the running transaction its person and reach, once they are known."""
    running = replace(context(), reach=new, by_id=by if by is not None else context().by_id)
    _context.set(running)
    _publish(running)


@contextmanager
def widened(*objects: str) -> Iterator[None]:
    """Let the running act read and write rows of the named objects outside the person's reach.

    For the product's own book-keeping after authority was checked: crediting a colleague in another team,
    reading the seat that a credit stamps. The reach that queries are given stays as it was.
    """
    names = objects or tuple(table())
    grants = sorted({*context().reach.grants(), *(f"{name}:org" for name in names)})
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.grants', true)")
        before = cursor.fetchone()[0]
        merged = ",".join(sorted({*filter(None, (before or "").split(",")), *grants}))
        cursor.execute("SELECT set_config('app.grants', %s, true)", [merged])
        yield
        cursor.execute("SELECT set_config('app.grants', %s, true)", [before])


def _publish(running: Context) -> None:
    """Write the context into the transaction's settings, which policies and history triggers read."""
    value = running.reach
    values = {
        "app.user": str(value.user_id or ""),
        "app.nodes": _array(value.nodes),
        "app.territories": _array(value.territories),
        "app.people": _array(value.people),
        "app.grants": ",".join(value.grants()),
        "pghistory.context_id": str(running.request_id),
        "pghistory.context_metadata": json.dumps({"by": running.by_id, "why": running.why}),
    }
    calls = ", ".join("set_config(%s, %s, true)" for _ in values)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {calls}", [part for pair in values.items() for part in pair])


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
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
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
        _keep_one_snapshot()
        _hold_the_gate()
        with _running(Context(None, why, Reach.everything(), uuid.uuid4())) as running:
            yield running


def _hold_the_gate() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE common_rungate IN EXCLUSIVE MODE NOWAIT")
    except OperationalError as error:
        message = "Another run is in progress; this one will follow."
        raise Conflict(message, code="run_in_progress") from error
