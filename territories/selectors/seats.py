"""Who sits where on a day, where nobody does, and who sits twice."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from common.calendars import Span
from territories import rules
from territories.models import Seat, Territory, User
from territories.selectors.tree import Node, unassigned

SEAT_ORDER = {kind: place for place, kind in enumerate(Seat.Kind)}


def seat_finder(person_ids: Iterable[int]) -> Callable[[int, date], int]:
    """The territory where one of these people sits on a day: as owner, else lead, else overlay; else *Unassigned*.

    Their seats are read once.
    """
    held: dict[int, list[Seat]] = defaultdict(list)
    for seat in Seat.objects.current().filter(user_id__in=list(person_ids)):
        held[seat.user_id].append(seat)

    def find(person_id: int, day: date) -> int:
        seats = [seat for seat in held[person_id] if seat.holds_on(day)]
        ranked = [(SEAT_ORDER[Seat.Kind(seat.kind)], seat.territory_id) for seat in seats]
        return min(ranked)[1] if ranked else unassigned().pk

    return find


def owner_of(territory_id: int, day: date) -> User | None:
    """The person who owns a territory on that day."""
    seats = Seat.objects.on(day).filter(territory_id=territory_id, kind=Seat.Kind.OWNER)
    seat = seats.select_related("user").first()
    return seat.user if seat else None


@dataclass(frozen=True)
class Gap:
    """Days on which a territory has nobody on its owner or lead seat."""

    territory: Territory
    kind: str
    span: Span


@dataclass(frozen=True)
class Doubled:
    """Days on which one person is the owner of two territories."""

    person: User
    first: Territory
    second: Territory
    starts_on: date
    stops_on: date | None


def gaps_within(nodes: Sequence[Node], window: Span) -> list[Gap]:
    """Where nobody sits in the window: on the owner seat of a leaf of that tree, on the lead seat of a parent."""
    held: dict[tuple[int, str], list[Span]] = defaultdict(list)
    for seat in Seat.objects.overlapping(window.start, window.stop):
        held[seat.territory_id, seat.kind].append(seat.span)
    return [
        Gap(node.territory, node.needed, span)
        for node in nodes
        if not node.territory.is_unassigned
        for span in rules.gaps(held[node.territory.pk, node.needed], window)
    ]


def doubled_within(window: Span) -> list[Doubled]:
    """People who own two territories on the same day of the window."""
    seats = Seat.objects.overlapping(window.start, window.stop).filter(kind=Seat.Kind.OWNER)
    held: dict[int, list[Seat]] = defaultdict(list)
    found = []
    for second in seats.select_related("user", "territory").order_by("user__name", "starts_on"):
        for first in held[second.user_id]:
            if both := first.span.shared(second.span):
                stop = both.stop if both.stop < date.max else None
                found.append(Doubled(second.user, first.territory, second.territory, both.start, stop))
        held[second.user_id].append(second)
    return found


def seats_of_territory(territory_id: int) -> QuerySet[Seat]:
    """Who was ever said to sit on a territory, newest first."""
    rows = Seat.objects.filter(territory_id=territory_id)
    return rows.select_related("user").order_by("-starts_on", "kind")


def seats_of_person(user_id: int) -> QuerySet[Seat]:
    """Where a person sits, sat and will sit, newest first, as known now."""
    rows = Seat.objects.current().filter(user_id=user_id)
    return rows.select_related("territory").order_by("-starts_on", "kind")
