"""What was asked of whom: the standing quotas of a quarter, and at which node of the tree each of them counts."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from common.models import Period
from orders.models import Credit
from quotas.models import Quota
from quotas.rules import QuotaNode
from territories.models import Edge, Seat
from territories.selectors import unassigned

KIND_ORDER = {Seat.Kind.OWNER: 0, Seat.Kind.LEAD: 1, Seat.Kind.OVERLAY: 2}
Amounts = dict[int | None, int]
"""Amounts by family; None holds what was set for all families together."""


@dataclass(frozen=True)
class Asked:
    """One assignee's quotas of a quarter by kind and family."""

    by_kind: dict[str, Amounts] = field(default_factory=lambda: defaultdict(dict))

    def amount(self, family_id: int | None, *kinds: str) -> int | None:
        """What is asked for a family, or in all: what was set for all families, else the sum of the families."""
        known = [self._of(self.by_kind.get(kind, {}), family_id) for kind in kinds]
        set_ones = [amount for amount in known if amount is not None]
        return sum(set_ones) if set_ones else None

    @staticmethod
    def _of(amounts: Amounts, family_id: int | None) -> int | None:
        if family_id in amounts or family_id is not None:
            return amounts.get(family_id)
        return sum(amounts.values()) if amounts else None


def quotas_of(
    periods: Iterable[Period], people: Iterable[int] | None = None
) -> dict[int, dict[tuple[str, int], Asked]]:
    """The standing quotas of order intake by period, then by assignee: ("person", 7) or ("territory", 3)."""
    rows = Quota.objects.current().filter(period__in=list(periods), measure=Credit.Measure.ORDER_INTAKE)
    if people is not None:
        rows = rows.filter(person__in=list(people))
    found: dict[int, dict[tuple[str, int], Asked]] = defaultdict(lambda: defaultdict(Asked))
    for period, person, territory, family, kind, amount in rows.values_list(
        "period_id", "person_id", "territory_id", "family_id", "kind", "amount_minor"
    ):
        assignee = ("person", person) if person else ("territory", territory)
        found[period][assignee].by_kind[kind][family] = amount
    return found


@dataclass(frozen=True)
class Place:
    """The node where a person's quota of a quarter counts, and as what they sat there."""

    node: int
    kind: str


SeatRow = tuple[int, int, str, date, date | None]
"""A person, their territory, as what they sit there, and from when until when."""


def places(
    quarters: Sequence[Period], people: Iterable[int], nodes: set[int] | None = None
) -> list[dict[int, Place]]:
    """For each quarter where each of these people sat (on the given nodes): last as owner or lead, else in an overlay.

    Somebody who left during the quarter keeps their last place, so that what was asked of them is not lost; helping
    elsewhere moves nothing.
    """
    seats = Seat.objects.overlapping(quarters[0].starts_on, quarters[-1].stops_on)
    seats = seats.filter(user__in=list(people))
    if nodes is not None:
        seats = seats.filter(territory__in=nodes)
    rows = list(seats.values_list("user_id", "territory_id", "kind", "starts_on", "stops_on"))
    return [_last_places(quarter, rows) for quarter in quarters]


def _last_places(quarter: Period, rows: Iterable[SeatRow]) -> dict[int, Place]:
    best: dict[int, tuple[tuple[bool, int, int, int], Place]] = {}
    for user, node, kind, starts_on, stops_on in rows:
        last = min(stops_on or quarter.stops_on, quarter.stops_on)
        rank = (kind == Seat.Kind.OVERLAY, -last.toordinal(), KIND_ORDER[Seat.Kind(kind)], node)
        is_there = starts_on < quarter.stops_on and last > quarter.starts_on
        if is_there and (user not in best or rank < best[user][0]):
            best[user] = (rank, Place(node, kind))
    return {user: place for user, (_, place) in best.items()}


def parents_on(day: date) -> dict[int, int | None]:
    """Every node of that day's tree with the node above it."""
    return dict(Edge.objects.on(day).values_list("child_id", "parent_id"))


def quota_nodes(period: Period, asked: dict[tuple[str, int], Asked]) -> dict[int | None, list[QuotaNode]]:
    """The tree of the quarter's last day with its quotas, for all families together (None) and for each family."""
    parents = parents_on(period.last_day)
    inner = {parent for parent in parents.values() if parent}
    people = [key for what, key in asked if what == "person"]
    [seated], nowhere = places([period], people, set(parents)), Place(unassigned().pk, Seat.Kind.OWNER)
    families = {family for one in asked.values() for amounts in one.by_kind.values() for family in amounts}
    result = {}
    for family in {None, *families}:
        person: dict[int, int] = {}
        own: dict[int, int] = {}
        for key in people:
            _count(asked["person", key], family, seated.get(key, nowhere), inner, person, own)
        result[family] = [
            QuotaNode(
                key=node,
                parent=parent,
                person=person.get(node),
                territory=_territory_amount(asked, node, family),
                own=own.get(node),
            )
            for node, parent in parents.items()
        ]
    return result


def _count(
    asked: Asked,
    family: int | None,
    place: Place,
    inner: set[int],
    person: dict[int, int],
    own: dict[int, int],
) -> None:
    """Add one person's quota to their place: as the team's, or as what they sell themselves."""
    sells = place.kind != Seat.Kind.LEAD
    assigned, selling = asked.amount(family, "assigned"), asked.amount(family, "own")
    if place.node not in inner:
        _add(person, place.node, assigned)
        _add(person, place.node, selling)
    else:
        _add(own if sells else person, place.node, assigned)
        _add(own, place.node, selling)


def _add(amounts: dict[int, int], node: int, amount: int | None) -> None:
    if amount is not None:
        amounts[node] = amounts.get(node, 0) + amount


def _territory_amount(asked: dict[tuple[str, int], Asked], node: int, family: int | None) -> int | None:
    found = asked.get(("territory", node))
    return found.amount(family, "assigned") if found else None


def placed_quotas(
    people: Collection[int], quarters: Sequence[Period], family_id: int | None = None
) -> list[dict[int, tuple[int, int]]]:
    """For each quarter what each person is asked to sell themselves, and at which node that counts."""
    asked, result = quotas_of(quarters, people), []
    for quarter, seated in zip(quarters, places(quarters, people), strict=True):
        placed: dict[int, tuple[int, int]] = {}
        for person in people:
            found, place = asked[quarter.pk].get(("person", person)), seated.get(person)
            kinds = ["own"] if place and place.kind == Seat.Kind.LEAD else ["assigned", "own"]
            amount = found.amount(family_id, *kinds) if found else None
            if amount is not None:
                placed[person] = (amount, place.node if place else unassigned().pk)
        result.append(placed)
    return result


def own_quotas(people: Collection[int], quarters: Sequence[Period]) -> list[dict[int, int]]:
    """For each quarter what each person is asked to sell: their own quota, or the assigned one of who leads no team."""
    placed = placed_quotas(people, quarters)
    return [{person: amount for person, (amount, _) in one.items()} for one in placed]
