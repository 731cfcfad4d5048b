"""A period that is closed before a test begins."""

from django.db.models import F, Q

from common.models import Period


def close_period(period_id: int) -> None:
    """Close it with all inside it, as two administrators do (tests/workspace/test_period_close.py)."""
    inside = Q(pk=period_id) | Q(parent=period_id) | Q(parent__parent=period_id)
    inside |= Q(parent__parent__parent=period_id)
    Period.objects.filter(inside, is_closed=False).update(is_closed=True, version=F("version") + 1)
