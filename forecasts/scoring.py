"""The nightly set-based work: the snapshot of the open pipeline and the scores of ended periods."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import Sum

from common.locale import exponent
from common.models import Period, Rate, Run
from common.selectors import the_organisation
from forecasts import rules
from forecasts.models import Score, Submission
from pipeline.models import Opportunity
from quotas.models import LeafCell, NodeCell
from territories.selectors import Node, tree_on

HORIZONS = (90, 60, 30, 14, 7, 1)
KEPT = timedelta(days=3 * 366)

FREEZE = """
INSERT INTO forecasts_snapshotline (as_of, opportunity_id, owner_id, territory_id, category, close_on, plan_minor)
SELECT %(as_of)s, o.id, o.owner_id, o.territory_id, o.category, o.close_on, round(o.amount_minor * f.factor)::bigint
FROM pipeline_opportunity o
LEFT JOIN unnest(%(currencies)s::text[], %(factors)s::numeric[]) AS f(currency, factor) ON f.currency = o.currency
WHERE o.state = 'open'
"""

CONTENT = """
SELECT encode(sha256(convert_to(coalesce(string_agg(
    concat_ws('|', period_id, subject, person_id, node_id, category, horizon_days, forecast_minor, actual_minor,
              absolute_error_minor, callers), E'\\n'
    ORDER BY period_id, subject, person_id, node_id, category, horizon_days), ''), 'UTF8')), 'hex')
FROM forecasts_score
"""


def freeze(as_of: date) -> int:
    """Keep every open deal as it stands, once a day; a day that already is frozen stays. Returns the rows written.

    Only the last ended day can be frozen: earlier ones passed unseen, and are never invented afterwards.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM forecasts_snapshotline WHERE as_of >= %s LIMIT 1", [as_of])
        if cursor.fetchone():
            return 0
        factors = plan_factors(as_of)
        values = {"as_of": as_of, "currencies": list(factors), "factors": list(factors.values())}
        cursor.execute(FREEZE, values)
        return cursor.rowcount


def plan_factors(day: date) -> dict[str, Decimal]:
    """What a minor unit of each currency is in minor units of plan money on that day; no rate, no entry."""
    company = the_organisation().reporting_currency
    rates = dict(Rate.objects.on(day).filter(kind=Rate.Kind.PLAN).values_list("currency", "value"))
    rates[company] = Decimal(1)
    used = set(Opportunity.objects.open().values_list("currency", flat=True).distinct())
    scale = exponent(company)
    return {currency: rate.scaleb(scale - exponent(currency)) for currency, rate in rates.items() if currency in used}


def output_hash(as_of: date) -> str:
    """The hash of all scores in a canonical order."""
    with connection.cursor() as cursor:
        cursor.execute(CONTENT)
        return str(cursor.fetchone()[0])


Key = tuple[str, int | None, int, str, int]


@dataclass(frozen=True)
class Outcome:
    """One caller's or team's forecast at a horizon and what came of it, in whole minor units of plan money."""

    forecast: int | None
    called_at: datetime | None
    actual: int
    absolute_error: int | None
    callers: int


def score(as_of: date, run: Run) -> int:
    """Score the calls of every quarter that ended by `as_of`; write what differs. Returns the rows written."""
    ended = Period.objects.quarters().filter(stops_on__lte=as_of + timedelta(days=1), stops_on__gt=as_of - KEPT)
    return sum(_write(period, _outcomes(period), run) for period in ended)


def _outcomes(period: Period) -> dict[Key, Outcome]:
    calls: dict[tuple[int, int, bool, str], list[Submission]] = defaultdict(list)
    for call in Submission.objects.filter(period=period).order_by("submitted_at", "id"):
        calls[(call.person_id, call.node_id, call.is_team, call.category)].append(call)
    persons = _person_calls(calls, period)
    return {**persons, **_team_outcomes(calls, persons, period)}


def _instant(period: Period, days: int) -> datetime:
    day = rules.horizon_day(period.stops_on, days)
    return datetime.combine(day, time.min, tzinfo=the_organisation().zone())


def _person_calls(calls: dict[tuple[int, int, bool, str], list[Submission]], period: Period) -> dict[Key, Outcome]:
    """A person's calls from whichever seat are one series; the last one's seat is where the score stands."""
    series: dict[tuple[int, str], list[Submission]] = defaultdict(list)
    for (person, _node, is_team, category), rows in calls.items():
        if not is_team:
            series[(person, category)] += rows
    actuals = _actuals_of_persons({person for person, _ in series}, period)
    result: dict[Key, Outcome] = {}
    for (person, category), rows in series.items():
        node = max(rows, key=lambda row: (row.submitted_at, row.pk)).node_id
        for days in HORIZONS:
            call = rules.call_at(rows, _instant(period, days))
            result[("person", person, node, category, days)] = _outcome(call, actuals.get(person, 0))
    return result


def _outcome(call: Submission | None, actual: int) -> Outcome:
    if call is None:
        return Outcome(None, None, actual, None, 0)
    return Outcome(call.amount_minor, call.submitted_at, actual, abs(rules.error(call.amount_minor, actual)), 1)


def _team_outcomes(
    calls: dict[tuple[int, int, bool, str], list[Submission]], persons: dict[Key, Outcome], period: Period
) -> dict[Key, Outcome]:
    """Per node: its lead's team call against its order intake, and the errors of all callers below it, summed."""
    called = _team_calls(calls, period)
    errors = _errors_by_node(persons, _chains(tree_on(period.last_day)))
    actuals = _actuals_of_nodes(period)
    result: dict[Key, Outcome] = {}
    for node, category, days in sorted(called.keys() | errors.keys()):
        call, (total, callers) = called.get((node, category, days)), errors.get((node, category, days), (None, 0))
        forecast, called_at = (call.amount_minor, call.submitted_at) if call else (None, None)
        outcome = Outcome(forecast, called_at, actuals.get(node, 0), total, callers)
        result[("node", None, node, category, days)] = outcome
    return result


def _team_calls(
    calls: dict[tuple[int, int, bool, str], list[Submission]], period: Period
) -> dict[tuple[int, str, int], Submission]:
    series: dict[tuple[int, str], list[Submission]] = defaultdict(list)
    for (_person, node, is_team, category), rows in calls.items():
        if is_team:
            series[(node, category)] += rows
    found = {
        (node, category, days): rules.call_at(rows, _instant(period, days))
        for (node, category), rows in series.items()
        for days in HORIZONS
    }
    return {key: call for key, call in found.items() if call is not None}


def _chains(roots: list[Node]) -> dict[int, list[int]]:
    """Each node's ancestors, itself included."""
    chains: dict[int, list[int]] = {}
    for root in roots:
        for node in root.walk():
            above = chains[node.parent_id] if node.parent_id else []
            chains[node.territory.pk] = [*above, node.territory.pk]
    return chains


def _errors_by_node(
    persons: dict[Key, Outcome], chains: dict[int, list[int]]
) -> dict[tuple[int, str, int], tuple[int | None, int]]:
    errors: dict[tuple[int, str, int], tuple[int | None, int]] = {}
    for (_, _person, seat, category, days), outcome in persons.items():
        if outcome.absolute_error is None:
            continue
        for node in chains.get(seat, []):
            total, callers = errors.get((node, category, days), (0, 0))
            errors[(node, category, days)] = ((total or 0) + outcome.absolute_error, callers + 1)
    return errors


def _actuals_of_persons(persons: Iterable[int], period: Period) -> dict[int, int]:
    cells = LeafCell.objects.filter(month_on__gte=period.starts_on, month_on__lt=period.stops_on, person__in=persons)
    cells = cells.exclude(kind="overlay")
    return {row["person"]: row["total"] for row in cells.values("person").annotate(total=Sum("amount_minor"))}


def _actuals_of_nodes(period: Period) -> dict[int, int]:
    cells = NodeCell.objects.filter(month_on__gte=period.starts_on, month_on__lt=period.stops_on, basis="seat")
    cells = cells.exclude(kind="overlay")
    return {row["node"]: row["total"] for row in cells.values("node").annotate(total=Sum("amount_minor"))}


def _write(period: Period, outcomes: dict[Key, Outcome], run: Run) -> int:
    standing = {
        (row.subject, row.person_id, row.node_id, row.category, row.horizon_days): row
        for row in Score.objects.filter(period=period)
    }
    fresh = []
    for key, outcome in outcomes.items():
        row = standing.pop(key, None)
        if row is None or _differs(row, outcome):
            if row:
                row.delete()
            fresh.append(_row(period, key, outcome, run))
    Score.objects.filter(pk__in=[row.pk for row in standing.values()]).delete()
    Score.objects.bulk_create(fresh, batch_size=2000)
    return len(fresh) + len(standing)


def _differs(row: Score, outcome: Outcome) -> bool:
    old = (row.forecast_minor, row.called_at, row.actual_minor, row.absolute_error_minor, row.callers)
    return old != (outcome.forecast, outcome.called_at, outcome.actual, outcome.absolute_error, outcome.callers)


def _row(period: Period, key: Key, outcome: Outcome, run: Run) -> Score:
    subject, person, node, category, days = key
    return Score(
        subject=subject,
        person_id=person,
        node_id=node,
        period=period,
        category=category,
        horizon_days=days,
        forecast_minor=outcome.forecast,
        called_at=outcome.called_at,
        actual_minor=outcome.actual,
        absolute_error_minor=outcome.absolute_error,
        callers=outcome.callers,
        run=run,
    )


