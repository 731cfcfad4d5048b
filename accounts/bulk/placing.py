"""What the rules decided is written in one go: by COPY into a temporary table, from there by one INSERT."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection

from accounts.bulk.places import COLUMNS
from accounts.bulk.ruled import Effect, Write
from common.staging import stage

RULES = {"cause_id": "bigint", "cause_version": "integer", "reason": "text"}
# By rule and not with each account: a million accounts go into few territories for few reasons.
STAGED = {"account_id": "bigint", "territory_id": "bigint", "keeps": "boolean", "cause_id": "bigint"}
ENDED = """
CREATE TEMPORARY TABLE rule_ended ON COMMIT DROP AS
SELECT account_id, territory_id, starts_on, stops_on, cause, cause_id, cause_version, reason
FROM accounts_accountterritory WITH NO DATA
"""
END = """
WITH ended AS (
    UPDATE accounts_accountterritory t SET superseded_at = %(at)s
    FROM rule_write r WHERE t.account_id = r.account_id AND t.coverage = %(coverage)s AND t.superseded_at IS NULL
        AND (t.stops_on IS NULL OR t.stops_on > %(day)s) AND (t.starts_on <= %(day)s OR t.cause = 'rule')
    RETURNING t.account_id, t.territory_id, t.starts_on, t.stops_on, t.cause, t.cause_id, t.cause_version, t.reason
) INSERT INTO rule_ended SELECT * FROM ended
"""
# What was planned by hand for later stays: a new row ends where the first of these begins. Rows come in no order of
# theirs: an index of ranges takes twice the time for accounts one after the other.
BEGIN = """
WITH room AS (
    SELECT t.account_id, min(t.starts_on) AS stops_on FROM accounts_accountterritory t
    JOIN rule_write r ON r.account_id = t.account_id
    WHERE t.coverage = %(coverage)s AND t.superseded_at IS NULL AND t.starts_on > %(day)s GROUP BY 1
), running AS (
    SELECT e.*, r.keeps FROM rule_ended e JOIN rule_write r ON r.account_id = e.account_id WHERE e.starts_on <= %(day)s
), new AS (
    SELECT account_id, territory_id, starts_on, %(day)s::date AS stops_on, cause, cause_id, cause_version, reason
    FROM running WHERE starts_on < %(day)s AND NOT keeps
    UNION ALL
    SELECT e.account_id, e.territory_id, e.starts_on, room.stops_on, e.cause, e.cause_id, e.cause_version, e.reason
    FROM running e LEFT JOIN room ON room.account_id = e.account_id WHERE e.keeps
    UNION ALL
    SELECT r.account_id, r.territory_id, %(day)s, room.stops_on, 'rule', r.cause_id, s.cause_version,
        coalesce(s.reason, %(nobody_takes)s)
    FROM rule_write r LEFT JOIN rule_said s ON s.cause_id = r.cause_id
        LEFT JOIN room ON room.account_id = r.account_id
    WHERE r.territory_id IS NOT NULL
)
INSERT INTO accounts_accountterritory
    (account_id, coverage, territory_id, starts_on, stops_on, cause, cause_id, cause_version, reason, recorded_by_id,
     recorded_at)
SELECT account_id, %(coverage)s, territory_id, starts_on, stops_on, cause, cause_id, cause_version, reason, %(by)s,
    %(at)s
FROM new ORDER BY hashint8(account_id)
"""
# Where the accounts are today is where a row says that holds today, whichever that is.
TODAY = """
UPDATE accounts_account a SET {column} = w.territory_id FROM (
    SELECT r.account_id, coalesce(t.territory_id, %(nobody)s) AS territory_id
    FROM rule_write r LEFT JOIN accounts_accountterritory t ON t.account_id = r.account_id
        AND t.coverage = %(coverage)s AND t.superseded_at IS NULL
        AND t.starts_on <= %(today)s AND (t.stops_on IS NULL OR t.stops_on > %(today)s)
) w WHERE a.id = w.account_id AND a.{column} IS DISTINCT FROM w.territory_id RETURNING a.id, a.{column}
"""


def apply(
    effect: Effect, *, by: int | None, at: datetime, names: Mapping[int, str], nobody_takes: str
) -> int:
    """Write what the rules do: what held on the day ends, what rules had planned for later goes, the new begins.

    `names`: what each rule is called, which is the reason. `at`: the instant of all that is written. Says how many
    rows were written.
    """
    rulings = effect.decider.rulings
    stage("rule_said", RULES, ((one.pk, one.version, names[one.pk]) for one in rulings))
    stage("rule_write", STAGED, map(_staged, effect.writes))
    asked: dict[str, Any] = {
        "coverage": effect.coverage,
        "day": effect.day,
        "by": by,
        "at": at,
        "nobody_takes": nobody_takes,
    }
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.rule_ended")
        cursor.execute(ENDED)
        cursor.execute(END, asked)
        cursor.execute("ANALYZE rule_ended")
        cursor.execute(BEGIN, asked)
        return int(cursor.rowcount)


def _staged(one: Write) -> tuple[Any, ...]:
    return one.account_id, one.territory_id, one.keeps, one.ruling.pk if one.ruling else None


def follow(coverage: str, nobody: int | None, today: date) -> dict[int, int]:
    """Bring today's column of the accounts that were written to the rows that hold today; says who moved where."""
    asked: dict[str, Any] = {"coverage": coverage, "today": today, "nobody": nobody}
    with connection.cursor() as cursor:
        cursor.execute(TODAY.format(column=COLUMNS[coverage]), asked)
        return dict(cursor.fetchall())
