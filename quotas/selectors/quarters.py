"""The quarters of a page: those of the year so far, those beside it, those to choose from."""

from datetime import date

from django.db.models import Q

from common.calendars import add_months
from common.models import Period
from common.selectors import period_of


def year_to_date(period: Period, on: date) -> list[Period]:
    """The quarters of the period's year up to it that have begun by that day; it alone where none has."""
    begun = Period.objects.quarters().filter(starts_on__lte=min(period.starts_on, on), parent=period.parent)
    return list(begun.select_related("parent")) or [period]


def quarters_beside(period: Period, until: date | None = None) -> list[Period]:
    """The quarters of the year and one at each end of it; `until` a day, only those that have begun by then."""
    year = period.parent or period
    quarters = Period.objects.quarters().filter(starts_on__lte=year.stops_on, stops_on__gte=year.starts_on)
    return list(quarters.filter(starts_on__lte=until) if until else quarters) or [period]


def quarters_to_set(asked: int | None, on: date) -> list[Period]:
    """The quarters that a quota can be set for: open ones from the running year on, and the one that is asked for."""
    running = period_of(on)
    earliest = running.parent.starts_on if running and running.parent else on.replace(day=1)
    latest = add_months(earliest, 36)
    is_coming = Q(is_closed=False, starts_on__gte=earliest, starts_on__lt=latest)
    return list(Period.objects.quarters().filter(is_coming | Q(pk=asked)))
