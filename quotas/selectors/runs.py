"""How fresh the figures are, whether the night came, and what its runs did."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.utils.translation import gettext as _

from common import queue
from common.locale import format_date, format_number
from common.models import Run
from common.selectors import organisation, policy
from common.transaction import now, once
from quotas.models import Publication

JOB = "attainment"
REFRESH = "refresh"
PROGRESS = "quotas.progress"


@dataclass(frozen=True)
class Freshness:
    """How old the figures of a page are: of which day and since when they stand, by which run, and when the next comes.

    Late: it is past six in the organisation's zone and yesterday was not published.
    """

    day: date | None = None
    as_of: datetime | None = None
    run: Run | None = None
    next_run: datetime | None = None
    is_late: bool = False

    @property
    def sentence(self) -> str:
        if self.run is None:
            return ""
        words = _("attainment run %(number)s of %(day)s")
        return words % {"number": format_number(self.run.pk), "day": format_date(self.run.as_of)}

    @property
    def warning(self) -> str:
        """What stands above every page while the last night's figures are missing; empty while all is well."""
        if not self.is_late:
            return ""
        if self.day is None:
            return _("No figures have been published yet.")
        sentence = _("The last night's run has not been published. Figures are those of %(day)s.")
        return sentence % {"day": format_date(self.day)}


def newest_due(here: datetime, hour: int) -> date:
    """The newest day whose figures have to stand at an instant of the organisation, those of a day by that hour."""
    return here.date() - timedelta(days=1 if here.hour >= hour else 2)


@once
def freshness() -> Freshness:
    """How old the standing figures are now."""
    company, standing = organisation(), Publication.objects.select_related("run").first()
    if company is None:
        return Freshness()
    here = now().astimezone(company.zone())
    midnight = datetime.combine(here.date() + timedelta(days=1), time(), company.zone())
    if standing is None:
        return Freshness(next_run=midnight, is_late=True)
    is_late = standing.as_of < newest_due(here, policy("figures_due_hour"))
    return Freshness(standing.as_of, standing.refreshed_at, standing.run, midnight, is_late)


def is_ready() -> bool:
    """For the readiness check: there is a company, and the night's run was published in time."""
    return organisation() is not None and not freshness().is_late


@dataclass(frozen=True)
class Progress:
    """How far the running job is: the day it is of, what it does, and how many of its steps are done."""

    day: str
    text: str
    done: int
    total: int


GATE = """SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'common_rungate'::regclass AND mode = 'ExclusiveLock'
    AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"""


def _is_running() -> bool:
    """Whether a job holds the gate now."""
    with connection.cursor() as cursor:
        cursor.execute(GATE)
        return bool(cursor.fetchone()[0])


def _progress(told: dict[str, Any] | None) -> Progress | None:
    """The step of the night's run that is in progress; None where there is none."""
    return Progress(**told) if told and _is_running() else None


@dataclass(frozen=True)
class Watched:
    """A run that is looked at, and how far the job in progress is: one of the clock has no row before it ends.

    `is_queue_away`: the queue does not answer, and the clock does what is due by itself.
    """

    run: Run | None
    progress: Progress | None
    is_queue_away: bool = False

    @property
    def ended(self) -> Run | None:
        return self.run if self.run and self.run.state != Run.State.ASKED else None

    @property
    def is_awaited(self) -> bool:
        return self.ended is None and (self.run is not None or self.progress is not None)

    @property
    def query(self) -> str:
        """What names the run in an address."""
        return f"?run={self.run.pk}" if self.run else ""


def watched(pk: int | None) -> Watched:
    """How far that night's run is; without a number the one that waits or is in progress."""
    runs = Run.objects.filter(job=JOB)
    named = runs.filter(state=Run.State.ASKED) if pk is None else runs.filter(pk=pk)
    told = cache.get_many([PROGRESS, queue.AWAY])
    return Watched(named.last(), _progress(told.get(PROGRESS)), queue.AWAY in told)


def last_night() -> Run | None:
    """The night's run that began or was asked for last."""
    return Run.objects.filter(job=JOB).first()


def failed_refresh() -> Run | None:
    """The refresh that failed last, while no run has ended well since."""
    ended = Run.objects.filter(job__in=(JOB, REFRESH), finished_at__isnull=False)
    last = ended.order_by("-finished_at").first()
    return last if last and last.job == REFRESH and last.has_failed else None
