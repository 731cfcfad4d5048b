"""Acts on the organisation itself: its settings, its fiscal calendar, its exchange rates. Administrators do them."""

import hashlib
from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from babel.numbers import list_currencies
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from common.access import found
from common.calendars import Span
from common.changes import CHANGES_KEPT
from common.checks import check_line, check_open_year, closed_between, refuse_unknown
from common.dated import make_room
from common.errors import Conflict, Refused, Stale
from common.locale import format_date
from common.models import (
    MOST_NAME,
    MOST_RATE,
    DayOff,
    IdempotencyKey,
    Organisation,
    Period,
    Rate,
    RateFile,
    RowChange,
    Setting,
    WorkCalendar,
)  # fmt: skip
from common.policies import POLICIES
from common.published_rates import Asked, Plan, bring_in, file_of, plan_of, published
from common.selectors import (
    holidays_to_add,
    month_code,
    newest_change,
    organisation,
    rule_code,
    the_organisation,
    today,
    year_parts,
)
from common.transaction import act, forget_answers, reach

ORGANISATION_FIELDS = (
    "name", "reporting_currency", "time_zone", "locale", "first_weekday", "fiscal_start_month", "fiscal_label",
    "calendar", "year_end_weekday", "year_ends",
)  # fmt: skip
KEYS_KEPT = timedelta(days=7)


@act
def create_organisation(
    *,
    by: int | None,
    name: str,
    reporting_currency: str,
    time_zone: str = "UTC",
    locale: str = "en-US",
    first_weekday: int = 0,
    fiscal_start_month: int = 1,
    fiscal_label: str = Organisation.FiscalLabel.START,
    calendar: str = Organisation.Calendar.MONTHS,
    year_end_weekday: int = 5,
    year_ends: str = Organisation.YearEnds.LAST,
    is_set_up: bool = True,
) -> Organisation:
    """Make the one company of an empty installation; administrators only. Raises Conflict for a second one."""
    reach().require("organisation", "update")
    with (
        connection.cursor() as cursor
    ):  # of two who set up at once the second one finds the company of the first
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('organisation'))")
    forget_answers()
    if organisation():
        raise Conflict(_("This installation has its company already."), code="other_company")
    if time_zone not in available_timezones():
        raise Refused(_("There is no time zone of that name."), path="time_zone")
    forget_answers()
    return Organisation.objects.create(
        name=name,
        reporting_currency=_currency(reporting_currency, "reporting_currency"),
        time_zone=time_zone,
        locale=locale,
        first_weekday=first_weekday,
        fiscal_start_month=fiscal_start_month,
        fiscal_label=fiscal_label,
        calendar=calendar,
        year_end_weekday=year_end_weekday,
        year_ends=year_ends,
        is_set_up=is_set_up,
    )


@act
def finish_set_up(*, by: int) -> None:
    """Put the set-up away: no page asks to continue it any more; administrators only."""
    company = the_organisation()
    reach().require("organisation", "update", company)
    forget_answers()
    Organisation.objects.filter(pk=company.pk).update(is_set_up=True)


@act
def edit_organisation(*, by: int, version: int, **changes: Any) -> None:
    """Change the company's settings; administrators only.

    The reporting currency, the fiscal year's start and what names it are fixed once there are fiscal years, the
    currency also once there are rates into it. What fiscal years are made of may change: those that are here stay,
    those that come are made by it.
    """
    company = the_organisation()
    reach().require("organisation", "update", company)
    refuse_unknown(changes, ORGANISATION_FIELDS)
    _refuse_what_figures_rest_on(company, changes)
    forget_answers()
    Organisation.objects.change(company.pk, version, **changes)


def _refuse_what_figures_rest_on(company: Organisation, changes: dict[str, Any]) -> None:
    are_years, are_rates = Period.objects.exists(), Rate.objects.exists()
    currency = _currency(changes.get("reporting_currency", company.reporting_currency), "reporting_currency")
    if currency != company.reporting_currency and (are_years or are_rates):
        message = _("There are fiscal years or rates already, so the reporting currency stays %(currency)s.")
        raise Conflict(message % {"currency": company.reporting_currency}, path="reporting_currency")
    month = changes.get("fiscal_start_month", company.fiscal_start_month)
    if month != company.fiscal_start_month and are_years:
        message = _("There are fiscal years already, so the month in which they start stays.")
        raise Conflict(message, path="fiscal_start_month")
    if changes.get("fiscal_label", company.fiscal_label) != company.fiscal_label and are_years:
        message = _("There are fiscal years already, so what they are named after stays.")
        raise Conflict(message, path="fiscal_label")


@act
def create_year(*, by: int | None, year: int) -> Period:
    """Add the fiscal year of that name with its quarters, months and weeks; administrators only.

    It begins where the year before it ended, also where another rule made that one. Raises Refused where it would
    overlap a year that exists, or leave days between.
    """
    reach().require("period", "update")
    company = the_organisation()
    parts = year_parts(company, year)
    span = parts.span
    years = Period.objects.filter(kind=Period.Kind.YEAR, starts_on__lt=span.stop, stops_on__gt=span.start)
    if clash := years.first():
        message = _("The fiscal year %(code)s already covers these days.")
        raise Refused(message % {"code": clash.code}, path="year")
    whole = _period(Period.Kind.YEAR, str(year), span, None, calendar=rule_code(company))
    whole.save()
    quarters = Period.objects.bulk_create(
        _period(Period.Kind.QUARTER, f"{year}-Q{number}", quarter, whole)
        for number, quarter in enumerate(parts.quarters, 1)
    )
    months = Period.objects.bulk_create(
        _period(
            Period.Kind.MONTH, month_code(company, year, number, month), month, quarters[(number - 1) // 3]
        )
        for number, month in enumerate(parts.months, 1)
    )
    weeks = [(week, month) for month, its in zip(months, parts.weeks, strict=True) for week in its]
    Period.objects.bulk_create(
        _period(Period.Kind.WEEK, f"{year}-W{number:02}", week, month)
        for number, (week, month) in enumerate(weeks, 1)
    )
    return whole


def _period(kind: str, code: str, span: Span, parent: Period | None, **more: str) -> Period:
    return Period(kind=kind, code=code, starts_on=span.start, stops_on=span.stop, parent=parent, **more)


def refuse_closed(day: date, path: str) -> None:
    """Raises Conflict where something that changes from `day` on would change the figures of a closed period.

    Called by acts before they write; until their end, none of the periods that they reach into can be closed.
    """
    if closed := closed_between(day, date.max):
        stops_on, code = max(closed)
        message = _("This would change %(period)s, which is closed. Choose %(day)s or a later day.")
        values = {"period": code, "day": format_date(stops_on)}
        raise Conflict(message % values, path=path, code="period_closed")


@act
def set_rate(
    *,
    by: int | None,
    kind: str,
    currency: str,
    value: Decimal,
    starts_on: date,
    stops_on: date | None = None,
    source: str = "",
) -> Rate:
    """Enter what one unit of a currency is worth in the reporting currency from a day on; administrators only.

    A rate without an end that holds on that day ends there; one that begins later is never overwritten.
    """
    reach().require("rate", "update")
    company = the_organisation()
    if _currency(currency, "currency") == company.reporting_currency:
        message = _("%(currency)s is the reporting currency and needs no rate.")
        raise Refused(message % {"currency": currency}, path="currency")
    if not 0 < value < MOST_RATE:
        message = _("A rate is greater than zero, with at most 6 digits before the decimals.")
        raise Refused(message, path="value", code="rate_range")
    running = Rate.objects.filter(kind=kind, currency=currency, stops_on=None, starts_on__lte=starts_on)
    make_room(running, starts_on, recorded_by_id=by)
    forget_answers()
    return Rate.objects.create(
        kind=kind,
        currency=currency,
        value=value,
        starts_on=starts_on,
        stops_on=stops_on,
        source=source.strip(),
        recorded_by_id=by,
    )


@act
def keep_rate_file(*, by: int, name: str, content: bytes) -> RateFile:
    """Keep a file as the European Central Bank publishes it, to be looked at and brought in; administrators only.

    One with the same content is that which is here. Raises Refused at `file`, saying what is wrong with it.
    """
    reach().require("rate", "update")
    days, digest = published(content).days, hashlib.sha256(content).hexdigest()
    kept: RateFile | None = RateFile.objects.filter(sha256=digest).first()
    return kept or RateFile.objects.create(
        name=name[:160], sha256=digest, content=content, first_on=days[0], last_on=days[-1], recorded_by_id=by
    )


@act
def bring_rates(*, by: int, file_id: int, asked: Asked, shown: str) -> Plan:
    """Bring in published rates that were looked at (`shown`); administrators only.

    A rate that somebody typed is never overwritten, and what holds later than the file knows stays. Raises Refused
    where the file lacks the reporting currency, Conflict where it would by now do anything else than was shown.
    """
    reach().require("rate", "update")
    plan = plan_of(found(file_of(file_id)), asked)
    if plan.digest != shown:
        raise Conflict(_("The rates have changed since you looked. Look again."), code="other_rates")
    bring_in(plan, by)
    forget_answers()
    return plan


@act
def set_policy(
    *,
    by: int | None,
    name: str,
    value: int | str,
    starts_on: date | None = None,
    reason: str = "",
    version: int | None = None,
) -> Setting:
    """Decide what a setting is from a day on, today where none is given; administrators only.

    What lies before keeps its value, a change that was to come later is withdrawn. What holds for whole fiscal years
    may also begin with one that runs, while nothing of it or later is closed. `version` is the newest change that was
    read, 0 for none. Raises Refused for a value or a day that the setting does not take, Conflict, Stale.
    """
    reach().require("setting", "update")
    setting = found(POLICIES.get(name))
    if not setting.allows(value):
        raise Refused(setting.limits(), path="value", code="setting_range")
    day = starts_on or today()
    if setting.is_yearly:
        check_open_year(day, "starts_on")
    elif day < today() or (day > today() and not setting.is_dated):
        message = _("A change holds from today or a later day on: what has been keeps its value.")
        message = message if setting.is_dated else _("This setting changes at once. Choose today.")
        raise Refused(message, path="starts_on", code="past")
    list(Organisation.objects.select_for_update().values_list("pk"))  # who else decides now waits
    rows = Setting.objects.filter(name=name)
    if version is not None and version != newest_change(name):
        raise Stale()
    make_room(rows, day, reason.strip(), recorded_by_id=by)
    forget_answers()
    return Setting.objects.create(
        name=name, value=value, starts_on=day, reason=reason.strip(), recorded_by_id=by
    )


@act
def create_work_calendar(*, by: int | None, name: str, weekdays: Collection[int]) -> WorkCalendar:
    """Say on which weekdays (Monday is 0) people of a work location work; administrators only. Raises Refused."""
    reach().require("day_off", "update")
    check_line(name, "name", MOST_NAME)
    return WorkCalendar.objects.create(name=name.strip(), weekdays=sorted(set(weekdays)), recorded_by_id=by)


@act
def add_day_off(*, by: int | None, on: date, name: str, calendar_id: int | None = None) -> DayOff:
    """Name a day on which nobody works, in no closed period; administrators only. Pace and run rate leave it out.

    It is off in that work calendar, or, without one, in the organisation's.
    """
    reach().require("day_off", "update")
    _refuse_in_closed(on, "on")
    check_line(name, "name", MOST_NAME)
    forget_answers()
    return _day_off(on, name, _calendar(calendar_id), by)


@act
def add_public_holidays(
    *, by: int | None, country: str, region: str, year: int, calendar_id: int | None = None
) -> list[DayOff]:
    """Name all public holidays of a country or region in a calendar year; administrators only. Answers the new ones.

    Left out are days that are off already and, so that their pace stays as it was read, those of closed periods.
    Raises Refused for a country or region that is not known, and where nothing would be new.
    """
    reach().require("day_off", "update")
    calendar = _calendar(calendar_id)
    closed_between(date(year, 1, 1), date(year + 1, 1, 1))  # none of them is closed before this is done
    new = holidays_to_add(country, region, year, calendar)
    if not new:
        message = _("All of these days are off already, or lie in closed periods.")
        raise Refused(message, path="year", code="nothing_new")
    forget_answers()
    return [_day_off(day, name, calendar, by) for day, name in new.items()]


def _calendar(calendar_id: int | None) -> WorkCalendar | None:
    return None if calendar_id is None else found(WorkCalendar.objects.filter(pk=calendar_id).first())


def _day_off(day: date, name: str, calendar: WorkCalendar | None, by: int | None) -> DayOff:
    return DayOff.objects.create(
        starts_on=day,
        stops_on=day + timedelta(days=1),
        name=name.strip(),
        calendar=calendar,
        recorded_by_id=by,
    )


@act
def remove_day_off(*, by: int | None, day_off_id: int) -> DayOff:
    """Make a day off a working day again, unless its period is closed; administrators only. Raises Conflict, Stale."""
    reach().require("day_off", "update")
    day: DayOff = found(DayOff.objects.current().filter(pk=day_off_id).first())
    _refuse_in_closed(day.starts_on, "")
    forget_answers()
    day.supersede()
    return day


def _refuse_in_closed(day: date, path: str) -> None:
    """Raises Conflict for a day of a closed period: its pace stays as it was read."""
    if closed := closed_between(day, day + timedelta(days=1)):
        message = _("%(day)s lies in %(period)s, which is closed: its figures stay as they are.")
        values = {"day": format_date(day), "period": min(closed)[1]}
        raise Conflict(message % values, path=path, code="period_closed")


@act
def forget_keys() -> int:
    """Remove the idempotency keys of more than a week ago with what they answered; the organisation's own job."""
    old = IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEYS_KEPT)
    return old.delete()[0]


def forget_changes() -> int:
    """Remove what was noted of changes so long ago that no program reads on from there; the organisation's own job."""
    old = RowChange.objects.filter(recorded_at__lt=timezone.now() - CHANGES_KEPT)
    return old.delete()[0]


def _currency(code: str, path: str) -> str:
    if code not in list_currencies():
        raise Refused(_("%(code)s is not a currency. Write it as EUR or USD.") % {"code": code}, path=path)
    return code
