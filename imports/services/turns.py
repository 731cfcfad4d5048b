"""Tables of the set-up are looked at, brought in and taken back one after another."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _
from psycopg2.errors import DeadlockDetected, LockNotAvailable

from common.errors import Conflict
from common.models import Organisation

MOST_TIME = "SET LOCAL statement_timeout = '120s'"
MOST_WAIT = "SET LOCAL lock_timeout = '3s'"


def take_turn() -> None:
    """Wait until nobody else's table is under way; what follows reads what they wrote, and may take its time."""
    with connection.cursor() as cursor:
        cursor.execute(MOST_TIME)
    Organisation.objects.select_for_update(no_key=True).get()


@contextmanager
def in_a_moment() -> Iterator[None]:
    """Wait for what others hold for 3 seconds at most, as a look does, which may be had again. Raises Conflict."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(MOST_WAIT)
            yield
            cursor.execute("SET LOCAL lock_timeout = 0")
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable | DeadlockDetected):
            raise
        message = _("Somebody is bringing in or saving something just now. Press Check again in a moment.")
        raise Conflict(message, code="busy") from error
