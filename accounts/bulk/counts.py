"""The counts of accounts by territory: put together, compared with the accounts, and made anew."""

from django.db import connection

from common.errors import Forbidden
from common.transaction import reach

TOGETHER = """
WITH gone AS (
    DELETE FROM accounts_accountcount WHERE territory_id IN (
        SELECT territory_id FROM accounts_accountcount GROUP BY territory_id HAVING count(*) > 1
    ) RETURNING territory_id, number
)
INSERT INTO accounts_accountcount (territory_id, number)
SELECT territory_id, sum(number) FROM gone GROUP BY territory_id HAVING sum(number) <> 0
"""

WRONG = """
SELECT count(*) FROM (
    SELECT territory_id FROM (
        SELECT territory_id, number FROM accounts_accountcount
        UNION ALL
        SELECT territory_id, -count(*) FROM accounts_account WHERE merged_into_id IS NULL GROUP BY territory_id
    ) compared GROUP BY territory_id HAVING sum(number) <> 0
) wrong
"""

ANEW = """
LOCK TABLE accounts_account, accounts_accountcount IN SHARE ROW EXCLUSIVE MODE;
DELETE FROM accounts_accountcount;
INSERT INTO accounts_accountcount (territory_id, number)
SELECT territory_id, count(*) FROM accounts_account WHERE merged_into_id IS NULL GROUP BY territory_id
"""


def put_counts_together() -> None:
    """One row for each territory; what comes meanwhile stands beside it."""
    with connection.cursor() as cursor:
        cursor.execute(TOGETHER)


def mend_counts() -> int:
    """Make the counts anew where they are not what the accounts say; of how many territories they were not."""
    _require_all()
    with connection.cursor() as cursor:
        cursor.execute(WRONG)
        wrong = int(cursor.fetchone()[0])
    if wrong:
        count_anew()
    return wrong


def count_anew() -> None:
    """What the counts have to be, should anything have kept them from counting. Raises Forbidden where not every
    account can be read: what is not seen would be counted as gone.
    """
    _require_all()
    with connection.cursor() as cursor:
        cursor.execute(ANEW)


def _require_all() -> None:
    """Raises Forbidden, and ImproperlyConfigured outside of `work`."""
    if "org" not in reach().relations("account"):
        raise Forbidden()
