"""Two clocks: up to which booking date credits count (valid on), and what of them was known at an instant."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from common.calendars import Span
from common.errors import Refused
from common.http import a_day, a_moment
from common.locale import format_date, format_instant
from common.models import Period
from common.selectors import day_ends_at, fiscal_day, the_organisation, today
from common.transaction import now, widened
from orders.models import CreditQuerySet

CLOCKS = ("valid", "known")
"""Their names in an address."""

ALL = 2**63 - 1
# The last entry that was recorded by then, looked for where it most likely is. With `+ 0` the index by instants finds
# the days; else entries are walked through from the last one back.
LAST_ENTRY = """
SELECT coalesce(
    (SELECT max(ledger_seq + 0) FROM orders_credit
     WHERE recorded_at <= %(at)s AND recorded_at > %(at)s - interval '2 days'),
    (SELECT max(ledger_seq + 0) FROM orders_credit
     WHERE recorded_at <= %(at)s AND recorded_at > %(at)s - interval '60 days'),
    (SELECT max(ledger_seq + 0) FROM orders_credit WHERE recorded_at <= %(at)s),
    0
)
"""


@dataclass(frozen=True)
class Known:
    """An instant, and the ledger's last entry that was recorded by then: it and all before it were known.

    Entries are numbered in the order of their commits, so that what was known is always a beginning of the ledger.
    `day`: the day at whose end that was; None for an instant of its own.
    """

    at: datetime
    seq: int
    day: date | None = None

    @property
    def text(self) -> str:
        """As an address writes it."""
        return self.day.isoformat() if self.day else self.at.isoformat()

    @property
    def runs_to(self) -> date:
        """The day that had come by then: what is due is due up to it."""
        return self.day or fiscal_day(self.at, the_organisation())

    @property
    def words(self) -> str:
        if self.day:
            return _("as known at the end of %(day)s") % {"day": format_date(self.day)}
        return _("as known at %(moment)s") % {"moment": format_instant(self.at)}


def known_at(at: datetime, day: date | None = None) -> Known:
    """What was known at that instant."""
    with widened("credit"), connection.cursor() as cursor:
        cursor.execute(LAST_ENTRY, {"at": at})
        return Known(at, cursor.fetchone()[0], day)


@dataclass(frozen=True)
class AsOf:
    """Both clocks of a figure: credits booked up to a day (None: all), as known then (None: now)."""

    valid_on: date | None = None
    known: Known | None = None

    @classmethod
    def of(cls, query: dict[str, str], *, is_exact: bool = False) -> Self:
        """What an address asks: days, or (`is_exact`) an instant. Raises BadQuery, and Refused for the future.

        What is known today is what is known now: a day counts from its end on.
        """
        valid = _past(a_day(query, "valid"), "valid")
        if is_exact and len(query.get("known", "")) > len("2026-04-30"):
            at = a_moment(query, "known")
            if at and at > now():
                raise _in_future("known")
            return cls(valid, known_at(at) if at else None)
        day = _past(a_day(query, "known"), "known")
        return cls(valid, known_at(day_ends_at(day), day) if day and day < today() else None)

    @property
    def is_now(self) -> bool:
        return self.valid_on is None and self.known is None

    @property
    def known_at(self) -> datetime | None:
        """The instant that dated rows are asked for; None: now."""
        return self.known.at if self.known else None

    @property
    def last_seq(self) -> int:
        """The number of the last entry that was known; of all of them where it is now."""
        return self.known.seq if self.known else ALL

    def due_on(self, on: date) -> date:
        """The day up to which it is due what is asked for, where that is today `on`."""
        return self.valid_on or (self.known.runs_to if self.known else on)

    @property
    def query(self) -> dict[str, str]:
        """The parameters of an address that asks for this; `of` reads them."""
        valid = {"valid": self.valid_on.isoformat()} if self.valid_on else {}
        return valid | ({"known": self.known.text} if self.known else {})

    @property
    def words(self) -> list[str]:
        """What it is, for whom the figures are shown to."""
        valid = [_("booked up to %(day)s") % {"day": format_date(self.valid_on)}] if self.valid_on else []
        return [*valid, self.known.words] if self.known else valid

    def narrow(self, rows: CreditQuerySet) -> CreditQuerySet:
        """Those of the credits that count."""
        if self.valid_on:
            rows = rows.filter(booked_on__lte=self.valid_on)
        return rows.filter(ledger_seq__lte=self.known.seq) if self.known else rows


CURRENT = AsOf()


def in_months(spans: Collection[Span], as_of: AsOf) -> bool:
    """Whether that is whole fiscal months of what is known now: of nothing narrower is told what lies beyond reach.

    Two instants may lie one entry apart, and two days one credit.
    """
    if as_of.known:
        return False
    days = {day for span in spans for day in (span.start, span.stop)}
    if as_of.valid_on and as_of.valid_on < max(days):
        days.add(as_of.valid_on + timedelta(days=1))
    months = Period.objects.months().filter(Q(starts_on__in=days) | Q(stops_on__in=days))
    return days <= {day for month in months.values_list("starts_on", "stops_on") for day in month}


def _past(day: date | None, name: str) -> date | None:
    """A day that has begun. Raises Refused."""
    if day and day > today():
        raise _in_future(name)
    return day


def _in_future(name: str) -> Refused:
    message = _(
        "What will be known or valid on a day to come is not known yet. Ask for today or an earlier day."
    )
    return Refused(message, path=name, code="in_future")
