"""The forecast night: the snapshot of the open pipeline, and the scores of ended periods."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TypeVar

from common import nights
from common.access import Reach
from common.models import Period, Rate, Run
from common.selectors import the_organisation, today
from common.transaction import work
from forecasts import rules, scoring
from forecasts.models import Score, Submission
from forecasts.selectors import JOB
from pipeline.selectors.opportunities import factors
from quotas import rollup
from quotas.models import LeafCell, NodeCell, Publication
from quotas.selectors.intake import counted, months_of, summed
from quotas.selectors.plan import parents_on

INVARIANTS = Path(__file__).parent.parent / "invariants"
KEPT = timedelta(days=3 * 366)
T = TypeVar("T", scoring.Call, scoring.Key, scoring.Outcome)


def run_nightly(*, as_of: date) -> Run:
    """Freeze the open pipeline of `as_of` and score every period that has ended; the organisation's own job.

    One transaction: its commit publishes, after the snapshots before are found as they were kept. A failure is recorded
    apart and leaves the last good scores. Raises Conflict while another job runs.
    """
    with nights.night(JOB, as_of) as run:
        run.checks = rollup.checked(INVARIANTS, None, as_of)
        run.changed_rows = _freeze(as_of) + sum(_score(period, run) for period in _ended(as_of))
        run.input_hash = scoring.snapshot_hash(as_of)
        run.output_hash = scoring.output_hash()
    return run


def _freeze(as_of: date) -> int:
    """Keep the open pipeline as it stands, where `as_of` is the day that ended last; answers the lines kept.

    It is that of now: a night that comes late keeps nothing.
    """
    has_just_ended = as_of == today() - nights.ONE_DAY
    return scoring.freeze(as_of, factors(Rate.Kind.PLAN, as_of)) if has_just_ended else 0


def due_days() -> list[date]:
    """The ended days whose attainment is published and which were not scored yet, oldest first."""
    with work(by=None, why="which forecast nights are due", reach=Reach.everything()):
        publication = Publication.objects.first()
        return nights.due_days(JOB, publication.as_of) if publication else []


def note_timed_out(seconds: float) -> None:
    """The time limit ended a night of forecasts: that of the first day that is due still."""
    nights.note_timed_out(JOB, due_days(), seconds)


def _ended(as_of: date) -> Iterable[Period]:
    """The quarters that have ended with `as_of`, as far back as scores may still change."""
    return Period.objects.quarters().filter(stops_on__lte=as_of + nights.ONE_DAY, stops_on__gt=as_of - KEPT)


def _score(period: Period, run: Run) -> int:
    """Score one period and write what differs. Answers the rows written."""
    given = Submission.objects.filter(period=period).order_by("submitted_at", "id")
    calls = [_read(scoring.Call, row) for row in given]
    if not calls:
        return 0
    zone, months = the_organisation().zone(), months_of([period])
    ends = {days: rules.horizon_day(period.stops_on, days) for days in scoring.HORIZONS}
    known = scoring.Known(
        instants={days: datetime.combine(end, time.min, tzinfo=zone) for days, end in ends.items()},
        chains=_chains(parents_on(period.last_day)),
        of_people=_actuals(LeafCell, "person", months),
        of_nodes=_actuals(LeafCell, "seat", months) | _actuals(NodeCell, "node", months),
    )
    return _write(period, scoring.outcomes(calls, known), run)


def _read(kind: type[T], row: Submission | Score) -> T:
    """What the scoring needs of a row."""
    return kind(**{field.name: getattr(row, field.name) for field in fields(kind)})


def _chains(parents: Mapping[int, int | None]) -> dict[int, list[int]]:
    """Each node with all above it, from itself up."""

    def upwards(node: int | None) -> Iterator[int]:
        while node:
            yield node
            node = parents.get(node)

    return {node: list(upwards(node)) for node in parents}


def _actuals(cells: type[LeafCell] | type[NodeCell], by: str, months: Iterable[date]) -> dict[int, int]:
    """Order intake of the months in plan money: by person or seat from leaf cells, by node from node cells."""
    return dict(summed(counted(cells.objects.all(), months), "amount_minor", by))


def _write(period: Period, outcomes: dict[scoring.Key, scoring.Outcome], run: Run) -> int:
    standing = {_read(scoring.Key, row): row for row in Score.objects.filter(period=period)}
    same = {key for key, row in standing.items() if _read(scoring.Outcome, row) == outcomes.get(key)}
    stale = [row.pk for key, row in standing.items() if key not in same]
    fresh = [
        Score(period=period, run=run, subject=_subject(key), **vars(key), **vars(outcome))
        for key, outcome in outcomes.items()
        if key not in same
    ]
    Score.objects.filter(pk__in=stale).delete()
    Score.objects.bulk_create(fresh, batch_size=2000)
    return max(len(stale), len(fresh))


def _subject(key: scoring.Key) -> Score.Subject:
    return Score.Subject.PERSON if key.person_id else Score.Subject.NODE
