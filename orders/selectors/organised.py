"""As organised now: today's tree, and where in it a credit belongs whenever it was booked."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import BigIntegerField, Case, F, Q, Value, When

from common.access import AnyOf
from common.selectors import today
from common.transaction import once
from orders.models import Basis
from territories.models import Edge
from territories.selectors import places_on, unassigned

ACCOUNTS_PLACE = Case(
    When(event__order=None, then=F("territory_id")),
    When(
        event__order__account__merged_into__isnull=False,
        then=F("event__order__account__merged_into__territory_id"),
    ),
    default=F("event__order__account__territory_id"),
    output_field=BigIntegerField(),
)
"""Where a credit belongs by territory: where its order's account is today, without an order what it is stamped with.
What a merged account had ordered belongs where the one is that stayed; that one is itself merged into none."""


@dataclass(frozen=True)
class CreditTree:
    """The tree of a day with what lies above each node, and the place of everybody who sits in it: one each."""

    parents: Mapping[int, int | None]
    places: Mapping[int, int]

    @cached_property
    def children(self) -> Mapping[int | None, list[int]]:
        found: dict[int | None, list[int]] = {}
        for node, parent in self.parents.items():
            found.setdefault(parent, []).append(node)
        return found

    def below(self, node: int) -> list[int]:
        """The node and all below it; nothing where it is not in the tree."""
        found = [node] if node in self.parents else []
        for one in found:
            found += self.children.get(one, [])
        return found

    def above(self, node: int) -> Iterator[int]:
        """The node and all above it, up to its root."""
        at: int | None = node
        while at:
            yield at
            at = self.parents.get(at)

    def kept(self, node: int) -> int:
        """The node while it is in the tree, else *Unassigned*."""
        return node if node in self.parents else unassigned().pk

    def place(self, person: int, seat: int) -> int:
        """Where a person's credit belongs by seat: where they sit today, else on the seat that it is stamped with."""
        return self.places.get(person) or self.kept(seat)

    def belonging(self, basis: str, nodes: Collection[int]) -> Q:
        """The credits that belong on one of these nodes themselves; by seat, leaf cells too."""
        nodes = self.parents.keys() & nodes
        if basis == Basis.TERRITORY:
            return self._kept(ACCOUNTS_PLACE, nodes)
        here = [person for person, place in self.places.items() if place in nodes]
        nowhere = ~_any(F("person_id"), self.places)
        return _any(F("person_id"), here) | self._kept(F("seat_id"), nodes) & nowhere

    def _kept(self, place: Case | F, nodes: Collection[int]) -> Q:
        found = _any(place, nodes)
        return found | ~_any(place, self.parents) if nodes and unassigned().pk in nodes else found


def _any(place: Case | F, ids: Collection[int]) -> Q:
    return Q(AnyOf(place, Value(list(ids))))


def credit_tree(day: date) -> CreditTree:
    """The tree of that day as credits hang in it, by two queries."""
    parents = _rooted(dict(Edge.objects.on(day).values_list("child_id", "parent_id")))
    return CreditTree(parents, places_on(day, parents))


def _rooted(edges: Mapping[int, int | None]) -> dict[int, int | None]:
    """The edges that lead up to a root: what lies below a node that is in the tree no more is not in it either."""
    tree = CreditTree(edges, {})
    return {node: edges[node] for root in tree.children.get(None, []) for node in tree.below(root)}


@once
def credit_tree_now() -> CreditTree:
    """Today's."""
    return credit_tree(today())
