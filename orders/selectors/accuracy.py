"""How accurately and how soon orders are entered: by the person who entered them."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import TruncDate

from accounts.models import Account
from common.access import Reach
from common.calendars import Span, WorkDays
from common.http import Page, page_by_key
from common.selectors import the_organisation
from common.transaction import widened
from orders.models import BookingEvent, Order, OrderQuerySet
from orders.rules import IN_TIME, late_from, median_of
from pipeline.rules.rates import ratio
from territories.models import User
from territories.selectors.working import work_days_finder

ERRORS = [cause for cause in BookingEvent.Cause if cause not in BookingEvent.NO_ERROR]
SHOWS = ("all", "right", "late", *ERRORS)
"""What may be asked of the orders behind a figure: all, those without an error, those entered late, those with one of a
cause."""
ERROR = Q(kind=BookingEvent.Kind.CORRECTION, cause__in=ERRORS) | Q(kind=BookingEvent.Kind.NEW_DATE)
HANDED_IN = "order_request"
"""Who reads the figures reads of every order in them who handed it in, and when."""
WHY = Case(When(kind=BookingEvent.Kind.NEW_DATE, then=Value(BookingEvent.Cause.DATE)), default="cause")
"""What an order was put right for; one on a wrong day was put on the right one."""


@dataclass(frozen=True)
class Line:
    """What one person entered, or everybody in reach: how many orders, how many of them without an error, and with one
    of each cause; `lags`: how many were entered so many working days after their booking date.
    """

    key: int | None
    name: str
    lags: Mapping[int, int]
    wrong: int = 0
    by_cause: Mapping[str, int] = field(default_factory=dict)

    @property
    def orders(self) -> int:
        return sum(self.lags.values())

    @property
    def right(self) -> int:
        return self.orders - self.wrong

    @property
    def late(self) -> int:
        return sum(number for days, number in self.lags.items() if days > IN_TIME)

    @property
    def days(self) -> Fraction | None:
        """The median of the working days that it took."""
        return median_of(self.lags)

    @property
    def accuracy(self) -> Fraction | None:
        return ratio(self.right, self.orders)

    @property
    def in_time(self) -> Fraction | None:
        return ratio(self.orders - self.late, self.orders)

    @property
    def errors(self) -> list[tuple[BookingEvent.Cause, int]]:
        """The causes that there are, in their order."""
        return [(cause, self.by_cause[cause]) for cause in ERRORS if self.by_cause.get(cause)]


class Entries:
    """The orders of some days, by their booking date now, that people in reach entered here, summed by the database.
    What a file brought in was not entered. What was handed in, whoever booked it, counts to who handed it in and to the
    first time that they did.
    """

    def __init__(self, mine: Reach, span: Span) -> None:
        self.mine = mine
        self.events = _entered(mine, span)
        groups = self.events.values_list("entered_by", "order__booked_on", "entered_on")
        with widened(HANDED_IN):
            self.groups = list(groups.annotate(number=Count("pk")))
        self.work_days_of = work_days_finder({by for by, _booked, _entered, _number in self.groups})

    @cached_property
    def lines(self) -> list[Line]:
        """One line for each person, the lowest accuracy first."""
        lags: dict[int, Counter[int]] = defaultdict(Counter)
        for by, booked_on, entered_on, number in self.groups:
            lags[by][self.work_days_of(by).between(booked_on, entered_on)] += number
        with widened(HANDED_IN):
            wrong, causes = self._wrong(), self._causes()
        names = dict(User.objects.filter(pk__in=lags).values_list("pk", "name"))
        lines = [Line(by, names[by], lags[by], wrong.get(by, 0), causes.get(by, {})) for by in lags]
        return sorted(lines, key=lambda line: (line.accuracy or 0, line.in_time or 0, line.name))

    @property
    def total(self) -> Line:
        """Everybody's as one line: an order was entered by one person."""
        lags, causes = Counter[int](), Counter[str]()
        for line in self.lines:
            lags.update(line.lags)
            causes.update(line.by_cause)
        return Line(None, "", lags, sum(line.wrong for line in self.lines), causes)

    def _errors(self) -> QuerySet[Any]:
        """What these orders were put right by, each with who had entered its order."""
        entry = _entries().filter(order=OuterRef("order")).values("entered_by")[:1]
        errors = BookingEvent.objects.filter(ERROR, order__in=self.events.values("order"))
        return errors.order_by().annotate(entered_by=Subquery(entry), why=WHY)

    def _wrong(self) -> dict[int, int]:
        """How many orders of each person were put right, once or more."""
        rows = self._errors().values("entered_by").annotate(number=Count("order", distinct=True))
        return dict(rows.values_list("entered_by", "number"))

    def _causes(self) -> dict[int, dict[str, int]]:
        rows = self._errors().values("entered_by", "why").annotate(number=Count("order", distinct=True))
        found: dict[int, dict[str, int]] = defaultdict(dict)
        for by, why, number in rows.values_list("entered_by", "why", "number"):
            found[by][why] = number
        return found

    def orders(self, show: str, key: int | None) -> OrderQuerySet:
        """The orders behind a figure, one of SHOWS, of one person or of everybody: each with its value, who entered it
        and when, and the name of its account where that is in reach.
        """
        events = self.events if key is None else self.events.filter(entered_by=key)
        if show == "right":
            events = events.exclude(order__in=self._errors().values("order"))
        elif show == "late":
            events = events.filter(self._is_late(key))
        elif show in ERRORS:
            events = events.filter(order__in=self._errors().filter(why=show).values("order"))
        name = Account.objects.visible_to(self.mine).filter(pk=OuterRef("account_id")).values("name")
        rows = Order.objects.visible_to(self.mine).filter(pk__in=events.values("order"))
        entry = _entries().filter(order=OuterRef("pk"))
        return rows.valued().annotate(  # type: ignore[no-any-return]
            account_name=Subquery(name),
            entered_by=Subquery(entry.values("entered_by")[:1]),
            entered_on=Subquery(entry.values("entered_on")[:1]),
        )

    def page(self, show: str, key: int | None, after: str | None) -> Page[Order]:
        """A page of the orders behind a figure, newest first; an empty one where `show` asks for none.

        Raises BadQuery for a key that was not made here.
        """
        rows = self.orders(show, key) if show else Order.objects.none()
        with widened(HANDED_IN):
            return page_by_key(rows, ["-booked_on", "-id"], after)

    def _is_late(self, key: int | None) -> Q:
        """Entered late: the day from which on that is so hangs on the booking date and on the calendar of who did."""
        people: dict[tuple[date, date], set[int]] = defaultdict(set)
        known: dict[tuple[WorkDays, date], date] = {}
        for by, booked_on, entered_on, _number in self.groups:
            work = self.work_days_of(by)
            if key in (None, by) and work.between(booked_on, entered_on) > IN_TIME:
                first = known.setdefault((work, booked_on), late_from(booked_on, work))
                people[booked_on, first].add(by)
        found = Q(pk=None)
        for (booked_on, first), who in people.items():
            found |= Q(order__booked_on=booked_on, entered_on__gte=first, entered_by__in=who)
        return found

    def told(self, orders: Sequence[Any]) -> dict[int, tuple[int, list[BookingEvent.Cause]]]:
        """Of each of these orders the working days that its entry took, and what it was put right for."""
        causes: dict[int, set[str]] = defaultdict(set)
        errors = BookingEvent.objects.filter(ERROR, order__in=[order.pk for order in orders])
        for order_id, why in errors.annotate(why=WHY).order_by().values_list("order", "why"):
            causes[order_id].add(why)
        return {
            order.pk: (self._days(order), [cause for cause in ERRORS if cause in causes[order.pk]])
            for order in orders
        }

    def _days(self, order: Any) -> int:
        return self.work_days_of(order.entered_by).between(order.booked_on, order.entered_on)


def _entries() -> QuerySet[Any]:
    """How orders began that were entered here, each with who entered it and the organisation's day of that."""
    rows = BookingEvent.objects.filter(kind__in=BookingEvent.BOOKED, source="", by__isnull=False).order_by()
    was_handed_in = Q(order__request__settled_at__isnull=False)
    at = Case(When(was_handed_in, then=F("order__request__asked_at")), default=F("recorded_at"))
    return rows.annotate(
        entered_by=Case(When(was_handed_in, then=F("order__request__asked_by")), default=F("by")),
        entered_on=TruncDate(at, tzinfo=the_organisation().zone()),
    )


def _entered(mine: Reach, span: Span) -> QuerySet[Any]:
    """Those of orders in reach, of people in reach."""
    orders = Order.objects.visible_to(mine).filter(booked_on__gte=span.start, booked_on__lt=span.stop)
    rows, relations = _entries().filter(order__in=orders.order_by()), mine.relations("order", "inspect")
    if "org" in relations:
        return rows
    return rows.filter(entered_by__in=frozenset[int]().union(*map(mine.ids, relations)))
