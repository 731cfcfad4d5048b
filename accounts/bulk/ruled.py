"""What rules do to a million accounts: read them as one stream and decide about each.

An account that was merged into another one is none any more; no rule touches it, nor one that is held.
"""

import hashlib
import io
from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection

from accounts.rules.asking import Families
from accounts.rules.deciding import EXAMPLES, Decider, Ruling, belongs
from common.staging import without

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


Ways = dict[tuple[int | None, int | None], Sequence[int]]
"""The accounts that go, by where from and where to."""


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
    before: dict[int | None, int] = field(default_factory=lambda: defaultdict(int))
    came: dict[int | None, Moves] = field(default_factory=lambda: defaultdict(Moves))
    went: dict[int | None, Moves] = field(default_factory=lambda: defaultdict(Moves))
    ways: Ways = field(default_factory=lambda: defaultdict(lambda: array("q")))

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
    with connection.cursor() as cursor, by_hash(is_whole=only is None):
        held, planned = (_ids(cursor, query, asked) for query in (HELD, PLANNED))
        narrow = {"only": " AND a.id = ANY(%(only)s)", "only_places": " AND t.account_id = ANY(%(only)s)"}
        parts = narrow if only is not None else {"only": "", "only_places": ""}
        copy = cursor.mogrify(ACCOUNTS.format(**parts), asked).decode()
        cursor.copy_expert(copy, _Stream(_taker(effect, held, planned)))
    if None in effect.before:
        effect.before[effect.nobody] += effect.before.pop(None)
    return effect


def by_hash(*, is_whole: bool) -> AbstractContextManager[None]:
    """Row policies make the planner look up each account's rows by themselves: read both tables once instead."""
    return without("enable_nestloop") if is_whole else nullcontext()


def _ids(cursor: Any, query: str, asked: Mapping[str, Any]) -> frozenset[int]:
    cursor.execute(query, asked)
    return frozenset(row[0] for row in cursor.fetchall())


class _Places(dict[str, int | None]):
    """Territories by how they stand in the stream; "" is none."""

    def __missing__(self, text: str) -> int | None:
        self[text] = number = int(text) if text else None
        return number


def _taker(effect: Effect, held: Collection[int], planned: Collection[int]) -> Callable[[str], int]:
    """What notes for one account after the other what the rules do to it. It runs a million times."""
    decide, nobody = effect.decider.decide, effect.nobody
    before, places = effect.before, _Places()
    came, went, writes = effect.came, effect.went, effect.writes
    ways: Any = effect.ways

    def take(line: str) -> int:
        then: int | None
        row: list[Any] = line[:-1].split("\t")
        if "\\" in line:
            row = [_plain(part) for part in row]
        row[0] = pk = int(row[0])
        ruling, now = decide(row), places[row[9]]
        before[now] += 1
        if ruling is not None and ruling.territory_id == now:
            then = now
        else:
            then = belongs(ruling, now, row[10], nobody)
            effect.spared += then == now and ruling is not None
        if then == now:
            if pk in planned and pk not in held:
                writes.append(Write(pk, None, None, keeps=True))
        elif pk in held:
            effect.held += then != (now or nobody)
        else:
            writes.append(Write(pk, then, ruling))
            if then != (now or nobody):
                went[now or nobody].note(pk)
                came[then].note(pk)
                ways[now or nobody, then].append(pk)
        return 0

    return take


# The few that were merged are left out one by one: to look up each account costs twenty times as much.
PLACED = """
SELECT territory_id, count(*) FROM accounts_accountterritory
WHERE coverage = %(coverage)s AND superseded_at IS NULL AND territory_id = ANY(%(nodes)s)
    AND starts_on <= %(day)s AND (stops_on IS NULL OR stops_on > %(day)s)
    AND account_id <> ALL(ARRAY(SELECT id FROM accounts_account WHERE merged_into_id IS NOT NULL))
GROUP BY 1
"""
# How many accounts there are in all is kept, whichever territories have them.
NOWHERE = """
SELECT (SELECT coalesce(sum(number), 0) FROM accounts_accountcount) - (
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
        effect.before = defaultdict(int, cursor.fetchall())
        if effect.nobody in nodes:
            cursor.execute(NOWHERE, asked)
            effect.before[effect.nobody] = cursor.fetchone()[0]
