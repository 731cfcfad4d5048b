"""Order intake is taken back or put right: counter-entries in a period of their own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils.translation import gettext as _

from common.access import found
from common.checks import check_text
from common.errors import Conflict, Refused
from common.locale import format_date
from common.money import WHOLE_SHARE
from common.selectors import the_organisation
from common.transaction import act, reach, widened
from orders.models import BookingEvent, Credit, Order, OrderLine
from orders.rules import cancel_lines
from orders.services.posting import (
    BOOKKEEPING,
    LineInput,
    Rates,
    ShareInput,
    checked_lines,
    checked_shares,
    credited,
    new_credits,
    open_month,
    open_to,
    post,
    post_lines,
    post_shares,
)


@dataclass(frozen=True)
class Holding:
    """What one person holds of one line: the credit it began with, and the sums with all that followed."""

    first: Credit
    amount: int
    booked: int
    plan: int

    def moved_to(self, amount: int, event: BookingEvent, reporting: str) -> Credit:
        """The counter-entry after which the person holds `amount`, with the first credit's stamps and rates.

        Its money in the reporting currency is what the new amount converts to less what was posted, so that
        nothing stays behind when nothing is left.
        """
        first = self.first
        rates = Rates(first.currency, reporting, first.booked_rate, first.plan_rate)
        return Credit(
            event=event,
            line_id=first.line_id,
            kind=first.kind,
            motion=first.motion,
            is_new_business=first.is_new_business,
            family_id=first.family_id,
            person_id=first.person_id,
            seat_id=first.seat_id,
            territory_id=first.territory_id,
            booked_on=event.booked_on,
            currency=first.currency,
            amount_minor=amount - self.amount,
            booked_minor=rates.in_booked(amount) - self.booked,
            booked_rate=first.booked_rate,
            plan_minor=rates.in_plan(amount) - self.plan,
            plan_rate=first.plan_rate,
            reverses=first,
        )


@act
def cancel(
    *, by: int, order_id: int, version: int, booked_on: date, reason: str, amount_minor: int | None = None
) -> Order:
    """Take back an order, or `amount_minor` of it, by its original split and rates, on a day of its own.

    A director of the order's territory, a coordinator or an admin. An order that is worth nothing is cancelled
    without an entry in the ledger. Raises Conflict for an order that is already cancelled or a closed period,
    Refused for more than the order is still worth and for a day before its last event.
    """
    order, month_on = _countered(by, order_id, booked_on, reason)
    with widened(*BOOKKEEPING):
        standing = _standing_event(order)
        lines, shares, held = *_terms(standing), _held(standing)
        value = sum(holding.amount for holding in held.values())
        cancelled = value if amount_minor is None else amount_minor
        after = _after(cancelled, lines, shares, held)
        state = Order.State.CANCELLED if cancelled == value else Order.State.BOOKED
        Order.objects.change(order.pk, version, state=state)
        event = _event(order, BookingEvent.Kind.CANCELLATION, booked_on, -cancelled, reason, by)
        _post_counters(held, after, event, month_on)
    order.refresh_from_db()
    return order


@act
def correct(
    *,
    by: int,
    order_id: int,
    version: int,
    booked_on: date,
    reason: str,
    lines: Sequence[LineInput],
    shares: Sequence[ShareInput],
) -> Order:
    """Put an order right: what stands is taken back at its own rates, the new lines and shares are posted.

    Both are dated on the day of the correction; the new credits are stamped as of the order's booking date,
    so that a changed split moves credit between people and nothing else. Without shares the owner gets
    everything. Who may, and what is refused: as for `cancel`.
    """
    order, month_on = _countered(by, order_id, booked_on, reason)
    with widened(*BOOKKEEPING):
        held = _held(_standing_event(order))
        families = checked_lines(lines)
        split = checked_shares(shares or [ShareInput(order.owner_id, WHOLE_SHARE)])
        Order.objects.change(order.pk, version)
        change = sum(line.amount_minor for line in lines) - sum(holding.amount for holding in held.values())
        event = _event(order, BookingEvent.Kind.CORRECTION, booked_on, change, reason, by)
        rows = post_lines(order, event, lines, families)
        post_shares(event, split)
        open_to(order, [order.owner_id, *credited(split)])
        credits = new_credits(order, event, rows, split)
        _post_counters(held, dict.fromkeys(held, 0), event, month_on, credits)
    order.refresh_from_db()
    return order


def _countered(by: int, order_id: int, booked_on: date, reason: str) -> tuple[Order, date]:
    """The order and the month of the counter-entry, once all that can be refused before writing was asked."""
    order: Order = found(Order.objects.visible_to(reach()).filter(pk=order_id).first())
    reach().require("order", "counter", order)
    check_text(reason, "reason")
    if order.state == Order.State.CANCELLED:
        raise Conflict(_("This order is already cancelled."), code="already_cancelled")
    # The row's lock: two counter-entries at once would both stand on the same credits.
    Order.objects.select_for_update().filter(pk=order.pk).first()
    last_on = order.events.latest("booked_on").booked_on
    if booked_on < last_on:
        message = _(
            "What is taken back or put right stands on an entry of %(day)s: date it on that day or later."
        )
        raise Refused(message % {"day": format_date(last_on)}, path="booked_on", code="date_range")
    return order, open_month(by, booked_on)


def _standing_event(order: Order) -> BookingEvent:
    """The booking or the last correction: its lines and its split are the order's."""
    kinds = (BookingEvent.Kind.BOOKING, BookingEvent.Kind.CORRECTION)
    return BookingEvent.objects.filter(order=order, kind__in=kinds).latest("id")


Key = tuple[int, int]


def _terms(standing: BookingEvent) -> tuple[list[OrderLine], list[ShareInput]]:
    """The standing lines and the split."""
    shares = [ShareInput(row.person_id, row.weight) for row in standing.shares.order_by("person_id")]
    return list(standing.lines.order_by("id")), shares


def _held(standing: BookingEvent) -> dict[Key, Holding]:
    """What each person holds of each standing line."""
    rows = Credit.objects.filter(line__event=standing).select_related("booked_rate", "plan_rate")
    ordered = rows.order_by("line_id", "person_id", "ledger_seq")
    groups = groupby(ordered, key=lambda row: (row.line_id or 0, row.person_id))
    return {key: _summed(list(group)) for key, group in groups}


def _summed(rows: Sequence[Credit]) -> Holding:
    return Holding(
        rows[0],
        sum(row.amount_minor for row in rows),
        sum(row.booked_minor for row in rows),
        sum(row.plan_minor for row in rows),
    )


def _after(
    cancelled: int, lines: Sequence[OrderLine], shares: Sequence[ShareInput], held: dict[Key, Holding]
) -> dict[Key, int]:
    """What each person then holds of each line. Raises Refused for an amount out of range."""
    credited = [
        [
            held[line.pk, share.person_id].amount if (line.pk, share.person_id) in held else 0
            for share in shares
        ]
        for line in lines
    ]
    try:
        posted = cancel_lines(
            cancelled, [line.amount_minor for line in lines], [share.weight for share in shares], credited
        )
    except ValueError as error:
        message = _("Only a part of what the order is still worth, or all of it, can be cancelled.")
        raise Refused(message, path="amount_minor", code="amount_range") from error
    return {
        (line.pk, share.person_id): before + change
        for line, line_before, line_posted in zip(lines, credited, posted, strict=True)
        for share, before, change in zip(shares, line_before, line_posted, strict=True)
    }


def _event(order: Order, kind: str, day: date, change: int, reason: str, by: int) -> BookingEvent:
    return BookingEvent.objects.create(
        order=order, kind=kind, booked_on=day, amount_minor=change, reason=reason.strip(), by_id=by
    )


def _post_counters(
    held: dict[Key, Holding],
    after: dict[Key, int],
    event: BookingEvent,
    month_on: date,
    more: Iterable[Credit] = (),
) -> None:
    """Move every holding to where it is after the event, then post `more`; no change is not posted."""
    reporting = the_organisation().reporting_currency
    counters = [holding.moved_to(after[key], event, reporting) for key, holding in held.items()]
    changed = [row for row in counters if row.amount_minor or row.booked_minor or row.plan_minor]
    post([*changed, *more], {event.booked_on: month_on})
