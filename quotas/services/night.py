"""The night, step by step, and asking for a run of it now."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from common import nights
from common.access import Reach
from common.errors import Refused
from common.models import Period, Run
from common.selectors import today
from common.transaction import act, reach, work
from orders.models import LedgerHead
from orders.rollup import verify_ledger
from quotas import rollup
from quotas.models import Publication
from quotas.selectors.runs import JOB, PROGRESS, REFRESH
from quotas.services import parts
from quotas.services.cells import make_quota_cells

SUNDAY = 6
REFRESHES_KEPT = timedelta(days=7)


@dataclass(frozen=True)
class State:
    """What figures are made of: the ledger up to an entry, and a digest of all else, with the mark of the plan.

    `tree` and `plan` are what the cells of order intake and those of quotas are made of.
    """

    seq: int
    ledger: str
    digests: dict[str, str]
    mark: str

    @classmethod
    def now(cls, standing: Publication | None = None) -> "State":
        """`standing`: figures of which nothing was planned anew where they bear the same mark."""
        head, mark = LedgerHead.objects.get(), rollup.plan_mark()
        is_same = standing is not None and standing.inputs and standing.plan_mark == mark
        planned = standing.inputs if standing and is_same else rollup.planned()
        return cls(head.seq, head.hash, {**planned, "rates": rollup.rate_digest()}, mark)

    @property
    def tree(self) -> str:
        return self._of("tree", "calendar")

    @property
    def plan(self) -> str:
        return self._of("seats", "quotas")

    def _of(self, *names: str) -> str:
        return hash_of(str(rollup.CODE_VERSION), *(self.digests[name] for name in names))

    @property
    def inputs(self) -> dict[str, str | int]:
        """Every input with its version, as a run keeps them."""
        code = rollup.CODE_VERSION
        return {"ledger_seq": self.seq, "ledger": self.ledger, "code": code, **self.digests}

    def hash(self, *more: str) -> str:
        """The input hash of a run, with what else it depends on."""
        return hash_of(json.dumps(self.inputs, sort_keys=True), *more)


@dataclass
class Night:
    """A run in progress: what its figures are made of, and the standing ones that it goes on from.

    `standing` None: everything is made anew, as on Sundays. `months`: those that it adds up; None: all.
    """

    run: Run
    state: State
    standing: Publication | None
    months: list[date] | None = None


def _verify(night: Night) -> None:
    """What was posted since the standing figures were made, or the whole ledger. Raises Refused where it is broken."""
    check = verify_ledger(night.standing.run.ledger_seq or 0 if night.standing else 0)
    if not check.is_sound:
        places = {"entry": check.broken_at, "events": check.events[:5], "orders": check.orders[:5]}
        message = _("The ledger does not verify: entry %(entry)s, events %(events)s, orders %(orders)s.")
        raise Refused(message % places, code="ledger_broken")


def _add_up_intake(night: Night) -> None:
    night.months = _months(night)
    night.run.changed_rows = parts.roll_up(night.months).changed_rows
    rollup.digest_months()


def _months(night: Night) -> list[date] | None:
    """The running quarter's, and every month with entries that the last night has not seen; None: all."""
    waiting, standing = rollup.waiting_months(), night.standing
    if standing is None or standing.tree_digest != night.state.tree:
        return None
    running = Period.objects.months().filter(parent__in=Period.objects.quarters().holding(night.run.as_of))
    unseen = rollup.months_since(standing.run.ledger_seq or 0)
    return sorted({*running.values_list("starts_on", flat=True), *waiting, *unseen, *rollup.aged_months()})


def _add_up_quotas(night: Night) -> None:
    if night.standing is None or is_replanned(night.standing, night.state):
        night.run.changed_rows += make_quota_cells()


def _check(night: Night) -> None:
    """What must hold of the months that were added up. Raises Refused at the first invariant that does not."""
    night.run.checks = rollup.checked(rollup.FOLDER, night.months, night.run.as_of)


def _publish(night: Night) -> None:
    run, before = night.run, Publication.objects.first()
    run.ledger_seq, run.inputs = night.state.seq, night.state.inputs
    run.input_hash = night.state.hash(run.as_of.isoformat())
    run.output_hash = hash_of(rollup.output_digest())
    run.totals = rollup.quarter_totals()
    _compare(run)
    publish(run, max(run.as_of, before.as_of) if before else run.as_of, night.state)
    Run.objects.filter(job=REFRESH, started_at__lt=run.started_at - REFRESHES_KEPT).delete()


def _compare(run: Run) -> None:
    """The same inputs give the same output. Raises Refused where the run before made others of them."""
    before = Run.objects.filter(job=JOB, state=Run.State.PUBLISHED).first()
    if before and before.inputs == run.inputs and before.output_hash != run.output_hash:
        words = {"run": before.pk, "before": before.output_hash[:12], "now": run.output_hash[:12]}
        message = _("Run %(run)s made other figures of the same inputs: output %(before)s, and now %(now)s.")
        raise Refused(message % words, code="not_reproduced")


STEPS: tuple[tuple[StrOrPromise, Callable[[Night], None]], ...] = (
    (gettext_lazy("Checking the ledger"), _verify),
    (gettext_lazy("Adding up order intake"), _add_up_intake),
    (gettext_lazy("Adding up quotas"), _add_up_quotas),
    (gettext_lazy("Checking the invariants"), _check),
    (gettext_lazy("Publishing"), _publish),
)
"""What a night does, in order, each step in the words of who watches it."""


def run_nightly(*, as_of: date, is_full: bool = False) -> Run:
    """The organisation's own job for the fiscal day `as_of`: verify the ledger, roll up, check, publish.

    One transaction behind the gate: its commit is the publication. A failure is recorded in a row of its own and
    leaves the last good figures. `is_full` makes every month anew, as do Sundays and a changed tree.
    Raises Conflict while another run is in progress.
    """
    with nights.night(JOB, as_of) as run:
        is_full = is_full or as_of.weekday() == SUNDAY
        night = Night(
            run, State.now(), None if is_full else Publication.objects.select_related("run").first()
        )
        try:
            for done, (words, step) in enumerate(STEPS):
                _tell(as_of, str(words), done)
                step(night)
        finally:
            cache.delete(PROGRESS)
    return run


def _tell(as_of: date, text: str, done: int) -> None:
    """Say outside of the transaction how far the run is, for those who watch it."""
    progress = {"day": as_of.isoformat(), "text": text, "done": done, "total": len(STEPS)}
    cache.set(PROGRESS, progress, timeout=3600)


def is_replanned(standing: Publication, state: State) -> bool:
    """Whether the standing quota cells are of another plan."""
    return (standing.tree_digest, standing.plan_digest) != (state.tree, state.plan)


def publish(run: Run, as_of: date, state: State) -> None:
    """Let the figures of that run stand from the commit on, as those of the fiscal day."""
    figures = {"run": run, "as_of": as_of, "refreshed_at": timezone.now()}
    plan: dict[str, Any] = {"tree_digest": state.tree, "plan_digest": state.plan, "plan_mark": state.mark}
    plan["inputs"] = state.digests
    Publication.objects.update_or_create(pk=1, defaults={**figures, **plan})


def hash_of(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def due_days() -> list[date]:
    """The fiscal days that ended and were not run yet, yesterday alone before the first run, and those asked for."""
    with work(by=None, why="which nights are due", reach=Reach.everything()):
        return nights.due_days(JOB, today() - nights.ONE_DAY)


def note_timed_out(seconds: float) -> None:
    """The time limit ended a night: that of the first day that is due still."""
    nights.note_timed_out(JOB, due_days(), seconds)


@act
def start_nightly(*, by: int) -> Run:
    """Ask for a run of yesterday: the worker begins it within seconds, or after the run in progress.

    Where days are missing, of the first of them, so that none is passed over: the others follow it.
    For administrators. Raises Refused where one is asked for already.
    """
    reach().require("run", "start")
    yesterday = today() - nights.ONE_DAY
    day = next(iter(nights.ended_days(JOB, yesterday)), yesterday)
    return Run.objects.create(job=JOB, as_of=day, asked_by_id=by)
