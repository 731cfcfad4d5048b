"""What was asked of whom: the standing quotas of a quarter, and at which node of the tree each of them counts."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache

from common.models import Period
from orders.models import Credit
from quotas.models import Quota
from quotas.rules import QuotaNode, sum_known
from territories.models import Edge, Seat
from territories.selectors import SEAT_ORDER, unassigned

Assignee = tuple[str, int]
"""Whom a quota is for: ("person", 7) or ("territory", 3)."""


@dataclass(frozen=True)
class Asked:
    """One assignee's quotas of a quarter by kind and family; family None: set for all families together."""

    by_kind: dict[str, dict[int | None, int]] = field(default_factory=lambda: defaultdict(dict))

    def amount(self, family_id: int | None, *kinds: str) -> int | None:
        """What is asked for a family, or in all: what was set for all families, else the sum of the families."""
        return sum_known(self._of(self.by_kind.get(kind, {}), family_id) for kind in kinds)

    @staticmethod
    def _of(amounts: dict[int | None, int], family_id: int | None) -> int | None:
        return amounts.get(family_id) if family_id in amounts or family_id else sum_known(amounts.values())


def quotas_of(
    periods: Iterable[Period],
    people: Collection[int] | None = None,
    known_at: datetime | None = None,
) -> dict[int, dict[Assignee, Asked]]:
    """The quotas of order intake by period, then by assignee, as known at an instant or now; of these people alone
    where they are given.
    """
    rows = Quota.objects.known(known_at).filter(period__in=list(periods), measure=Credit.Measure.ORDER_INTAKE)
    return asked_by(rows if people is None else rows.filter(person__in=people))


def asked_by(rows: Iterable[Quota]) -> dict[int, dict[Assignee, Asked]]:
    """Quotas by period, then by assignee."""
    found: dict[int, dict[Assignee, Asked]] = defaultdict(lambda: defaultdict(Asked))
    for row in rows:
        assignee = ("person", row.person_id) if row.person_id else ("territory", row.territory_id or 0)
        found[row.period_id][assignee].by_kind[row.kind][row.family_id] = row.amount_minor
    return found


@dataclass(frozen=True)
class Place:
    """The node where a person's quota of a quarter counts, and as what they sat there."""

    node: int
    kind: str


def places(
    quarters: Sequence[Period],
    people: Collection[int],
    nodes: Collection[int] | None = None,
    known_at: datetime | None = None,
) -> list[dict[int, Place]]:
    """For each quarter where each of these people sat (on the given nodes): last as owner or lead, else in an overlay.

    Somebody who left during the quarter keeps their last place, so that what was asked of them is not lost; helping
    elsewhere moves nothing.
    """
    seats = Seat.objects.known(known_at).touching(quarters[0].starts_on, quarters[-1].stops_on)
    seats = seats.filter(user__in=people)
    if nodes is not None:
        seats = seats.filter(territory__in=nodes)
    rows = list(seats)
    return [last_places(quarter, rows) for quarter in quarters]


def last_places(quarter: Period, seats: Iterable[Seat]) -> dict[int, Place]:
    """Where by these seats the quota of each person counts, as `places` says; of equal ones in the oldest territory."""
    there = [seat for seat in seats if seat.span.shared(quarter.span)]

    def rank(seat: Seat) -> tuple[bool, int, int, int]:
        last = min(seat.span.stop, quarter.stops_on)
        order = SEAT_ORDER[Seat.Kind(seat.kind)]
        return seat.kind not in Seat.LASTING, -last.toordinal(), order, seat.territory_id

    ranked = sorted(there, key=rank, reverse=True)
    return {seat.user_id: Place(seat.territory_id, seat.kind) for seat in ranked}


def parents_on(day: date) -> dict[int, int | None]:
    """Every node of that day's tree with the node above it."""
    return dict(Edge.objects.on(day).values_list("child_id", "parent_id"))


def quota_nodes(period: Period, asked: dict[Assignee, Asked]) -> dict[int | None, list[QuotaNode]]:
    """The tree of the quarter's last day with its quotas, for all families together (None) and for each family."""
    parents = parents_on(period.last_day)
    people = [key for what, key in asked if what == "person"]
    [seated] = places([period], people, parents)
    families = {family for one in asked.values() for amounts in one.by_kind.values() for family in amounts}
    return {family: hung_quotas(parents, asked, seated, family) for family in {None, *families}}


def hung_quotas(
    parents: dict[int, int | None],
    asked: dict[Assignee, Asked],
    seated: Mapping[int, Place],
    family: int | None,
) -> list[QuotaNode]:
    """The nodes of a tree with their quotas of one family: a person's on their place, else on *Unassigned*."""
    nowhere = Place(unassigned().pk, Seat.Kind.OWNER)
    placed = [(one, seated.get(key, nowhere)) for (what, key), one in asked.items() if what == "person"]
    return _nodes(parents, asked, placed, family)


def _nodes(
    parents: dict[int, int | None],
    asked: dict[Assignee, Asked],
    placed: Iterable[tuple[Asked, Place]],
    family: int | None,
) -> list[QuotaNode]:
    """The nodes with their quotas of one family: a person's counts as the team's, or as what they sell themselves."""
    inner = set(parents.values())
    person: dict[int, list[int | None]] = defaultdict(list)
    own: dict[int, list[int | None]] = defaultdict(list)
    for quotas, place in placed:
        sold = own if place.node in inner else person
        led = person if place.kind == Seat.Kind.LEAD else sold
        led[place.node].append(quotas.amount(family, "assigned"))
        sold[place.node].append(quotas.amount(family, "own"))
    return [
        QuotaNode(
            key=node,
            parent=parent,
            person=sum_known(person[node]),
            territory=asked.get(("territory", node), Asked()).amount(family, "assigned"),
            own=sum_known(own[node]),
        )
        for node, parent in parents.items()
    ]


def placed_quotas(
    people: Collection[int],
    quarters: Sequence[Period],
    family_id: int | None = None,
    known_at: datetime | None = None,
) -> list[dict[tuple[int, int], int]]:
    """For each quarter what each person is asked to sell themselves, by the person and the node where that counts."""
    asked = quotas_of(quarters, people, known_at)
    nowhere = cache(lambda: Place(unassigned().pk, Seat.Kind.OWNER))
    placed: list[dict[tuple[int, int], int]] = []
    for quarter, seated in zip(quarters, places(quarters, people, None, known_at), strict=True):
        placed.append({})
        for (_what, person), quotas in asked[quarter.pk].items():
            place = seated.get(person) or nowhere()
            kinds = ["own"] if place.kind == Seat.Kind.LEAD else ["assigned", "own"]
            amount = quotas.amount(family_id, *kinds)
            if amount is not None:
                placed[-1][person, place.node] = amount
    return placed


def own_quotas(
    people: Collection[int], quarters: Sequence[Period], known_at: datetime | None = None
) -> list[dict[int, int]]:
    """For each quarter what each person is asked to sell: their own quota, or the assigned one of who leads no team."""
    placed = placed_quotas(people, quarters, known_at=known_at)
    return [{person: amount for (person, _node), amount in one.items()} for one in placed]
