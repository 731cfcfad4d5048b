"""One dispute in full: its credit and why that is what it is, its order, what may be done, and what was done."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from common.access import Reach, seen
from common.errors import Forbidden
from common.transaction import widened
from orders.models import BookingEvent, Credit, Dispute, Order
from orders.selectors.credits import CreditRow, explained
from orders.selectors.orders import keeps_day


@dataclass(frozen=True)
class DisputeDetail:
    """A dispute with its credit, and its order where that is in reach; the entry that granted it, or while
    it is open those since that may."""

    dispute: Dispute
    row: CreditRow | None
    order: Order | None
    entry: BookingEvent | None
    entries: list[BookingEvent]
    may_answer: bool
    may_withdraw: bool
    may_move_day: bool


def dispute_in(mine: Reach, pk: int) -> Dispute:
    """One dispute in reach. Raises NotInReach."""
    people = ("raised_by", "answered_by")
    dispute: Dispute = seen(Dispute.objects.select_related(*people), mine, pk)
    return dispute


def credit_to_dispute(mine: Reach, pk: int) -> CreditRow:
    """A credit of the reader's own. Raises NotInReach, Forbidden for somebody else's."""
    credit: Credit = seen(Credit.objects.named(), mine, pk)
    if credit.person_id != mine.user_id:
        raise Forbidden(_("Only your own credit is yours to dispute."))
    return explained([credit], mine)[0]


def dispute_detail(mine: Reach, pk: int) -> DisputeDetail:
    """One dispute, with its credit also for those whose role has no credits: it was raised for them to look at.

    Raises NotInReach.
    """
    dispute = dispute_in(mine, pk)
    rows: list[CreditRow] = []
    if dispute.credit_id:
        with widened("credit"):
            credits = list(Credit.objects.filter(pk=dispute.credit_id).named())
        rows = explained(credits, mine)
    order = Order.objects.visible_to(mine).valued().filter(pk=dispute.order_id).first()
    return DisputeDetail(
        dispute,
        next(iter(rows), None),
        order,
        BookingEvent.objects.filter(pk=dispute.event_id).first() if dispute.event_id else None,
        list(entries_since(dispute)) if dispute.is_open else [],
        may_answer(mine, dispute, order),
        dispute.is_open and dispute.raised_by_id == mine.user_id,
        order is not None and not keeps_day(order.events.all()),
    )


def may_answer(mine: Reach, dispute: Dispute, order: Order | None) -> bool:
    """Whether the reader may answer it now."""
    return (
        dispute.is_open
        and dispute.raised_by_id != mine.user_id
        and mine.allows("dispute", "answer", dispute)
        and puts_right(mine, dispute, order)
    )


def puts_right(mine: Reach, dispute: Dispute, order: Order | None) -> bool:
    """Whether the reader may post what puts it right: on the order, or another opening entry."""
    if dispute.order_id is None:
        return mine.allows("order", "opening")
    return order is not None and mine.allows("order", "counter", order)


def entries_since(dispute: Dispute) -> QuerySet[BookingEvent]:
    """What was posted after it was raised on its order; of an opening entry, such entries of that person."""
    rows = BookingEvent.objects.filter(recorded_at__gt=dispute.raised_at).order_by("-pk")
    if dispute.order_id:
        return rows.filter(order=dispute.order_id)
    return rows.filter(
        kind=BookingEvent.Kind.OPENING, order=None, credits__person=dispute.raised_by_id
    ).distinct()
