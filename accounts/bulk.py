"""Customers brought in by the thousand."""

from collections.abc import Iterable, Mapping, Sequence

from django.db import connection

from common.staging import Value, merge, stage

PLACES = {"account_id": "bigint", "territory_id": "bigint", "starts_on": "date", "by_id": "bigint"}
WRITE_PLACES = """
INSERT INTO accounts_accountterritory (account_id, territory_id, starts_on, cause, reason, recorded_by_id)
SELECT p.account_id, p.territory_id, p.starts_on, 'import', 'import', p.by_id FROM imported_place p
WHERE NOT EXISTS (
    SELECT 1 FROM accounts_accountterritory t
    WHERE t.account_id = p.account_id AND t.coverage = 'field' AND t.superseded_at IS NULL
      AND (t.stops_on IS NULL OR t.stops_on > p.starts_on)
) ORDER BY p.account_id RETURNING account_id
"""

MOVE = """
WITH moved AS (
    UPDATE accounts_account a SET territory_id = w.territory_id
    FROM unnest(%s::bigint[], %s::bigint[]) AS w(account_id, territory_id)
    WHERE a.id = w.account_id AND a.territory_id <> w.territory_id RETURNING a.id
) INSERT INTO accounts_movedaccount (account_id) SELECT id FROM moved ORDER BY id
"""


def write_accounts(columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> tuple[int, set[int]]:
    """Rows of those columns, `id` first; the texts that a profile left out are empty.

    Returns how many are new, and which changed.
    """
    texts = [name for name in ("industry", "town", "region", "country", "postcode") if name not in columns]
    filled = ([*row, *[""] * len(texts)] for row in rows)
    return merge("accounts_account", [*columns, *texts], filled, once=["territory_id", *texts])


def write_places(rows: Iterable[Sequence[Value]]) -> set[int]:
    """Rows of (account, territory, first day, by whom); an account that has a place from then on keeps it.

    Returns the ids of the accounts that were placed.
    """
    stage("imported_place", PLACES, rows)
    with connection.cursor() as cursor:
        cursor.execute(WRITE_PLACES)
        return {row[0] for row in cursor.fetchall()}


def move_accounts(where: Mapping[int, int]) -> int:
    """The territory that each account is in today; `pipeline` lets their open work follow. Says how many moved."""
    with connection.cursor() as cursor:
        cursor.execute(MOVE, [list(where), list(where.values())])
        return int(cursor.rowcount)
