"""The pipeline as it stood at the end of past days, and the deals that stood otherwise at the end of a later one."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from common.calendars import Span
from common.transaction import widened

# What a currency has no rate for on both days is worth nothing here, and counted apart.
OPEN = """
FROM pipeline_standing s
LEFT JOIN unnest(%(currencies)s::text[], %(factors)s::numeric[]) AS f(currency, factor) ON f.currency = s.currency
WHERE s.state = 'open' AND s.category <> 'omitted' AND s.starts_on <= %(day)s
  AND (s.stops_on > %(day)s OR s.stops_on IS NULL)
  AND s.close_on >= greatest(%(start)s, %(day)s) AND s.close_on < %(stop)s AND {theirs}
"""
VALUE = f"""
SELECT coalesce(sum(round(s.amount_minor * f.factor)), 0)::bigint, count(*),
    count(*) FILTER (WHERE f.factor IS NULL AND s.amount_minor IS NOT NULL),
    count(*) FILTER (WHERE s.amount_minor IS NULL)
{OPEN}"""
DEALS = f"""
SELECT s.opportunity_id, round(s.amount_minor * f.factor)::bigint, s.amount_minor IS NULL, {{whole}}
{OPEN} ORDER BY 2 DESC NULLS LAST, 1 LIMIT %(most)s"""
# Which deals may count otherwise at the end: what came to stand and what went between the days, and what stayed but for
# which the days alone did it, as a close date passed, a rate or a split is another one or a territory hangs elsewhere.
MOVED = """
WITH came AS (
    SELECT s.* FROM pipeline_standing s
    WHERE s.state = 'open' AND s.starts_on > %(first)s AND s.starts_on <= %(last)s
      AND (s.stops_on > %(last)s OR s.stops_on IS NULL)
      AND s.close_on >= %(start)s AND s.close_on < %(stop)s AND {theirs_last}
    UNION ALL
    SELECT s.* FROM pipeline_standing s
    WHERE s.state <> 'open' AND s.starts_on > %(first)s AND s.starts_on <= %(last)s
      AND (s.stops_on > %(last)s OR s.stops_on IS NULL)
      AND (s.state = 'won' OR s.close_on >= %(start)s AND s.close_on < %(stop)s) AND {theirs_last}
), went AS (
    SELECT s.* FROM pipeline_standing s
    WHERE s.state = 'open' AND s.starts_on <= %(first)s AND s.stops_on > %(first)s AND s.stops_on <= %(last)s
      AND s.close_on >= greatest(%(start)s, %(first)s) AND s.close_on < %(stop)s AND {theirs_first}
)
SELECT {both} FROM came now
LEFT JOIN LATERAL (
    SELECT * FROM pipeline_standing s WHERE s.opportunity_id = now.opportunity_id AND s.starts_on <= %(first)s
    ORDER BY s.starts_on DESC LIMIT 1
) was ON true
UNION ALL
SELECT {both} FROM went was
JOIN LATERAL (
    SELECT * FROM pipeline_standing s WHERE s.opportunity_id = was.opportunity_id AND s.starts_on <= %(last)s
    ORDER BY s.starts_on DESC LIMIT 1
) now ON true
WHERE NOT EXISTS (SELECT FROM came WHERE came.opportunity_id = was.opportunity_id)
UNION ALL
SELECT {both} FROM pipeline_standing was CROSS JOIN LATERAL (SELECT was.*) now
WHERE was.state = 'open' AND was.starts_on <= %(first)s AND (was.stops_on > %(last)s OR was.stops_on IS NULL)
  AND was.close_on >= greatest(%(start)s, %(first)s) AND was.close_on < %(until)s AND ({was_theirs} OR {now_theirs})
"""
BOTH = """now.opportunity_id,
    was.state, was.category, was.close_on, was.closed_on, was.currency, was.amount_minor, {was_whole},
    now.state, now.category, now.close_on, now.closed_on, now.currency, now.amount_minor, {now_whole}"""
PLACED = "(%(everybody)s OR {row}.territory_id = ANY(%({nodes})s))"
OWNED = "{row}.owner_id = %(person)s"
TOUCHED = f"({OWNED} OR {{row}}.opportunity_id = ANY(%(deals)s))"


@dataclass(frozen=True)
class Whose:
    """Whose deals are asked about: everybody's, those in these territories, or those in which a person has a share.

    `first` and `last`: the territories as they hung on each of two days. `deals`: those in which the person may have
    a share besides the ones that they own.
    """

    is_everybody: bool = False
    first: Sequence[int] = ()
    last: Sequence[int] = ()
    person: int | None = None
    deals: Collection[int] = ()

    def theirs(self, row: str, nodes: str) -> str:
        """Which rows may count for them; `nodes`: the parameter with the territories of the row's day."""
        return (PLACED if self.person is None else TOUCHED).format(row=row, nodes=nodes)

    def whole(self, row: str, nodes: str) -> str:
        """Which rows count whole for them, but for what a split says."""
        return (PLACED if self.person is None else OWNED).format(row=row, nodes=nodes)


@dataclass(frozen=True)
class Value:
    """What open deals that close in a period are worth: the sum, of how many deals, and those that add nothing."""

    minor: int
    deals: int
    without_rate: int
    without_amount: int


@dataclass(frozen=True)
class Row:
    """What is kept of a deal at the end of a day."""

    state: str
    category: str
    close_on: date
    closed_on: date | None
    currency: str
    amount_minor: int | None
    is_theirs: bool


@dataclass(frozen=True)
class OpenDeal:
    """What a deal is worth at the end of a day, None without a rate or an amount. `is_theirs`: but for a split."""

    pk: int
    worth: int | None
    is_without_amount: bool
    is_theirs: bool


def value_on(
    day: date, period: Span, whose: Whose, nodes: Sequence[int], factors: Mapping[str, Decimal]
) -> Value:
    """What the open deals that close in a period were worth at the end of that day, but for omitted and overdue ones.

    In reach today or not: what left since then was theirs on that day. `nodes`: those of `whose` on that day.
    """
    values = _on(day, period, whose, nodes, factors)
    [row] = _rows(VALUE.format(theirs=whose.theirs("s", "nodes")), values)
    return Value(*row)


def open_on(
    day: date,
    period: Span,
    whose: Whose,
    nodes: Sequence[int],
    factors: Mapping[str, Decimal],
    most: int | None = None,
) -> list[OpenDeal]:
    """The deals of `value_on`, the biggest first; `most`: no more than these."""
    values = {**_on(day, period, whose, nodes, factors), "most": most}
    statement = DEALS.format(theirs=whose.theirs("s", "nodes"), whole=whose.whole("s", "nodes"))
    return [OpenDeal(*row) for row in _rows(statement, values)]


def moved_between(
    first: date, last: date, period: Span, whose: Whose, *, is_rate_changed: bool = False
) -> Iterator[tuple[int, Row | None, Row]]:
    """The deals that may count otherwise for a period at the end of the last day than at the end of the first one.

    Each with how it stood then (None: it was not there) and how it stands. A deal that counted at neither end is among
    them where it was won.
    """
    asked = {"theirs_first": whose.theirs("s", "first_nodes"), "theirs_last": whose.theirs("s", "last_nodes")}
    for row, nodes in (("was", "first_nodes"), ("now", "last_nodes")):
        asked |= {f"{row}_theirs": whose.theirs(row, nodes), f"{row}_whole": whose.whole(row, nodes)}
    statement = MOVED.format(both=BOTH.format(**asked), **asked)
    is_any_other = is_rate_changed or whose.person is not None or {*whose.first} != {*whose.last}
    values = {
        **_of_both(period, whose),
        "first": first,
        "last": last,
        "first_nodes": list(whose.first),
        "last_nodes": list(whose.last),
        "until": period.stop if is_any_other else min(period.stop, last),
    }
    for pk, *columns in _rows(statement, values):
        yield pk, Row(*columns[:7]) if columns[0] else None, Row(*columns[7:])


def _of_both(period: Span, whose: Whose) -> dict[str, Any]:
    span = {"start": period.start, "stop": period.stop}
    person = {"person": whose.person, "deals": list(whose.deals)}
    return {**span, "everybody": whose.is_everybody, **person}


def _on(
    day: date, period: Span, whose: Whose, nodes: Sequence[int], factors: Mapping[str, Decimal]
) -> dict[str, Any]:
    rates = {"currencies": list(factors), "factors": list(factors.values())}
    return {**_of_both(period, whose), "day": day, "nodes": list(nodes), **rates}


def _rows(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with widened("standing"), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
