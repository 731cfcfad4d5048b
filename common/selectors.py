"""The organisation, its days, its periods and its rates."""

import json
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from common import calendars
from common.charts import Measured
from common.errors import Conflict, Refused
from common.history import Change, recorded
from common.locale import format_date
from common.models import DayOff, Organisation, Period, Rate, Run, Setting
from common.policies import POLICIES
from common.transaction import kept, now, once

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


def named_days_off() -> list[DayOff]:
    """The days off that stand, in their order; `is_closed` where their period is and they stay."""
    day = OuterRef("starts_on")
    closed = Period.objects.filter(is_closed=True, starts_on__lte=day, stops_on__gt=day)
    return list(DayOff.objects.current().annotate(is_closed=Exists(closed)).order_by("starts_on"))


def recorded_days_off() -> list[Change]:
    """The newest days off that were named, newest first; those that were removed say by whom."""
    rows = list(DayOff.objects.order_by("-recorded_at", "-pk")[:MOST_RECORDED])
    return recorded(rows, lambda row: f"{format_date(row.starts_on)}: {row.name}")


@once
def days_off() -> frozenset[date]:
    """The days on which nobody works, besides weekends, as known now."""
    return frozenset(DayOff.objects.current().values_list("starts_on", flat=True))


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


def end_of(kind: str) -> date:
    """The last day of the calendar month, the fiscal quarter or the fiscal year that today is in.

    Raises Refused where the fiscal calendar does not have it.
    """
    day = today()
    if kind == "month":
        return day.replace(day=monthrange(day.year, day.month)[1])
    quarter = kept(("quarter of", day), lambda: period_of(day))
    if quarter is None:
        raise Refused(_("No fiscal year covers today: write the day itself."), code="no_period")
    year = quarter.parent if kind == "year" else None
    return (year or quarter).last_day


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
    company = the_organisation()
    return calendars.year_label(calendar_end() or today(), company.fiscal_start_month, company.fiscal_label)


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
