"""The organisation, its days, its periods and its rates."""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import calendars, fiscal
from common.calendars import WorkDays
from common.charts import Measured
from common.errors import Conflict, Refused
from common.history import Change, recorded
from common.locale import format_date, format_number
from common.models import MOST_NAME, DayOff, Organisation, Period, Rate, Run, Setting, WorkCalendar
from common.policies import POLICIES
from common.public_holidays import public_holidays
from common.said import Said
from common.transaction import forget_answers, kept, now, once

MOST_COUNTED, MOST_RECORDED = 1000, 60
# Every page reads it, so its statement is not put together for each of them.
ORGANISATION = """
SELECT organisation.*, (
    SELECT coalesce(jsonb_agg(setting ORDER BY setting.starts_on), '[]')::text
    FROM (SELECT name, value, starts_on, stops_on FROM common_setting WHERE superseded_at IS NULL) setting
) AS decided
FROM common_organisation organisation ORDER BY id LIMIT 1
"""


@once
def organisation() -> Organisation | None:
    """The company of this installation with its settings, each with its days, or None before it was set up."""
    company = next(iter(Organisation.objects.raw(ORGANISATION)), None)
    if company is not None:
        company.decided = json.loads(company.decided)  # type: ignore[attr-defined]
    return company


def policy(name: str, on: date | None = None) -> Any:
    """What the setting of that name is on a day, today where none is given; its default where nobody set it."""
    company, day = organisation(), (on or today()).isoformat()
    for row in company.decided if company else ():  # type: ignore[attr-defined]
        if row["name"] == name and row["starts_on"] <= day < (row["stops_on"] or "9999"):
            return row["value"]
    return POLICIES[name].default


def measured(label: str, actual: int, target: int | None, pace: int | None) -> Measured:
    """A figure against its target and its pace, reached from the organisation's share of the target on."""
    return Measured(label, actual, target, pace, policy("attained_percent"))


def newest_change(name: str) -> int:
    """The number of the newest change of a setting, which an edit names; 0 where nobody changed it."""
    newest = Setting.objects.filter(name=name).order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


def decisions(name: str) -> list[Change]:
    """What was decided about a setting, newest first. A row with an end is what a later one left of its own."""
    rows = list(Setting.objects.filter(name=name, stops_on=None).order_by("-pk"))
    return recorded(rows, lambda row: _decided(row, rows), lambda row: _replaced(row, rows))


def _replaced(row: Setting, rows: Sequence[Setting]) -> str:
    is_replaced = any(one.pk > row.pk and one.starts_on <= row.starts_on for one in rows)
    return _("Replaced before it took hold") if is_replaced else ""


def _decided(row: Setting, rows: Sequence[Setting]) -> str:
    """What was decided, and what held before: the newest of the older ones that was to begin before."""
    in_words, default = POLICIES[row.name].in_words, POLICIES[row.name].default
    older = (one.value for one in rows if one.pk < row.pk and one.starts_on < row.starts_on)
    before = next(older, default)
    values = {"day": format_date(row.starts_on), "value": in_words(row.value), "before": in_words(before)}
    text = _("From %(day)s on: %(value)s (was %(before)s)") % values
    return f"{text}. {row.reason}" if row.reason else text


def named_days_off(calendar: WorkCalendar | None = None) -> list[DayOff]:
    """The days off of a work calendar, or of the organisation's, in their order; `is_closed` where their period is and
    they stay.
    """
    day = OuterRef("starts_on")
    closed = Period.objects.filter(is_closed=True, starts_on__lte=day, stops_on__gt=day)
    rows = DayOff.objects.current().filter(calendar=calendar)
    return list(rows.annotate(is_closed=Exists(closed)).order_by("starts_on"))


def recorded_days_off(calendar: WorkCalendar | None = None) -> list[Change]:
    """The newest days off that were named, newest first; those that were removed say by whom."""
    rows = list(DayOff.objects.filter(calendar=calendar).order_by("-recorded_at", "-pk")[:MOST_RECORDED])
    return recorded(rows, lambda row: f"{format_date(row.starts_on)}: {row.name}")


def holidays_to_add(country: str, region: str, year: int, calendar: WorkCalendar | None) -> dict[date, str]:
    """The public holidays of a year that are not off yet and lie in no closed period, each with its name.

    Raises Refused, with its field, for a country or region that is not known, or a year of which nothing is.
    """
    try:
        known = public_holidays(country, region, year, the_organisation().locale)
    except Said as said:
        raise Refused(_(said.text) % said.values, path="region" if region else "country") from said
    if not known:
        raise Refused(_("No public holidays of that year are known."), path="year", code="not_known")
    off = set(DayOff.objects.current().filter(calendar=calendar).values_list("starts_on", flat=True))
    closed = list(Period.objects.filter(is_closed=True))
    return {
        day: name[:MOST_NAME]
        for day, name in known.items()
        if day not in off and not any(day in period.span for period in closed)
    }


def work_days(calendar_id: int | None = None, known_at: datetime | None = None) -> WorkDays:
    """On which days people work by a work calendar, or by the organisation's, as known at an instant, or now."""
    off = kept(f"days_off {known_at}", lambda: _days_off(known_at)).get(calendar_id, frozenset())
    if calendar_id is None:
        return WorkDays(off)
    weekdays = kept("weekdays", lambda: dict(WorkCalendar.objects.values_list("pk", "weekdays")))
    return WorkDays(off, frozenset(weekdays[calendar_id]))


def _days_off(known_at: datetime | None) -> dict[int | None, frozenset[date]]:
    """The days off of every calendar, None is the organisation's, by one statement."""
    found: dict[int | None, set[date]] = defaultdict(set)
    rows = DayOff.objects.known_at(known_at) if known_at else DayOff.objects.current()
    for calendar_id, day in rows.values_list("calendar_id", "starts_on"):
        found[calendar_id].add(day)
    return {calendar_id: frozenset(days) for calendar_id, days in found.items()}


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


def day_ends_at(day: date) -> datetime:
    """The instant at which the organisation's day ends."""
    return datetime.combine(day + timedelta(days=1), time(), the_organisation().zone())


def today() -> date:
    """The organisation's day; UTC's before there is an organisation."""
    company = organisation()
    return fiscal_day(now(), company) if company else now().date()


def period_of(day: date) -> Period | None:
    """The quarter that holds the day, with its year."""
    period: Period | None = Period.objects.quarters().holding(day).select_related("parent").first()
    return period


def end_of(kind: str) -> date:
    """The last day of the fiscal month, quarter or year that today is in; without a fiscal year of the calendar month.

    Raises Refused where the fiscal calendar does not have it.
    """
    day = today()
    if kind == "month":
        month = kept(("month of", day), lambda: Period.objects.months().holding(day).first())
        return (month or calendars.month_of(day)).last_day
    quarter = kept(("quarter of", day), lambda: period_of(day))
    if quarter is None:
        raise Refused(_("No fiscal year covers today: write the day itself."), code="no_period")
    year = quarter.parent if kind == "year" else None
    return (year or quarter).last_day


def first_to_close(years: Sequence[Period], day: date) -> date | None:
    """The first day of the first month of these years that has ended and is open: what begins later waits for it."""
    months = (month for year in years for quarter in year.parts.all() for month in quarter.parts.all())
    return min(
        (month.starts_on for month in months if not month.is_closed and month.stops_on <= day), default=None
    )


@once
def months_by_table() -> dict[date, Period]:
    """The fiscal months by their first days where some are made of weeks; none where all are calendar months."""
    if not Period.objects.filter(kind=Period.Kind.WEEK).exists():
        return {}
    return {month.starts_on: month for month in Period.objects.months()}


def quarter_finder() -> Callable[[date], Period | None]:
    """The quarter that holds a day, for many days: the calendar is read once."""
    quarters = list(Period.objects.quarters())
    return lambda day: next((one for one in quarters if day in one.span), None)


def running_quarter() -> Period:
    """The quarter that holds today. Raises Conflict, saying who can help, where no fiscal year covers today."""
    quarter = period_of(today())
    if quarter is None:
        message = _("No fiscal year covers today. An administrator adds one under Settings.")
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
    last = Period.objects.filter(kind=Period.Kind.YEAR).order_by("-starts_on").first()
    company = the_organisation()
    return (
        int(last.code) + 1 if last else fiscal.label_of(today(), company.fiscal_rule(), company.fiscal_label)
    )


def year_parts(company: Organisation, year: int) -> fiscal.Year:
    """The fiscal year of that name as it would be made now: from where the one before it ended."""
    rule = company.fiscal_rule()
    first = calendars.start_year(year, company.fiscal_start_month, company.fiscal_label)
    before = Period.objects.filter(kind=Period.Kind.YEAR, code=str(year - 1)).first()
    return fiscal.year_of(rule, first, before.stops_on if before else None)


def year_preview(*, year: int | None, **settings: Any) -> dict[str, Any]:
    """A fiscal year, else the next one, as it would be made by these settings, else by those that are; nothing is."""
    company = organisation() or Organisation()
    for name, value in settings.items():
        if value not in (None, ""):
            setattr(company, name, value)
    forget_answers()  # the next one who asks for the company gets it as it is
    last = Period.objects.filter(kind=Period.Kind.YEAR).order_by("-starts_on").first()
    running = fiscal.label_of(today(), company.fiscal_rule(), company.fiscal_label)
    number = year or (int(last.code) + 1 if last else running)
    parts = year_parts(company, number)
    pairs = zip(parts.months, parts.weeks, strict=True)
    # A month that begins where the year before ended may have a part of a week: its days say how long it is.
    months = [(month, len(weeks) if month.days == 7 * len(weeks) else 0) for month, weeks in pairs]
    quarters = [
        (f"{number}-Q{n + 1}", quarter, months[3 * n : 3 * n + 3]) for n, quarter in enumerate(parts.quarters)
    ]
    return {
        "year": parts,
        "name": number,
        "quarters": quarters,
        "weeks": sum(map(len, parts.weeks)),
    }


def month_code(company: Organisation, year: int, number: int, month: calendars.Span) -> str:
    """What a fiscal month is called: 2026-04 where it is a calendar month, 2026-M03 where it is made of weeks."""
    is_calendar = company.calendar == Organisation.Calendar.MONTHS
    return f"{calendars.month_of(month.last_day).start:%Y-%m}" if is_calendar else f"{year}-M{number:02}"


def rule_code(company: Organisation) -> str:
    """By what the next year is made, as the year keeps it: months, or 4-5-4 nearest 5."""
    by_weeks = company.calendar != Organisation.Calendar.MONTHS
    return (
        f"{company.calendar} {company.year_ends} {company.year_end_weekday}" if by_weeks else company.calendar
    )


def calendar_end() -> date | None:
    """The first day that no fiscal year reaches any more; None before the first year."""
    last = Period.objects.filter(kind=Period.Kind.YEAR).order_by("-starts_on").first()
    return last.stops_on if last else None


def rates() -> QuerySet[Rate]:
    """The rates that hold today or will, by kind and currency, newest first."""
    return Rate.objects.overlapping(today(), None).order_by("currency", "kind", "-starts_on")


def brought(added: int, changed: int) -> str:
    """What bringing in published rates did, in words."""
    new = ngettext("%(count)s new rate is entered", "%(count)s new rates are entered", added)
    other = ngettext("%(count)s changed", "%(count)s changed", changed)
    return f"{new % {'count': format_number(added)}}, {other % {'count': format_number(changed)}}."


RATE_ORDER = ("-starts_on", "-id")


def rates_of(currency: str, kind: str) -> QuerySet[Rate]:
    """All rates of a currency that stand, of one kind, to be read in `RATE_ORDER`."""
    return Rate.objects.current().filter(currency=currency, kind=kind)


@dataclass(frozen=True)
class Count:
    """How many there are, or that there are more than were counted."""

    value: int
    is_capped: bool


def capped_count(rows: QuerySet[Any]) -> Count:
    """How many rows there are, as far as is counted."""
    counted = rows.order_by()[: MOST_COUNTED + 1].count()
    return Count(min(counted, MOST_COUNTED), counted > MOST_COUNTED)
