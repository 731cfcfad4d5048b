"""Order intake is taken back or put right: counter-entries in a period of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils.translation import gettext as _

from common.access import seen
from common.checks import check_text
from common.errors import Conflict, Refused
from common.locale import format_date
from common.money import WHOLE_SHARE
from common.selectors import the_organisation
from common.transaction import act, reach, widened
from orders.models import BookingEvent, Credit, Order
from orders.rules import cancel_lines
from orders.selectors.orders import Terms, terms_of
from orders.services.posting import (
    BOOKKEEPING,
    Booking,
    Desk,
    LineInput,
    Rates,
    ShareInput,
    checked_lines,
    checked_shares,
    wrong_day,
)

MONEY = ("amount_minor", "booked_minor", "plan_minor")
STAMPS = ("line_id", "kind", "motion", "is_new_business", "family_id", "person_id", "seat_id", "territory_id")


@dataclass(frozen=True)
class Holding:
    """What one person holds of one line: the credit it began with, and its money with all that followed."""

    first: Credit
    money: dict[str, int]

    @classmethod
    def of(cls, rows: Sequence[Credit]) -> "Holding":
        return cls(rows[0], {name: sum(getattr(row, name) for row in rows) for name in MONEY})

    @property
    def amount(self) -> int:
        return self.money["amount_minor"]

    def moved_to(self, amount: int, event: BookingEvent, reporting: str) -> Credit:
        """The counter-entry after which the person holds `amount`, with the first credit's stamps and rates.

        Its money in the reporting currency is what the new amount converts to less what was posted, so that
        nothing stays behind when nothing is left.
        """
        first = self.first
        after = Rates(first.currency, reporting, first.booked_rate, first.plan_rate).money(amount)
        change = {name: after[name] - before for name, before in self.money.items()}
        stamps = {name: getattr(first, name) for name in STAMPS}
        return Credit(event=event, booked_on=event.booked_on, reverses=first, **stamps, **{**after, **change})


Key = tuple[int, int]  # a line and a person


@act
def cancel(
    *, by: int, order_id: int, version: int, booked_on: date, reason: str, amount_minor: int | None = None
) -> BookingEvent:
    """Take back an order, or `amount_minor` of it, by its original split and rates, on a day of its own.

    A director of the order's territory, a coordinator or an admin. An order that is worth nothing is cancelled
    without an entry in the ledger. Raises Conflict for an order that is already cancelled or a closed period,
    Refused for more than the order is still worth and for a day before its last event.
    """
    desk = Desk(by)
    terms = to_counter(desk, order_id, booked_on, reason)
    with widened(*BOOKKEEPING):
        held = holdings(terms)
        value = worth(held)
        cancelled = value if amount_minor is None else amount_minor
        after = _after(cancelled, terms, held)
        state = Order.State.CANCELLED if cancelled == value else Order.State.BOOKED
        Order.objects.change(order_id, version, state=state)
        event = counter_event(terms.order, BookingEvent.Kind.CANCELLATION, booked_on, -cancelled, reason, by)
        desk.post(counter_entries(held, after, event))
    return event


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
) -> BookingEvent:
    """Put an order right: what stands is taken back at its own rates, the new lines and shares are posted.

    Both are dated on the day of the correction; the new credits are stamped as of the order's booking date,
    so that a changed split moves credit between people and nothing else. Without shares the owner gets
    everything. Who may, and what is refused: as for `cancel`.
    """
    desk = Desk(by)
    terms = to_counter(desk, order_id, booked_on, reason)
    with widened(*BOOKKEEPING):
        held = holdings(terms)
        families = checked_lines(lines, booked_on, kept=[line.product_id for line in terms.lines])
        split = checked_shares(shares or [ShareInput(terms.order.owner_id, WHOLE_SHARE)])
        Order.objects.change(order_id, version)
        change = sum(line.amount_minor for line in lines) - worth(held)
        event = counter_event(terms.order, BookingEvent.Kind.CORRECTION, booked_on, change, reason, by)
        credits = desk.enter([Booking(terms.order, event, lines, split)], families)
        desk.post([*counter_entries(held, dict.fromkeys(held, 0), event), *credits])
    return event


def to_counter(desk: Desk, order_id: int, booked_on: date, reason: str) -> Terms:
    """The order and what stands of it, once all that can be refused before writing was asked.

    It stays locked: two counter-entries at once would both stand on the same credits.
    """
    order = seen(Order.objects.select_for_update(), reach(), order_id)
    reach().require("order", "counter", order)
    check_text(reason, "reason")
    if order.state == Order.State.CANCELLED:
        raise Conflict(_("This order is already cancelled."), code="already_cancelled")
    last_on = order.events.latest("booked_on").booked_on
    if booked_on < last_on:
        message = _(
            "What is taken back or put right stands on an entry of %(day)s: date it on that day or later."
        )
        raise wrong_day(message % {"day": format_date(last_on)})
    desk.month_on(booked_on)
    return terms_of(order)


def holdings(terms: Terms) -> dict[Key, Holding]:
    """What each person holds of each standing line."""
    rows = Credit.objects.filter(line__in=terms.lines).select_related("booked_rate", "plan_rate")
    ordered = rows.order_by("line_id", "person_id", "ledger_seq")
    groups = groupby(ordered, key=lambda row: (row.line_id or 0, row.person_id))
    return {key: Holding.of(list(group)) for key, group in groups}


def worth(held: dict[Key, Holding]) -> int:
    return sum(holding.amount for holding in held.values())


def _after(cancelled: int, terms: Terms, held: dict[Key, Holding]) -> dict[Key, int]:
    """What each person then holds of each line. Raises Refused for an amount out of range."""
    keys = [[(line.pk, share.person_id) for share in terms.shares] for line in terms.lines]
    credited = [[held[key].amount if key in held else 0 for key in row] for row in keys]
    amounts, weights = [line.amount_minor for line in terms.lines], [share.weight for share in terms.shares]
    try:
        posted = cancel_lines(cancelled, amounts, weights, credited)
    except ValueError as error:
        message = _("Only a part of what the order is still worth, or all of it, can be cancelled.")
        raise Refused(message, path="amount_minor", code="amount_range") from error
    return {
        key: before + change
        for row in zip(keys, credited, posted, strict=True)
        for key, before, change in zip(*row, strict=True)
    }


def counter_event(order: Order, kind: str, day: date, change: int, reason: str, by: int) -> BookingEvent:
    return BookingEvent.objects.create(
        order=order, kind=kind, booked_on=day, amount_minor=change, reason=reason.strip(), by_id=by
    )


def counter_entries(held: dict[Key, Holding], after: dict[Key, int], event: BookingEvent) -> list[Credit]:
    """What brings every holding to where it is after the event; no change is not posted."""
    reporting = the_organisation().reporting_currency
    rows = [holding.moved_to(after[key], event, reporting) for key, holding in held.items()]
    return [row for row in rows if any(getattr(row, name) for name in MONEY)]
