"""What becomes of an order later: its customer takes more or less, its credit is shared anew, its day was wrong."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby

from django.db.models import Min
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.selectors import territory_on
from accounts.services import note_first_order
from common.errors import Conflict, Refused
from common.locale import format_date
from common.selectors import the_organisation
from common.transaction import act, widened
from orders.models import BookingEvent, Credit, Dispute, Order
from orders.rules import Item, Measures, More, amended
from orders.selectors.gate import too_old
from orders.selectors.orders import Terms, keeps_day, terms_of
from orders.services.bookings import decides
from orders.services.counters import (
    MONEY,
    Holding,
    Key,
    anew,
    as_measured,
    checked_again,
    counter_entries,
    counter_event,
    holdings,
    post_change,
    posted_anew,
    shared_anew,
    standing_splits,
    to_change,
    to_counter,
    worth,
)
from orders.services.doubts import refuse_doubts
from orders.services.inputs import (
    LineInput,
    ShareInput,
    checked_shares,
    split_of,
    splits_of,
    with_revenue,
)
from orders.services.posting import BOOKKEEPING, Booking, Desk, Rates, is_new_customer, wrong_day
from pipeline.services import won_on_another_day
from territories.selectors import seat_finder


@act
def amend(
    *,
    by: int,
    order_id: int,
    version: int,
    booked_on: date,
    reason: str,
    lines: Sequence[LineInput],
    shares: Sequence[ShareInput] = (),
) -> BookingEvent:
    """Say what an order is from a day on, when its customer takes more or less: `lines` are all that it has then.

    What goes is taken back by its split and rates, what comes is credited as of the day of the amendment: by the line's
    own shares, else by `shares`, else as the line was that it adds to. A line names in `origin_id` the one that it goes
    on with. Who may, and what is refused: as for `cancel`; besides an amendment that changes nothing or leaves nothing,
    and what is for those to decide who work the queue (`refuse_doubts`).
    """
    desk = Desk(by)
    terms = to_counter(desk, order_id, booked_on, reason)
    with widened(*BOOKKEEPING):
        held, splits = holdings(terms), standing_splits(terms)
        families = checked_again(terms, lines, booked_on)
        stands = [replace(_item(anew(line, held)), line=line.root_id) for line in terms.lines]
        stays, comes = amended(stands, [_item(line) for line in lines])
        _refuse_no_amendment(stands, stays, comes, lines)
        stood, wished = [anew(line, held) for line in terms.lines], posted_anew(terms, lines)
        refuse_doubts(terms.order, stood, wished, booked_on, sold_on=booked_on, is_more=bool(comes))
        left = [item.measures if item else Measures() for item in stays]
        change = sum(one.intake for one in left) + sum(more.item.intake for more in comes) - worth(held)
        Order.objects.change(order_id, version)
        event = counter_event(terms.order, BookingEvent.Kind.AMENDMENT, booked_on, change, reason, by)
        carried = [(_line(item), split) for item, split in zip(stays, splits, strict=True) if item]
        new = _new_lines(terms, comes, lines, shares, splits)
        credits = desk.enter([_amendment(terms.order, event, [*carried, *new])], families)
        after = shared_anew(terms.lines, as_measured(terms, held, left), splits)
        taken = counter_entries(held, after, event)
        post_change(desk, event, [*taken, *credits])
    return event


def _item(line: LineInput) -> Item:
    own = line.origin_id, line.term_months
    return Item(line.product_id, line.quantity, line.amount_minor, line.renewed_minor, *own)


def _line(item: Item, shares: Sequence[ShareInput] = ()) -> LineInput:
    own = tuple(shares), item.line, item.term
    return LineInput(item.product, item.quantity, item.amount, item.renewed, *own)


def _refuse_no_amendment(
    stands: Sequence[Item], stays: Sequence[Item | None], comes: Sequence[More], lines: Sequence[LineInput]
) -> None:
    """Raises Refused for an amendment that leaves all as it is, or nothing, or that renews more or less."""
    if not any(line.amount_minor for line in lines):
        message = _("Nothing would be left of the order. Cancel it instead.")
        raise Refused(message, path="lines", code="nothing_left")
    if not comes and list(stays) == list(stands):
        raise Refused(_("This is what the order has now."), path="lines", code="nothing_changes")
    renewed = sum(item.renewed for item in stays if item)
    if sum(line.renewed_minor for line in lines) != renewed + sum(more.item.renewed for more in comes):
        message = _("What was renewed stays what it was; if it was wrong, correct the order.")
        raise Refused(message, path="lines", code="renewed_changes")


def _new_lines(
    terms: Terms,
    comes: Sequence[More],
    lines: Sequence[LineInput],
    shares: Sequence[ShareInput],
    splits: Sequence[Sequence[ShareInput]],
) -> list[tuple[LineInput, Sequence[ShareInput]]]:
    """What comes, each with its split: its own, the named one, else that of the line it adds to or of the first one."""
    named = checked_shares(with_revenue(shares, splits[0], terms.order.owner_id)) if shares else None
    found: list[tuple[LineInput, Sequence[ShareInput]]] = []
    for more in comes:
        line = replace(_line(more.item, lines[more.wish].shares), origin_id=None)
        usual = named or splits[more.stands or 0]
        found.append((line, split_of(line, usual, f"lines.{more.wish}.shares")))
    return found


def _amendment(
    order: Order, event: BookingEvent, lines: Sequence[tuple[LineInput, Sequence[ShareInput]]]
) -> Booking:
    """With credits that are stamped as of the day of the amendment."""
    inputs, splits = [line for line, _split in lines], [split for _line, split in lines]
    territory_id = territory_on(order.account_id, event.booked_on)
    return Booking(order, event, inputs, splits, event.booked_on, territory_id)


@act
def split_anew(
    *,
    by: int,
    order_id: int,
    version: int,
    booked_on: date,
    reason: str,
    shares: Sequence[ShareInput],
    line_shares: Sequence[Sequence[ShareInput]] = (),
) -> BookingEvent:
    """Share the credit of an order anew from a day on, at the order's rates: its value stays, earlier days too.

    `line_shares`: a split of its own for each standing line, empty where the line has none. Who comes in is stamped
    with their seat on the day on which the line was sold. Who may, and what is refused: as for `cancel`; besides a
    split that the order has already.
    """
    desk = Desk(by)
    terms = to_counter(desk, order_id, booked_on, reason)
    with widened(*BOOKKEEPING):
        held, before = holdings(terms), standing_splits(terms)
        lines = [replace(anew(line, held), origin_id=line.root_id) for line in terms.lines]
        if len(line_shares) > len(lines):
            raise Refused(_("There are more splits than lines."), path="line_shares", code="line_count")
        for index, own in enumerate(line_shares):
            lines[index] = replace(lines[index], shares=tuple(own))
        splits = splits_of(lines, checked_shares(with_revenue(shares, [], terms.order.owner_id)))
        if splits == before:
            raise Refused(_("This is how the credit is shared now."), path="shares", code="nothing_changes")
        Order.objects.change(order_id, version)
        event = counter_event(terms.order, BookingEvent.Kind.NEW_SPLIT, booked_on, 0, reason, by)
        families = {line.product_id: line.family_id for line in terms.lines}
        desk.enter([Booking.of(terms.order, event, lines, splits)], families)
        left = as_measured(terms, held, [line.measures for line in lines])
        after = shared_anew(terms.lines, left, splits)
        taken = counter_entries(held, after, event)
        post_change(desk, event, [*taken, *_came_in(terms, held, after, event)])
    return event


def _came_in(
    terms: Terms, held: dict[Key, Holding], after: dict[Key, Measures], event: BookingEvent
) -> Iterable[Credit]:
    """The first credit of everybody who has a share of a line and had none, at the rates of that line."""
    reporting = the_organisation().reporting_currency
    new = [key for key in after if key not in held]
    seat_on = seat_finder({person for _root, person, _kind in new})
    of_line = {root: holding.first for (root, _person, _kind), holding in held.items()}
    for root, person, kind in new:
        first = of_line.get(root)
        if first is None:  # a line that is worth nothing has no credit
            continue
        day = terms.sold_on(root)
        rates = Rates(first.currency, reporting, first.booked_rate, first.plan_rate)
        yield Credit(
            event=event,
            line_id=root,
            kind=kind,
            motion=first.motion,
            is_new_business=first.is_new_business,
            family_id=first.family_id,
            person_id=person,
            seat_id=seat_on(person, day),
            territory_id=first.territory_id,
            booked_on=event.booked_on,
            **rates.money(after[root, person, kind]),
        )


@act
def book_on_another_day(
    *, by: int, order_id: int, version: int, booked_on: date, reason: str
) -> BookingEvent:
    """Put an order on the day on which it was really signed: taken back on the days that it stands on, posted anew.

    Seats, territory and rates are those of the new day, and a won deal is won on it. Who may: as for `cancel`. Raises
    Refused for the day that it has, Conflict where one of the days lies in a closed period, or where the order was
    amended or cancelled in part.
    """
    desk = Desk(by)
    order = to_change(order_id, reason)
    _refuse_day(desk, order, booked_on)
    with widened(*BOOKKEEPING, "dispute"):
        terms = terms_of(order)
        held, splits = holdings(terms), standing_splits(terms)
        lines = [anew(line, held) for line in terms.lines]
        became, first_on = _as_of(order, booked_on)
        Order.objects.change(order_id, version, **became)
        order.refresh_from_db()
        Dispute.objects.filter(order=order, state=Dispute.State.OPEN).update(territory_id=order.territory_id)
        event = counter_event(order, BookingEvent.Kind.NEW_DATE, booked_on, 0, reason, by)
        families = {line.product_id: line.family_id for line in terms.lines}
        taken = list(_taken_back(order, event))
        credits = desk.enter([Booking.of(order, event, lines, splits)], families)
        note_first_order(account_id=order.account_id, booked_on=first_on)
        if order.opportunity_id:
            won_on_another_day(by=by, opportunity_id=order.opportunity_id, won_on=booked_on)
        post_change(desk, event, [*taken, *credits])
    return event


def _refuse_day(desk: Desk, order: Order, booked_on: date) -> None:
    if booked_on == order.booked_on:
        raise wrong_day(_("The order is booked on that day already."))
    if keeps_day(order.events.all()):
        message = _(
            "The order was amended or cancelled in part since, on its booking date. Cancel it, and book it anew."
        )
        raise Conflict(message, path="booked_on", code="amended")
    _refuse_around(order, booked_on)
    desk.month_on(booked_on)
    lack = too_old(booked_on)
    if lack and booked_on < order.booked_on and not decides():
        message = _("%(text)s. A coordinator puts it there.")
        raise Refused(message % {"text": lack.text}, path="booked_on", code=lack.code)
    credits = Credit.objects.filter(event__order=order).order_by()
    for day in sorted(credits.values_list("booked_on", flat=True).distinct()):
        try:
            desk.month_on(day)
        except Conflict as conflict:
            message = _(
                "Its credit stands on %(day)s, in a closed period. That has to be opened again first."
            )
            words = {"day": format_date(day)}
            raise Conflict(message % words, path="booked_on", code="period_closed") from conflict


def _refuse_around(order: Order, day: date) -> None:
    """Raises Refused for a day before that of the order which it renews, or after that of the one which renews it."""
    with widened("order"):
        before = order.renews
        after = order.renewals.filter(state__in=Order.STANDING).first()
    for other, is_wrong in (
        (before, before and day < before.booked_on),
        (after, after and day > after.booked_on),
    ):
        if other and is_wrong:
            message = _("%(number)s, which goes before or after it as a renewal, is booked on %(day)s.")
            raise wrong_day(message % {"number": other.number, "day": format_date(other.booked_on)})


def _as_of(order: Order, day: date) -> tuple[dict[str, object], date]:
    """What an order is when it is booked on that day: whose territory, and whether its customer was new; and when the
    customer ordered first then. The account is held until the act ends, so that no other booking crosses.
    """
    account = Account.objects.select_for_update(no_key=True).get(pk=order.account_id)
    ids = {account.pk}
    while more := {*Account.objects.filter(merged_into__in=ids).values_list("pk", flat=True)} - ids:
        ids |= more
    others = Order.objects.filter(account_id__in=ids).exclude(pk=order.pk)
    first = others.aggregate(day=Min("booked_on"))["day"]
    is_new = is_new_customer(first, day)
    became = {"booked_on": day, "territory_id": territory_on(account.pk, day), "is_new_business": is_new}
    return became, min(filter(None, [first, day]))


def _taken_back(order: Order, event: BookingEvent) -> Iterable[Credit]:
    """The opposite of what everybody holds of each line on each day on which it stands, corrected since or not."""
    rows = Credit.objects.filter(event__order=order).select_related("booked_rate", "plan_rate")
    ordered = rows.order_by("booked_on", "line_id", "person_id", "kind", "ledger_seq")
    groups = groupby(ordered, key=lambda row: (row.booked_on, row.line_id, row.person_id, row.kind))
    for (day, *_key), group in groups:
        holding = Holding.of(list(group))
        if any(holding.money[name] for name in MONEY):
            yield holding.reversed(event, day)
