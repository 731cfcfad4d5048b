"""What awaits its booking, hung under the tree of team attainment: beside order intake and never in it."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from common.access import Reach
from common.calendars import Span
from common.errors import NotInReach
from common.models import Period
from orders.models import Basis
from orders.selectors.awaiting import AwaitedPart, awaited
from orders.selectors.credits import CreditFilter
from orders.selectors.organised import CreditTree, credit_tree_now
from territories.models import Edge


@dataclass(frozen=True)
class Hung:
    """What awaits booking of one person, where it hangs: its node and those above it on its booking date."""

    node_id: int
    above: frozenset[int]
    person_id: int | None
    booked_on: date
    column: int
    minor: int
    request_id: int


Climb = Callable[[int, date], Iterable[int]]
"""The node and all above it on a day."""


def hung_as_sold(mine: Reach, quarters: Sequence[Period], basis: str, family_id: int | None) -> list[Hung]:
    """Where it will be credited if it is booked as it was typed: on the seats of those who share it, or on the
    territory of its account.
    """
    parts = awaited(mine, Span(quarters[0].starts_on, quarters[-1].stops_on), family_id)
    places = [part.seat_id if basis == Basis.SEAT else part.territory_id for part in parts]
    people = [part.person_id for part in parts]
    return hung(parts, places, people, climber(set(places), quarters) if parts else _alone, quarters)


def hung_now(
    mine: Reach, tree: CreditTree, quarters: Sequence[Period], basis: str, family_id: int | None
) -> list[Hung]:
    """On where those who share it sit today, or where its account is."""
    parts = awaited(mine, Span(quarters[0].starts_on, quarters[-1].stops_on), family_id)
    places = [
        tree.place(part.person_id, part.seat_id) if basis == Basis.SEAT else tree.kept(part.place_id)
        for part in parts
    ]
    told = [part.person_id if part.is_seen or part.person_id in mine.people else None for part in parts]
    return hung(parts, places, told, lambda node, _day: tree.above(node), quarters)


def behind(mine: Reach, asked: CreditFilter) -> list[Hung]:
    """What awaits its booking behind a figure that is asked for as its credits are, earliest booking date first.

    Raises NotInReach for a node that the reader does not lead.
    """
    reads_all = "org" in mine.relations("node_cell")
    if asked.node_id and not (reads_all or asked.node_id in mine.territories):
        raise NotInReach()
    how = ([asked.period], asked.basis, asked.family_id)
    found = hung_now(mine, credit_tree_now(), *how) if asked.is_now else hung_as_sold(mine, *how)
    led = frozenset({asked.node_id}) if asked.node_id else mine.territories
    rows = [
        row
        for row in found
        if any(row.booked_on in span for span in asked.spans)
        and (row.above & led or (reads_all and not asked.node_id))
        and (not asked.is_alone or row.node_id == asked.node_id)
        and asked.person_id in (None, row.person_id)
    ]
    return sorted(rows, key=lambda row: (row.booked_on, row.request_id))


def hung(
    parts: Sequence[AwaitedPart],
    places: Sequence[int],
    people: Sequence[int | None],
    climb: Climb,
    quarters: Sequence[Period],
) -> list[Hung]:
    """Each of the parts on its place, of its person."""
    spans = list(enumerate(quarter.span for quarter in quarters))
    return [
        Hung(
            place,
            frozenset(climb(place, part.booked_on)),
            person,
            part.booked_on,
            next(column for column, span in spans if part.booked_on in span),
            part.plan_minor,
            part.request_id,
        )
        for part, place, person in zip(parts, places, people, strict=True)
    ]


def climber(nodes: Collection[int], quarters: Sequence[Period]) -> Climb:
    """What lies above these nodes on the days of the quarters, level by level."""
    edges: dict[int, list[Edge]] = {}
    found, wanted = Edge.objects.overlapping(quarters[0].starts_on, quarters[-1].stops_on), set(nodes)
    while wanted:
        for edge in found.filter(child__in=wanted):
            edges.setdefault(edge.child_id, []).append(edge)
        above = {edge.parent_id for node in wanted for edge in edges.get(node, ()) if edge.parent_id}
        wanted = above - edges.keys()

    def climb(node: int, day: date) -> Iterable[int]:
        at: int | None = node
        while at:
            yield at
            at = next((edge.parent_id for edge in edges.get(at, ()) if edge.holds_on(day)), None)

    return climb


def _alone(node: int, day: date) -> Iterable[int]:
    yield node
