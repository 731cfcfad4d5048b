"""The tree of a day as its reader may open it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from common.access import Reach
from territories.selectors.trees import Children, tree_of, walked


class Shape:
    """Who lies below whom on a day, as far as a reader may open the workbench: all of it, or what they lead today.

    `order` holds every territory after the one above it. What hung nowhere on that day is not in it.
    """

    def __init__(self, mine: Reach, day: date) -> None:
        self.reads_all = "org" in mine.relations("territory", "list")
        whole = tree_of(day)
        tree = whole if self.reads_all else walked(_led(whole.children, mine.territories))
        self.children, self.parents, self.order = tree.children, tree.parents, tree.order
        self.above = tree.above
        self._tree = tree

    @property
    def tops(self) -> Sequence[int]:
        return self.children.get(None, [])

    def below(self, nodes: Iterable[int]) -> Sequence[int]:
        """These and all below them, each after the one above it; none of them may lie below another one."""
        order, places, ends = self.order, self._tree.places, self._tree.ends
        return [below for node in nodes for below in order[places[node] : ends[node]]]

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

    def sums(self, own: Mapping[int, int], nodes: Iterable[int]) -> dict[int, int]:
        """What each of these territories comes to with all below it."""
        return self._tree.sums(own, nodes)


def _led(children: Children, led: frozenset[int]) -> Children:
    """Those that somebody leads; on top are those whose territory above they do not lead."""
    mine: dict[int | None, list[int]] = defaultdict(list)
    for parent, below in children.items():
        if here := [node for node in below if node in led]:
            mine[parent if parent in led else None] += here
    return dict(mine)
