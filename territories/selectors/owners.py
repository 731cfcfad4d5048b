"""Who owned which territory on which days."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from common.calendars import Span
from common.dated import DatedQuerySet
from territories.models import Seat


class Owners:
    """The owners of some territories, each for their days; a territory has one owner on a day, or none."""

    def __init__(self, seats: Iterable[Seat], days: Span) -> None:
        self.held: dict[int, list[tuple[Span, int]]] = defaultdict(list)
        for seat in seats:
            if shared := seat.span.shared(days):
                self.held[seat.territory_id].append((shared, seat.user_id))

    def on(self, territory_id: int, day: date) -> int | None:
        """Who owned the territory on that day; None: nobody."""
        return next((person for span, person in self.held.get(territory_id, ()) if day in span), None)

    def stretches(self) -> Iterator[tuple[int, Span]]:
        """Each territory with days on which it had one of them."""
        return ((territory, span) for territory, held in self.held.items() for span, _person in held)

    def is_whole(self, territory_id: int, days: Span) -> bool:
        """Whether the same one of them, or none of them, owned the territory on all of these days."""
        ends = {day for span, _person in self.held.get(territory_id, ()) for day in (span.start, span.stop)}
        return not any(days.start < day < days.stop for day in ends)


def owned_by(people: Collection[int], days: Span, known_at: datetime | None = None) -> Owners:
    """What these people owned on some of these days, as known at that instant, or now."""
    return Owners(_seats(days, known_at).filter(user__in=people), days)


def owners_of(territories: Collection[int], days: Span, known_at: datetime | None = None) -> Owners:
    """Who owned these territories on some of these days, as known at that instant, or now."""
    return Owners(_seats(days, known_at).filter(territory__in=territories), days)


def owned_on(territory: Any, day: Any, known_at: datetime | None = None) -> DatedQuerySet:
    """The owner's seats of a territory on a day, both of them expressions of a query around this one."""
    seats = Seat.objects.known(known_at).filter(kind=Seat.Kind.OWNER, territory=territory, starts_on__lte=day)
    return seats.filter(Q(stops_on=None) | Q(stops_on__gt=day))


def _seats(days: Span, known_at: datetime | None) -> DatedQuerySet:
    return Seat.objects.known(known_at).touching(days.start, days.stop).filter(kind=Seat.Kind.OWNER)
