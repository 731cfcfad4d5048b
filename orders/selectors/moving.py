"""Credit that is to move with a seat: which shares of which orders go from whom to whom, and what forbids it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max, Q, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.locale import format_date, format_money
from common.models import Period
from orders.models import BookingEvent, Credit, Order
from territories.models import Territory, User
from workspace.models import Approval

CREDIT_MOVE = "credit_move"
MOST_SAID = 10


@dataclass(frozen=True)
class Change:
    """One person's credit of an order goes to another person, or to another seat of theirs. All four are ids."""

    person: int
    seat: int
    to_person: int
    to_seat: int

    @property
    def values(self) -> list[int]:
        return [self.person, self.seat, self.to_person, self.to_seat]


@dataclass(frozen=True)
class OrderChange:
    """What is to move of an order that was read at a version."""

    order: int
    version: int
    changes: tuple[Change, ...]

    @property
    def values(self) -> list[Any]:
        """As an approval keeps it."""
        return [self.order, self.version, [change.values for change in self.changes]]

    @classmethod
    def of(cls, values: Sequence[Any]) -> "OrderChange":
        order, version, changes = values
        return cls(order, version, tuple(Change(*change) for change in changes))


@dataclass(frozen=True)
class Held:
    """What one person holds of an order's credit, and on which seat it is stamped; in the order's currency."""

    order_id: int
    person_id: int
    seat_id: int
    amount_minor: int


def held_credit(orders: Collection[int] | QuerySet[Any, Any], narrowed: Q | None = None) -> list[Held]:
    """What is held of these orders, by order, person and seat; nothing that was taken back whole."""
    rows = Credit.objects.filter(narrowed or Q(), event__order__in=orders, kind=Credit.Kind.REVENUE)
    columns = ("event__order_id", "person_id", "seat_id")
    sums = rows.order_by(*columns).values_list(*columns).annotate(amount=Sum("amount_minor"))
    return [Held(*row) for row in sums.exclude(amount=0)]


def last_entries(orders: Collection[int]) -> dict[int, date]:
    """The day of the last entry of each of these orders."""
    entries = BookingEvent.objects.filter(order__in=orders).order_by()
    return dict(entries.values_list("order_id").annotate(day=Max("booked_on")))


def closed_for(orders: Collection[int]) -> dict[int, str]:
    """The orders of these with an entry in a closed period, and its code: their credit moves no more."""
    days = (
        BookingEvent.objects.filter(order__in=orders)
        .order_by()
        .values_list("order_id", "booked_on")
        .distinct()
    )
    closed = list(Period.objects.filter(is_closed=True).order_by("-starts_on", "stops_on"))
    found = ((order, next((one.code for one in closed if day in one.span), "")) for order, day in days)
    return {order: code for order, code in sorted(found) if code}


def waiting_orders() -> set[int]:
    """The orders whose credit waits for an answer."""
    waiting = Approval.objects.filter(kind=CREDIT_MOVE, state=Approval.State.WAITING)
    return {
        values[0] for payload in waiting.values_list("payload", flat=True) for values in payload["orders"]
    }


def credit_effects(asked: Sequence[dict[str, Any]]) -> list[str]:
    """Whose credit of which orders goes to whom, with the amounts, as far as the reader may see them."""
    changes = [[OrderChange.of(values) for values in one["orders"]] for one in asked]
    numbers = {change.order for some in changes for change in some}
    orders = Order.objects.select_related("account").in_bulk(numbers)
    amounts = {(row.order_id, row.person_id, row.seat_id): row.amount_minor for row in held_credit(numbers)}
    names = _Names(change for some in changes for one in some for change in one.changes)
    return [_effect(some, orders, amounts, names) for some in changes]


class _Names:
    """Who sits where, in words: *Rita Rep on East 1*."""

    def __init__(self, changes: Iterable[Change]) -> None:
        rows = list(changes)
        people = {pk for row in rows for pk in (row.person, row.to_person)}
        seats = {pk for row in rows for pk in (row.seat, row.to_seat)}
        self.people = dict(User.objects.filter(pk__in=people).values_list("pk", "name"))
        self.places = dict(Territory.objects.filter(pk__in=seats).values_list("pk", "name"))

    def of(self, person: int, seat: int) -> str:
        return _("%(name)s on %(place)s") % {"name": self.people[person], "place": self.places[seat]}


def _effect(
    changes: Sequence[OrderChange],
    orders: dict[int, Order],
    amounts: dict[tuple[int, int, int], int],
    names: _Names,
) -> str:
    said = []
    for change in changes[:MOST_SAID]:
        order = orders[change.order]
        for one in change.changes:
            words = {
                "number": order.number,
                "account": order.account.name,
                "day": format_date(order.booked_on),
                "amount": format_money(amounts.get((order.pk, one.person, one.seat), 0), order.currency),
                "from": names.of(one.person, one.seat),
                "to": names.of(one.to_person, one.to_seat),
            }
            message = _("%(number)s (%(account)s, %(day)s): %(amount)s from %(from)s to %(to)s.")
            said.append(message % words)
    if more := len(changes[MOST_SAID:]):
        message = ngettext("And of %(count)d order more.", "And of %(count)d orders more.", more)
        said.append(message % {"count": more})
    closing = _(
        "Each is put right on the day of its last entry, so that the company's months stay what they are."
    )
    return " ".join([*said, closing])
