"""What was booked in every measure, under today's tree; and how many customers ordered, under either tree."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import BooleanField, Case, Count, Exists, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Round

from common.access import Reach
from common.transaction import widened
from orders.models import BookingEvent, Credit, CreditQuerySet
from orders.selectors.credits import CreditFilter
from orders.selectors.known import CURRENT, AsOf
from orders.selectors.organised import credit_tree_now
from pipeline.selectors.opportunities import worth
from quotas.selectors.question import Question
from territories.models import Territory

SUMMED = ("plan_minor", "tcv_minor", "acv_minor", "arr_minor", "units")
UNTOLD = -1
"""In place of a node below: what the reader is told as one sum, without a name."""


def sums_now(
    mine: Reach,
    question: Question,
    behind: Sequence[CreditFilter],
    below: Collection[int],
    rates: Mapping[str, Decimal],
) -> Iterator[tuple[Any, ...]]:
    """The node below on which it belongs today (none: the shown one itself), the person there, the currency, the sums:
    order intake, TCV, ACV, ARR, units, of new customers, at booked rates, at these rates.
    """
    tree = credit_tree_now()
    branches = {node: branch for branch in below for node in tree.below(branch)}
    reads_all = "org" in mine.relations("node_cell")
    is_told: Any = Value(value=True)
    if not reads_all:
        told = When(mine.q(Credit) | Q(person__in=mine.people), then=True)
        is_told = Case(told, default=False, output_field=BooleanField())
    sums = {name: Sum(name) for name in SUMMED} | {
        "new": Sum("plan_minor", filter=Q(is_new_business=True)),
        "booked": Sum("booked_minor"),
        "today": Sum(Round(worth(rates))),
    }
    keys = ("seat_id", "person_id", "currency", "is_told")
    rows: Any = _rows(behind).annotate(is_told=is_told).order_by()
    with widened(*question.beyond):
        found = list(rows.values_list(*keys).annotate(**{f"sum_{name}": one for name, one in sums.items()}))
    for seat, person, currency, may_tell, *figures in found:
        branch = branches.get(tree.place(person, seat))
        if branch is None and not may_tell:
            branch = UNTOLD
        yield branch, None if branch else person, currency, *figures


def _rows(behind: Sequence[CreditFilter]) -> CreditQuerySet:
    """The credits behind the shown figures; where they name no seats all are named, so that the index by seat and day
    finds the time.
    """
    rows = Credit.objects.all()
    if any(one.node_id is None or one.is_now for one in behind):
        rows = rows.filter(seat__in=list(Territory.objects.values_list("pk", flat=True)))
    return reduce(or_, (one.narrow(rows) for one in behind), Credit.objects.none())


def customers_of(behind: Sequence[CreditFilter], beyond: Sequence[str]) -> tuple[int, int]:
    """How many accounts ordered as new customers, and how many as existing ones: on the day of their order."""
    rows: Any = _rows(behind).filter(kind=Credit.Kind.REVENUE)
    as_of = behind[0].as_of if behind else CURRENT
    day = ordered_on(as_of) if as_of.known else F("event__order__booked_on")
    accounts = {
        name: Count("event__order__account", distinct=True, filter=Q(is_new_business=is_new))
        for name, is_new in (("new", True), ("existing", False))
    }
    with widened(*beyond, "booking_event", "order"):
        found = rows.annotate(ordered_on=day).filter(booked_on=F("ordered_on")).aggregate(**accounts)
    return found["new"], found["existing"]


def ordered_on(as_of: AsOf) -> Subquery:
    """The booking date of a credit's order, as it was known."""
    days = BookingEvent.objects.filter(
        order=OuterRef("event__order"), kind__in=[*BookingEvent.BOOKED, BookingEvent.Kind.NEW_DATE]
    )
    posted = AsOf(known=as_of.known).narrow(Credit.objects.filter(event=OuterRef("pk")))
    return Subquery(days.filter(Exists(posted)).order_by("-pk").values("booked_on")[:1])
