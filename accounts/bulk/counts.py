"""The counts of accounts by territory: put together, and made anew."""

from django.db import connection

TOGETHER = """
WITH gone AS (
    DELETE FROM accounts_accountcount WHERE territory_id IN (
        SELECT territory_id FROM accounts_accountcount GROUP BY territory_id HAVING count(*) > 1
    ) RETURNING territory_id, number
)
INSERT INTO accounts_accountcount (territory_id, number)
SELECT territory_id, sum(number) FROM gone GROUP BY territory_id HAVING sum(number) <> 0
"""

ANEW = """
LOCK TABLE accounts_account IN SHARE ROW EXCLUSIVE MODE;
DELETE FROM accounts_accountcount;
INSERT INTO accounts_accountcount (territory_id, number)
SELECT territory_id, count(*) FROM accounts_account WHERE merged_into_id IS NULL GROUP BY territory_id
"""


def put_counts_together() -> None:
    """One row for each territory; what comes meanwhile stands beside it."""
    with connection.cursor() as cursor:
        cursor.execute(TOGETHER)


def count_anew() -> None:
    """What the counts have to be, should anything have kept them from counting."""
    with connection.cursor() as cursor:
        cursor.execute(ANEW)
