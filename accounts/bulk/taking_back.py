"""What a run of the rules wrote goes back: which accounts stand as it left them, and where they were before it."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection

from accounts.bulk.ruled import by_hash

# What the run recorded (`is_new`) and what it ended, as far as it says something of the day or later.
TOUCHED = """
CREATE TEMPORARY TABLE run_touched ON COMMIT DROP AS
SELECT id, account_id, territory_id, starts_on, stops_on, recorded_at = %(at)s AS is_new,
    superseded_at IS NULL AS stands
FROM accounts_accountterritory
WHERE coverage = %(coverage)s AND (recorded_at = %(at)s OR superseded_at = %(at)s)
    AND (stops_on IS NULL OR stops_on > %(day)s)
"""
# An account has moved on where something was recorded since of the days that would go back.
VERDICTS = """
CREATE TEMPORARY TABLE run_verdict ON COMMIT DROP AS
WITH moved AS (
    SELECT account_id FROM run_touched WHERE is_new AND NOT stands
    UNION
    SELECT t.account_id FROM run_touched t JOIN accounts_accountterritory o ON o.account_id = t.account_id
    WHERE NOT t.is_new AND o.coverage = %(coverage)s AND o.superseded_at IS NULL AND o.recorded_at > %(at)s
        AND daterange(o.starts_on, o.stops_on) && daterange(greatest(t.starts_on, %(day)s), t.stops_on)
    UNION
    SELECT id FROM accounts_account WHERE merged_into_id IS NOT NULL
), held AS (
    SELECT DISTINCT account_id FROM accounts_hold WHERE superseded_at IS NULL AND stops_on > %(day)s
), gone AS (
    SELECT DISTINCT account_id FROM run_touched WHERE NOT is_new AND territory_id = ANY(%(gone)s)
)
SELECT t.account_id, CASE WHEN moved.account_id IS NOT NULL THEN 'moved' WHEN held.account_id IS NOT NULL THEN 'held'
    WHEN gone.account_id IS NOT NULL THEN 'gone' ELSE 'back' END AS verdict
FROM (SELECT DISTINCT account_id FROM run_touched) t LEFT JOIN moved USING (account_id)
    LEFT JOIN held USING (account_id) LEFT JOIN gone USING (account_id)
"""
COUNTED = "SELECT verdict, count(*) FROM run_verdict GROUP BY 1"
WAYS = """
SELECT coalesce(away, %(nobody)s), coalesce(back, %(nobody)s), count(*) FROM (
    SELECT account_id, max(territory_id) FILTER (WHERE is_new) AS away,
        max(territory_id) FILTER (WHERE NOT is_new) AS back
    FROM run_touched WHERE starts_on <= %(day)s GROUP BY 1
) t JOIN run_verdict v USING (account_id) WHERE v.verdict = 'back' GROUP BY 1, 2 ORDER BY 1, 2
"""
DIGEST = """
SELECT md5(string_agg(id::text, ' ' ORDER BY id)) FROM run_touched t JOIN run_verdict v USING (account_id)
WHERE v.verdict = 'back'
"""
WRITTEN = """
CREATE TEMPORARY TABLE rule_write ON COMMIT DROP AS SELECT account_id FROM run_verdict WHERE verdict = 'back'
"""
END = """
UPDATE accounts_accountterritory t SET superseded_at = %(now)s FROM run_touched o JOIN rule_write USING (account_id)
WHERE t.id = o.id AND o.is_new
"""
BEGIN = """
INSERT INTO accounts_accountterritory
    (account_id, coverage, territory_id, starts_on, stops_on, cause, cause_id, cause_version, reason, recorded_by_id,
     recorded_at)
SELECT t.account_id, t.coverage, t.territory_id,
    CASE WHEN o.is_new THEN t.starts_on ELSE greatest(t.starts_on, %(day)s) END,
    CASE WHEN o.is_new THEN %(day)s ELSE t.stops_on END,
    t.cause, t.cause_id, t.cause_version,
    CASE WHEN o.is_new THEN t.reason ELSE left(concat_ws(': ', %(why)s, nullif(t.reason, '')), 200) END, %(by)s, %(now)s
FROM accounts_accountterritory t JOIN run_touched o ON o.id = t.id JOIN rule_write r ON r.account_id = t.account_id
WHERE NOT o.is_new OR t.starts_on < %(day)s ORDER BY hashint8(t.account_id)
"""


@dataclass
class Return:
    """What goes back of one coverage from a day on: how many accounts from where to where, and which stay.

    `verdicts` counts accounts: *back*; *moved* on since; *held*; *gone*, where they were is no territory any more.
    """

    coverage: str
    day: date
    nobody: int | None
    verdicts: dict[str, int]
    ways: list[tuple[int | None, int | None, int]]
    digest: str
    came: dict[int | None, int] = field(default_factory=dict)
    went: dict[int | None, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for away, back, count in self.ways:
            if away != back:
                self.went[away] = self.went.get(away, 0) + count
                self.came[back] = self.came.get(back, 0) + count

    @property
    def moved(self) -> int:
        return sum(self.came.values())


def territories_before(at: datetime, day: date) -> set[int]:
    """The territories in which accounts would be again on that day or later."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT territory_id FROM accounts_accountterritory "
            "WHERE superseded_at = %s AND (stops_on IS NULL OR stops_on > %s)",
            [at, day],
        )
        return {pk for (pk,) in cursor.fetchall()}


@contextmanager
def looked_at(
    coverage: str, at: datetime, day: date, *, nobody: int | None, gone: Collection[int]
) -> Iterator[Return]:
    """What goes back of that coverage, of a run that wrote in the instant `at`; while it lasts it can be written."""
    asked: dict[str, Any] = {
        "coverage": coverage,
        "at": at,
        "day": day,
        "nobody": nobody,
        "gone": sorted(gone),
    }
    with connection.cursor() as cursor, by_hash(is_whole=True):
        cursor.execute("DROP TABLE IF EXISTS pg_temp.run_touched, pg_temp.run_verdict")
        cursor.execute(TOUCHED, asked)
        cursor.execute("ANALYZE run_touched")
        cursor.execute(VERDICTS, asked)
        cursor.execute("ANALYZE run_verdict")
        cursor.execute(COUNTED)
        verdicts = dict(cursor.fetchall())
        cursor.execute(WAYS, asked)
        ways = cursor.fetchall()
        cursor.execute(DIGEST)
        yield Return(coverage, day, nobody, verdicts, ways, cursor.fetchone()[0] or "")


def put_back(found: Return, *, by: int, now: datetime, why: str) -> int:
    """Write what was looked at: what the run had recorded ends on the day, what it had ended begins there again.

    With the cause that it had; `why` goes before its reason. Says how many rows were written.
    """
    asked: dict[str, Any] = {"day": found.day, "now": now, "by": by, "why": why}
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.rule_write")
        for statement in (WRITTEN, END, BEGIN):
            cursor.execute(statement, asked)
        return int(cursor.rowcount)
