"""Order intake is taken back or put right: counter-entries in a period of their own."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from common.access import seen
from common.checks import check_text
from common.errors import Conflict, Refused
from common.locale import format_date
from common.selectors import the_organisation
from common.transaction import act, reach, widened
from orders.models import BookingEvent, Credit, Order, OrderLine
from orders.rules import Measures, cancel_lines
from orders.selectors.orders import Terms, terms_of
from orders.services.doubts import refuse_doubts
from orders.services.inputs import (
    REVENUE,
    LineInput,
    ShareInput,
    check_renewed,
    checked_lines,
    checked_shares,
    measures_out,
    splits_of,
    with_revenue,
)
from orders.services.posting import BOOKKEEPING, Booking, Desk, Rates, wrong_day
from pipeline.services.checks import check_choice
from pipeline.services.credit import loser_of
from territories.models import User
from workspace.models import Event
from workspace.services.messages import tell

MEASURED = ("units", "tcv_minor", "acv_minor", "arr_minor")
MONEY = ("amount_minor", "booked_minor", "plan_minor", *MEASURED)
"""All that is counted of a credit."""
STAMPS = ("line_id", "kind", "motion", "is_new_business", "family_id", "person_id", "seat_id", "territory_id")


@dataclass(frozen=True)
class Holding:
    """What one person holds of one line: the credit it began with, and what is counted of it with all that followed."""

    first: Credit
    money: dict[str, int]

    @classmethod
    def of(cls, rows: Sequence[Credit]) -> "Holding":
        return cls(rows[0], {name: sum(getattr(row, name) for row in rows) for name in MONEY})

    @property
    def amount(self) -> int:
        return self.money["amount_minor"]

    @property
    def is_measured(self) -> bool:
        """Whether it is from since there are measures beside order intake."""
        return any(self.money[name] for name in MEASURED)

    def moved_to(self, part: Measures, event: BookingEvent, reporting: str) -> Credit:
        """The counter-entry after which the person holds that much, with the first credit's stamps and rates.

        Its money in the reporting currency is what the new amounts convert to less what was posted, so that
        nothing stays behind when nothing is left.
        """
        first = self.first
        after = Rates(first.currency, reporting, first.booked_rate, first.plan_rate).money(part)
        change = {name: after[name] - before for name, before in self.money.items()}
        return self._counter(event, event.booked_on, {**after, **change})

    def reversed(self, event: BookingEvent, day: date) -> Credit:
        """The counter-entry on a day after which nothing is held."""
        first = self.first
        rates = {name: getattr(first, name) for name in ("currency", "booked_rate", "plan_rate")}
        return self._counter(event, day, {**rates, **{name: -held for name, held in self.money.items()}})

    def _counter(self, event: BookingEvent, day: date, money: dict[str, Any]) -> Credit:
        stamps = {name: getattr(self.first, name) for name in STAMPS}
        return Credit(event=event, booked_on=day, reverses=self.first, **stamps, **money)


Key = tuple[int, int, str]
"""A line that has credits, a person, and whether it is revenue or overlay."""


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
        left = measures_left(terms, held, _left(cancelled, terms, held))
        after = {} if cancelled == value else shared_anew(terms.lines, left, standing_splits(terms))
        state = Order.State.CANCELLED if cancelled == value else terms.order.state
        Order.objects.change(order_id, version, state=state)
        event = counter_event(terms.order, BookingEvent.Kind.CANCELLATION, booked_on, -cancelled, reason, by)
        post_change(desk, event, counter_entries(held, after, event))
    return event


@act
def correct(
    *,
    by: int,
    order_id: int,
    version: int,
    booked_on: date,
    reason: str,
    cause: str,
    lines: Sequence[LineInput],
    shares: Sequence[ShareInput],
) -> BookingEvent:
    """Put an order right: what stands is taken back at its own rates, the new lines and shares are posted.

    Both are dated on the day of the correction; the new credits are stamped as of the order's booking date,
    so that a changed split moves credit between people and nothing else. Without shares the owner gets
    everything. `cause`: one of BookingEvent.Cause, what entry accuracy counts by. Who may, and what is
    refused: as for `cancel`; besides what is for those to decide who work the queue (`refuse_doubts`).
    """
    desk = Desk(by)
    check_choice(cause, "cause", BookingEvent.Cause.values)
    terms = to_counter(desk, order_id, booked_on, reason)
    with widened(*BOOKKEEPING):
        held = holdings(terms)
        lines = posted_anew(terms, lines)
        families = checked_again(terms, lines, booked_on)
        splits = splits_of(lines, checked_shares(with_revenue(shares, [], terms.order.owner_id)))
        change = sum(line.intake_minor for line in lines) - worth(held)
        stood = [anew(line, held) for line in terms.lines]
        sold_on = terms.order.booked_on
        refuse_doubts(terms.order, stood, lines, booked_on, sold_on=sold_on, is_more=change > 0)
        Order.objects.change(order_id, version)
        event = counter_event(terms.order, BookingEvent.Kind.CORRECTION, booked_on, change, reason, by, cause)
        credits = desk.enter([Booking.of(terms.order, event, lines, splits)], families)
        post_change(desk, event, [*counter_entries(held, {}, event), *credits])
    return event


def to_change(order_id: int, reason: str) -> Order:
    """The order, once it is sure that the actor may post counter-entries to it and says why.

    It stays locked: two counter-entries at once would both stand on the same credits.
    """
    order: Order = seen(Order.objects.select_for_update(), reach(), order_id)
    reach().require("order", "counter", order)
    check_text(reason, "reason")
    if order.state == Order.State.CANCELLED:
        raise Conflict(_("This order is already cancelled."), code="already_cancelled")
    return order


def to_counter(desk: Desk, order_id: int, booked_on: date, reason: str) -> Terms:
    """The order and what stands of it, once all that can be refused before writing was asked."""
    order = to_change(order_id, reason)
    last_on = _standing_events(order).latest("booked_on").booked_on
    if booked_on < last_on:
        message = _(
            "What is taken back or put right stands on an entry of %(day)s: date it on that day or later."
        )
        raise wrong_day(message % {"day": format_date(last_on)})
    desk.month_on(booked_on)
    return terms_of(order)


def _standing_events(order: Order) -> QuerySet[BookingEvent]:
    """What was posted since the order was put on its booking date; what was before stands no more."""
    events = order.events.all()
    moved = events.filter(kind=BookingEvent.Kind.NEW_DATE).order_by("-pk").first()
    return events.filter(pk__gte=moved.pk) if moved else events


def holdings(terms: Terms) -> dict[Key, Holding]:
    """What each person holds of each standing line."""
    roots = [line.root_id for line in terms.lines]
    rows = Credit.objects.filter(line__in=roots).select_related("booked_rate", "plan_rate")
    ordered = rows.order_by("line_id", "person_id", "kind", "ledger_seq")
    groups = groupby(ordered, key=lambda row: (row.line_id or 0, row.person_id, row.kind))
    return {key: Holding.of(list(group)) for key, group in groups}


def worth(held: dict[Key, Holding], root_id: int | None = None) -> int:
    """The order intake that is held, of one line or of all."""
    return sum(
        holding.amount
        for (root, _person, kind), holding in held.items()
        if kind == REVENUE and root_id in (None, root)
    )


def anew(line: OrderLine, held: dict[Key, Holding]) -> LineInput:
    """A standing line at what is left of it."""
    return at(line, worth(held, line.root_id))


def at(line: OrderLine, intake: int) -> LineInput:
    """A standing line of which so much order intake is left. Its units stay: an amount was taken back, none of them."""
    asked = LineInput(line.product_id, line.quantity, line.renewed_minor + intake, line.renewed_minor)
    return replace(asked, term_months=line.term_months)


def posted_anew(terms: Terms, lines: Sequence[LineInput]) -> list[LineInput]:
    """The lines of a correction: nothing goes on; a term that is not said is that of the line that was named, else of
    the first of its product.
    """
    known = {line.product_id: line.term_months for line in reversed(terms.lines)}
    named = {line.root_id: line.term_months for line in terms.lines}
    return [
        replace(
            line,
            origin_id=None,
            term_months=line.term_months or named.get(line.origin_id or 0) or known.get(line.product_id),
        )
        for line in lines
    ]


def standing_splits(terms: Terms) -> list[list[ShareInput]]:
    """The split of each standing line, as an event that goes on with it writes it again."""
    return [
        [ShareInput(share.person_id, share.weight, share.kind) for share in terms.shares_of(line)]
        for line in terms.lines
    ]


def measures_left(terms: Terms, held: dict[Key, Holding], left: Sequence[int]) -> list[Measures]:
    """What each standing line comes to when so much order intake of it is left."""
    lines = [at(line, intake).measures for line, intake in zip(terms.lines, left, strict=True)]
    return as_measured(terms, held, lines)


def as_measured(terms: Terms, held: dict[Key, Holding], lines: Sequence[Measures]) -> list[Measures]:
    """What is left of standing lines, of order intake alone where they are from before the other measures were kept."""
    measured = {root for (root, _person, _kind), holding in held.items() if holding.is_measured}
    return [
        left if line.root_id in measured else Measures(left.intake)
        for line, left in zip(terms.lines, lines, strict=True)
    ]


def shared_anew(
    lines: Sequence[OrderLine], left: Sequence[Measures], splits: Sequence[Sequence[ShareInput]]
) -> dict[Key, Measures]:
    """What each person then holds of each line of which so much is left."""
    return {
        (line.root_id, share.person_id, share.kind): part
        for line, measured, split in zip(lines, left, splits, strict=True)
        for share, part in measures_out(measured, split)
        if share.weight
    }


def _left(cancelled: int, terms: Terms, held: dict[Key, Holding]) -> list[int]:
    """What is then left of each line. Raises Refused for an amount out of range."""
    splits = [[share for share in split if share.kind == REVENUE] for split in standing_splits(terms)]
    credited = [
        [
            holding.amount if (holding := held.get((line.root_id, share.person_id, REVENUE))) else 0
            for share in split
        ]
        for line, split in zip(terms.lines, splits, strict=True)
    ]
    weights = [[share.weight for share in split] for split in splits]
    try:
        posted = cancel_lines(cancelled, [line.intake_minor for line in terms.lines], weights, credited)
    except ValueError as error:
        message = _("Only a part of what the order is still worth, or all of it, can be cancelled.")
        raise Refused(message, path="amount_minor", code="amount_range") from error
    return [sum(before) + sum(change) for before, change in zip(credited, posted, strict=True)]


def counter_event(
    order: Order, kind: str, day: date, change: int, reason: str, by: int, cause: str = ""
) -> BookingEvent:
    facts = {"kind": kind, "booked_on": day, "amount_minor": change, "cause": cause}
    return BookingEvent.objects.create(order=order, reason=reason.strip(), by_id=by, **facts)


def counter_entries(
    held: dict[Key, Holding], after: dict[Key, Measures], event: BookingEvent
) -> list[Credit]:
    """What brings every holding to where it is after the event, or to nothing; no change is not posted."""
    reporting = the_organisation().reporting_currency
    rows = [holding.moved_to(after.get(key, Measures()), event, reporting) for key, holding in held.items()]
    return [row for row in rows if any(getattr(row, name) for name in MONEY)]


def checked_again(terms: Terms, lines: Sequence[LineInput], day: date) -> dict[int, int]:
    """The family of each product of an order as it is to be. Raises Refused with the path of what is wrong."""
    check_renewed(terms.order.renews_id is not None, lines, terms.order.booked_on)
    return checked_lines(lines, day, kept=[line.product_id for line in terms.lines], least=0)


def post_change(desk: Desk, event: BookingEvent, entries: Sequence[Credit]) -> None:
    """Tell of an entry, and post it. The last statements of an act. Raises Refused where the actor takes credit."""
    _refuse_taking(desk.by or 0, event, entries)
    tell_change(desk, event, entries)
    desk.post(entries)


MOVING = (BookingEvent.Kind.NEW_SPLIT, BookingEvent.Kind.CORRECTION)
"""What may give to some people what others had."""
TAKEN = ("amount_minor", *MEASURED)
"""What nobody takes from others: order intake, and what is counted beside it."""
TOLD = (*TAKEN, "plan_minor")


def _refuse_taking(by: int, event: BookingEvent, entries: Sequence[Credit]) -> None:
    """Raises Refused where credit goes from others to the actor, or from somebody whom the actor does not lead: who
    puts orders right for the organisation may do the latter.
    """
    moves = [(+net, -net) for net in _nets(entries)]
    if any(by in gained and lost for gained, lost in moves):
        message = _(
            "Nobody moves credit from others to themselves. Ask somebody else who may put this order right."
        )
        raise Refused(message, path="shares", code="own_gain")
    if event.kind not in MOVING or "org" in reach().relations("order", "counter"):
        return
    if loser := loser_of(by, sum((lost for gained, lost in moves if gained), Counter())):
        name = User.objects.get(pk=loser).name
        message = _("%(name)s would have less, and is not led by you. Ask a coordinator or an administrator.")
        raise Refused(message % {"name": name}, path="shares", code="share_lowered")


def _nets(entries: Sequence[Credit]) -> list[Counter[int]]:
    """What each person's revenue credit changes by, in order intake and in each other measure."""
    nets = [Counter[int]() for _name in TAKEN]
    for row in entries:
        if row.kind == REVENUE:
            for net, name in zip(nets, TAKEN, strict=True):
                net[row.person_id] += getattr(row, name)
    return nets


def tell_change(desk: Desk, event: BookingEvent, entries: Sequence[Credit]) -> None:
    """Tell everybody whose credit of the order is another one from now on, in any measure, or on another day."""
    order, changed = event.order, defaultdict[tuple[int, str, date], Counter[str]](Counter)
    for row in entries:
        sums = changed[row.person_id, row.kind, row.booked_on]
        sums.update({name: getattr(row, name) for name in TOLD})
    people = {person for (person, _kind, _day), sums in changed.items() if any(sums.values())}
    if order and people:
        url = reverse("order_detail", args=[order.pk])
        told = {"key": f"order:{event.pk}", "about": order.number, "url": url}
        tell(event=Event.CREDIT_CHANGED, people=people, by=desk.by, **told)
