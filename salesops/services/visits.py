"""The one thing that home pages write."""

from datetime import datetime, timedelta

from django.db import connections
from django.utils import timezone

AWAY = timedelta(hours=4)
NOTE = """
INSERT INTO territories_visit AS known (user_id, last_at, before_at) VALUES (%(person)s, %(now)s, %(now)s)
ON CONFLICT (user_id) DO UPDATE SET last_at = excluded.last_at,
    before_at = CASE WHEN known.last_at < %(away)s THEN known.last_at ELSE known.before_at END
RETURNING before_at
"""


def note_visit(*, person_id: int) -> datetime:
    """Remember that the person is here now; answers when they were here the last time before this visit.

    After four hours away this counts as a new visit; the first one of all counts from its own beginning. On the
    connection beside the request's, because a page that is read changes nothing in its own transaction.
    """
    now = timezone.now()
    with connections["aside"].cursor() as cursor:
        cursor.execute(NOTE, {"person": person_id, "now": now, "away": now - AWAY})
        before: datetime = cursor.fetchone()[0]
    return before
