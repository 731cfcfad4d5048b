"""What a seat in the past changes: whose credit would be stamped otherwise, whose open deals and quota it touches."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from common.access import found
from common.errors import Refused
from common.locale import format_date
from common.selectors import today
from orders.models import Order
from orders.selectors.moving import Change, Held, OrderChange, closed_for, held_credit, waiting_orders
from pipeline.models import Opportunity
from planning.models import QuotaPolicy
from planning.selectors.handover import Work, open_work, quotas_from, territories_of
from quotas.models import Quota
from territories.models import Seat, Territory, User
from territories.selectors import SEAT_ORDER, place_finder

MOST_LISTED = 200


@dataclass(frozen=True)
class SeatChange:
    """A seat that is to be recorded, and the one beside or after which it begins, if there is one.

    `act`: a new seat, the change of one, or its hand-over; `ends_old`: it takes the place of the old one; `takes_work`:
    open work passes with it; `quota`: what becomes of the quota of who had it.
    """

    act: str
    seat: Seat
    old: Seat | None = None
    ends_old: bool = False
    takes_work: bool = False
    quota: str = QuotaPolicy.PERSON


def seat_change(
    act: str,
    seat_id: int | None,
    *,
    takes_work: bool = False,
    quota: str = QuotaPolicy.PERSON,
    **facts: Any,
) -> SeatChange:
    """The change that an address asks for. Raises NotInReach for a seat, a person or a territory that there is not."""
    if act == "seat":
        return SeatChange(act, _named(Seat(**facts)))
    old: Seat = found(Seat.objects.current().filter(pk=seat_id).first())
    if act == "change":
        return SeatChange(
            act, _named(Seat(**{**facts, "user_id": old.user_id, "stops_on": old.stops_on})), old, True
        )
    until, there = facts["stops_on"], {"territory_id": old.territory_id, "share": old.share}
    kind, stops_on = (Seat.Kind.COVER, until) if until else (old.kind, old.stops_on)
    seat = Seat(**{**facts, **there, "kind": kind, "stops_on": stops_on})
    return SeatChange(act, _named(seat), old, not until, takes_work, quota)


def _named(seat: Seat) -> Seat:
    """The seat with its person and its territory. Raises Refused for one of no kind, or without a day."""
    if seat.kind not in Seat.Kind.values or (seat.stops_on and seat.stops_on <= seat.starts_on):
        raise Refused(_("This seat holds on no day, or is of no kind. Go back and look again."))
    seat.user = found(User.objects.filter(pk=seat.user_id).first())
    seat.territory = found(Territory.objects.filter(pk=seat.territory_id).first())
    return seat


@dataclass(frozen=True)
class Share:
    """What somebody holds of an order's credit, and with whom and on which seat it would be by the seats of then."""

    held: Held
    person: User
    place: Territory
    to_person: User
    to_place: Territory

    @property
    def change(self) -> Change:
        return Change(self.person.pk, self.place.pk, self.to_person.pk, self.to_place.pk)


@dataclass(frozen=True)
class OrderRow:
    """An order whose credit would be stamped otherwise, and why its credit can't move, where it can't."""

    order: Order
    shares: list[Share]
    closed: str
    is_waiting: bool

    @property
    def is_offered(self) -> bool:
        return not (self.closed or self.is_waiting)

    @property
    def change(self) -> OrderChange:
        return OrderChange(self.order.pk, self.order.version, tuple(share.change for share in self.shares))


@dataclass(frozen=True)
class Effect:
    """What a seat in the past touches: orders (the first of them), open deals there by owner, quota of the people."""

    orders: list[OrderRow]
    more: int
    work: list[Work]
    quotas: list[Quota]

    @property
    def is_offered(self) -> bool:
        return any(row.is_offered for row in self.orders)


def effect_of(change: SeatChange) -> Effect:
    """What would be otherwise if this seat had been there; nothing of it changes by itself."""
    seat, old = change.seat, change.old
    held_before = _holders_before(seat)
    people = {seat.user_id, *(one.user_id for one in held_before)} | ({old.user_id} if old else set())
    rows = _order_rows(seat, _book_after(change, people), held_before)
    there = territories_of(seat.territory_id, today(), is_below=seat.kind == Seat.Kind.LEAD)
    concerned = {seat.user_id, *(share.person.pk for row in rows for share in row.shares)}
    return Effect(
        orders=rows[:MOST_LISTED],
        more=len(rows[MOST_LISTED:]),
        work=open_work(Opportunity.objects.open().filter(territory__in=there)),
        quotas=quotas_from(concerned | ({old.user_id} if old else set()), seat.starts_on),
    )


def _book_after(change: SeatChange, people: Collection[int]) -> list[Seat]:
    """The seats of these people once the change is recorded."""
    seat, book = change.seat, list(Seat.objects.current().filter(user__in=people))
    for row in book:
        if change.ends_old and change.old == row:
            row.stops_on = seat.starts_on
    book = [row for row in book if row.stops_on is None or row.starts_on < row.stops_on]
    return [*book, seat] if seat._state.adding else book


def effect_of_seat(seat: Seat) -> Effect:
    """The same of a seat that is recorded."""
    return effect_of(SeatChange("seat", seat))


def _holders_before(seat: Seat) -> list[Seat]:
    """Who was ever said to have that seat on one of its days; only an owner or a lead takes another one's place."""
    if seat.kind not in Seat.LASTING:
        return []
    rows = Seat.objects.filter(territory=seat.territory_id, kind=seat.kind).exclude(user=seat.user_id)
    return [row for row in rows if row.span.shared(seat.span)]


def _order_rows(seat: Seat, book: Sequence[Seat], held_before: Sequence[Seat]) -> list[OrderRow]:
    """The orders of the seat's days whose credit stands elsewhere than the seats of the book would have put it."""
    days = {
        "booked_on__gte": seat.starts_on,
        "booked_on__lt": min(seat.span.stop, today() + timedelta(days=1)),
    }
    orders = Order.objects.standing().filter(**days)
    theirs = Q(person=seat.user_id)
    others = Q(person__in={row.user_id for row in held_before}, seat=seat.territory_id)
    held = held_credit(orders.values("pk"), theirs | others)
    found_orders = orders.select_related("account").in_bulk({row.order_id for row in held})
    place_of, moving = place_finder(book), dict[int, list[tuple[Held, int, int]]]()
    for row in held:
        day = found_orders[row.order_id].booked_on
        if to := _stamped(row, day, seat, book, held_before):
            moving.setdefault(row.order_id, []).append((row, to, place_of(to, day)))
    return _rows([found_orders[pk] for pk in moving], moving)


def _stamped(
    row: Held, day: date, seat: Seat, book: Iterable[Seat], held_before: Iterable[Seat]
) -> int | None:
    """The person with whom a credit would be; None where it stands as it would, or on a territory where its person has
    as good a seat as any of theirs that day.
    """
    theirs = [one for one in book if one.user_id == row.person_id and one.holds_on(day)]
    best = min((SEAT_ORDER[Seat.Kind(one.kind)] for one in theirs), default=None)
    if any(one.territory_id == row.seat_id and SEAT_ORDER[Seat.Kind(one.kind)] == best for one in theirs):
        return None
    if row.person_id == seat.user_id:
        return row.person_id
    had = any(one.user_id == row.person_id and one.holds_on(day) for one in held_before)
    return seat.user_id if had else None


def _rows(orders: Sequence[Order], moving: dict[int, list[tuple[Held, int, int]]]) -> list[OrderRow]:
    """The orders in the order of their days, with people and places by name."""
    parts = [part for some in moving.values() for part in some]
    people = User.objects.in_bulk({pk for held, to, _place in parts for pk in (held.person_id, to)})
    places = Territory.objects.in_bulk({pk for held, _to, place in parts for pk in (held.seat_id, place)})
    closed, waiting = closed_for(list(moving)), waiting_orders()
    return [
        OrderRow(
            order,
            [
                Share(held, people[held.person_id], places[held.seat_id], people[to], places[place])
                for held, to, place in moving[order.pk]
            ],
            closed.get(order.pk, ""),
            order.pk in waiting,
        )
        for order in sorted(orders, key=lambda order: (order.booked_on, order.pk))
    ]


def planned_after(territory_id: int, kind: str, day: date) -> str:
    """Who is planned for that seat after a day, in words: what changes before then holds until then."""
    seats = Seat.objects.current().filter(territory=territory_id, kind=kind, starts_on__gt=day)
    after = seats.select_related("user").order_by("starts_on").first() if kind in Seat.LASTING else None
    if after is None:
        return ""
    words = {"name": after.user.name, "day": format_date(after.starts_on)}
    return (
        _("From %(day)s on %(name)s is planned for this seat. That stands; this change holds until then.")
        % words
    )
