"""The nights of a job: which ended days are due, and the run that each leaves, published or failed."""

import resource
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Max
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from common.access import Reach
from common.errors import Conflict, Refused
from common.models import Run
from common.selectors import organisation
from common.transaction import job, work

RETRY_AFTER = timedelta(minutes=10)
ONE_DAY = timedelta(days=1)
MOST_TRIES = 4
"""So many times in a row the time limit ends a run before nobody begins it any more: the first, and three more."""


@contextmanager
def night(name: str, as_of: date) -> Iterator[Run]:
    """The run of a job for one fiscal day: one transaction behind the gate, whose commit publishes it.

    A failure is recorded apart and leaves what stood before. Raises Conflict while another job runs.
    """
    begun = timezone.now()
    try:
        with job(f"{name} of {as_of.isoformat()}"):
            refuse_endless(name)
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


def note_timed_out(name: str, days: Sequence[date], seconds: float) -> None:
    """Say in a row of its own that the time limit ended a run: of the first of the days that were due.

    Whoever runs the process that had it writes this while that still lives, and so waits for nothing that it holds.
    """
    now = timezone.now()
    error = _("It was not done after %(minutes)s minutes, and was ended.") % {"minutes": round(seconds / 60)}
    with work(by=None, why="a run that took too long", reach=Reach.everything()):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
        for as_of in days[:1]:
            times = {"started_at": now - timedelta(seconds=seconds), "finished_at": now}
            Run.objects.create(job=name, as_of=as_of, state=Run.State.TIMED_OUT, error=error, **times)


def refuse_endless(name: str) -> None:
    """Raises Refused where the time limit has ended a job's runs too often in a row."""
    if [run.state for run in _ended(name)[:MOST_TRIES]] == [Run.State.TIMED_OUT] * MOST_TRIES:
        message = _("The time limit ended it %(times)s times in a row. It is not begun again by itself.")
        raise Refused(message % {"times": MOST_TRIES}, code="timed_out")


def is_given_up(name: str, since: datetime | None = None) -> bool:
    """Whether a job was given up because the time limit ended it too often, after an instant where one is named."""
    last = _ended(name)[: MOST_TRIES + 1]
    states = [Run.State.FAILED, *[Run.State.TIMED_OUT] * MOST_TRIES]
    return [run.state for run in last] == states and (since is None or _ended_at(last[0]) > since)


def _ended(name: str) -> list[Run]:
    """The runs of a job that ended last, the last one first: one that was asked for before others may be it."""
    newest = Run.objects.filter(job=name).exclude(state=Run.State.ASKED).order_by("-pk")[: 2 * MOST_TRIES]
    return sorted(newest, key=lambda run: (_ended_at(run), run.pk), reverse=True)


def _ended_at(run: Run) -> datetime:
    return run.finished_at or run.started_at


def has_just_failed(name: str, wait: timedelta) -> bool:
    """Whether the last run failed no longer ago than that, so that what is wrong can be put right."""
    tried = next(iter(_ended(name)), None)
    return tried is not None and tried.state == Run.State.FAILED and tried.started_at > timezone.now() - wait


def ended_days(name: str, until: date) -> list[date]:
    """The days after the newest one published up to `until`, oldest first; it alone before the first run."""
    published = Run.objects.filter(job=name, state=Run.State.PUBLISHED, as_of__lte=until)
    newest: date | None = published.aggregate(newest=Max("as_of"))["newest"]
    first = newest + ONE_DAY if newest else until
    return [first + timedelta(days=n) for n in range((until - first).days + 1)]


def due_days(name: str, until: date) -> list[date]:
    """The days that ended and were not run yet, and those asked for.

    Oldest first. A while after a run failed, and after the time limit ended it too often, only what is asked for;
    before there is a company nothing.
    """
    if organisation() is None:
        return []
    asked = Run.objects.filter(job=name, state=Run.State.ASKED).values_list("as_of", flat=True)
    waits = has_just_failed(name, RETRY_AFTER) or is_given_up(name)
    ended = [] if waits else ended_days(name, until)
    return sorted({*asked, *ended})
