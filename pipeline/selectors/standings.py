"""The pipeline as it stood at the end of past days, and the deals that stood otherwise at the end of a later one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from common.calendars import Span
from common.transaction import widened

# What a currency has no rate for on both days is worth nothing here, and counted apart.
VALUE = """
SELECT coalesce(sum(round(s.amount_minor * f.factor)), 0)::bigint, count(*),
    count(*) FILTER (WHERE f.factor IS NULL AND s.amount_minor IS NOT NULL),
    count(*) FILTER (WHERE s.amount_minor IS NULL)
FROM pipeline_standing s
LEFT JOIN unnest(%(currencies)s::text[], %(factors)s::numeric[]) AS f(currency, factor) ON f.currency = s.currency
WHERE s.state = 'open' AND s.category <> 'omitted' AND s.starts_on <= %(day)s
  AND (s.stops_on > %(day)s OR s.stops_on IS NULL)
  AND s.close_on >= greatest(%(start)s, %(day)s) AND s.close_on < %(stop)s AND {theirs}
"""
# Which deals may count otherwise at the end: those that were changed, and those for which the days alone did it, as a
# close date passed, a rate is another one or a territory hangs elsewhere.
MOVED = """
WITH touched AS (
    SELECT s.opportunity_id FROM pipeline_standing s
    WHERE s.starts_on > %(first)s AND s.starts_on <= %(last)s AND (s.stops_on > %(last)s OR s.stops_on IS NULL)
      AND (s.state = 'won' OR s.close_on >= %(start)s AND s.close_on < %(stop)s) AND {theirs_last}
    UNION
    SELECT s.opportunity_id FROM pipeline_standing s
    WHERE s.state = 'open' AND s.starts_on <= %(first)s AND s.stops_on > %(first)s AND s.stops_on <= %(last)s
      AND s.close_on >= greatest(%(start)s, %(first)s) AND s.close_on < %(stop)s AND {theirs_first}
    UNION
    SELECT s.opportunity_id FROM pipeline_standing s
    WHERE s.state = 'open' AND s.starts_on <= %(first)s AND (s.stops_on > %(last)s OR s.stops_on IS NULL)
      AND s.close_on >= greatest(%(start)s, %(first)s) AND s.close_on < %(until)s AND ({theirs_first} OR {theirs_last})
)
SELECT t.opportunity_id, was.state, was.category, was.close_on, was.closed_on, was.currency, was.amount_minor,
    {was_theirs}, now.state, now.category, now.close_on, now.closed_on, now.currency, now.amount_minor, {now_theirs}
FROM touched t
LEFT JOIN LATERAL (
    SELECT * FROM pipeline_standing s WHERE s.opportunity_id = t.opportunity_id AND s.starts_on <= %(first)s
    ORDER BY s.starts_on DESC LIMIT 1
) was ON true
JOIN LATERAL (
    SELECT * FROM pipeline_standing s WHERE s.opportunity_id = t.opportunity_id AND s.starts_on <= %(last)s
    ORDER BY s.starts_on DESC LIMIT 1
) now ON true
"""
THEIRS = "(%(everybody)s OR {row}.owner_id = ANY(%(owners)s) OR {row}.territory_id = ANY(%({nodes})s))"


@dataclass(frozen=True)
class Whose:
    """Whose deals are asked about: everybody's, or those of these people and in these territories.

    `first` and `last`: the territories as they hung on each of two days.
    """

    is_everybody: bool = False
    owners: Sequence[int] = ()
    first: Sequence[int] = ()
    last: Sequence[int] = ()


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


def value_on(
    day: date, period: Span, whose: Whose, nodes: Sequence[int], factors: Mapping[str, Decimal]
) -> Value:
    """What the open deals that close in a period were worth at the end of that day, but for omitted and overdue ones.

    In reach today or not: what left since then was theirs on that day. `nodes`: those of `whose` on that day.
    """
    values = {**_of_both(period, whose), "day": day, "nodes": list(nodes), **_rates(factors)}
    [row] = _rows(VALUE.format(theirs=THEIRS.format(row="s", nodes="nodes")), values)
    return Value(*row)


def moved_between(
    first: date, last: date, period: Span, whose: Whose, *, is_rate_changed: bool = False
) -> Iterator[tuple[int, Row | None, Row]]:
    """The deals that may count otherwise for a period at the end of the last day than at the end of the first one.

    Each with how it stood then (None: it was not there) and how it stands. A deal that counted at neither end is among
    them where it was won.
    """
    names = {"first": "first_nodes", "last": "last_nodes"}
    theirs = {f"theirs_{day}": THEIRS.format(row="s", nodes=nodes) for day, nodes in names.items()}
    theirs |= {
        "was_theirs": THEIRS.format(row="was", nodes="first_nodes"),
        "now_theirs": THEIRS.format(row="now", nodes="last_nodes"),
    }
    values = {
        **_of_both(period, whose),
        "first": first,
        "last": last,
        "first_nodes": list(whose.first),
        "last_nodes": list(whose.last),
        "until": period.stop
        if {*whose.first} != {*whose.last} or is_rate_changed
        else min(period.stop, last),
    }
    for pk, *columns in _rows(MOVED.format(**theirs), values):
        yield pk, Row(*columns[:7]) if columns[0] else None, Row(*columns[7:])


def _of_both(period: Span, whose: Whose) -> dict[str, Any]:
    span = {"start": period.start, "stop": period.stop}
    return {**span, "everybody": whose.is_everybody, "owners": list(whose.owners)}


def _rates(factors: Mapping[str, Decimal]) -> dict[str, Any]:
    return {"currencies": list(factors), "factors": list(factors.values())}


def _rows(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with widened("standing"), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
