"""The nightly work over many rows: the snapshot of the open pipeline, and what came of the calls of a period."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from forecasts import rules

HORIZONS = (90, 60, 30, 14, 7, 1)

FREEZE = """
INSERT INTO forecasts_snapshotline (as_of, opportunity_id, owner_id, territory_id, stage_id, category, close_on,
    currency, amount_minor, plan_minor)
SELECT %(as_of)s, o.id, o.owner_id, o.territory_id, o.stage_id, o.category, o.close_on,
    o.currency, o.amount_minor, round(o.amount_minor * f.factor)::bigint
FROM pipeline_opportunity o
LEFT JOIN unnest(%(currencies)s::text[], %(factors)s::numeric[]) AS f(currency, factor) ON f.currency = o.currency
WHERE o.state = 'open'
"""

CONTENT = """
SELECT encode(sha256(convert_to(coalesce(string_agg(
    concat_ws('|', period_id, subject, person_id, node_id, category, horizon_days, forecast_minor, actual_minor,
              absolute_error_minor, absolute_actual_minor, callers), E'\\n'
    ORDER BY period_id, subject, person_id, node_id, category, horizon_days), ''), 'UTF8')), 'hex')
FROM forecasts_score
"""

SNAPSHOT = """
SELECT encode(sha256(convert_to(%(as_of)s::date || E'\\n' || coalesce(string_agg(
    concat_ws('|', opportunity_id, owner_id, territory_id, stage_id, category, close_on, currency,
              coalesce(amount_minor::text, '-'), coalesce(plan_minor::text, '-')), E'\\n'
    ORDER BY opportunity_id), ''), 'UTF8')), 'hex')
FROM forecasts_snapshotline WHERE as_of = %(as_of)s
"""


def freeze(as_of: date, factors: Mapping[str, Decimal]) -> int:
    """Keep every open deal as it stands, in plan money by `factors` too; once a day. Returns the rows written."""
    values: dict[str, Any] = {"as_of": as_of, "currencies": list(factors), "factors": list(factors.values())}
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM forecasts_snapshotline WHERE as_of = %s LIMIT 1", [as_of])
        if cursor.fetchone():
            return 0
        cursor.execute(FREEZE, values)
        return int(cursor.rowcount)


def snapshot_hash(as_of: date) -> str:
    """The hash of a day's snapshot in a canonical order."""
    with connection.cursor() as cursor:
        cursor.execute(SNAPSHOT, {"as_of": as_of})
        return str(cursor.fetchone()[0])


def output_hash() -> str:
    """The hash of all scores in a canonical order."""
    with connection.cursor() as cursor:
        cursor.execute(CONTENT)
        return str(cursor.fetchone()[0])


@dataclass(frozen=True)
class Call:
    """A submission as the scoring reads it."""

    person_id: int
    node_id: int
    is_team: bool
    category: str
    amount_minor: int
    submitted_at: datetime


@dataclass(frozen=True)
class Key:
    """Whose score: a person at the node of their last call, or a node without a person."""

    person_id: int | None
    node_id: int
    category: str
    horizon_days: int


@dataclass(frozen=True)
class Outcome:
    """A forecast at a horizon and what came of it, in whole minor units of plan money."""

    forecast_minor: int | None
    called_at: datetime | None
    actual_minor: int
    absolute_error_minor: int | None
    absolute_actual_minor: int | None
    callers: int


@dataclass(frozen=True)
class Known:
    """What a period's scores are made of: the instants of its horizons, each node's ancestors, and the actuals."""

    instants: Mapping[int, datetime]
    chains: Mapping[int, Iterable[int]]
    of_people: Mapping[int, int]
    of_nodes: Mapping[int, int]


def outcomes(calls: Sequence[Call], known: Known) -> dict[Key, Outcome]:
    """The scores of one period: of every person who called, and of every node with a team call or callers below.

    The calls come in the order in which they were given.
    """
    people = _of_people([call for call in calls if not call.is_team], known)
    return {**people, **_of_nodes([call for call in calls if call.is_team], people, known)}


def _at_horizons(calls: Iterable[Call], whose: str, known: Known) -> Iterator[tuple[Call, int, Call | None]]:
    """The calls of each person or node in one category: the last one, each horizon, and the call that counts there."""
    series: dict[tuple[int, str], list[Call]] = defaultdict(list)
    for call in calls:
        series[getattr(call, whose), call.category].append(call)
    for rows in series.values():
        for days, instant in known.instants.items():
            yield rows[-1], days, rules.call_at(rows, instant)


def _of_people(calls: Iterable[Call], known: Known) -> dict[Key, Outcome]:
    """A person's calls from whichever seat are one series; the last one's seat is where the score stands."""
    result = {}
    for last, days, call in _at_horizons(calls, "person_id", known):
        key = Key(last.person_id, last.node_id, last.category, days)
        actual = known.of_people.get(last.person_id, 0)
        result[key] = Outcome(None, None, actual, None, None, 0)
        if call:
            missed = abs(call.amount_minor - actual)
            result[key] = Outcome(call.amount_minor, call.submitted_at, actual, missed, abs(actual), 1)
    return result


def _of_nodes(calls: Iterable[Call], people: Mapping[Key, Outcome], known: Known) -> dict[Key, Outcome]:
    """Per node: its lead's team call against its order intake; of all callers below, what they missed and sold."""
    counting = _at_horizons(calls, "node_id", known)
    called = {Key(None, last.node_id, last.category, days): call for last, days, call in counting if call}
    below, result = _below(people, known), {}
    for key in called.keys() | below.keys():
        call, actual = called.get(key), known.of_nodes.get(key.node_id, 0)
        forecast, called_at = (call.amount_minor, call.submitted_at) if call else (None, None)
        result[key] = Outcome(forecast, called_at, actual, *below.get(key, (None, None, 0)))
    return result


def _below(people: Mapping[Key, Outcome], known: Known) -> dict[Key, tuple[int, int, int]]:
    """Per node, over all who called below it: the sizes of their errors, of their order intakes, and how many."""
    sums: dict[Key, tuple[int, int, int]] = defaultdict(lambda: (0, 0, 0))
    for key, outcome in people.items():
        if outcome.absolute_error_minor is None or outcome.absolute_actual_minor is None:
            continue
        for node in known.chains.get(key.node_id, ()):
            above = Key(None, node, key.category, key.horizon_days)
            missed, came, callers = sums[above]
            missed += outcome.absolute_error_minor
            sums[above] = missed, came + outcome.absolute_actual_minor, callers + 1
    return dict(sums)
