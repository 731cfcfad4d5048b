"""On which days each person works."""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.apps import apps

from common.calendars import WorkDays
from common.selectors import work_days
from territories.models import User


def work_days_finder(
    person_ids: Iterable[int], known_at: datetime | None = None
) -> Callable[[int], WorkDays]:
    """The working days of each of these people by their work calendar, or by the organisation's.

    `known_at`: by the calendar that they had, and its days off that were known, at that instant.
    """
    calendars = dict(_current(person_ids) if known_at is None else _at(person_ids, known_at))
    found: dict[int | None, WorkDays] = {}

    def find(person_id: int) -> WorkDays:
        calendar = calendars.get(person_id)
        if calendar not in found:
            found[calendar] = work_days(calendar, known_at)
        return found[calendar]

    return find


def _current(person_ids: Iterable[int]) -> Iterable[tuple[int, int | None]]:
    return User.objects.filter(pk__in=list(person_ids)).values_list("pk", "work_calendar_id")


def _at(person_ids: Iterable[int], known_at: datetime) -> Iterable[tuple[int, int | None]]:
    """Out of their history, the newest version of each by then."""
    events = apps.get_model("territories", "UserEvent").objects
    by_then = events.filter(pgh_obj_id__in=list(person_ids), pgh_created_at__lte=known_at)
    newest = by_then.order_by("pgh_obj_id", "-pgh_id").distinct("pgh_obj_id")
    return list(newest.values_list("pgh_obj_id", "work_calendar_id"))
