"""Facts that hold for a range of days: what was true when (valid), and since when we know it (recorded)."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any, Self, cast

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, OuterRef, Q, Subquery
from django.db.models.expressions import DatabaseDefault
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from common.access import ScopedQuerySet
from common.calendars import Span
from common.errors import Stale
from common.staging import append


class DateRange(Func):
    """`[starts_on, stops_on)` as a PostgreSQL daterange; an open end is unbounded."""

    function = "daterange"
    arity = 2

    def __init__(self, *expressions: Any, **extra: Any) -> None:
        super().__init__(*(expressions or ("starts_on", "stops_on")), output_field=models.Field(), **extra)


class OfRequest(Func):
    """The request of the running transaction, as history keeps it."""

    template = "nullif(current_setting('pghistory.context_id', true), '')::uuid"
    arity = 0

    def __init__(self, **extra: Any) -> None:
        super().__init__(output_field=models.UUIDField(), **extra)


class DatedQuerySet(ScopedQuerySet):
    """Chains of *what holds when*, as known now."""

    def current(self) -> Self:
        """The versions that stand now."""
        return self.filter(superseded_at=None)

    def on(self, day: date) -> Self:
        """What holds on `day`, as known now."""
        return self.current().holding(day)

    def holding(self, day: date) -> Self:
        """The versions, standing or not, that say something of that day."""
        return self.filter(starts_on__lte=day).filter(Q(stops_on=None) | Q(stops_on__gt=day))

    def overlapping(self, start: date, stop: date | None) -> Self:
        """What holds on any day of `[start, stop)`, as known now."""
        return self.current().touching(start, stop)

    def known_at(self, instant: datetime) -> Self:
        """The versions that stood at that instant."""
        recorded = self.filter(recorded_at__lte=instant)
        return recorded.filter(Q(superseded_at=None) | Q(superseded_at__gt=instant))

    def known(self, instant: datetime | None) -> Self:
        """The versions that stood at that instant; without one those that stand now."""
        return self.known_at(instant) if instant else self.current()

    def touching(self, start: date, stop: date | None) -> Self:
        """The versions, standing or not, that say something of a day of `[start, stop)`."""
        later = self.filter(Q(stops_on=None) | Q(stops_on__gt=start))
        return later.filter(starts_on__lt=stop) if stop else later

    def traced(self, *same: str) -> Self:
        """With who recorded that each begins, when and why (`begun_by`, `begun_at`, `made`), and who recorded its end
        and when (`ended_by`, `ended_at`): who ends something records it anew, with a reason of their own.

        By `same` and the first day it is the same thing whenever it was recorded. Names, for rows whose `recorded_by`
        is a person.
        """
        versions = self.model._base_manager.filter(
            **{name: OuterRef(name) for name in (*same, "starts_on")}
        ).order_by("recorded_at", "pk")
        ended = versions.filter(stops_on=OuterRef("stops_on"))
        told = {"begun_by": (versions, "recorded_by__name"), "begun_at": (versions, "recorded_at")}
        told |= {"ended_by": (ended, "recorded_by__name"), "ended_at": (ended, "recorded_at")}
        if any(field.name == "reason" for field in self.model._meta.fields):
            told["made"] = (versions, "reason")
        return self.annotate(**{name: Subquery(rows.values(of)[:1]) for name, (rows, of) in told.items()})


UNLESS_UNDONE = """
    IF TG_OP = 'DELETE' AND OLD.request_id = nullif(current_setting('app.undo', true), '')::uuid THEN
        RETURN OLD;
    END IF;
"""

SUPERSEDE_ONCE = """
    IF TG_OP = 'UPDATE' AND OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL
       AND (to_jsonb(OLD) - 'superseded_at' - 'superseded_why')
         = (to_jsonb(NEW) - 'superseded_at' - 'superseded_why') THEN
        SELECT (said ->> 'by')::bigint, coalesce(nullif(NEW.superseded_why, ''), said ->> 'why', '')
        INTO NEW.superseded_by_id, NEW.superseded_why
        FROM (SELECT nullif(current_setting('pghistory.context_metadata', true), '')::jsonb AS said) context;
        NEW.superseded_at := greatest(NEW.superseded_at, OLD.recorded_at);
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a dated row is superseded once and otherwise never changed'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'dated_supersede_once';
"""


def supersede_once(*, unless_undone: bool = False) -> pgtrigger.Trigger:
    """A trigger that lets a row be closed and never edited or deleted; `unless_undone` but with its import."""
    return pgtrigger.Trigger(
        name="supersede_once",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=(UNLESS_UNDONE if unless_undone else "") + SUPERSEDE_ONCE,
    )


class Dated(models.Model):
    """A row that holds on `[starts_on, stops_on)` and is never edited: a change supersedes it and adds another.

    What replaces a row is recorded in the instant in which that one is superseded: never are two known at once.
    `request_id` is that of the transaction that recorded it.
    """

    starts_on = models.DateField(_("from"))
    stops_on = models.DateField(
        _("until"), null=True, blank=True, help_text=_("First day it no longer holds.")
    )
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    request_id = models.UUIDField(null=True, db_default=OfRequest(), editable=False)
    superseded_at = models.DateTimeField(null=True, editable=False)
    # Filled by the trigger from the transaction's context; a reason that a person typed goes before its why.
    superseded_by_id = models.BigIntegerField(null=True, editable=False)
    superseded_why = models.CharField(max_length=200, db_default="", editable=False)

    objects = DatedQuerySet.as_manager()

    class Meta:
        abstract = True
        triggers = [supersede_once()]

    @property
    def span(self) -> Span:
        return Span(self.starts_on, self.stops_on or date.max)

    def holds_on(self, day: date) -> bool:
        return day in self.span

    def supersede(self, why: str = "") -> datetime:
        """Close this version in the recorded clock; says since when. Raises Stale where it was closed meanwhile."""
        rows = type(self)._base_manager.filter(pk=self.pk)
        if not rows.filter(superseded_at=None).update(superseded_at=Now(), superseded_why=why):
            raise Stale()
        return cast("datetime", rows.values_list("superseded_at", flat=True).get())

    def replaced(self, why: str = "", **changes: Any) -> Self:
        """Supersede this version and record the same fact with `changes`. Raises Stale."""
        row = self.changed(recorded_at=self.supersede(why), **changes)
        row.save(force_insert=True)
        return row

    def changed(self, **changes: Any) -> Self:
        """The same fact with `changes`, not recorded yet."""
        return type(self)(**{**{name: getattr(self, name) for name in told(type(self))}, **changes})


def told(model: type[Dated]) -> list[str]:
    """The columns of a dated row that say something; the others are the database's."""
    skipped = {"id", "request_id", "superseded_at", "superseded_by_id", "superseded_why"}
    return [field.attname for field in model._meta.concrete_fields if field.name not in skipped]


class Undoable(Dated):
    """A dated row that an import may have recorded and that goes, as if never meant, when the import is undone."""

    class Meta(Dated.Meta):
        abstract = True
        triggers = [supersede_once(unless_undone=True)]


def no_overlap(
    name: str, *columns: str, message: StrOrPromise, only: Q | None = None, is_large: bool = False
) -> ExclusionConstraint:
    """Two standing versions with equal `columns` may not share a day; `message` is what a person reads then.

    `is_large`: the index looks at the columns before the days. With millions of rows, most of them open, it is written
    in a third of the time.
    """
    days = (DateRange(), RangeOperators.OVERLAPS)
    same = [(F(column), RangeOperators.EQUAL) for column in columns]
    return ExclusionConstraint(
        name=name,
        expressions=[*same, days] if is_large else [days, *same],
        condition=Q(superseded_at=None) & (only or Q()),
        violation_error_message=message,
    )


def ordered(name: str) -> models.CheckConstraint:
    """The range holds at least one day."""
    return models.CheckConstraint(
        name=name,
        condition=Q(stops_on=None) | Q(stops_on__gt=F("starts_on")),
        violation_error_message=_("The end must come after the start."),
    )


def make_room(rows: DatedQuerySet, start: date, why: str = "", **changes: Any) -> None:
    """End what holds on `start` and drop what begins later, so that one new row can hold from `start` on."""
    for row in rows.overlapping(start, None).order_by("starts_on"):
        if row.starts_on < start:
            row.replaced(why, stops_on=start, **changes)
        else:
            row.supersede(why)


def make_room_for_all(rows: DatedQuerySet, start: date, why: str = "", **changes: Any) -> dict[int, datetime]:
    """The same for the rows of many things, with a few statements; says as `supersede_all`, and raises Stale."""
    standing = list(rows.overlapping(start, None).order_by("pk"))
    ended = supersede_all(standing, why)
    record_all(
        row.changed(recorded_at=ended[row.pk], stops_on=start, **changes)
        for row in standing
        if row.starts_on < start
    )
    return ended


def supersede_all(rows: Collection[Dated], why: str = "") -> dict[int, datetime]:
    """Close versions of one model in the recorded clock; since when, by id. Raises Stale where one was closed."""
    if not rows:
        return {}
    own = type(next(iter(rows)))._base_manager.filter(pk__in=[row.pk for row in rows])
    if own.filter(superseded_at=None).update(superseded_at=Now(), superseded_why=why) < len(rows):
        raise Stale()
    return dict(own.order_by("pk").values_list("pk", "superseded_at"))


def record_all(rows: Iterable[Dated]) -> None:
    """Record any number of rows of one model with one statement, in their order."""
    found = list(rows)
    if found:
        names = [
            name for name in told(type(found[0])) if not isinstance(getattr(found[0], name), DatabaseDefault)
        ]
        values = ([getattr(row, name) for name in names] for row in found)
        append(found[0]._meta.db_table, names, values)
