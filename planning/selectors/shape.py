"""The tree of a day as ids: ten thousand territories are read and added up without a row object for each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from common.access import Reach
from territories.models import Edge


class Shape:
    """Who lies below whom on a day, as far as a reader may open the workbench: all of it, or what they lead today.

    `order` holds every territory after the one above it. What hung nowhere on that day is not in it.
    """

    def __init__(self, mine: Reach, day: date) -> None:
        self.reads_all = "org" in mine.relations("territory", "list")
        edges = Edge.objects.on(day).values_list("child_id", "parent_id")
        self.parents = dict(edges if self.reads_all else _led(edges, mine.territories))
        self.children: dict[int | None, list[int]] = defaultdict(list)
        for child, parent in self.parents.items():
            self.children[parent].append(child)
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


def _led(edges: Iterable[tuple[int, int | None]], led: frozenset[int]) -> Iterable[tuple[int, int | None]]:
    """The edges of what somebody leads; what is above that is nothing."""
    return ((child, parent if parent in led else None) for child, parent in edges if child in led)
