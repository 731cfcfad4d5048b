"""The classes of accounts as they hold on a day, for many at once."""

from collections.abc import Iterable
from datetime import date

from django.db import connection

CLASSIFY = """
UPDATE accounts_account a SET segment = w.segment, tier = w.tier, business_unit = w.business_unit,
    is_strategic = w.is_strategic
FROM (
    SELECT k.account_id, coalesce(c.segment, '') AS segment, coalesce(c.tier, '') AS tier,
           coalesce(c.business_unit, '') AS business_unit, coalesce(c.is_strategic, false) AS is_strategic
    FROM (SELECT unnest(%(ids)s::bigint[]) AS account_id UNION
          SELECT account_id FROM accounts_classification WHERE %(ids)s::bigint[] IS NULL) k
    LEFT JOIN accounts_classification c ON c.account_id = k.account_id AND c.superseded_at IS NULL
         AND c.starts_on <= %(day)s AND (c.stops_on IS NULL OR c.stops_on > %(day)s)
) w
WHERE a.id = w.account_id AND (a.segment, a.tier, a.business_unit, a.is_strategic)
    IS DISTINCT FROM (w.segment, w.tier, w.business_unit, w.is_strategic)
"""


def classify_now(day: date, ids: Iterable[int] | None = None) -> int:
    """The classes of these accounts, else of all that ever had one, as they hold on that day. Says how many changed."""
    with connection.cursor() as cursor:
        cursor.execute(CLASSIFY, {"day": day, "ids": None if ids is None else list(ids)})
        return int(cursor.rowcount)
