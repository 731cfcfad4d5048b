"""What taking back a run of the rules would do, before it is done."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.bulk.taking_back import Return, looked_at, territories_before
from accounts.models import Coverage, RuleRun
from common.locale import format_date
from common.selectors import today
from common.transaction import widened
from territories.selectors import leave_tree_on, unassigned


@dataclass(frozen=True)
class TakingBack:
    """Which accounts go back from a day on, by coverage, and which stay; `digest` stands for all of it.

    `refusal`: why it can't be taken back from that day on; nothing was looked at then.
    """

    run: RuleRun
    day: date
    returns: Sequence[Return] = ()
    digest: str = ""
    refusal: str = ""

    def count(self, verdict: str) -> int:
        return sum(one.verdicts.get(verdict, 0) for one in self.returns)

    @property
    def moved(self) -> int:
        """The accounts that are in another territory from the day on."""
        return sum(one.moved for one in self.returns)

    @property
    def writes(self) -> int:
        return self.count("back")

    @property
    def moved_on(self) -> int:
        """The accounts that stay, because something else was recorded of them since."""
        return self.count("moved")

    @property
    def held(self) -> int:
        return self.count("held")

    @property
    def gone(self) -> int:
        """The accounts that stay, because where they were is no territory any more."""
        return self.count("gone")

    @property
    def stay(self) -> int:
        return self.moved_on + self.held + self.gone

    def territories(self) -> list[list[Any]]:
        """Coverage, territory (None: in none), accounts in and out; those first where most move."""
        rows = [
            [one.coverage, pk, one.came.get(pk, 0), one.went.get(pk, 0)]
            for one in self.returns
            for pk in one.came.keys() | one.went.keys()
        ]
        return sorted(rows, key=lambda row: (-row[2] - row[3], row[0], row[1] or 0))


def cannot_go_back(run: RuleRun) -> str:
    """Why a run can't be taken back; empty where it can."""
    if run.state != RuleRun.State.DONE or not run.written_at:
        return _("Only a run that is done is taken back.")
    return ""


def earliest(run: RuleRun) -> date:
    """The first day from which a run may be taken back: today, or its own where that is to come."""
    return max(run.starts_on, today())


def too_early(run: RuleRun, day: date) -> str:
    """That a run can't be taken back from that day on yet; empty where it can."""
    if day >= (first := earliest(run)):
        return ""
    return _("This run is taken back from %(day)s on at the earliest.") % {"day": format_date(first)}


def taking_back(run: RuleRun, day: date) -> TakingBack:
    """What taking back a run from that day on would do, or why it can't be. For who may run rules."""
    if refusal := cannot_go_back(run) or too_early(run, day):
        return TakingBack(run, day, refusal=refusal)
    return what_goes_back(run, day)


def what_goes_back(run: RuleRun, day: date) -> TakingBack:
    """What of a run that is done goes back from that day on."""
    assert run.written_at
    returns = []
    for coverage in Coverage.values:
        with of_coverage(coverage, run.written_at, day) as found:
            returns.append(found)
    return TakingBack(run, day, returns, digest_of(run, returns))


@contextmanager
def of_coverage(coverage: str, at: datetime, day: date) -> Iterator[Return]:
    """What goes back of one coverage of the run that wrote in that instant, in a way that can be written meanwhile."""
    nobody = unassigned().pk if coverage == Coverage.FIELD else None
    with widened("account", "account_territory", "hold"):
        gone = leave_tree_on(territories_before(at, day), day)
        with looked_at(coverage, at, day, nobody=nobody, gone=gone) as found:
            yield found


def digest_of(run: RuleRun, returns: Sequence[Return]) -> str:
    parts = [(one.coverage, sorted(one.verdicts.items()), one.ways, one.digest) for one in returns]
    return hashlib.sha256(f"{run.pk} {[one.day for one in returns]} {parts}".encode()).hexdigest()
