"""What taking back a run of the rules would do, before it is done."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.bulk.ruled import Ways
from accounts.bulk.taking_back import Return, look_at, ways_back
from accounts.models import Coverage, RuleRun
from common.locale import format_date
from common.selectors import today
from common.transaction import widened
from territories.selectors import unassigned


@dataclass(frozen=True)
class TakingBack:
    """Which accounts go back from a day on, by coverage, and which stay; `digest` stands for all of it.

    `ways`: the accounts that go back, by where from and where to. `refusal`: why it can't be taken back from that day
    on; nothing was looked at then.
    """

    run: RuleRun
    day: date
    returns: Sequence[Return] = ()
    ways: Mapping[str, Ways] = field(default_factory=dict)
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
    def unassigned(self) -> int:
        """The accounts that go back to *Unassigned*."""
        field_work = self.returns[0]
        return field_work.came.get(field_work.nobody, 0)

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
    if run.state != RuleRun.State.DONE:
        return _("Only a run that is done is taken back.")
    if not run.written_at:
        return _("This run can't be taken back: when it was done, what runs write was not noted yet.")
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
    """What of a run that is done goes back from that day on; while the transaction lasts it can be written."""
    assert run.written_at
    nobody: dict[str, int | None] = dict.fromkeys(Coverage.values)
    nobody[Coverage.FIELD.value] = unassigned().pk
    with widened("account", "account_territory", "hold"):
        returns = look_at(run.written_at, day, nobody=nobody, again=_taken_back_since(run.written_at))
        ways = {coverage: _moving(ways, nobody[coverage]) for coverage, ways in ways_back(day).items()}
    return TakingBack(run, day, returns, ways, digest_of(run, returns))


def _moving(ways: Ways, nobody: int | None) -> Ways:
    """Those of the ways that lead elsewhere; to be in none is to be where an account is that no territory has."""
    moving: dict[tuple[int | None, int | None], list[int]] = defaultdict(list)
    for (away, back), accounts in ways.items():
        way = away or nobody, back or nobody
        if way[0] != way[1]:
            moving[way] += accounts
    return dict(moving)


def _taken_back_since(at: datetime) -> list[tuple[datetime, date | None]]:
    """The instants in which later runs of rules were taken back, and in which these had cut what began before them."""
    counter_runs = RuleRun.objects.filter(
        state=RuleRun.State.DONE, takes_back__written_at__gt=at, takes_back__takes_back=None
    )
    found: list[tuple[datetime, date | None]] = []
    for one in counter_runs.select_related("takes_back"):
        found += [(one.written_at, None), (one.takes_back.written_at, one.takes_back.starts_on)]
    return found


def digest_of(run: RuleRun, returns: Sequence[Return]) -> str:
    parts = [(one.coverage, sorted(one.verdicts.items()), one.ways, one.digest) for one in returns]
    return hashlib.sha256(f"{run.pk} {[one.day for one in returns]} {parts}".encode()).hexdigest()
