"""The organisation, its days, its periods and its rates."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from common.access import found
from common.errors import Conflict, Refused
from common.models import Organisation, Period, Rate, Run


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
    return Period.objects.filter(kind=kind).holding(day).first()


def period_by_code(code: str) -> Period:
    """The period with that code, such as 2026-Q4. Raises NotInReach."""
    return found(Period.objects.filter(code=code).first())


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
