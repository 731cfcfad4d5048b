"""The seconds' refresh: what was booked or planned since the standing figures were made."""

from datetime import date, datetime, timedelta

from django.db.models.functions import Now
from django.utils import timezone

from common import nights
from common.access import Reach
from common.errors import Conflict
from common.models import Run
from common.transaction import job, work
from quotas import rollup
from quotas.models import Publication
from quotas.selectors.runs import REFRESH
from quotas.services import parts
from quotas.services.cells import make_quota_cells
from quotas.services.night import State, is_replanned, publish

REFRESH_AFTER = timedelta(minutes=1)


def refresh_dirty() -> Run | None:
    """Count the bookings that wait, by the night's own roll-up on their cells alone; the organisation's own job.

    Returns at once where nothing waits, before the first night, while another run holds the gate, for a minute after
    it failed, and until the next night after the time limit ended it too often: the queue stays. A failure is recorded,
    one that lasts in one row.
    """
    with work(by=None, why="what waits to be counted", reach=Reach.everything()):
        standing = Publication.objects.first()
        if standing is None or not rollup.is_behind(standing.plan_mark):
            return None
        is_given_up = nights.is_given_up(REFRESH, standing.refreshed_at)
        if is_given_up or nights.has_just_failed(REFRESH, REFRESH_AFTER):
            return None
    begun = timezone.now()
    try:
        with job("attainment behind the ledger"):
            nights.refuse_endless(REFRESH)
            return _refresh(begun)
    except Conflict:
        return None
    except Exception as error:
        _record_failure(standing.as_of, begun, error)
        raise


def note_timed_out(seconds: float) -> None:
    """The time limit ended a refresh."""
    with work(by=None, why="what a refresh goes on from", reach=Reach.everything()):
        days = list(Publication.objects.values_list("as_of", flat=True))
    nights.note_timed_out(REFRESH, days, seconds)


def _record_failure(as_of: date, begun: datetime, error: Exception) -> None:
    """In the row of the failure before, where the refresh has failed ever since."""
    with work(by=None, why="a refresh that failed", reach=Reach.everything()):
        last, new = Run.objects.filter(job=REFRESH).first(), Run(job=REFRESH, as_of=as_of)
        nights.record_failure(last if last and last.state == Run.State.FAILED else new, begun, error)


def _refresh(begun: datetime) -> Run:
    standing = Publication.objects.select_related("run").get()
    state = State.now(standing)
    if state.tree == standing.tree_digest:
        changed = rollup.roll_up_dirty().changed_rows
    else:
        rollup.waiting_months()
        changed = parts.roll_up(None).changed_rows
    if is_replanned(standing, state):
        changed += make_quota_cells()
    publish(standing.run, standing.as_of, state)
    return Run.objects.create(
        job=REFRESH,
        as_of=standing.as_of,
        state=Run.State.PUBLISHED,
        ledger_seq=state.seq,
        inputs=state.inputs,
        input_hash=state.hash(),
        changed_rows=changed,
        started_at=begun,
        read_at=Now(),
        finished_at=timezone.now(),
    )
