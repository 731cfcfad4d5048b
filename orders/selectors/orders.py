"""Orders as a reader may see them: lists of them, one of them in full, those that wait for something."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from django.db.models import BigIntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.models import Account
from common.access import Reach, seen
from orders.models import BookingEvent, Credit, Order, OrderLine
from orders.rules import left_of_lines
from orders.selectors.credits import CreditRow, explained, percent_text
from pipeline.models import Opportunity
from territories.models import User

STANDING = (BookingEvent.Kind.BOOKING, BookingEvent.Kind.CORRECTION)


@dataclass(frozen=True)
class OrderRow:
    """An order in a list: its value now, and its account's name where the reader may see that account."""

    order: Order
    value_minor: int
    account_name: str | None


def orders_in(
    mine: Reach, *, text: str = "", state: str = "", owner_id: int | None = None, is_waiting: bool = False
) -> QuerySet[Order]:
    """The orders in reach by words, state and owner; `is_waiting`: booked without a purchase order."""
    rows = cast("QuerySet[Order]", Order.objects.visible_to(mine)).select_related("owner", "territory")
    if text:
        named = Account.objects.visible_to(mine).filter(name_key__contains=text.lower()).values("pk")
        starts = Q(number__istartswith=text) | Q(purchase_order__istartswith=text)
        rows = rows.filter(starts | Q(account_id__in=named))
    if state:
        rows = rows.filter(state=state)
    if owner_id:
        rows = rows.filter(owner_id=owner_id)
    return rows.filter(state=Order.State.BOOKED, purchase_order="") if is_waiting else rows


def order_rows(orders: Iterable[Order], mine: Reach) -> list[OrderRow]:
    """The orders of one page with their values and their accounts' names, by two queries for all of them."""
    listed = list(orders)
    values = _values([order.pk for order in listed])
    accounts = Account.objects.visible_to(mine).filter(pk__in={order.account_id for order in listed})
    names = dict(accounts.values_list("pk", "name"))
    return [OrderRow(order, values.get(order.pk, 0), names.get(order.account_id)) for order in listed]


def valued_orders(mine: Reach) -> QuerySet[Order]:
    """The orders in reach, each with its value now as `amount_minor`, which is summed for the rows of a page alone."""
    events = BookingEvent.objects.filter(order=OuterRef("pk")).order_by().values("order")
    value = Subquery(
        events.annotate(value=Sum("amount_minor")).values("value"), output_field=BigIntegerField()
    )
    rows = Order.objects.visible_to(mine).annotate(amount_minor=Coalesce(value, 0))
    return cast("QuerySet[Order]", rows)


def _values(order_ids: Sequence[int]) -> dict[int, int]:
    events = BookingEvent.objects.filter(order_id__in=order_ids).order_by()
    return dict(
        events.values("order_id").annotate(value=Sum("amount_minor")).values_list("order_id", "value")
    )


def oldest_waiting(mine: Reach, limit: int = 10) -> list[OrderRow]:
    """What waits for the coordinator: booked orders without a purchase order, oldest first."""
    return order_rows(orders_in(mine, is_waiting=True).order_by("booked_on", "id")[:limit], mine)


def newest_orders(mine: Reach, limit: int = 10) -> list[OrderRow]:
    """The orders that were booked last."""
    return order_rows(orders_in(mine).order_by("-booked_on", "-id")[:limit], mine)


def orders_of_account(mine: Reach, account_id: int, limit: int = 20) -> list[OrderRow]:
    """The orders of one account that the reader may see, newest first."""
    rows = orders_in(mine).filter(account_id=account_id).order_by("-booked_on", "-id")
    return order_rows(rows[:limit], mine)


def order_of_deal(mine: Reach, opportunity_id: int) -> OrderRow | None:
    """The order that won a deal, if there is one in reach."""
    rows = order_rows(orders_in(mine).filter(opportunity_id=opportunity_id), mine)
    return rows[0] if rows else None


@dataclass(frozen=True)
class Entry:
    """An event of an order with the credits of it that the reader may see."""

    event: BookingEvent
    credits: list[CreditRow]


@dataclass(frozen=True)
class ShareRow:
    """A person's share of an order, in millionths of a percent."""

    person: User
    weight: int

    @property
    def percent(self) -> str:
        return percent_text(self.weight)


@dataclass(frozen=True)
class OrderDetail:
    """An order in full, as far as the reader may see it."""

    order: Order
    value_minor: int
    account: Account | None
    deal: Opportunity | None
    lines: list[OrderLine]
    shares: list[ShareRow]
    entries: list[Entry]

    @property
    def lines_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines)

    def left(self) -> list[tuple[OrderLine, int]]:
        """Each line and what is left of it after partial cancellations."""
        amounts = left_of_lines(self.value_minor, [line.amount_minor for line in self.lines])
        return list(zip(self.lines, amounts, strict=True))


def order_detail(mine: Reach, order_id: int) -> OrderDetail:
    """One order with its lines, split, events and credits. Raises NotInReach."""
    rows = Order.objects.select_related("owner", "territory")
    order: Order = seen(rows, mine, order_id)
    events = list(order.events.select_related("by").order_by("id"))
    standing = [event for event in events if event.kind in STANDING][-1]
    return OrderDetail(
        order=order,
        value_minor=sum(event.amount_minor for event in events),
        account=Account.objects.visible_to(mine).filter(pk=order.account_id).first(),
        deal=Opportunity.objects.visible_to(mine).filter(pk=order.opportunity_id).first(),
        lines=list(standing.lines.select_related("product", "family").order_by("id")),
        shares=[
            ShareRow(row.person, row.weight)
            for row in standing.shares.select_related("person").order_by("id")
        ],
        entries=_entries(events, mine),
    )


def _entries(events: Sequence[BookingEvent], mine: Reach) -> list[Entry]:
    rows = Credit.objects.visible_to(mine).filter(event__in=events)
    ordered = rows.select_related("family", "person", "seat", "territory", "plan_rate").order_by("ledger_seq")
    found = explained(list(ordered), mine)
    return [
        Entry(event, [row for row in found if row.credit.event_id == event.pk]) for event in reversed(events)
    ]
