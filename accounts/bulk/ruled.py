"""What rules do to a million accounts: read them as one stream, decide about each, write what changes in one go.

An account that was merged into another one is none any more; no rule touches it, nor one that is held.
"""

import hashlib
import io
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection

from accounts.bulk.places import COLUMNS
from accounts.rules.deciding import EXAMPLES, Decider, Families, Ruling, belongs
from common.staging import stage

FAMILIES = """
WITH RECURSIVE below(parent, id) AS (
    SELECT id, id FROM accounts_account WHERE id = ANY(%s)
    UNION
    SELECT b.parent, a.id FROM below b JOIN accounts_account a ON a.parent_id = b.id
) SELECT parent, array_agg(id) FROM below GROUP BY parent
"""

ACCOUNTS = """
COPY (
    SELECT a.id, a.country_key, a.region_key, a.postcode_key, a.industry_key, a.segment_key, a.tier_key,
        a.employees, a.annual_revenue_minor, t.territory_id, t.cause
    FROM accounts_account a LEFT JOIN accounts_accountterritory t
        ON t.account_id = a.id AND t.coverage = %(coverage)s AND t.superseded_at IS NULL
        AND t.starts_on <= %(day)s AND (t.stops_on IS NULL OR t.stops_on > %(day)s){only_places}
    WHERE a.merged_into_id IS NULL{only}
) TO STDOUT (NULL '')
"""
# Also what is held from a later day on: where a rule puts an account it stays, so that it would be elsewhere by then.
HELD = "SELECT account_id FROM accounts_hold WHERE superseded_at IS NULL AND stops_on > %(day)s"
PLANNED = """
SELECT account_id FROM accounts_accountterritory
WHERE coverage = %(coverage)s AND superseded_at IS NULL AND cause = 'rule' AND starts_on > %(day)s
"""

_ESCAPED = {"\\\\": "\\", "\\t": "\t", "\\n": "\n", "\\r": "\r", "\\b": "\b", "\\f": "\f", "\\v": "\v"}


def families(parents: Collection[int]) -> dict[int, frozenset[int]]:
    """Each of these accounts with all below it."""
    with connection.cursor() as cursor:
        cursor.execute(FAMILIES, [sorted(parents)])
        return {parent: frozenset(ids) for parent, ids in cursor.fetchall()}


class Write(NamedTuple):
    """An account belongs elsewhere from the day on, None: nowhere. Or it `keeps` its place, and what was planned goes.

    `ruling`: what says so; None where no rule takes it any more.
    """

    account_id: int
    territory_id: int | None
    ruling: Ruling | None
    keeps: bool = False


@dataclass
class Moves:
    """How many accounts go one way, and some of them."""

    count: int = 0
    examples: list[int] = field(default_factory=list)

    def note(self, pk: int) -> None:
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(pk)


@dataclass
class Effect:
    """What the rules of a coverage do to accounts on a day: what is written, and what comes and goes where.

    `nobody`: where an account is that no territory has; None where it then is in none. `spared` are where a person
    placed them and `held` with somebody, though the rules lead elsewhere.
    """

    coverage: str
    day: date
    nobody: int | None
    decider: Decider
    writes: list[Write] = field(default_factory=list)
    before: Counter[int | None] = field(default_factory=Counter)
    came: dict[int | None, Moves] = field(default_factory=lambda: defaultdict(Moves))
    went: dict[int | None, Moves] = field(default_factory=lambda: defaultdict(Moves))

    looked_at: int | None = None
    spared: int = 0
    held: int = 0

    @property
    def accounts(self) -> int:
        """How many accounts were looked at."""
        return sum(self.before.values()) if self.looked_at is None else self.looked_at

    @property
    def moved(self) -> int:
        return sum(moves.count for moves in self.came.values())

    def change(self, territory_id: int | None) -> tuple[int, int]:
        """How many accounts come into the territory, and how many go."""
        nothing = Moves()
        return self.came.get(territory_id, nothing).count, self.went.get(territory_id, nothing).count

    def after(self, territory_id: int | None) -> int:
        """How many accounts the territory then has."""
        came, went = self.change(territory_id)
        return self.before[territory_id] + came - went

    def digest(self) -> str:
        """The same for whatever is written and said by the same rules."""
        rules = [f"{one.pk} {one.version} {one.rank} {one.territory_id}" for one in self.decider.rulings]
        found = hashlib.sha256("\n".join([self.coverage, self.day.isoformat(), *rules]).encode())
        writes = sorted(self.writes, key=itemgetter(0))
        for numbers in (
            (one.account_id for one in writes),
            (one.territory_id or -one.keeps for one in writes),
            (one.ruling.pk if one.ruling else 0 for one in writes),
        ):
            found.update(array("q", numbers).tobytes())
        return found.hexdigest()


class _Stream(io.TextIOBase):
    """Takes accounts as the database sends them, a line each; what `take` does with one is all that it does."""

    def __init__(self, take: Callable[[str], int]) -> None:
        self.write = take  # type: ignore[method-assign]


def _plain(text: str) -> str:
    """A value of the stream without its escapes."""
    pairs, place = [], 0
    while place < len(text):
        two = text[place : place + 2]
        pairs.append(_ESCAPED.get(two, two[0]))
        place += 2 if two in _ESCAPED else 1
    return "".join(pairs)


def effect_of(
    coverage: str,
    day: date,
    rulings: Collection[Ruling],
    *,
    nobody: int | None,
    below: Families,
    only: Collection[int] | None = None,
) -> Effect:
    """What these rules do on that day to all accounts, or to those alone; nothing is written yet."""
    effect = Effect(coverage, day, nobody, Decider(rulings, below))
    asked: dict[str, Any] = {"coverage": coverage, "day": day, "only": sorted(only or ())}
    with connection.cursor() as cursor, _by_hash(is_whole=only is None):
        held, planned = (_ids(cursor, query, asked) for query in (HELD, PLANNED))
        narrow = {"only": " AND a.id = ANY(%(only)s)", "only_places": " AND t.account_id = ANY(%(only)s)"}
        parts = narrow if only is not None else {"only": "", "only_places": ""}
        copy = cursor.mogrify(ACCOUNTS.format(**parts), asked).decode()
        cursor.copy_expert(copy, _Stream(_taker(effect, held, planned)))
    return effect


@contextmanager
def _by_hash(*, is_whole: bool) -> Iterator[None]:
    """Row policies make the planner look up each account's rows by themselves: read both tables once instead."""
    with connection.cursor() as cursor:
        if is_whole:
            cursor.execute("SET LOCAL enable_nestloop = off")
        yield
        cursor.execute("SET LOCAL enable_nestloop = on")


def _ids(cursor: Any, query: str, asked: Mapping[str, Any]) -> frozenset[int]:
    cursor.execute(query, asked)
    return frozenset(row[0] for row in cursor.fetchall())


def _taker(effect: Effect, held: Collection[int], planned: Collection[int]) -> Callable[[str], int]:
    """What notes for one account after the other what the rules do to it. It runs a million times."""
    decide, nobody = effect.decider.decide, effect.nobody
    before, came, went, writes = effect.before, effect.came, effect.went, effect.writes
    asks_for_size = effect.decider.asks_for_size

    def take(line: str) -> int:
        row: list[Any] = line[:-1].split("\t")
        if "\\" in line:
            row = [_plain(part) for part in row]
        row[0] = pk = int(row[0])
        if asks_for_size:
            row[7] = int(row[7]) if row[7] else None
            row[8] = int(row[8]) if row[8] else None
        ruling = decide(row)
        now = int(row[9]) if row[9] else None
        before[now or nobody] += 1
        then = belongs(ruling, now, row[10], nobody)
        if then == now and ruling is not None and ruling.territory_id != now:
            effect.spared += 1
        if pk in held:
            effect.held += then != (now or nobody)
        elif then != now:
            writes.append(Write(pk, then, ruling))
            if then != (now or nobody):
                went[now or nobody].note(pk)
                came[then].note(pk)
        elif pk in planned:
            writes.append(Write(pk, None, None, keeps=True))
        return 0

    return take


PLACED = """
SELECT t.territory_id, count(*) FROM accounts_accountterritory t JOIN accounts_account a ON a.id = t.account_id
WHERE t.coverage = %(coverage)s AND t.superseded_at IS NULL AND a.merged_into_id IS NULL
    AND t.starts_on <= %(day)s AND (t.stops_on IS NULL OR t.stops_on > %(day)s) AND t.territory_id = ANY(%(nodes)s)
GROUP BY 1
"""
NOWHERE = """
SELECT (SELECT count(*) FROM accounts_account WHERE merged_into_id IS NULL) - (
    SELECT count(*) FROM accounts_accountterritory t
    WHERE t.coverage = %(coverage)s AND t.superseded_at IS NULL AND t.territory_id <> %(nobody)s
        AND t.starts_on <= %(day)s AND (t.stops_on IS NULL OR t.stops_on > %(day)s)
        AND t.account_id <> ALL(ARRAY(SELECT id FROM accounts_account WHERE merged_into_id IS NOT NULL))
)
"""


def count_before(effect: Effect) -> None:
    """How many accounts the territories have that change, where not all accounts were looked at."""
    effect.looked_at = effect.accounts
    nodes = (effect.came.keys() | effect.went.keys()) - {None}
    asked: dict[str, Any] = {"coverage": effect.coverage, "day": effect.day, "nobody": effect.nobody}
    with connection.cursor() as cursor:
        cursor.execute(PLACED, {**asked, "nodes": [pk for pk in nodes if pk != effect.nobody]})
        effect.before = Counter(dict(cursor.fetchall()))
        if effect.nobody in nodes:
            cursor.execute(NOWHERE, asked)
            effect.before[effect.nobody] = cursor.fetchone()[0]


STAGED = {
    "account_id": "bigint",
    "territory_id": "bigint",
    "keeps": "boolean",
    "cause_id": "bigint",
    "cause_version": "integer",
    "reason": "text",
}
ENDED = """
CREATE TEMPORARY TABLE rule_ended ON COMMIT DROP AS
SELECT account_id, territory_id, starts_on, stops_on, cause, cause_id, cause_version, reason, superseded_at
FROM accounts_accountterritory WITH NO DATA
"""
END = """
WITH ended AS (
    UPDATE accounts_accountterritory t SET superseded_at = statement_timestamp()
    FROM rule_write r WHERE t.account_id = r.account_id AND t.coverage = %(coverage)s AND t.superseded_at IS NULL
        AND (t.stops_on IS NULL OR t.stops_on > %(day)s) AND (t.starts_on <= %(day)s OR t.cause = 'rule')
    RETURNING t.account_id, t.territory_id, t.starts_on, t.stops_on, t.cause, t.cause_id, t.cause_version, t.reason,
        t.superseded_at
) INSERT INTO rule_ended SELECT * FROM ended
"""
# What was planned by hand for later stays: a new row ends where the first of these begins.
BEGIN = """
WITH room AS (
    SELECT t.account_id, min(t.starts_on) AS stops_on FROM accounts_accountterritory t
    JOIN rule_write r ON r.account_id = t.account_id
    WHERE t.coverage = %(coverage)s AND t.superseded_at IS NULL AND t.starts_on > %(day)s GROUP BY 1
), ended AS (
    SELECT account_id, max(superseded_at) AS recorded_at FROM rule_ended GROUP BY 1
), running AS (
    SELECT e.*, r.keeps FROM rule_ended e JOIN rule_write r ON r.account_id = e.account_id WHERE e.starts_on <= %(day)s
)
INSERT INTO accounts_accountterritory
    (account_id, coverage, territory_id, starts_on, stops_on, cause, cause_id, cause_version, reason, recorded_by_id,
     recorded_at)
SELECT account_id, %(coverage)s, territory_id, starts_on, %(day)s, cause, cause_id, cause_version, reason, %(by)s,
    superseded_at
FROM running WHERE starts_on < %(day)s AND NOT keeps
UNION ALL
SELECT e.account_id, %(coverage)s, e.territory_id, e.starts_on, room.stops_on, e.cause, e.cause_id, e.cause_version,
    e.reason, %(by)s, e.superseded_at
FROM running e LEFT JOIN room ON room.account_id = e.account_id WHERE e.keeps
UNION ALL
SELECT r.account_id, %(coverage)s, r.territory_id, %(day)s, room.stops_on, 'rule', r.cause_id, r.cause_version,
    r.reason, %(by)s, coalesce(ended.recorded_at, statement_timestamp())
FROM rule_write r LEFT JOIN room ON room.account_id = r.account_id
    LEFT JOIN ended ON ended.account_id = r.account_id
WHERE r.territory_id IS NOT NULL
"""
TO_FOLLOW = "INSERT INTO accounts_movedaccount (account_id) SELECT unnest(%s::bigint[])"
# Where the accounts are today is where a row says that holds today, whichever that is.
TODAY = """
UPDATE accounts_account a SET {column} = w.territory_id FROM (
    SELECT r.account_id, coalesce(t.territory_id, %(nobody)s) AS territory_id
    FROM rule_write r LEFT JOIN accounts_accountterritory t ON t.account_id = r.account_id
        AND t.coverage = %(coverage)s AND t.superseded_at IS NULL
        AND t.starts_on <= %(today)s AND (t.stops_on IS NULL OR t.stops_on > %(today)s)
) w WHERE a.id = w.account_id AND a.{column} IS DISTINCT FROM w.territory_id RETURNING a.id, a.{column}
"""


def apply(effect: Effect, *, by: int | None, names: Mapping[int, str], nobody_takes: str) -> int:
    """Write what the rules do: what held on the day ends, what rules had planned for later goes, the new begins.

    `names`: what each rule is called, which is the reason. Says how many rows were written.
    """
    asked: dict[str, Any] = {"coverage": effect.coverage, "day": effect.day, "by": by}
    stage("rule_write", STAGED, (_staged(one, names, nobody_takes) for one in effect.writes))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.rule_ended")
        cursor.execute(ENDED)
        cursor.execute(END, asked)
        cursor.execute("ANALYZE rule_ended")
        cursor.execute(BEGIN, asked)
        return int(cursor.rowcount)


def _staged(one: Write, names: Mapping[int, str], nobody_takes: str) -> tuple[Any, ...]:
    pk, version = (one.ruling.pk, one.ruling.version) if one.ruling else (None, None)
    reason = names[pk] if pk else nobody_takes
    return one.account_id, one.territory_id, one.keeps, pk, version, reason


def follow(effect: Effect, today: date) -> dict[int, int]:
    """Bring today's column of the accounts that were written to the rows that hold today; says who moved where."""
    asked: dict[str, Any] = {"coverage": effect.coverage, "today": today, "nobody": effect.nobody}
    with connection.cursor() as cursor:
        cursor.execute(TODAY.format(column=COLUMNS[effect.coverage]), asked)
        return dict(cursor.fetchall())


def let_work_follow(accounts: Collection[int]) -> None:
    """Open work of these accounts follows them (`pipeline` does it)."""
    with connection.cursor() as cursor:
        cursor.execute(TO_FOLLOW, [sorted(accounts)])
