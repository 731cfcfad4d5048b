"""The organisation, its days, its periods and its rates."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from common import calendars
from common.errors import Conflict, Refused
from common.models import Organisation, Period, Rate, Run
from common.transaction import now, once

MOST_COUNTED = 1000


@once
def organisation() -> Organisation | None:
    """The company of this installation, or None before it was set up."""
    return Organisation.objects.first()


def the_organisation() -> Organisation:
    """The company. Raises Refused before it was set up."""
    company = organisation()
    if company is None:
        raise Refused(
            _("This installation has no company yet. Run the set-up first."), code="no_organisation"
        )
    return company


def fiscal_day(instant: datetime, company: Organisation) -> date:
    """The day of an instant in the organisation's time zone."""
    return instant.astimezone(company.zone()).date()


def today() -> date:
    """The organisation's day; UTC's before there is an organisation."""
    company = organisation()
    return fiscal_day(now(), company) if company else now().date()


def period_of(day: date) -> Period | None:
    """The quarter that holds the day, with its year."""
    period: Period | None = Period.objects.quarters().holding(day).select_related("parent").first()
    return period


def quarter_finder() -> Callable[[date], Period | None]:
    """The quarter that holds a day, for many days: the calendar is read once."""
    quarters = list(Period.objects.quarters())
    return lambda day: next((one for one in quarters if day in one.span), None)


def running_quarter() -> Period:
    """The quarter that holds today. Raises Conflict, saying who can help, where no fiscal year covers today."""
    quarter = period_of(today())
    if quarter is None:
        message = _("No fiscal year covers today. An administrator adds one under Calendar and rates.")
        raise Conflict(message, code="no_period")
    return quarter


def both_rates(currency: str, day: date) -> tuple[Rate | None, Rate | None]:
    """The booked and the plan rate that hold on `day`, as known now; None for the reporting currency itself.

    Raises Conflict, naming currency and day, where one is missing: a missing rate is never taken as 1.
    """
    if currency == the_organisation().reporting_currency:
        return None, None
    held = {rate.kind: rate for rate in Rate.objects.on(day).filter(currency=currency)}
    for kind in (Rate.Kind.BOOKED, Rate.Kind.PLAN):
        if kind not in held:
            message = _("There is no %(kind)s for %(currency)s on %(day)s. Ask an administrator to enter it.")
            labels = {"kind": kind.label, "currency": currency, "day": day.isoformat()}
            raise Conflict(message % labels, code="no_rate")
    return held[Rate.Kind.BOOKED], held[Rate.Kind.PLAN]


def last_run(job: str) -> Run | None:
    """The published run of the newest day of a job."""
    return Run.objects.filter(job=job, state=Run.State.PUBLISHED).order_by("-as_of", "-id").first()


@once
def currencies() -> list[str]:
    """The currencies in use: the reporting currency first, then those with a rate."""
    reporting = the_organisation().reporting_currency
    rated = Rate.objects.current().exclude(currency=reporting).values_list("currency", flat=True)
    return [reporting, *sorted(set(rated))]


def years() -> list[Period]:
    """The fiscal years, newest first, each with its quarters and their months fetched."""
    rows = Period.objects.filter(kind=Period.Kind.YEAR).order_by("-starts_on")
    return list(rows.prefetch_related("parts__parts"))


def next_year() -> int:
    """The fiscal year to add next: the one after the last, or the running one where there is none."""
    return calendars.year_label(calendar_end() or today(), the_organisation().fiscal_start_month)


def calendar_end() -> date | None:
    """The first day that no fiscal year reaches any more; None before the first year."""
    last = Period.objects.filter(kind=Period.Kind.YEAR).order_by("-starts_on").first()
    return last.stops_on if last else None


def rates() -> QuerySet[Rate]:
    """The rates that stand, by kind and currency, newest first."""
    return Rate.objects.current().order_by("kind", "currency", "-starts_on")


@dataclass(frozen=True)
class Count:
    """How many there are, or that there are more than were counted."""

    value: int
    is_capped: bool


def capped_count(rows: QuerySet[Any]) -> Count:
    """How many rows there are, as far as is counted."""
    counted = rows.order_by()[: MOST_COUNTED + 1].count()
    return Count(min(counted, MOST_COUNTED), counted > MOST_COUNTED)
