"""The corporate family of an account, as far as the reader sees it: what lies above and below it."""

from django.db import connection

ABOVE = """
WITH RECURSIVE above AS (
    SELECT id, parent_id, 0 AS level FROM accounts_account WHERE id = %(account)s
    UNION
    SELECT a.id, a.parent_id, up.level + 1 FROM above up JOIN accounts_account a ON a.id = up.parent_id
    WHERE up.level < %(most)s
) SELECT id FROM above WHERE level > 0 ORDER BY level DESC
"""
BELOW = """
WITH RECURSIVE below AS (
    SELECT id, NULL::bigint AS parent_id FROM accounts_account WHERE id = %(account)s
    UNION
    SELECT a.id, a.parent_id FROM below down JOIN accounts_account a ON a.parent_id = down.id
    WHERE a.merged_into_id IS NULL AND a.id <> %(account)s
) SELECT id, parent_id FROM below
"""
MOST_ABOVE = 50


def above(account_id: int) -> list[int]:
    """The ids of those above an account, the topmost first; it ends below the first that the reader does not see."""
    with connection.cursor() as cursor:
        cursor.execute(ABOVE, {"account": account_id, "most": MOST_ABOVE})
        return [pk for pk in dict.fromkeys(row[0] for row in cursor.fetchall()) if pk != account_id]


def below(account_id: int) -> dict[int, int | None]:
    """An account and all below it, each with its parent and each parent before its own; through what is seen alone."""
    with connection.cursor() as cursor:
        cursor.execute(BELOW, {"account": account_id})
        return dict(cursor.fetchall())
