"""Tables of the set-up are looked at, brought in and taken back one after another."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _
from psycopg2.errors import DeadlockDetected, LockNotAvailable

from common.errors import Conflict

MOST_TIME = "SET LOCAL statement_timeout = '120s'"


def take_turn(seconds: int = 10) -> None:
    """Wait until nobody else's table is under way; what follows reads what they wrote, and may take its time.

    Raises Conflict where it still is after so many seconds.
    """
    with connection.cursor() as cursor:
        cursor.execute(MOST_TIME)
    with in_a_moment(seconds):
        wait_for_turn()


def wait_for_turn() -> None:
    """Wait as long as it takes; nothing but tables, folders and their undoing stands in this queue."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('imports_turn'))")


@contextmanager
def in_a_moment(seconds: int = 3) -> Iterator[None]:
    """Wait for what others hold for a few seconds at most; who asked may do so again. Raises Conflict."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('lock_timeout')")
            (before,) = cursor.fetchone()
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{seconds}s"])
            yield
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [before])
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable | DeadlockDetected):
            raise
        message = _("Somebody is bringing in or saving something just now. Try again in a moment.")
        raise Conflict(message, code="busy") from error
