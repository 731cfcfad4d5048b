"""The forecast night: the snapshot of the open pipeline, and the scores of ended periods."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta

from django.db.models import Sum

from common import nights
from common.access import Reach
from common.models import Period, Run
from common.selectors import the_organisation, today
from common.transaction import work
from forecasts import rules, scoring
from forecasts.models import Score, Submission
from forecasts.selectors import JOB, plan_factors
from quotas.models import LeafCell, NodeCell, Publication
from quotas.selectors.plan import parents_on

KEPT = timedelta(days=3 * 366)


def run_nightly(*, as_of: date) -> Run:
    """Freeze the open pipeline of `as_of` and score every period that has ended; the organisation's own job.

    One transaction: its commit publishes. A failure is recorded apart and leaves the last good scores.
    Raises Conflict while another job runs.
    """
    with nights.night(JOB, as_of) as run:
        run.changed_rows = _freeze(as_of) + sum(_score(period, run) for period in _ended(as_of))
        run.output_hash = scoring.output_hash()
    return run


def _freeze(as_of: date) -> int:
    """Keep the open pipeline as it stands, where `as_of` is the day that ended last; answers the lines kept.

    How deals stood on a day before that is not known any more: a night that comes late keeps nothing.
    """
    return scoring.freeze(as_of, plan_factors(as_of)) if as_of == today() - nights.ONE_DAY else 0


def due_days() -> list[date]:
    """The ended days whose attainment is published and which were not scored yet, oldest first."""
    with work(by=None, why="which forecast nights are due", reach=Reach.everything()):
        publication = Publication.objects.first()
        return nights.due_days(JOB, publication.as_of) if publication else []


def _ended(as_of: date) -> Iterable[Period]:
    """The quarters that have ended with `as_of`, as far back as scores may still change."""
    return Period.objects.quarters().filter(
        stops_on__lte=as_of + timedelta(days=1), stops_on__gt=as_of - KEPT
    )


def _score(period: Period, run: Run) -> int:
    """Score one period and write what differs. Answers the rows written."""
    calls = [
        scoring.Call(
            row.person_id, row.node_id, row.is_team, row.category, row.amount_minor, row.submitted_at
        )
        for row in Submission.objects.filter(period=period).order_by("submitted_at", "id")
    ]
    if not calls:
        return 0
    zone = the_organisation().zone()
    known = scoring.Known(
        instants={
            days: datetime.combine(rules.horizon_day(period.stops_on, days), time.min, tzinfo=zone)
            for days in scoring.HORIZONS
        },
        chains=_chains(parents_on(period.last_day)),
        of_people=_actuals(LeafCell, "person", period),
        of_nodes={**_actuals(LeafCell, "seat", period), **_actuals(NodeCell, "node", period)},
    )
    return _write(period, scoring.outcomes(calls, known), run)


def _chains(parents: Mapping[int, int | None]) -> dict[int, list[int]]:
    """Each node with all above it, from itself up."""

    def upwards(node: int | None) -> Iterator[int]:
        while node:
            yield node
            node = parents.get(node)

    return {node: list(upwards(node)) for node in parents}


def _actuals(cells: type[LeafCell] | type[NodeCell], by: str, period: Period) -> dict[int, int]:
    """Order intake of the period in plan money: by person or seat from leaf cells, by node from node cells."""
    rows = cells.objects.filter(month_on__gte=period.starts_on, month_on__lt=period.stops_on)
    rows = rows.exclude(kind="overlay")
    return {row[by]: row["total"] for row in rows.values(by).annotate(total=Sum("amount_minor"))}


def _write(period: Period, outcomes: dict[scoring.Key, scoring.Outcome], run: Run) -> int:
    standing = {
        scoring.Key(row.person_id, row.node_id, row.category, row.horizon_days): row
        for row in Score.objects.filter(period=period)
    }
    stale = [row.pk for key, row in standing.items() if _outcome_of(row) != outcomes.get(key)]
    fresh = [
        _row(period, key, outcome, run)
        for key, outcome in outcomes.items()
        if key not in standing or _outcome_of(standing[key]) != outcome
    ]
    Score.objects.filter(pk__in=stale).delete()
    Score.objects.bulk_create(fresh, batch_size=2000)
    return max(len(stale), len(fresh))


def _outcome_of(row: Score) -> scoring.Outcome:
    return scoring.Outcome(
        row.forecast_minor,
        row.called_at,
        row.actual_minor,
        row.absolute_error_minor,
        row.absolute_actual_minor,
        row.callers,
    )


def _row(period: Period, key: scoring.Key, outcome: scoring.Outcome, run: Run) -> Score:
    subject = Score.Subject.PERSON if key.person_id else Score.Subject.NODE
    return Score(period=period, run=run, subject=subject, **vars(key), **vars(outcome))
