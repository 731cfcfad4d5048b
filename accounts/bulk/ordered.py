"""When customers ordered first, of many at once."""

from collections.abc import Mapping
from datetime import date

from django.db import connection

EARLIER = """
UPDATE accounts_account a SET first_ordered_on = o.day
FROM unnest(%s::bigint[], %s::date[]) AS o(account_id, day)
WHERE a.id = o.account_id AND (a.first_ordered_on IS NULL OR a.first_ordered_on > o.day)
"""


def note_first_days(days: Mapping[int, date]) -> None:
    """Each account's earliest order, where none is known or only a later one. Their act holds the accounts."""
    with connection.cursor() as cursor:
        cursor.execute(EARLIER, [list(days), list(days.values())])
