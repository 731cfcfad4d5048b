"""People are reminded of their forecast calls: a day before they are due, and once they are late."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from common.models import Period
from common.selectors import organisation, period_of, today
from common.transaction import now
from forecasts import rules
from forecasts.models import Submission
from forecasts.selectors import callers, due_on
from territories.selectors import leads_of
from workspace.models import Event, Message
from workspace.services import tell

DAY = timedelta(hours=24)


def remind() -> None:
    """The organisation's own job: who has to call is told a day before the due time, and when it has passed.

    Each due time is told once, to those who have not called then. A call is late for a day: whoever begins
    to work with the product in the middle of a week is not told of the week's beginning.
    """
    company = organisation()
    if company is None:
        return
    here = now().astimezone(company.zone())
    coming, passed = rules.due_after(here, due_on), rules.due_before(here, due_on)
    if coming and coming.timestamp() - here.timestamp() <= DAY.total_seconds():
        _tell(Event.FORECAST_DUE, coming)
    if passed and here.timestamp() - passed.timestamp() <= DAY.total_seconds():
        _tell(Event.FORECAST_LATE, passed)


def _tell(event: Event, due: datetime) -> None:
    """Tell those who have not called for the running quarter since the due time before, and later their leads."""
    key, quarter = due.isoformat(), period_of(due.date())
    if quarter is None or Message.objects.filter(event=event, key__startswith=key).exists():
        return
    silent = _callers(quarter, due)
    page: dict[str, Any] = {
        "about": quarter.code,
        "url": f"{reverse('submission_list')}?period={quarter.code}",
    }
    tell(event=event, people=silent, key=key, **page)
    for lead, theirs in (_leads(silent) if event == Event.FORECAST_LATE else {}).items():
        said: dict[str, Any] = {"by": theirs[0], "count": 1} if len(theirs) == 1 else {"count": len(theirs)}
        tell(event=event, people=[lead], key=f"{key} team", **page, **said)


def _callers(quarter: Period, due: datetime) -> list[int]:
    """Those who have to call, and have not since the due time before this one."""
    opened = rules.opens(due, due_on) + rules.SECOND
    called = Submission.objects.filter(period=quarter, submitted_at__gte=opened)
    people = callers(due.date()).exclude(pk__in=called.values("person_id"))
    return list(people.values_list("pk", flat=True))


def _leads(people: list[int]) -> dict[int, list[int]]:
    """The nearest lead above each of these people's seats, with whom of them they lead."""
    found: dict[int, list[int]] = defaultdict(list)
    for person, lead in leads_of(people, today()).items():
        found[lead].append(person)
    return found
