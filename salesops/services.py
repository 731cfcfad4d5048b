"""The one thing that home pages write."""

from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from territories.models import Visit

VISIT = timedelta(hours=4)


def note_visit(*, person_id: int) -> None:
    """Remember that the person is here now. After four hours away this counts as a new visit.

    On the connection beside the request's, because a page that is read changes nothing in its own transaction.
    """
    now, visits = timezone.now(), Visit.objects.using("aside")
    known = visits.filter(user_id=person_id)
    if not known.exists():
        visits.create(user_id=person_id, last_at=now)
    elif not known.filter(last_at__lt=now - VISIT).update(before_at=F("last_at"), last_at=now):
        known.update(last_at=now)
