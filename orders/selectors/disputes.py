"""Disputes of credit: which one a row of the ledger has, who may raise one, which wait, and what is in open ones."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Abs

from common.access import Reach
from common.calendars import Span
from common.http import Page, page_by_key
from orders.models import Credit, Dispute

OPEN, WITHDRAWN = Dispute.State.OPEN, Dispute.State.WITHDRAWN
WHICH = ALL, MINE, TO_ANSWER = "", "mine", "answer"
"""In an address: every dispute in reach, those that one raised, those that wait for one's answer."""


def disputes_of(credit_ids: Collection[int], mine: Reach) -> dict[int, Dispute]:
    """Of each of these credits the last dispute that the reader may read and nobody withdrew."""
    if not credit_ids or not mine.relations("dispute"):
        return {}
    rows = Dispute.objects.visible_to(mine).filter(credit__in=credit_ids).exclude(state=WITHDRAWN)
    return {row.credit_id: row for row in rows.order_by("pk")}


def may_raise(mine: Reach) -> bool:
    return mine.allows("dispute", "create", {"raised_by_id": mine.user_id})


def may_dispute(mine: Reach, credit: Credit, last: Dispute | None) -> bool:
    """Whether the reader may dispute the credit: their own, while no dispute of it is open."""
    return credit.person_id == mine.user_id and not (last and last.is_open) and may_raise(mine)


def dispute_of_order(mine: Reach, order_id: int) -> Dispute | None:
    """The reader's last dispute of an order that gives them no credit, unless they withdrew it."""
    rows = Dispute.objects.filter(order_id=order_id, credit=None, raised_by=mine.user_id)
    found: Dispute | None = rows.exclude(state=WITHDRAWN).order_by("-pk").first()
    return found


def has_credit(person_id: int, order_id: int) -> bool:
    return Credit.objects.filter(event__order_id=order_id, person_id=person_id).exists()


def to_answer(mine: Reach) -> QuerySet[Dispute]:
    """Those that wait for an answer which the reader may give."""
    rows = Dispute.objects.visible_to(mine).filter(mine.q(Dispute, action="answer"), state=OPEN)
    if not mine.allows("order", "opening"):
        rows = rows.exclude(order=None)
    found: QuerySet[Dispute] = rows.exclude(raised_by=mine.user_id)
    return found


def dispute_page(mine: Reach, which: str, after: str | None) -> Page[Dispute]:
    """A page of disputes, open ones first, then newest first. Raises BadQuery for a key that was not made here."""
    rows: Any = to_answer(mine) if which == TO_ANSWER else Dispute.objects.visible_to(mine)
    if which == MINE:
        rows = rows.filter(raised_by=mine.user_id)
    first = Case(When(state=OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())
    return page_by_key(rows.annotate(rank=first).select_related("raised_by"), ["rank", "-pk"], after)


@dataclass(frozen=True)
class InDispute:
    """What is in open disputes of one person: how many there are, and what their credits come to in plan money."""

    count: int
    plan_minor: int


def in_dispute(person_id: int, span: Span) -> InDispute:
    """What of the credits and orders of some days is in a person's own open disputes, each amount without its sign."""
    days = {"booked_on__gte": span.start, "booked_on__lt": span.stop}
    of_credit = Q(**{f"credit__{name}": day for name, day in days.items()})
    of_order = Q(credit=None, **{f"order__{name}": day for name, day in days.items()})
    rows = Dispute.objects.filter(of_credit | of_order, raised_by=person_id, state=OPEN)
    sums = rows.order_by().aggregate(count=Count("pk"), minor=Sum(Abs("credit__plan_minor"), default=0))
    return InDispute(sums["count"], sums["minor"])
