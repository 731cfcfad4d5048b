"""Customers brought in by the thousand."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

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

COLUMNS = {
    "field": "territory_id",
    "specialist": "specialist_territory_id",
    "partner": "partner_territory_id",
}
"""Where an account carries the territory that it is in today, by coverage."""

MOVE = """
UPDATE accounts_account a SET {column} = w.territory_id
FROM unnest(%s::bigint[], %s::bigint[]) AS w(account_id, territory_id)
WHERE a.id = w.account_id AND a.{column} IS DISTINCT FROM w.territory_id RETURNING a.id
"""
TO_FOLLOW = "INSERT INTO accounts_movedaccount (account_id) SELECT unnest(%s::bigint[])"

# Both sides are read once and joined as a whole: row policies let the planner look up account by account otherwise.
DUE = """
SELECT coalesce(a.id, t.account_id), coalesce(t.territory_id, %(nobody)s::bigint)
FROM (SELECT id, {column} AS place FROM accounts_account WHERE {column} IS NOT NULL) a
FULL JOIN (
    SELECT account_id, territory_id FROM accounts_accountterritory
    WHERE coverage = %(coverage)s AND superseded_at IS NULL AND starts_on <= %(day)s
      AND (stops_on IS NULL OR stops_on > %(day)s)
) t ON t.account_id = a.id
WHERE a.place IS DISTINCT FROM coalesce(t.territory_id, %(nobody)s::bigint)
ORDER BY 1
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


def due_places(day: date, coverage: str, nobody: int | None) -> dict[int, int | None]:
    """Where accounts have to be today that carry something else; `nobody` is for those that are nowhere."""
    with connection.cursor() as cursor:
        cursor.execute(
            DUE.format(column=COLUMNS[coverage]), {"day": day, "coverage": coverage, "nobody": nobody}
        )
        return dict(cursor.fetchall())


def move_accounts(where: Mapping[int, int | None], coverage: str = "field") -> dict[int, int | None]:
    """The territory that each account is in today; says which moved, and where to.

    `pipeline` lets the open work follow of those that moved in the field.
    """
    if not where:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(MOVE.format(column=COLUMNS[coverage]), [list(where), list(where.values())])
        moved = sorted(pk for (pk,) in cursor.fetchall())
    if coverage == "field":
        let_work_follow(moved)
    return {pk: where[pk] for pk in moved}


def let_work_follow(accounts: Collection[int]) -> None:
    """Open work of these accounts follows them (`pipeline` does it)."""
    with connection.cursor() as cursor:
        cursor.execute(TO_FOLLOW, [sorted(accounts)])
