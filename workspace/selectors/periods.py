"""Closed periods: what opens with one of them, and when that was asked."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from common.models import Period
from workspace.models import Approval
from workspace.selectors.approvals import answer_in_words, holders, kind_of

REOPEN = "period_reopen"


def opened_with(period: Period) -> QuerySet[Period]:
    """The closed periods that open with this one: itself, those inside it, and those that hold it."""
    above = [period.parent_id, period.parent.parent_id] if period.parent else []
    inside = Q(parent=period) | Q(parent__parent=period)
    return Period.objects.filter(inside | Q(pk__in=[period.pk, *above]), is_closed=True)


@dataclass(frozen=True)
class Reopening:
    """What opening a closed period would do, whether another one could decide it, and when it was asked before."""

    effect: str
    has_other: bool
    asked: list[tuple[Approval, str]]

    @property
    def is_waiting(self) -> bool:
        return any(row.state == Approval.State.WAITING for row, _words in self.asked)


def reopening(period: Period, person_id: int, day: date) -> Reopening:
    """What somebody who may ask to open this period should know."""
    kind = kind_of(REOPEN)
    effect = kind.effects([{"period_id": period.pk}])[0] if period.is_closed else ""
    asked = [(row, answer_in_words(row)) for row in _reopenings(period)]
    return Reopening(effect, bool(holders(kind.role, day) - {person_id}), asked)


def _reopenings(period: Period) -> QuerySet[Approval]:
    """When opening this period was asked for, by whom, and what was answered, newest first."""
    rows = Approval.objects.filter(kind=REOPEN, key=str(period.pk))
    return rows.select_related("asked_by", "answered_by", "answered_for")
