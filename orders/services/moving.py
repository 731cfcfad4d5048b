"""Credit moves between people with a seat: by counter-entries, once a second person has approved."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from common.access import found
from common.errors import Conflict, Refused
from common.locale import format_date
from common.transaction import act, reach, widened
from orders.models import BookingEvent, Credit, Order, OrderLine
from orders.selectors.moving import (
    CREDIT_MOVE,
    Change,
    OrderChange,
    closed_for,
    last_entries,
    waiting_orders,
)
from orders.services.counters import (
    MONEY,
    Holding,
    Key,
    anew,
    counter_entries,
    counter_event,
    holdings,
    standing_splits,
    tell_change,
    to_counter,
)
from orders.services.inputs import ShareInput
from orders.services.posting import BOOKKEEPING, Booking, Desk
from territories.models import Territory, User
from workspace.models import Approval
from workspace.services.approvals import Asked, ask, check_granted

MOST_MOVED = 200
"""So many orders are asked for at once at most."""


@act
def ask_credit_move(
    *, by: int, key: str, about: str, url: str, orders: Sequence[OrderChange], reason: str
) -> Approval:
    """Ask another administrator to let the credit of some orders move with a seat; administrators only.

    Nothing moves before it is granted. Raises Refused without a reason or for none or too many orders, Conflict for an
    order that has changed, has an entry in a closed period or waits already, or where nobody else is administrator.
    """
    reach().require("seat", "update")
    reach().require("order", "counter")
    if not reason.strip():
        message = _("Say why credit moves; whoever answers reads it.")
        raise Refused(message, path="reason", code="reason_needed")
    if not 0 < len(orders) <= MOST_MOVED:
        message = _("Choose at least one order and at most %(most)s.") % {"most": MOST_MOVED}
        raise Refused(message, path="orders", code="order_count")
    rows = Order.objects.in_bulk([one.order for one in orders])
    waiting, closed = waiting_orders(), closed_for(rows)
    for one in orders:
        order = found(rows.get(one.order))
        _check(order, one.version, closed)
        if order.pk in waiting:
            message = _("The credit of %(number)s waits for an answer already.")
            raise Conflict(message % {"number": order.number}, path="orders", code="waits")
    payload = {"orders": [one.values for one in orders], "reason": reason.strip()}
    return ask(by=by, kind=CREDIT_MOVE, asked=Asked(key, about, url, payload, reason.strip()))


def _check(order: Order, version: int, closed: Mapping[int, str]) -> None:
    """Raises Conflict for an order that is not what was read, is cancelled, or has an entry in a closed period."""
    words = {"number": order.number}
    if order.version != version or not order.is_standing:
        message = _("%(number)s was changed since this was asked for. Look again, and ask for it anew.")
        raise Conflict(message % words, path="orders", code="order_changed")
    if period := closed.get(order.pk):
        message = _("An entry of %(number)s lies in %(period)s, which is closed: its credit stays.")
        raise Conflict(message % {**words, "period": period}, path="orders", code="period_closed")


@act
def move_credit(
    *, by: int, approval_id: int, orders: Sequence[Sequence[Any]], reason: str
) -> list[BookingEvent]:
    """Put orders right so that credit is with other people or on other seats; only out of a granted approval.

    Of each order what stands is taken back and posted anew, to the cent and in every currency as it was, on the day of
    its last entry: whoever is not named holds what they held, and the company's months stay what they are.
    Raises Forbidden without the approval of a second person, Conflict where an order, a seat or a period is another.
    """
    payload = {"orders": orders, "reason": reason}
    check_granted(by=by, approval_id=approval_id, kind=CREDIT_MOVE, payload=payload)
    desk, events, entries = Desk(by), [], []
    for change in sorted((OrderChange.of(values) for values in orders), key=lambda one: one.order):
        event, credits = _put_right(desk, change, reason)
        tell_change(desk, event, credits)
        events.append(event)
        entries += credits
    desk.post(entries)
    return events


def _put_right(desk: Desk, change: OrderChange, reason: str) -> tuple[BookingEvent, list[Credit]]:
    """The correction of one order, and the entries that it posts."""
    order: Order = found(Order.objects.filter(pk=change.order).first())
    _check(order, change.version, closed_for([order.pk]))
    day = last_entries([order.pk])[order.pk]
    terms = to_counter(desk, order.pk, day, reason)
    with widened(*BOOKKEEPING):
        Order.objects.change(order.pk, change.version)
        held = holdings(terms)
        event = counter_event(order, BookingEvent.Kind.CORRECTION, day, 0, reason[:200], desk.by or 0)
        heirs = {one.person: one.to_person for one in change.changes}
        splits = [_with_heirs(split, heirs) for split in standing_splits(terms)]
        booking = Booking.of(terms.order, event, [anew(line, held) for line in terms.lines], splits)
        credits = desk.enter([booking], {line.product_id: line.family_id for line in terms.lines})
        lines = dict(zip((line.root_id for line in terms.lines), event.lines.all(), strict=True))
        posted = _as_held(order, credits, lines, held, change)
        return event, [*counter_entries(held, {}, event), *posted]


def _with_heirs(split: Sequence[ShareInput], heirs: Mapping[int, int]) -> list[ShareInput]:
    """A split with its people replaced; who stands twice then has both shares."""
    weights: dict[tuple[str, int], int] = defaultdict(int)
    for share in split:
        weights[share.kind, heirs.get(share.person_id, share.person_id)] += share.weight
    return [ShareInput(person, weight, kind) for (kind, person), weight in weights.items()]


def _as_held(
    order: Order,
    credits: Sequence[Credit],
    lines: dict[int, OrderLine],
    held: dict[Key, Holding],
    change: OrderChange,
) -> list[Credit]:
    """The new credits with the money, the rates and the seats of what was taken back."""
    moves = {one.person: one for one in change.changes}
    taken: dict[Key, list[tuple[Holding, Change | None]]] = defaultdict(list)
    for (line, person, kind), holding in held.items():
        move = moves.get(person)
        taken[lines[line].pk, move.to_person if move else person, kind].append((holding, move))
    # A line of no order intake was posted to nobody before the other measures were kept: nobody holds it now either.
    standing = [row for row in credits if (row.line_id or 0, row.person_id, row.kind) in taken]
    for credit in standing:
        parts = taken[credit.line_id or 0, credit.person_id, credit.kind]
        seat = next((move.to_seat for _holding, move in parts if move), parts[0][0].first.seat_id)
        if any(move for _holding, move in parts) and credit.seat_id != seat:
            raise _elsewhere(credit.person_id, seat, order.booked_on)
        credit.seat_id = seat
        credit.booked_rate, credit.plan_rate = parts[0][0].first.booked_rate, parts[0][0].first.plan_rate
        for name in MONEY:
            setattr(credit, name, sum(holding.money[name] for holding, _move in parts))
    return standing


def _elsewhere(person_id: int, seat_id: int, day: date) -> Conflict:
    message = _("%(name)s does not sit on %(place)s on %(day)s any more. Refuse this, and ask for it anew.")
    name, place = User.objects.get(pk=person_id).name, Territory.objects.get(pk=seat_id).name
    words = {"name": name, "place": place, "day": format_date(day)}
    return Conflict(message % words, path="orders", code="seat_changed")
