"""Potential and workload of many territories at once, of the accounts that the reader sees.

To be read within `widened(*DATED)`: what hangs on an account is asked of the account once, not of every row.
"""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import connection

DATED = ("account_territory", "classification", "potential")
PLACED = """
WITH placed AS (
    SELECT t.account_id, t.territory_id FROM accounts_accountterritory t
    JOIN accounts_account a ON a.id = t.account_id  -- whose row policy lets through what the reader sees
    WHERE t.coverage = 'field' AND t.superseded_at IS NULL AND t.territory_id = ANY(%(territories)s)
      AND t.starts_on <= %(day)s AND (t.stops_on IS NULL OR t.stops_on > %(day)s)
)
"""
POTENTIAL = """
{placed}, newest AS (
    SELECT DISTINCT ON (p.account_id, p.family_id) p.account_id, p.amount_minor
    FROM accounts_potential p JOIN placed USING (account_id)
    WHERE p.year_id = %(year)s AND p.as_of <= %(day)s ORDER BY p.account_id, p.family_id, p.as_of DESC, p.id DESC
), known AS (
    SELECT account_id, sum(amount_minor)::bigint AS minor FROM newest WHERE amount_minor IS NOT NULL GROUP BY 1
) SELECT territory_id, coalesce(sum(minor), 0)::bigint, count(minor), count(*) - count(minor)
FROM placed LEFT JOIN known USING (account_id) GROUP BY 1
"""
BY_CLASS = """
{placed}, classed AS (
    SELECT p.territory_id, coalesce(c.segment, '') AS segment, coalesce(c.tier, '') AS tier, count(*) AS accounts
    FROM placed p LEFT JOIN {classes} GROUP BY 1, 2, 3
) SELECT c.territory_id, c.segment, c.tier, c.accounts, n.touches, n.minutes
FROM classed c LEFT JOIN accounts_touchnorm n ON n.segment = c.segment AND n.tier = c.tier
     AND n.superseded_at IS NULL AND n.starts_on <= %(day)s AND (n.stops_on IS NULL OR n.stops_on > %(day)s)
ORDER BY 1, 2, 3
"""
OF_A_DAY = """accounts_classification c ON c.account_id = p.account_id AND c.superseded_at IS NULL
         AND c.starts_on <= %(day)s AND (c.stops_on IS NULL OR c.stops_on > %(day)s)"""
OF_TODAY = "accounts_account c ON c.id = p.account_id"
"""Accounts carry their classes of today."""


def potentials(territories: Collection[int], year_id: int, day: date) -> list[tuple[int, int, int, int]]:
    """Territory, potential, accounts of which it is known, and accounts of which it is not."""
    return _rows(
        POTENTIAL.format(placed=PLACED), {"territories": list(territories), "year": year_id, "day": day}
    )


def classed(
    territories: Collection[int], day: date, *, is_today: bool
) -> list[tuple[int, str, str, int, int | None, int | None]]:
    """Territory, segment, tier, accounts, and the touches and minutes of their norm, if there is one."""
    statement = BY_CLASS.format(placed=PLACED, classes=OF_TODAY if is_today else OF_A_DAY)
    return _rows(statement, {"territories": list(territories), "day": day})


def _rows(statement: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
