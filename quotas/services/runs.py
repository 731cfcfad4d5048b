"""The night's run, the seconds' refresh, and asking for a run now."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _

from common import nights
from common.access import Reach
from common.errors import Conflict, Refused
from common.models import Period, Run
from common.selectors import today
from common.transaction import act, job, reach, work
from orders.models import LedgerHead
from orders.rollup import verify_ledger
from quotas import rollup
from quotas.models import Publication, QuotaCell
from quotas.selectors.runs import JOB, PROGRESS, REFRESH, STEPS
from quotas.services.cells import make_quota_cells

SUNDAY = 6
REFRESH_AFTER = timedelta(minutes=1)
REFRESHES_KEPT = timedelta(days=7)
Tell = Callable[[str], None]


def run_nightly(*, as_of: date, is_full: bool = False) -> Run:
    """The organisation's own job for the fiscal day `as_of`: verify the ledger, roll up, publish.

    One transaction behind the gate: its commit is the publication. A failure is recorded in a row of its own and
    leaves the last good figures. `is_full` makes every month anew, as do Sundays and a changed tree.
    Raises Conflict while another run is in progress.
    """
    with nights.night(JOB, as_of) as run:
        try:
            _night(run, is_full)
        finally:
            cache.delete(PROGRESS)
    return run


def _night(run: Run, is_full: bool) -> None:
    tell, before = _teller(run.as_of), Publication.objects.select_related("run").first()
    standing = None if is_full or run.as_of.weekday() == SUNDAY else before
    state = _State.now()
    tell("verify")
    _verify(standing)
    tell("roll_up")
    run.changed_rows = rollup.roll_up(_scope(run.as_of, standing, state)).changed_rows
    rollup.digest_months()
    tell("quotas")
    if standing is None or standing.plan_digest != state.plan:
        run.changed_rows += _all_quota_cells()
    tell("publish")
    run.ledger_seq = state.seq
    run.input_hash = _hash(run.as_of.isoformat(), state, rollup.rate_digest())
    run.output_hash = _hash(rollup.output_text(), _quota_text())
    _publish(run, max(run.as_of, before.as_of) if before else run.as_of, state)
    Run.objects.filter(job=REFRESH, started_at__lt=run.started_at - REFRESHES_KEPT).delete()


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
        list(rows.values_list("period__code", "node_id", "family_id", "assigned_minor", "rolled_minor"))
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


def refresh_dirty() -> Run | None:
    """Count the bookings that wait, by the night's own roll-up on their cells alone; the organisation's own job.

    Returns at once where nothing waits, before the first night, while another run holds the gate, and for a minute
    after it failed: the queue stays. A failure is recorded, one that lasts in one row.
    """
    with work(by=None, why="what waits to be counted", reach=Reach.everything()):
        standing = Publication.objects.first()
        if standing is None or not rollup.is_behind(standing.plan_mark):
            return None
        if nights.has_just_failed(REFRESH, REFRESH_AFTER):
            return None
    begun = timezone.now()
    try:
        with job("attainment behind the ledger"):
            return _refresh(begun)
    except Conflict:
        return None
    except Exception as error:
        _record_failure(standing.as_of, begun, error)
        raise


def _record_failure(as_of: date, begun: datetime, error: Exception) -> None:
    """In the row of the failure before, where the refresh has failed ever since."""
    with work(by=None, why="a refresh that failed", reach=Reach.everything()):
        last, new = Run.objects.filter(job=REFRESH).first(), Run(job=REFRESH, as_of=as_of)
        nights.record_failure(last if last and last.state == Run.State.FAILED else new, begun, error)


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
    """The fiscal days that ended and were not run yet, yesterday alone before the first run, and those asked for."""
    with work(by=None, why="which nights are due", reach=Reach.everything()):
        return nights.due_days(JOB, today() - nights.ONE_DAY)


@act
def start_nightly(*, by: int) -> Run:
    """Ask for a run of yesterday: the worker begins it within seconds, or after the run in progress.

    For administrators. Raises Refused where one is asked for already.
    """
    reach().require("run", "start")
    return Run.objects.create(job=JOB, as_of=today() - nights.ONE_DAY, asked_by_id=by)
