"""The organisation, its days, its periods and its rates."""

from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from common import calendars
from common.access import found
from common.errors import Conflict, Refused
from common.models import Organisation, Period, Rate, Run
from common.transaction import once_in_a_snapshot


@once_in_a_snapshot
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
    """The organisation's day now; UTC's before there is an organisation."""
    company = organisation()
    return fiscal_day(timezone.now(), company) if company else timezone.now().date()


def period_of(day: date, kind: str = Period.Kind.QUARTER) -> Period | None:
    """The period of that kind which holds the day."""
    period: Period | None = Period.objects.filter(kind=kind).holding(day).first()
    return period


def period_by_code(code: str) -> Period:
    """The period with that code, such as 2026-Q4. Raises NotInReach."""
    period: Period = found(Period.objects.filter(code=code).first())
    return period


def quarters_of_year(period: Period) -> list[Period]:
    """The quarters of the fiscal year that `period` lies in, oldest first."""
    year = Period.objects.filter(kind=Period.Kind.YEAR).holding(period.starts_on).first()
    return list(Period.objects.quarters().filter(parent=year)) if year else [period]


def rate_on(kind: str, currency: str, day: date) -> Rate | None:
    """The rate that holds on `day`, as known now; None for the reporting currency itself.

    Raises Conflict, naming currency and day, where there is none: a missing rate is never taken as 1.
    """
    if currency == the_organisation().reporting_currency:
        return None
    rate: Rate | None = Rate.objects.on(day).filter(kind=kind, currency=currency).first()
    if rate is None:
        message = _("There is no %(kind)s for %(currency)s on %(day)s. Ask an administrator to enter it.")
        labels = {"kind": Rate.Kind(kind).label, "currency": currency, "day": day.isoformat()}
        raise Conflict(message % labels, code="no_rate")
    return rate


def last_run(job: str) -> Run | None:
    """The newest published run of a job."""
    return Run.objects.filter(job=job, state=Run.State.PUBLISHED).first()


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
    company = the_organisation()
    last = Period.objects.filter(kind=Period.Kind.YEAR).order_by("-starts_on").first()
    day = last.stops_on if last else today()
    return calendars.year_label(day, company.fiscal_start_month)


def rates() -> QuerySet[Rate]:
    """The rates that stand, by kind and currency, newest first."""
    return Rate.objects.current().order_by("kind", "currency", "-starts_on")
