"""The organisation, its calendar, its settings and the days on which nobody works."""

from datetime import date, timedelta
from typing import Self
from zoneinfo import ZoneInfo

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import PROTECT, F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.calendars import Span
from common.dated import Dated, no_overlap, ordered
from common.fiscal import Rule
from common.models.keeping import Editable, EditableQuerySet, append_only

OFF_ALREADY = _("That day is off already.")
MOST_NAME = 80
"""Characters of the name of a day off or a work calendar."""


@pghistory.track()
class Organisation(Editable):
    """The one company of this installation: its name, its reporting currency and its clock. Monday is weekday 0.

    Until `is_set_up` its administrators are asked to continue the set-up.
    """

    class FiscalLabel(models.TextChoices):
        START = "start", _("starts")
        END = "end", _("ends")

    class Calendar(models.TextChoices):
        MONTHS = "months", _("calendar months")
        W445 = "4-4-5", _("weeks, 4-4-5")
        W454 = "4-5-4", _("weeks, 4-5-4")
        W544 = "5-4-4", _("weeks, 5-4-4")

    class YearEnds(models.TextChoices):
        LAST = "last", _("last of the month before it starts")
        NEAREST = "nearest", _("nearest to the end of that month")

    name = models.CharField(_("name"), max_length=120)
    reporting_currency = models.CharField(_("reporting currency"), max_length=3)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    locale = models.CharField(_("locale"), max_length=16, default="en-US")
    fiscal_start_month = models.PositiveSmallIntegerField(_("fiscal year starts in month"), default=1)
    fiscal_label = models.CharField(
        _("fiscal year is named after the year in which it"),
        max_length=5,
        choices=FiscalLabel,
        default=FiscalLabel.START,
        db_default=FiscalLabel.START,
    )
    calendar = models.CharField(
        _("fiscal years are made of"), max_length=6, choices=Calendar, default=Calendar.MONTHS,
        db_default=Calendar.MONTHS,
    )  # fmt: skip
    year_end_weekday = models.PositiveSmallIntegerField(_("weeks end on"), default=5, db_default=5)
    year_ends = models.CharField(
        _("a year of weeks ends on the one that is"), max_length=7, choices=YearEnds, default=YearEnds.LAST,
        db_default=YearEnds.LAST,
    )  # fmt: skip
    first_weekday = models.PositiveSmallIntegerField(_("first day of the week"), default=0, db_default=0)
    is_demo = models.BooleanField(default=False)
    is_set_up = models.BooleanField(default=True, db_default=True)

    class Meta(Editable.Meta):
        constraints = [
            models.CheckConstraint(
                name="organisation_currency_code",
                condition=Q(reporting_currency__regex="^[A-Z]{3}$"),
                violation_error_message=_("A currency has three capital letters, such as EUR."),
            ),
            models.CheckConstraint(
                name="organisation_start_month",
                condition=Q(fiscal_start_month__gte=1, fiscal_start_month__lte=12),
                violation_error_message=_("A month is a number from 1 to 12."),
            ),
            models.CheckConstraint(
                name="organisation_first_weekday",
                condition=Q(first_weekday__lte=6),
                violation_error_message=_("A weekday is a number from 0, Monday, to 6, Sunday."),
            ),
            models.CheckConstraint(
                name="organisation_year_end_weekday",
                condition=Q(year_end_weekday__lte=6),
                violation_error_message=_("A weekday is a number from 0, Monday, to 6, Sunday."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def fiscal_rule(self) -> Rule:
        """By what the next fiscal years are made; those that are here stay as they are."""
        return Rule(self.fiscal_start_month, self.calendar, self.year_end_weekday, self.year_ends)


class PeriodQuerySet(EditableQuerySet):
    """Periods of the fiscal calendar."""

    def holding(self, day: date) -> Self:
        return self.filter(starts_on__lte=day, stops_on__gt=day)

    def quarters(self) -> Self:
        return self.filter(kind=Period.Kind.QUARTER)

    def months(self) -> Self:
        return self.filter(kind=Period.Kind.MONTH)


@pghistory.track()
class Period(Editable):
    """One fiscal year, quarter, month or week `[starts_on, stops_on)`; a table, never a formula at read time.

    A year says by which rule it was made (`calendar`, with how it ends where that is of weeks). Weeks belong to months
    that are made of them; where months are calendar months there are none. `closed_seq`: the ledger's last entry when
    it was closed.
    """

    class Kind(models.TextChoices):
        YEAR = "year", _("year")
        QUARTER = "quarter", _("quarter")
        MONTH = "month", _("month")
        WEEK = "week", _("week")

    kind = models.CharField(max_length=8, choices=Kind)
    code = models.CharField(max_length=16, unique=True)
    starts_on = models.DateField()
    stops_on = models.DateField()
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="parts")
    is_closed = models.BooleanField(default=False)
    closed_seq = models.BigIntegerField(null=True)
    calendar = models.CharField(max_length=24, blank=True, default="", db_default="")

    objects = PeriodQuerySet.as_manager()

    class Meta(Editable.Meta):
        ordering = ["starts_on"]
        constraints = [
            models.UniqueConstraint(
                name="period_start_once",
                fields=["kind", "starts_on"],
                violation_error_message=_("There is a period of this kind from this day already."),
            ),
            models.CheckConstraint(name="period_ordered", condition=Q(stops_on__gt=F("starts_on"))),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def span(self) -> Span:
        return Span(self.starts_on, self.stops_on)

    @property
    def last_day(self) -> date:
        return self.span.last_day

    @property
    def is_calendar_month(self) -> bool:
        """Whether it goes by the name of a month, not by its number in the year."""
        return self.kind == self.Kind.MONTH and "-M" not in self.code


class Setting(Dated):
    """What the organisation decided for one of its settings (`common.policies`), on `[starts_on, stops_on)`."""

    name = models.CharField(max_length=40)
    value = models.JSONField()
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    recorded_by_id = models.BigIntegerField(null=True)

    class Meta(Dated.Meta):
        constraints = [
            ordered("setting_ordered"),
            no_overlap(
                "setting_one_a_day",
                "name",
                message=_("This setting already has a value on one of these days."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.value}"


class WorkCalendar(models.Model):
    """On which weekdays people of one work location work; Monday is 0. It never changes: another one takes its place.

    Its days off are rows of their own. Who has none works by the organisation's: Monday to Friday and its days off.
    """

    name = models.CharField(_("name"), max_length=MOST_NAME, unique=True)
    weekdays = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("working days"))
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    recorded_by_id = models.BigIntegerField(null=True)

    class Meta:
        triggers = append_only()
        constraints = [
            models.CheckConstraint(
                name="workcalendar_weekdays",
                condition=Q(weekdays__contained_by=list(range(7)), weekdays__len__gt=0),
                violation_error_message=_("People work on at least one day of the week."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class DayOff(Dated):
    """A day on which nobody works: `[starts_on, stops_on)` is one day. Weekends are none of these.

    Of one work calendar, or, without one, of the organisation's.
    """

    calendar = models.ForeignKey(WorkCalendar, null=True, on_delete=PROTECT, related_name="days_off")
    name = models.CharField(_("name"), max_length=MOST_NAME)
    recorded_by_id = models.BigIntegerField(null=True)

    class Meta(Dated.Meta):
        constraints = [
            models.CheckConstraint(
                name="dayoff_one_day", condition=Q(stops_on=F("starts_on") + timedelta(days=1))
            ),
            no_overlap("dayoff_once", message=OFF_ALREADY, only=Q(calendar=None)),
            no_overlap("dayoff_once_there", "calendar", message=OFF_ALREADY, only=Q(calendar__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on} {self.name}"
