"""The nights of a job: which ended days are due, and the run that each leaves, published or failed."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from django.db.models import Max
from django.db.models.functions import Now
from django.utils import timezone

from common.access import Reach
from common.errors import Conflict, Refused
from common.models import Run
from common.selectors import organisation
from common.transaction import job, work

RETRY_AFTER = timedelta(minutes=10)
ONE_DAY = timedelta(days=1)


@contextmanager
def night(name: str, as_of: date) -> Iterator[Run]:
    """The run of a job for one fiscal day: one transaction behind the gate, whose commit publishes it.

    A failure is recorded apart and leaves what stood before. Raises Conflict while another job runs.
    """
    begun = timezone.now()
    try:
        with job(f"{name} of {as_of.isoformat()}"):
            run = _row(name, as_of)
            run.started_at, run.read_at = begun, Now()
            run.save()
            yield run
            run.state, run.finished_at = Run.State.PUBLISHED, timezone.now()
            run.peak_memory_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            run.save()
    except Conflict:
        raise
    except Exception as error:
        with work(by=None, why="a run that failed", reach=Reach.everything()):
            record_failure(_row(name, as_of), begun, error)
        raise


def _row(name: str, as_of: date) -> Run:
    """The row in which somebody asked for a run of that day, or a new one."""
    asked = Run.objects.filter(job=name, as_of=as_of, state=Run.State.ASKED).first()
    return asked or Run(job=name, as_of=as_of)


def record_failure(run: Run, begun: datetime, error: Exception) -> None:
    """Say in a run's own row that it failed, and why."""
    kind = "" if isinstance(error, (Refused, ValueError)) else f"{type(error).__name__}: "
    run.state, run.error = Run.State.FAILED, f"{kind}{error}"[:2000]
    run.started_at, run.finished_at = begun, timezone.now()
    run.save()


def has_just_failed(name: str, wait: timedelta) -> bool:
    """Whether the last run failed no longer ago than that, so that what is wrong can be put right."""
    tried = Run.objects.filter(job=name).exclude(state=Run.State.ASKED).first()
    return tried is not None and tried.state == Run.State.FAILED and tried.started_at > timezone.now() - wait


def ended_days(name: str, until: date) -> list[date]:
    """The days after the newest one published up to `until`, oldest first; it alone before the first run."""
    published = Run.objects.filter(job=name, state=Run.State.PUBLISHED, as_of__lte=until)
    newest: date | None = published.aggregate(newest=Max("as_of"))["newest"]
    first = newest + ONE_DAY if newest else until
    return [first + timedelta(days=n) for n in range((until - first).days + 1)]


def due_days(name: str, until: date) -> list[date]:
    """The days that ended and were not run yet, and those asked for.

    Oldest first. A while after a run failed only what is asked for; before there is a company nothing.
    """
    if organisation() is None:
        return []
    asked = Run.objects.filter(job=name, state=Run.State.ASKED).values_list("as_of", flat=True)
    ended = [] if has_just_failed(name, RETRY_AFTER) else ended_days(name, until)
    return sorted({*asked, *ended})
