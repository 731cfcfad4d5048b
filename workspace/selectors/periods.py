"""Closed periods: what opens with one of them, and when that was asked."""

from django.db.models import Q, QuerySet

from common.models import Period
from workspace.models import Approval

REOPEN = "period_reopen"


def opened_with(period: Period) -> QuerySet[Period]:
    """The closed periods that open with this one: itself, those inside it, and those that hold it."""
    above = [period.parent_id, period.parent.parent_id] if period.parent else []
    inside = Q(parent=period) | Q(parent__parent=period)
    return Period.objects.filter(inside | Q(pk__in=[period.pk, *above]), is_closed=True)


def reopenings(period: Period) -> QuerySet[Approval]:
    """When opening this period was asked for, by whom, and what was answered, newest first."""
    rows = Approval.objects.filter(kind=REOPEN, key=str(period.pk))
    return rows.select_related("asked_by", "answered_by", "answered_for")
