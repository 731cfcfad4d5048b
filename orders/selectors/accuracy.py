"""How accurately and how soon orders are entered: by the person who entered them."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from statistics import median

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncDate

from accounts.models import Account
from common.access import Reach
from common.calendars import Span
from common.selectors import the_organisation
from orders.models import BookingEvent, Order, OrderQuerySet
from orders.rules import IN_TIME
from pipeline.rules.rates import ratio
from territories.models import User
from territories.selectors.working import work_days_finder

ERRORS = [cause for cause in BookingEvent.Cause if cause not in BookingEvent.NO_ERROR]
SHOWS = ("all", "right", "late", *ERRORS)
"""What may be asked of the orders behind a figure: all, those without an error, those entered late, those with one of a
cause."""


@dataclass(frozen=True)
class Entry:
    """An order that somebody entered, working days after its booking date, and what it was put right for."""

    order_id: int
    person_id: int
    entered_on: date
    days: int
    causes: frozenset[str]

    def is_of(self, show: str) -> bool:
        """Whether it is one of those that are asked for: one of SHOWS."""
        if show in ("all", "right"):
            return show == "all" or not self.causes
        return self.days > IN_TIME if show == "late" else show in self.causes


def entries(mine: Reach, span: Span) -> list[Entry]:
    """The orders of these days, by their booking date now, that people in reach entered here. What a file brought in
    was not entered.
    """
    events = _entered(mine, span)
    day = TruncDate("recorded_at", tzinfo=the_organisation().zone())
    rows = list(events.annotate(entered_on=day).values_list("order", "by", "order__booked_on", "entered_on"))
    work_days_of = work_days_finder({by for _order, by, _booked, _entered in rows})
    causes = _causes(events)
    lags: dict[tuple[object, ...], int] = {}
    found = []
    for order, by, booked_on, entered_on in rows:
        key = by, booked_on, entered_on
        if key not in lags:
            lags[key] = work_days_of(by).between(booked_on, entered_on)
        found.append(Entry(order, by, entered_on, lags[key], causes.get(order, frozenset())))
    return found


def _entered(mine: Reach, span: Span) -> QuerySet[BookingEvent]:
    """The bookings in reach, of people in reach."""
    orders = Order.objects.visible_to(mine).filter(booked_on__gte=span.start, booked_on__lt=span.stop)
    rows = BookingEvent.objects.filter(kind__in=BookingEvent.BOOKED, source="", order__in=orders.order_by())
    relations = mine.relations("order", "inspect")
    if "org" in relations:
        return rows.filter(by__isnull=False)
    return rows.filter(by__in=frozenset[int]().union(*map(mine.ids, relations)))


def _causes(events: QuerySet[BookingEvent]) -> dict[int, frozenset[str]]:
    """What each of these orders was put right for; one on a wrong day was put on the right one."""
    wrong = Q(kind=BookingEvent.Kind.CORRECTION) & ~Q(cause__in=BookingEvent.NO_ERROR)
    rows = BookingEvent.objects.filter(
        wrong | Q(kind=BookingEvent.Kind.NEW_DATE), order__in=events.values("order")
    )
    found = defaultdict[int, set[str]](set)
    for order, cause in rows.values_list("order", "cause"):
        found[order].add(cause or BookingEvent.Cause.DATE)
    return {order: frozenset(causes) for order, causes in found.items()}


@dataclass(frozen=True)
class Line:
    """What one person entered, or everybody in reach: how many orders, without an error, late, and with one of each
    cause; `days`: the median of the working days that it took.
    """

    key: int | None
    name: str
    orders: int
    right: int
    late: int
    by_cause: Mapping[str, int]
    days: Fraction | None

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


def line_of(found: Sequence[Entry], key: int | None = None, name: str = "") -> Line:
    """These entries as one line."""
    return Line(
        key,
        name,
        orders=len(found),
        right=sum(one.is_of("right") for one in found),
        late=sum(one.is_of("late") for one in found),
        by_cause=Counter(cause for one in found for cause in one.causes),
        days=Fraction(median([Fraction(one.days) for one in found])) if found else None,
    )


def lines_of(found: Sequence[Entry]) -> list[Line]:
    """One line for each person, the lowest accuracy first."""
    of = defaultdict[int, list[Entry]](list)
    for one in found:
        of[one.person_id].append(one)
    names = dict(User.objects.filter(pk__in=of).values_list("pk", "name"))
    lines = [line_of(theirs, person, names[person]) for person, theirs in of.items()]
    return sorted(lines, key=lambda line: (line.accuracy or 0, line.in_time or 0, line.name))


def entered_orders(mine: Reach, found: Sequence[Entry]) -> OrderQuerySet:
    """The orders of these entries, each with its value and the name of its account where that is in reach."""
    name = Account.objects.visible_to(mine).filter(pk=OuterRef("account_id")).values("name")
    rows = Order.objects.visible_to(mine).filter(pk__in=[one.order_id for one in found])
    return rows.valued().annotate(account_name=Subquery(name))  # type: ignore[no-any-return]
