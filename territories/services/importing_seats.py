"""Seats, brought in from files, and taken back."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from common.dated import Dated, record_all
from common.importing import Outcome, Row, refusals
from common.services import refuse_closed
from common.undoing import Made, recorded, refuse_published, refuse_recorded, take_out_recorded
from territories.models import Seat, Territory, User
from territories.services.importing_tree import edges_of
from territories.services.seats import seat_person


class Seats:
    """The seats of a file, with what stands on their territories, which stay locked.

    `odd` are those that something seems to speak against: the act that seats one person says what it is.
    """

    def __init__(self, by: int | None, rows: Sequence[Row]) -> None:
        self.by = by
        people, places = ({row.values[name] for row in rows} for name in ("person", "territory"))
        # Two who seat at once would each wait for the other inside the exclusion constraint.
        locked = Territory.objects.filter(pk__in=places).order_by("pk").select_for_update(no_key=True)
        self.places = {node.pk for node in locked if not node.is_unassigned}
        self.edges = edges_of(places)
        self.people = set(User.objects.filter(pk__in=people, is_active=True).values_list("pk", flat=True))
        self.seats: dict[tuple[int, str], list[Seat]] = defaultdict(list)
        for seat in Seat.objects.current().filter(territory__in=places):
            self.seats[seat.territory_id, seat.kind].append(seat)
        self.closed = refusals(refuse_closed)
        self.new: list[Seat] = []
        self.odd: dict[int, Row] = {}

    def bring(self, rows: Sequence[Row], outcome: Outcome) -> None:
        for row in rows:
            outcome.unchanged += self._stands(row)
        record_all(self.new)
        outcome.created += len(self.new)
        for row in self.odd.values():
            outcome.write(row, self._seat, "seat")

    def _stands(self, row: Row) -> bool:
        """Whether the seat is here already; else it is kept as new, or as odd."""
        seat = Seat(**_seat_of(row), recorded_by_id=self.by)
        beside = self.seats[seat.territory_id, seat.kind]
        others = [one for one in beside if _meet(one, seat)]
        is_odd = any(id(one) in self.odd for one in others)
        if not is_odd and any(one.user_id == seat.user_id for one in others):
            return True
        beside.append(seat)
        if is_odd or (others and seat.kind in Seat.LASTING) or not self._fits(seat):
            self.odd[id(seat)] = row
        else:
            self.new.append(seat)
        return False

    def _fits(self, seat: Seat) -> bool:
        """Whether nothing but another seat speaks against it."""
        is_placed = any(edge.holds_on(seat.starts_on) for edge in self.edges[seat.territory_id])
        is_known = seat.user_id in self.people and seat.territory_id in self.places
        is_ordered = seat.stops_on is None or seat.starts_on < seat.stops_on
        return is_placed and is_known and is_ordered and not self.closed(seat.starts_on, "starts_on")

    def _seat(self, row: Row) -> str:
        facts = _seat_of(row)
        start, stop = facts["starts_on"], facts["stops_on"]
        same = {name: facts[name] for name in ("user_id", "territory_id", "kind")}
        if Seat.objects.overlapping(start, stop).filter(**same).exists():
            return "unchanged"
        seat_person(by=self.by, **facts)
        return "created"


def _seat_of(row: Row) -> dict[str, Any]:
    """Who sits where, as what, and when."""
    values = row.values
    whose = {"user_id": values["person"], "territory_id": values["territory"], "kind": values["kind"]}
    return {**whose, "starts_on": values["starts_on"], "stops_on": values.get("stops_on")}


def _meet(one: Dated, other: Dated) -> bool:
    """Whether two dated rows share a day."""
    starts_before = other.stops_on is None or one.starts_on < other.stops_on
    return starts_before and (one.stops_on is None or other.starts_on < one.stops_on)


def undo_seats(made: Made) -> None:
    seats = recorded(made, Seat)
    people, places = (set(seats.values_list(name, flat=True)) for name in ("user_id", "territory_id"))
    refuse_published(made, Seat, user=people, territory=places)
    refuse_recorded(made, Seat, "credit", person__in=people, seat__in=places)
    take_out_recorded(made, Seat)
