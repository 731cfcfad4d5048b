"""The tree of a day as ids: ten thousand territories are read and added up without a row object for each."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import F, Value

from common.access import AnyOf, Reach
from territories.models import Edge


class Shape:
    """Who lies below whom on a day, as far as a reader may open the workbench: all of it, or what they lead today.

    `order` holds every territory after the one above it. What hung nowhere on that day is not in it.
    """

    def __init__(self, mine: Reach, day: date) -> None:
        self.reads_all = "org" in mine.relations("territory", "list")
        self.children: dict[int | None, list[int]] = defaultdict(list)
        for parent, below in _below(day, None if self.reads_all else mine.territories):
            self.children[parent if self.reads_all or parent in mine.territories else None] += below
        self.parents = {child: parent for parent, below in self.children.items() for child in below}
        self.order = self.below(self.tops)

    @property
    def tops(self) -> list[int]:
        return self.children.get(None, [])

    def below(self, nodes: Iterable[int]) -> list[int]:
        """These and all below them, level by level."""
        found = list(nodes)
        for node in found:
            if below := self.children.get(node):
                found += below
        return found

    def narrowed(self, nodes: Sequence[int]) -> Sequence[int] | None:
        """The territories that rows have to be asked for by; None for who reads all of them, and asks for most."""
        return None if self.reads_all and len(nodes) * 2 > len(self.parents) else nodes

    def path(self, node: int) -> list[int]:
        """The ids from the top down to a territory."""
        found = [node]
        while (above := self.parents[found[-1]]) is not None:
            found.append(above)
        return found[::-1]

    def first_levels(self, most: int) -> frozenset[int]:
        """What stands open at first: the tops, and below them level by level while no more than `most` rows show."""
        opened: set[int] = set()
        level, shown = self.tops, len(self.tops)
        while level:
            below = [child for node in level for child in self.children.get(node, ())]
            shown += len(below)
            if opened and shown > most:
                break
            opened.update(level)
            level = below
        return frozenset(opened)

    def sums(self, own: Mapping[Any, int], nodes: Sequence[int]) -> Mapping[int | None, int]:
        """What each of these territories comes to with all below it; `nodes` as `below` or `order` give them."""
        found: dict[int | None, int] = defaultdict(int, own)
        parents = self.parents
        for node in reversed(nodes):
            if figure := found.get(node):
                found[parents[node]] += figure
        return found


def _below(day: date, led: Collection[int] | None) -> Iterable[tuple[int | None, list[int]]]:
    """The territories of a day, or those of them that somebody leads, by what they lie below.

    The database groups them: ten thousand rows cost more to take over than to group.
    """
    edges = Edge.objects.on(day).order_by()
    if led is not None:
        edges = edges.filter(AnyOf(F("child_id"), Value(sorted(led))))
    return list(edges.values_list("parent_id").annotate(below=ArrayAgg("child_id", order_by="child_id")))
