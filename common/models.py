"""The organisation, its calendar, its rates, its runs, and the keys that make an effect happen once."""

from datetime import date, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

import pghistory
import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.access import ScopedQuerySet
from common.calendars import Span
from common.dated import UNLESS_UNDONE, Dated, no_overlap, ordered
from common.errors import Stale

APPEND_ONLY = """
    RAISE EXCEPTION 'this table is append-only'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';
"""

UNDONE_ONLY = """
    EXECUTE 'SELECT EXISTS (SELECT FROM ' || quote_ident(TG_TABLE_NAME || 'event')
        || ' WHERE pgh_obj_id = $1 AND pgh_label = ''insert'' AND pgh_context_id = $2)'
    INTO is_its USING OLD.id, nullif(current_setting('app.undo', true), '')::uuid;
    IF is_its THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'rows of this table are not deleted'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'undone_only';
"""

MOST_RATE = 1_000_000


def undone_only() -> pgtrigger.Trigger:
    """A trigger that lets a row be deleted only while the import is undone by which, as history says, it was made."""
    return pgtrigger.Trigger(
        name="undone_only",
        when=pgtrigger.Before,
        operation=pgtrigger.Delete,
        declare=[("is_its", "boolean")],
        func=UNDONE_ONLY,
    )


def by_request(name: str) -> dict[str, Any]:
    """What the history of a tracked model needs so that an undone import finds its own rows."""
    return {"indexes": [models.Index(name=name, fields=["pgh_context_id"])]}


def append_only(*, unless_undone: bool = False) -> list[pgtrigger.Trigger]:
    """Triggers that refuse UPDATE, DELETE and TRUNCATE; `unless_undone` an import that recorded the row is undone."""
    row = pgtrigger.Trigger(
        name="append_only",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=(UNLESS_UNDONE if unless_undone else "") + APPEND_ONLY,
    )
    truncate = pgtrigger.Trigger(
        name="no_truncate",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func=APPEND_ONLY,
    )
    return [row, truncate]


class EditableQuerySet(ScopedQuerySet):
    """Rows that people edit: every edit names the version that it read."""

    def change(self, pk: int, version: int, **changes: Any) -> None:
        """Write `changes` if the row still is at `version`. Raises Stale otherwise."""
        if not self.filter(pk=pk, version=version).update(version=F("version") + 1, **changes):
            raise Stale()


class Editable(models.Model):
    """A row with a version, so that no edit is lost silently."""

    version = models.PositiveIntegerField(default=1, editable=False)

    objects = EditableQuerySet.as_manager()

    class Meta:
        abstract = True


@pghistory.track()
class Organisation(Editable):
    """The one company of this installation: its name, its reporting currency and its clock. Monday is weekday 0.

    Until `is_set_up` its administrators are asked to continue the set-up.
    """

    class FiscalLabel(models.TextChoices):
        START = "start", _("starts")
        END = "end", _("ends")

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
        ]

    def __str__(self) -> str:
        return self.name

    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


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
    """One fiscal year, quarter or month `[starts_on, stops_on)`; a table, never a formula at read time."""

    class Kind(models.TextChoices):
        YEAR = "year", _("year")
        QUARTER = "quarter", _("quarter")
        MONTH = "month", _("month")

    kind = models.CharField(max_length=8, choices=Kind)
    code = models.CharField(max_length=16, unique=True)
    starts_on = models.DateField()
    stops_on = models.DateField()
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="parts")
    is_closed = models.BooleanField(default=False)

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


class Rate(Dated):
    """One unit of `currency` in the reporting currency on `[starts_on, stops_on)`.

    `plan` rates are fixed for the plan year (quota and attainment), `booked` rates hold from their day (finance).
    """

    class Kind(models.TextChoices):
        PLAN = "plan", _("plan rate")
        BOOKED = "booked", _("booked rate")

    kind = models.CharField(max_length=8, choices=Kind)
    currency = models.CharField(max_length=3)
    value = models.DecimalField(max_digits=20, decimal_places=10)
    source = models.CharField(_("source"), max_length=120, blank=True)
    recorded_by_id = models.BigIntegerField(null=True)

    class Meta(Dated.Meta):
        constraints = [
            ordered("rate_ordered"),
            models.CheckConstraint(
                name="rate_positive",
                condition=Q(value__gt=0, value__lt=MOST_RATE),
                violation_error_message=_(
                    "A rate is greater than zero, with at most 6 digits before the decimals."
                ),
            ),
            no_overlap(
                "rate_one_a_day",
                "kind",
                "currency",
                message=_("There is already a rate for this currency on one of these days."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.value} ({self.kind})"


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


class DayOff(Dated):
    """A day on which nobody works: `[starts_on, stops_on)` is one day. Weekends are none of these."""

    name = models.CharField(_("name"), max_length=80)
    recorded_by_id = models.BigIntegerField(null=True)

    class Meta(Dated.Meta):
        constraints = [
            models.CheckConstraint(
                name="dayoff_one_day", condition=Q(stops_on=F("starts_on") + timedelta(days=1))
            ),
            no_overlap("dayoff_once", message=_("That day is off already.")),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on} {self.name}"


class RunGate(models.Model):
    """A table that is only locked: the gate before which jobs wait, so that each takes its snapshot behind it."""

    class Meta:
        constraints = [models.CheckConstraint(name="rungate_empty", condition=Q(pk=None))]

    def __str__(self) -> str:
        return "the gate"


class Run(models.Model):
    """One run of a job for one fiscal day: what went in, what came out, when, and whether it stands.

    A run that somebody asks for stands here before it begins; one in progress is seen when it ends.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("waiting")
        PUBLISHED = "published", _("published")
        FAILED = "failed", _("failed")

    job = models.CharField(max_length=32)
    as_of = models.DateField()
    state = models.CharField(max_length=12, choices=State, default=State.ASKED)
    ledger_seq = models.BigIntegerField(null=True)
    input_hash = models.CharField(max_length=64, blank=True)
    output_hash = models.CharField(max_length=64, blank=True)
    changed_rows = models.BigIntegerField(default=0)
    peak_memory_kb = models.BigIntegerField(null=True)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    asked_by_id = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(name="run_job_state", fields=["job", "state", "-as_of"])]
        constraints = [
            models.UniqueConstraint(
                name="run_asked_once",
                fields=["job", "as_of"],
                condition=Q(state="asked"),
                violation_error_message=_("A run is waiting to begin already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.job} {self.pk}"


class IdempotencyKey(models.Model):
    """An effect that happened once: whose, under which key, with which body, and what was answered."""

    person_id = models.BigIntegerField()
    key = models.CharField(max_length=64)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    answer = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(name="idempotency_key_once", fields=["person_id", "key"])]

    def __str__(self) -> str:
        return self.key


class InTransaction(models.Func):
    """The number of the running transaction: a later one has a higher one, whichever of the two commits first."""

    template = "pg_current_xact_id()::text::bigint"
    arity = 0

    def __init__(self, **extra: Any) -> None:
        super().__init__(output_field=models.BigIntegerField(), **extra)


class RowChange(models.Model):
    """A row of a resource (an object of the access table) was made, changed or taken out by a transaction.

    Written by triggers (`common.noting`), read in the order of `xact` and `id` (`common.changes`), taken out after a
    month. `became`: the state that the row entered; `before`: by what who may read it was decided, where that changed.
    """

    class Kind(models.TextChoices):
        MADE = "made"
        CHANGED = "changed"
        GONE = "gone"

    xact = models.BigIntegerField(db_default=InTransaction())
    resource = models.CharField(max_length=20)
    row_id = models.BigIntegerField()
    kind = models.CharField(max_length=7, choices=Kind)
    became = models.CharField(max_length=12, blank=True)
    before = models.JSONField(null=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(name="rowchange_order", fields=["resource", "xact", "id"]),
            BrinIndex(name="rowchange_recorded", fields=["recorded_at"], autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.resource} {self.row_id} {self.kind}"
