"""How fresh the figures are, whether the night came, and what its runs did."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.core.cache import cache
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.access import Reach, found
from common.locale import format_date, format_number
from common.models import Organisation, Run
from common.selectors import organisation
from common.transaction import once_in_a_snapshot
from quotas.models import Publication
from territories.models import User

JOB = "attainment"
REFRESH = "refresh"
PROGRESS = "quotas.progress"
LATE_AT = time(6)
STEPS = ("verify", "roll_up", "quotas", "publish")
STEP_WORDS = {
    "verify": gettext_lazy("Checking the ledger"),
    "roll_up": gettext_lazy("Adding up order intake"),
    "quotas": gettext_lazy("Adding up quotas"),
    "publish": gettext_lazy("Publishing"),
}


@dataclass(frozen=True)
class Freshness:
    """How old the figures of a page are."""

    as_of: datetime | None
    run: Run | None
    next_run: datetime | None
    is_late: bool

    @property
    def sentence(self) -> str:
        if self.run is None:
            return ""
        words = _("attainment run %(number)s of %(day)s")
        return words % {"number": format_number(self.run.pk), "day": format_date(self.run.as_of)}


@once_in_a_snapshot
def standing_publication() -> Publication | None:
    """The row that says which figures stand; None before the first night."""
    return Publication.objects.select_related("run").first()


def freshness(now: datetime) -> Freshness:
    """Since when the standing figures stand, by which run, and when the next one is due."""
    company, standing = organisation(), standing_publication()
    return Freshness(
        as_of=standing.refreshed_at if standing else None,
        run=standing.run if standing else None,
        next_run=_next_midnight(now, company) if company else None,
        is_late=company is not None and _is_late(standing, now, company),
    )


def _next_midnight(now: datetime, company: Organisation) -> datetime:
    tomorrow = now.astimezone(company.zone()).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), company.zone())


def _is_late(standing: Publication | None, now: datetime, company: Organisation) -> bool:
    """Whether it is past six in the organisation's zone and yesterday was not published."""
    here = now.astimezone(company.zone())
    last_ended = here.date() - timedelta(days=1 if here.time() >= LATE_AT else 2)
    return standing is None or standing.as_of < last_ended


@dataclass(frozen=True)
class LateNight:
    """The night that did not come: since which day figures have not been published."""

    as_of: str

    @property
    def text(self) -> str:
        if not self.as_of:
            return _("No figures have been published yet.")
        return _("The last night's run has not been published. Figures are those of %(day)s.") % {
            "day": self.as_of
        }


def late_banner(now: datetime) -> LateNight | None:
    """The banner for every page where no run was published by six in the organisation's zone; None: all is well."""
    company, standing = organisation(), standing_publication()
    if company is None or not _is_late(standing, now, company):
        return None
    return LateNight(format_date(standing.as_of) if standing else "")


@dataclass(frozen=True)
class Readiness:
    """Whether the figures are in time, and if not why."""

    is_ready: bool
    reason: str


def readiness(now: datetime) -> Readiness:
    """For the readiness check: red where the night's run was not published in time, or there is no company yet."""
    if organisation() is None:
        return Readiness(False, "no organisation")
    late = late_banner(now)
    return Readiness(late is None, late.text if late else "")


@dataclass(frozen=True)
class Progress:
    """How far the running job is."""

    day: str
    step: str
    done: int
    total: int = len(STEPS)

    @property
    def text(self) -> str:
        return str(STEP_WORDS.get(self.step, _("Waiting to begin")))


GATE = """SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'common_rungate'::regclass AND mode = 'ExclusiveLock'
    AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"""


def _is_running() -> bool:
    """Whether a job holds the gate now."""
    with connection.cursor() as cursor:
        cursor.execute(GATE)
        return bool(cursor.fetchone()[0])


def progress() -> Progress | None:
    """The step of the night's run that is in progress; None where there is none."""
    told = cache.get(PROGRESS)
    if told is None or not _is_running():
        return None
    return Progress(told["as_of"], told["step"], told["done"])


@dataclass(frozen=True)
class Watched:
    """The run that somebody waits for: the first after the run `since`; None: nobody waits."""

    since: int | None
    ended: Run | None
    progress: Progress | None


def watched(since: int | None) -> Watched:
    """How far the first run after `since` is, or else the one that is asked for or in progress."""
    told, runs = progress(), Run.objects.filter(job=JOB)
    if since is None:
        asked, last = runs.filter(state=Run.State.ASKED).last(), runs.first()
        since = asked.pk - 1 if asked else (last.pk if last else 0) if told else None
    first = runs.filter(pk__gt=since).last() if since is not None else None
    return Watched(since, first if first and first.state != Run.State.ASKED else None, told)


def failed_refresh() -> Run | None:
    """The refresh that failed last, while no run has ended well since."""
    ended = Run.objects.filter(job__in=(JOB, REFRESH), finished_at__isnull=False)
    last = ended.order_by("-finished_at").first()
    return last if last and last.job == REFRESH and last.state == Run.State.FAILED else None


def run_rows(job: str) -> QuerySet[Run]:
    """The runs of a job."""
    return Run.objects.filter(job=job)


@dataclass(frozen=True)
class RunRow:
    """A run beside the one before it of the same job, and who asked for it; None: the clock."""

    run: Run
    before: Run | None
    asked_by: User | None

    @property
    def duration(self) -> float | None:
        return (self.run.finished_at - self.run.started_at).total_seconds() if self.run.finished_at else None

    @property
    def is_same_output(self) -> bool:
        return self.before is not None and self.before.output_hash == self.run.output_hash != ""

    @property
    def is_same_input(self) -> bool:
        return self.before is not None and self.before.input_hash == self.run.input_hash != ""

    @property
    def new_entries(self) -> int | None:
        if self.before is None or self.before.ledger_seq is None or self.run.ledger_seq is None:
            return None
        return self.run.ledger_seq - self.before.ledger_seq


def run_detail(reach: Reach, pk: int) -> RunRow:
    """One run and what changed since the published one before it. Raises NotInReach."""
    run = found(Run.objects.filter(reach.q(Run)).filter(pk=pk).first())
    earlier = Run.objects.filter(job=run.job, state=Run.State.PUBLISHED, pk__lt=run.pk)
    return RunRow(run, earlier.first(), User.objects.filter(pk=run.asked_by_id or 0).first())
