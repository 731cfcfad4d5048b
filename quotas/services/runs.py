"""The night's run, the seconds' refresh, and asking for a run now."""

import hashlib
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError as BrokerDown

from common.access import Reach
from common.errors import Conflict, Refused
from common.models import Period, Run
from common.selectors import the_organisation, today
from common.transaction import act, job, reach, work
from orders.models import LedgerHead
from orders.rollup import verify_ledger
from quotas import rollup
from quotas.models import Publication, QuotaCell
from quotas.selectors.runs import JOB, PROGRESS, REFRESH, STEPS, is_running
from quotas.services.cells import make_quota_cells

SUNDAY = 6
RETRY_AFTER = timedelta(minutes=10)
Tell = Callable[[str], None]


def run_nightly(*, as_of: date, asked_by_id: int | None = None, is_full: bool = False) -> Run:
    """The organisation's own job for the fiscal day `as_of`: verify the ledger, roll up, publish.

    One transaction behind the gate: its commit is the publication. A failure is recorded in a row of its own and
    leaves the last good figures. `is_full` makes every month anew, as do Sundays and a changed tree.
    Raises Conflict while another run is in progress.
    """
    begun = timezone.now()
    try:
        with job(f"attainment of {as_of.isoformat()}"):
            return _night(as_of, asked_by_id, is_full, begun)
    except Conflict:
        raise
    except Exception as error:
        _record_failure(as_of, asked_by_id, begun, error)
        raise


def _night(as_of: date, asked_by_id: int | None, is_full: bool, begun: datetime) -> Run:
    tell, before = _teller(as_of), Publication.objects.select_related("run").first()
    standing = None if is_full or as_of.weekday() == SUNDAY else before
    state = _State.now()
    try:
        tell("verify")
        _verify(standing)
        tell("roll_up")
        changed = rollup.roll_up(_scope(as_of, standing, state)).changed_rows
        rollup.digest_months()
        tell("quotas")
        if standing is None or standing.plan_digest != state.plan:
            changed += _all_quota_cells()
        tell("publish")
        run = Run.objects.create(
            job=JOB,
            as_of=as_of,
            state=Run.State.PUBLISHED,
            ledger_seq=state.seq,
            input_hash=_hash(as_of.isoformat(), state, rollup.rate_digest()),
            output_hash=_hash(rollup.output_text(), _quota_text()),
            changed_rows=changed,
            peak_memory_kb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
            started_at=begun,
            finished_at=timezone.now(),
            asked_by_id=asked_by_id,
        )
        _publish(run, max(as_of, before.as_of) if before else as_of, state)
        return run
    finally:
        cache.delete(PROGRESS)


@dataclass(frozen=True)
class _State:
    """What figures are made of: the ledger up to an entry, the tree, and all that was planned."""

    seq: int
    ledger: str
    tree: str
    plan: str

    @classmethod
    def now(cls) -> "_State":
        head = LedgerHead.objects.get()
        return cls(head.seq, head.hash, rollup.tree_digest(), rollup.plan_digest())


def _verify(standing: Publication | None) -> None:
    """What was posted since the standing figures were made, or the whole ledger; Raises Refused where it is broken."""
    check = verify_ledger(standing.run.ledger_seq or 0 if standing else 0)
    if not check.is_sound:
        places = {"entry": check.broken_at, "events": check.events[:5], "orders": check.orders[:5]}
        message = _("The ledger does not verify: entry %(entry)s, events %(events)s, orders %(orders)s.")
        raise Refused(message % places, code="ledger_broken")


def _scope(as_of: date, standing: Publication | None, state: _State) -> list[date] | None:
    """The running quarter, and every month with entries that the last night has not seen; None: everything."""
    waiting = rollup.waiting_months()
    if standing is None or standing.tree_digest != state.tree:
        return None
    quarter = Period.objects.quarters().holding(as_of).first()
    running = Period.objects.months().filter(parent=quarter) if quarter else Period.objects.none()
    unseen = rollup.months_since(standing.run.ledger_seq or 0)
    return sorted({*running.values_list("starts_on", flat=True), *waiting, *unseen, *rollup.aged_months()})


def _all_quota_cells() -> int:
    return make_quota_cells(list(Period.objects.quarters()))


def _quota_text() -> str:
    rows = QuotaCell.objects.order_by("period__code", "node_id", "family_id")
    return str(
        list(
            rows.values_list(
                "period__code", "node_id", "family_id", "assigned_minor", "rolled_minor", "street_minor"
            )
        )
    )


def _hash(*parts: object) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()


def _publish(run: Run, as_of: date, state: _State) -> None:
    Publication.objects.update_or_create(
        pk=1,
        defaults={
            "run": run,
            "as_of": as_of,
            "refreshed_at": timezone.now(),
            "ledger_seq": state.seq,
            "tree_digest": state.tree,
            "plan_digest": state.plan,
            "plan_mark": rollup.plan_mark(),
        },
    )


def _teller(as_of: date) -> Tell:
    """Says outside of the transaction how far the run is, for those who watch it."""

    def tell(step: str) -> None:
        cache.set(
            PROGRESS, {"as_of": as_of.isoformat(), "step": step, "done": STEPS.index(step)}, timeout=3600
        )

    return tell


def _record_failure(as_of: date, asked_by_id: int | None, begun: datetime, error: Exception) -> None:
    with work(by=None, why="a run that failed", reach=Reach.everything()):
        Run.objects.create(
            job=JOB,
            as_of=as_of,
            state=Run.State.FAILED,
            error=f"{type(error).__name__}: {error}"[:2000],
            started_at=begun,
            finished_at=timezone.now(),
            asked_by_id=asked_by_id,
        )


def refresh_dirty() -> Run | None:
    """Count the bookings that wait, by the night's own roll-up on their cells alone; the organisation's own job.

    Returns at once where nothing waits, before the first night, and while another run holds the gate: the queue stays.
    """
    with work(by=None, why="what waits to be counted", reach=Reach.everything()):
        standing = Publication.objects.first()
        if standing is None or not rollup.is_behind(standing.plan_mark):
            return None
    begun = timezone.now()
    try:
        with job("attainment behind the ledger"):
            return _refresh(begun)
    except Conflict:
        return None


def _refresh(begun: datetime) -> Run:
    standing, state = Publication.objects.select_related("run").get(), _State.now()
    if state.tree == standing.tree_digest:
        made = rollup.roll_up_dirty()
    else:
        rollup.waiting_months()
        made = rollup.roll_up(None)
    changed = made.changed_rows + (0 if state.plan == standing.plan_digest else _all_quota_cells())
    run = Run.objects.create(
        job=REFRESH,
        as_of=standing.as_of,
        state=Run.State.PUBLISHED,
        ledger_seq=state.seq,
        input_hash=_hash(state),
        changed_rows=changed,
        started_at=begun,
        finished_at=timezone.now(),
    )
    _publish(standing.run, standing.as_of, state)
    return run


def due_days() -> list[date]:
    """The fiscal days that ended and were not run yet, oldest first; yesterday alone before the first run.

    None for a while after a run failed, so that what is wrong can be put right.
    """
    with work(by=None, why="which nights are due", reach=Reach.everything()):
        yesterday, standing = today() - timedelta(days=1), Publication.objects.first()
        tried = Run.objects.filter(job=JOB).first()
        if tried and tried.state == Run.State.FAILED and tried.started_at > timezone.now() - RETRY_AFTER:
            return []
        first = standing.as_of + timedelta(days=1) if standing else yesterday
        return [first + timedelta(days=n) for n in range((yesterday - first).days + 1)]


@act
def start_nightly(*, by: int) -> None:
    """Ask for a run of yesterday now: through the queue, or in a process of its own while the queue is down.

    For administrators. Raises Conflict while a run is in progress.
    """
    reach().require("run", "start")
    the_organisation()
    if is_running():
        raise Conflict(_("A run is in progress already."), code="run_in_progress")
    as_of = (today() - timedelta(days=1)).isoformat()
    asked = {"as_of": as_of, "asked_by_id": by}
    try:
        with current_app.connection_for_write() as connection:
            current_app.send_task("quotas.nightly_now", kwargs=asked, connection=connection, retry=False)
    except BrokerDown:
        command = [sys.executable, "manage.py", "nightly", "--as-of", as_of, "--asked-by", str(by)]
        environment = {**os.environ, "DATABASE_ROLE": "worker"}
        process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, start_new_session=True)
        threading.Thread(target=process.wait, daemon=True).start()
