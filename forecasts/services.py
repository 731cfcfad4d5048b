"""Writing calls, snapshots and scores."""

import resource
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from common.errors import Conflict, Forbidden, Refused
from common.models import Period, Run
from common.selectors import last_run, the_organisation, today
from common.transaction import act, job, reach, work
from common.access import Reach, found
from forecasts import rules, scoring
from forecasts.models import Submission
from quotas.models import Publication
from territories.models import Territory
from territories.selectors import seat_node_on

JOB = "forecast"


@act
def submit(
    *,
    by: int,
    period_id: int,
    amount_minor: int,
    node_id: int | None = None,
    is_team: bool = False,
    category: str = Submission.Category.COMMIT,
    note: str = "",
) -> Submission:
    """Give one's own call for a running or coming period; for a team only by who leads it. Every call is kept."""
    reach().require("submission", "create", {"person_id": by})
    period = found(Period.objects.filter(pk=period_id, kind=Period.Kind.QUARTER).first())
    if period.stops_on <= today():
        raise Conflict(_("%(period)s has ended; its last call stands.") % {"period": period.code}, code="period_ended")
    if amount_minor < 0:
        raise Refused(_("A call is zero or more."), path="amount_minor", code="negative")
    node = _node_of_call(by, node_id, is_team)
    mine = Submission.objects.filter(person_id=by, period=period, node=node, is_team=is_team, category=category)
    return Submission.objects.create(
        person_id=by,
        node=node,
        is_team=is_team,
        period=period,
        category=category,
        amount_minor=amount_minor,
        note=note.strip(),
        submitted_at=timezone.now(),
        is_late=_is_late(list(mine.values_list("submitted_at", flat=True))),
    )


def _node_of_call(by: int, node_id: int | None, is_team: bool) -> Territory:
    if not is_team:
        return Territory.objects.get(pk=seat_node_on(by, today()))
    if node_id not in reach().territories:
        raise Forbidden(_("You call for the teams that you lead."))
    return Territory.objects.get(pk=node_id)


def _is_late(earlier: list[datetime]) -> bool:
    zone = the_organisation().zone()
    instants = [instant.astimezone(zone) for instant in earlier]
    now = timezone.now().astimezone(zone)
    return rules.comes_late(now, instants, settings.FORECAST_DUE_WEEKDAY, settings.FORECAST_DUE_HOUR)


def run_nightly(*, as_of: date, asked_by_id: int | None = None) -> Run:
    """Freeze the open pipeline of `as_of` and score every period that has ended; the organisation's own job.

    One transaction: its commit publishes. A failure is recorded apart and leaves the last good scores.
    Raises Conflict while another job runs.
    """
    try:
        with job(f"forecast night {as_of}"):
            run = Run.objects.create(job=JOB, as_of=as_of, asked_by_id=asked_by_id)
            frozen = scoring.freeze(as_of)
            changed = scoring.score(as_of, run)
            run.state, run.finished_at = Run.State.PUBLISHED, timezone.now()
            run.changed_rows = frozen + changed
            run.output_hash = scoring.output_hash(as_of)
            run.peak_memory_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            run.save()
            return run
    except Conflict:
        raise
    except Exception as error:
        _record_failure(as_of, asked_by_id, error)
        raise


def _record_failure(as_of: date, asked_by_id: int | None, error: Exception) -> None:
    with work(by=None, why="a failed forecast night", reach=Reach.everything()):
        Run.objects.create(
            job=JOB,
            as_of=as_of,
            state=Run.State.FAILED,
            error=f"{type(error).__name__}: {error}"[:2000],
            finished_at=timezone.now(),
            asked_by_id=asked_by_id,
        )


def due_days() -> list[date]:
    """The ended days whose attainment is published and which were not scored yet, oldest first."""
    with work(by=None, why="which forecast nights are due", reach=Reach.everything()):
        publication = Publication.objects.first()
        if publication is None:
            return []
        last = last_run(JOB)
        first = last.as_of + timedelta(days=1) if last else publication.as_of
        return [first + timedelta(days=n) for n in range((publication.as_of - first).days + 1)]
