"""What a run of the rules wrote goes back: which accounts stand as it left them, and where they were before it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection

from accounts.bulk.ruled import Ways, by_hash

# The rows of every coverage that say something of the day or later: what the run *ended*; what it recorded, where that
# stands (*new*) and where it was *replaced*; what was recorded *since* and stands. All else is asked of these alone,
# so that history is read once.
TOUCHED = """
CREATE TEMPORARY TABLE run_touched ON COMMIT DROP AS
SELECT id, account_id, coverage, territory_id, starts_on, stops_on, cause, cause_id, cause_version, reason, recorded_at,
    daterange(greatest(starts_on, %(day)s), stops_on) AS days,
    CASE WHEN superseded_at = %(at)s THEN 'ended' WHEN recorded_at > %(at)s THEN 'since'
        WHEN superseded_at IS NULL THEN 'new' ELSE 'replaced' END AS part
FROM accounts_accountterritory
WHERE (recorded_at = %(at)s OR superseded_at = %(at)s OR (superseded_at IS NULL AND recorded_at > %(at)s))
    AND (stops_on IS NULL OR stops_on > %(day)s)
"""
# What a later run replaced stands again where taking that back recorded it anew, on each of its days.
RESTORED = """
WITH copy AS (
    SELECT r.id AS replaced, r.days AS lost, s.id, s.days FROM run_touched r
    JOIN run_touched s ON s.account_id = r.account_id AND s.coverage = r.coverage AND s.territory_id = r.territory_id
        AND s.cause = r.cause AND s.cause_id IS NOT DISTINCT FROM r.cause_id
        AND s.cause_version IS NOT DISTINCT FROM r.cause_version
        AND daterange(s.starts_on, s.stops_on) <@ daterange(r.starts_on, r.stops_on)
    JOIN unnest(%(instants)s::timestamptz[], %(limits)s::date[]) AS again(instant, before)
        ON s.recorded_at = again.instant AND (again.before IS NULL OR s.starts_on < again.before)
    WHERE r.part = 'replaced' AND s.part = 'since'
), whole AS (
    SELECT replaced FROM copy GROUP BY replaced, lost HAVING range_agg(days) @> lost
)
UPDATE run_touched SET part = CASE part WHEN 'since' THEN 'new' ELSE 'restored' END
WHERE id IN (SELECT replaced FROM whole UNION SELECT id FROM copy WHERE replaced IN (SELECT replaced FROM whole))
"""
# An account has moved on where something was recorded since of the days that would go back; it has nowhere to go back
# to where its former territory is not in the tree on each of these days.
VERDICTS = """
CREATE TEMPORARY TABLE run_verdict ON COMMIT DROP AS
WITH moved AS (
    SELECT account_id, coverage FROM run_touched WHERE part = 'replaced'
    UNION
    SELECT account_id, coverage FROM run_touched t JOIN run_touched o USING (account_id, coverage)
    WHERE t.part = 'ended' AND o.part = 'since' AND o.days && t.days
    UNION
    SELECT t.account_id, t.coverage FROM run_touched t JOIN accounts_account a ON a.id = t.account_id
    WHERE a.merged_into_id IS NOT NULL
), held AS (
    SELECT DISTINCT account_id FROM accounts_hold WHERE superseded_at IS NULL AND stops_on > %(day)s
), placed AS (
    SELECT child_id, range_agg(daterange(starts_on, stops_on)) AS days FROM territories_edge
    WHERE superseded_at IS NULL GROUP BY 1
), gone AS (
    SELECT DISTINCT t.account_id, t.coverage FROM run_touched t LEFT JOIN placed p ON p.child_id = t.territory_id
    WHERE t.part = 'ended' AND (p.days @> t.days) IS NOT TRUE
)
SELECT account_id, coverage, CASE WHEN moved.account_id IS NOT NULL THEN 'moved'
    WHEN held.account_id IS NOT NULL THEN 'held' WHEN gone.account_id IS NOT NULL THEN 'gone' ELSE 'back' END AS verdict
FROM (SELECT DISTINCT account_id, coverage FROM run_touched WHERE part <> 'since') t
    LEFT JOIN moved USING (account_id, coverage) LEFT JOIN held USING (account_id)
    LEFT JOIN gone USING (account_id, coverage)
"""
COUNTED = "SELECT coverage, verdict, count(*) FROM run_verdict GROUP BY 1, 2"
WAYS = """
SELECT coverage, away, back, {what} FROM (
    SELECT account_id, coverage, max(territory_id) FILTER (WHERE part = 'new') AS away,
        max(territory_id) FILTER (WHERE part = 'ended') AS back
    FROM run_touched WHERE starts_on <= %(day)s GROUP BY 1, 2
) t JOIN run_verdict v USING (account_id, coverage) WHERE v.verdict = 'back' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
DIGEST = """
SELECT coverage, md5(string_agg(id::text, ' ' ORDER BY id)) FROM run_touched JOIN run_verdict v
USING (account_id, coverage) WHERE v.verdict = 'back' AND part IN ('new', 'ended') GROUP BY 1
"""
WRITTEN = """
CREATE TEMPORARY TABLE rule_write ON COMMIT DROP AS
SELECT account_id FROM run_verdict WHERE verdict = 'back' AND coverage = %(coverage)s
"""
# What the run had cut in two on the day, or kept and cut there now, is one again: the account was never elsewhere.
WHOLE = """
CREATE TEMPORARY TABLE run_whole ON COMMIT DROP AS
SELECT o.id, h.id AS head FROM run_touched o JOIN rule_write USING (account_id)
    JOIN accounts_accountterritory h ON h.account_id = o.account_id AND h.coverage = o.coverage
        AND h.superseded_at IS NULL AND h.starts_on = o.starts_on AND h.territory_id = o.territory_id
        AND h.cause = o.cause AND h.cause_id IS NOT DISTINCT FROM o.cause_id
        AND h.cause_version IS NOT DISTINCT FROM o.cause_version
WHERE o.part = 'ended' AND o.coverage = %(coverage)s AND o.starts_on < %(day)s
    AND (h.stops_on = %(day)s OR EXISTS (SELECT FROM run_touched n WHERE n.id = h.id AND n.part = 'new'))
"""
END = """
UPDATE accounts_accountterritory t SET superseded_at = %(now)s FROM (
    SELECT o.id FROM run_touched o JOIN rule_write USING (account_id)
    WHERE o.part = 'new' AND o.coverage = %(coverage)s
    UNION
    SELECT head FROM run_whole
) o WHERE t.id = o.id
"""
BEGIN = """
INSERT INTO accounts_accountterritory
    (account_id, coverage, territory_id, starts_on, stops_on, cause, cause_id, cause_version, reason, recorded_by_id,
     recorded_at)
SELECT account_id, coverage, territory_id,
    CASE WHEN part = 'new' OR w.id IS NOT NULL THEN starts_on ELSE lower(days) END,
    CASE part WHEN 'new' THEN %(day)s ELSE stops_on END, cause, cause_id, cause_version, reason, %(by)s, %(now)s
FROM run_touched o JOIN rule_write USING (account_id) LEFT JOIN run_whole w ON w.id = o.id
WHERE coverage = %(coverage)s AND (part = 'ended' OR (
    part = 'new' AND starts_on < %(day)s AND NOT EXISTS (SELECT FROM run_whole h WHERE h.head = o.id)
))
ORDER BY hashint8(account_id)
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


def look_at(
    at: datetime,
    day: date,
    *,
    nobody: Mapping[str, int | None],
    again: Collection[tuple[datetime, date | None]],
) -> list[Return]:
    """What goes back of each coverage in `nobody`, of a run that wrote in the instant `at`.

    `nobody`: where an account of the coverage is that no territory has. `again`: the instants in which later runs were
    taken back; what was recorded then counts as the run's own where it is the same, with a day only what began before
    it. While the transaction lasts, `put_back` writes what was looked at last.
    """
    asked: dict[str, Any] = {"at": at, "day": day}
    asked["instants"], asked["limits"] = [pair[0] for pair in again], [pair[1] for pair in again]
    with connection.cursor() as cursor, by_hash(is_whole=True):
        cursor.execute("DROP TABLE IF EXISTS pg_temp.run_touched, pg_temp.run_verdict")
        cursor.execute(TOUCHED, asked)
        cursor.execute("ANALYZE run_touched")
        if again:
            cursor.execute(RESTORED, asked)
        cursor.execute(VERDICTS, asked)
        cursor.execute("ANALYZE run_verdict")
        verdicts = {coverage: dict[str, int]() for coverage in nobody}
        ways = {coverage: list[tuple[int | None, int | None, int]]() for coverage in nobody}
        cursor.execute(COUNTED)
        for coverage, verdict, count in cursor.fetchall():
            verdicts[coverage][verdict] = count
        cursor.execute(WAYS.format(what="count(*)"), asked)
        for coverage, away, back, count in cursor.fetchall():
            ways[coverage].append((away or nobody[coverage], back or nobody[coverage], count))
        cursor.execute(DIGEST)
        digests = dict(cursor.fetchall())
    return [
        Return(coverage, day, nowhere, verdicts[coverage], ways[coverage], digests.get(coverage, ""))
        for coverage, nowhere in nobody.items()
    ]


def ways_back(day: date) -> dict[str, Ways]:
    """The accounts that go back from that day on as they were looked at last: by coverage, where from and where to."""
    ways: dict[str, Ways] = {}
    with connection.cursor() as cursor:
        cursor.execute(WAYS.format(what="array_agg(account_id)"), {"day": day})
        for coverage, away, back, accounts in cursor.fetchall():
            ways.setdefault(coverage, {})[away, back] = accounts
    return ways


def put_back(found: Return, *, by: int, now: datetime) -> int:
    """Write what was looked at last, of one coverage: what the run had recorded ends on the day, what it had ended
    begins there again, with the cause and the reason that it had.

    Where the account stayed in its territory until that day, it is there as if there had been no run. Says how many
    rows were written.
    """
    asked: dict[str, Any] = {"coverage": found.coverage, "day": found.day, "now": now, "by": by}
    with connection.cursor() as cursor, by_hash(is_whole=True):
        cursor.execute("DROP TABLE IF EXISTS pg_temp.rule_write, pg_temp.run_whole")
        for statement in (WRITTEN, WHOLE, END, BEGIN):
            cursor.execute(statement, asked)
        return int(cursor.rowcount)
